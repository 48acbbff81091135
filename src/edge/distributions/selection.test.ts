import { describe, expect, test } from 'vitest';
import type { Selection } from '../snapshot.ts';
import { seen, selectedCookies, selectedQuery, selects } from './selection.ts';

const none: Selection = { kind: 'none' };
const all: Selection = { kind: 'all' };
const only = (...names: string[]): Selection => ({ kind: 'only', names });
const except = (...names: string[]): Selection => ({ kind: 'except', names });

describe('what an origin sees', () => {
  const kinds = [none, all, only('a'), only('a', 'b'), except('a'), except('b', 'c')];
  const pairs = kinds.flatMap((own) => kinds.map((more) => [own, more] as const));
  test.each(pairs)('is what either of %j and %j names', (own, more) => {
    const behavior = { headerNames: own, forwarded: { headerNames: more } };
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(selects(seen(behavior, 'headerNames'), name)).toBe(selects(own, name) || selects(more, name));
    }
  });

  test('is what answers are told apart by, where nothing is said beyond that', () => {
    expect(seen({ headerNames: only('a') }, 'headerNames')).toEqual(only('a'));
  });
});

test('query and cookies keep their order and their values', () => {
  expect(selectedQuery(only('a', 'c'), 'c=3&b=2&a=1&c=4')).toBe('c=3&a=1&c=4');
  expect(selectedCookies(except('b'), 'a=1; b=2;c=3')).toBe('a=1; c=3');
});
