import { expect, test } from 'vitest';
import { mergeTags, newTags, requestTagValues, tagList, withoutTags } from './tags.ts';

const code = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
};

test('keys are unique without regard to case', () => {
  const twice = [
    { Key: 'Team', Value: 'a' },
    { Key: 'team', Value: 'b' },
  ];
  expect(code(() => newTags(twice, 50))).toBe('InvalidInput');
  expect(mergeTags({ Team: 'a', Shop: 'x' }, [{ Key: 'team', Value: 'b' }], 50)).toEqual({ Shop: 'x', team: 'b' });
  expect(withoutTags({ Team: 'a', Shop: 'x' }, ['TEAM', 'absent'])).toEqual({ Shop: 'x' });
});

test('an entity has at most as many tags as the quota says', () => {
  const full = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']));
  expect(code(() => mergeTags(full, [{ Key: 'one-more', Value: '' }], 50))).toBe('LimitExceeded');
  expect(Object.keys(mergeTags(full, [{ Key: 'K1', Value: 'new' }], 50))).toHaveLength(50);
});

test('the prefix aws: is AWS’s own', () => {
  expect(code(() => newTags([{ Key: 'AWS:mine', Value: '' }], 50))).toBe('InvalidInput');
});

test('a tag may be called __proto__', () => {
  const tags = newTags([{ Key: '__proto__', Value: 'x' }], 50);
  expect(tagList(tags)).toEqual([{ Key: '__proto__', Value: 'x' }]);
});

test('request values name every tag and all keys', () => {
  expect(requestTagValues([{ Key: 'Team', Value: 'till' }])).toEqual({
    'aws:TagKeys': ['Team'],
    'aws:RequestTag/Team': 'till',
  });
  expect(requestTagValues([])).toEqual({});
});
