import { expect, test } from 'vitest';
import type { Session } from '../service.ts';
import { packedSize } from './packing.ts';
import { sessionTags, tagValues } from './session-tags.ts';

const tag = (Key: string, Value = 'v') => ({ Key, Value });
const from: Session = {
  kind: 'assumed-role',
  issuedAt: 0,
  expiresAt: 1,
  tags: { Team: 'till', Cost: '7' },
  transitiveTagKeys: ['Team'],
};

test('transitive tags persist through the chain, others end', () => {
  expect(sessionTags([tag('Site', 'north')], ['site'], from)).toEqual({
    tags: { Team: 'till', Site: 'north' },
    transitiveKeys: ['Team', 'Site'],
  });
  expect(sessionTags(undefined, undefined, from)).toEqual({ tags: { Team: 'till' }, transitiveKeys: ['Team'] });
});

test('policy trap 17: a transitive tag cannot be overridden, whatever the case of the key', () => {
  expect(() => sessionTags([tag('TEAM', 'owner')], undefined, from)).toThrow(
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  );
});

test('keys are unique without regard to case, and transitive ones are among those passed', () => {
  expect(() => sessionTags([tag('a'), tag('A')], undefined, undefined)).toThrow(
    'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  );
  expect(() => sessionTags([tag('a')], ['b'], undefined)).toThrow(
    'The specified transitive tag key must be included in the requested tags.',
  );
  expect(() => sessionTags([tag('aws:x')], undefined, undefined)).toThrow(/reserved/);
  expect(Object.keys(sessionTags([tag('__proto__', 'x')], undefined, undefined).tags)).toEqual(['__proto__']);
});

test('the condition values of passed tags', () => {
  expect(tagValues([tag('team', 'till')], ['team'])).toEqual({
    'aws:TagKeys': ['team'],
    'aws:RequestTag/team': 'till',
    'sts:TransitiveTagKeys': ['team'],
  });
  expect(tagValues(undefined, undefined)).toEqual({});
});

test('packing: percent of the space, and refusals that say which part is too large', () => {
  expect(packedSize(undefined, [], {})).toBeUndefined();
  expect(packedSize('{"Version":"2012-10-17"}', [], {})).toBeGreaterThan(0);
  expect(() => packedSize(undefined, [], { other: randomText(2000) })).toThrow(
    /^Packed size of session tags consumes \d+% of allotted space\.$/,
  );
  expect(() => packedSize(randomText(2048), [], {})).toThrow(
    /^Packed policy consumes \d+% of allotted space, please use smaller policy\.$/,
  );
});

/** Does not compress well, and is the same in every run. */
function randomText(length: number): string {
  let state = 7;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return String.fromCharCode(33 + ((state >>> 24) % 90));
  }).join('');
}
