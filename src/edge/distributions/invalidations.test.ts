import { expect, test } from 'vitest';
import { type DistributionSettings, mostInvalidations } from '../snapshot.ts';
import { AnswerCache, type CachedAnswer } from './cache.ts';
import { Invalidations, matcher } from './invalidations.ts';

const answer: CachedAnswer = {
  status: 200,
  headers: [],
  body: Buffer.from('x'),
  etag: undefined,
  storedAt: 0,
  freshUntil: 1_000,
};

function setting(id: string, ...paths: (readonly string[])[]): DistributionSettings {
  const invalidations = paths.map((list, index) => ({ id: `${id}-${paths.length - index}`, paths: list }));
  return { id, invalidations } as unknown as DistributionSettings;
}

function cacheWith(...keys: string[]): AnswerCache {
  const cache = new AnswerCache();
  for (const key of keys) cache.store(key, answer, cache.moment);
  return cache;
}

const kept = (cache: AnswerCache, ...keys: string[]) => keys.filter((key) => cache.find(key, 0) !== undefined);

test('each is done once, and only to its distribution', () => {
  const invalidations = new Invalidations();
  const cache = cacheWith('E1 /a\nq', 'E1 /b\nq', 'E2 /a\nq');
  invalidations.apply([setting('E1'), setting('E2')], cache);
  invalidations.apply([setting('E1', ['/a']), setting('E2')], cache);
  expect(kept(cache, 'E1 /a\nq', 'E1 /b\nq', 'E2 /a\nq')).toEqual(['E1 /b\nq', 'E2 /a\nq']);
  cache.store('E1 /a\nq', answer, cache.moment);
  invalidations.apply([setting('E1', ['/a']), setting('E2')], cache);
  expect(kept(cache, 'E1 /a\nq')).toEqual(['E1 /a\nq']);
});

test('an answer that was on its way when it was to be forgotten is not kept', () => {
  const invalidations = new Invalidations();
  const cache = cacheWith();
  invalidations.apply([setting('E1')], cache);
  const askedAt = cache.moment;
  invalidations.apply([setting('E1', ['/a*'])], cache);
  cache.store('E1 /a/b', answer, askedAt);
  cache.store('E1 /c', answer, askedAt);
  cache.store('E1 /a/c', answer, cache.moment);
  expect(kept(cache, 'E1 /a/b', 'E1 /c', 'E1 /a/c')).toEqual(['E1 /c', 'E1 /a/c']);
});

test('whoever has missed too many forgets everything', () => {
  const invalidations = new Invalidations();
  const cache = cacheWith('E1 /z');
  invalidations.apply([setting('E1', ['/a'])], cache);
  const many = Array.from({ length: mostInvalidations }, (_, index) => ({ id: `later-${index}`, paths: ['/b'] }));
  invalidations.apply([{ id: 'E1', invalidations: many } as unknown as DistributionSettings], cache);
  expect(kept(cache, 'E1 /z')).toEqual([]);
});

test('a distribution that goes takes along what was kept of it', () => {
  const invalidations = new Invalidations();
  const cache = cacheWith('E1 /z');
  invalidations.apply([setting('E1')], cache);
  invalidations.apply([], cache);
  expect(kept(cache, 'E1 /z')).toEqual([]);
});

test.each([
  ['/a', '/a', true],
  ['/a', '/ab', false],
  ['/a*', '/ab/c', true],
  ['/*', '/', true],
  ['/a%20b', '/a%20b', true],
  ['/%C3%A9*', '/é/x', true],
  ['/é', '/%C3%A9', true],
  ['/%', '/%', true],
  ['/a?b=1', '/a', true],
  ['/a?*', '/ab', false],
])('%s means %s: %s', (path, asked, expected) => {
  expect(matcher([path])(asked)).toBe(expected);
});
