/** The cache stays within its budget, keeps what is used, and never lets a late reader pass for an early one. */
import { expect, it } from 'vitest';
import { RowCache } from './row-cache.ts';

const json = Buffer.from(JSON.stringify('x'.repeat(100)));

it('drops what was not used first', () => {
  const cache = new RowCache({ bytes: 20_000, freezes: false, newest: 0 });
  cache.remember('t', 'p', 'kept', 1, json);
  for (let n = 0; n < 100; n++) {
    cache.remember('t', 'p', `row-${n}`, 1, json);
    cache.find('t', 'p', 'kept');
  }
  expect(cache.find('t', 'p', 'kept')?.value).toBe('x'.repeat(100));
  expect(cache.find('t', 'p', 'row-0')).toBeUndefined();
  expect(cache.find('t', 'p', 'row-99')).toBeDefined();
});

it('remembers absence, and forgets it when the row is written', () => {
  const cache = new RowCache({ bytes: 20_000, freezes: false, newest: 0 });
  expect(cache.remember('t', 'p', 'a', 0, undefined).value).toBeUndefined();
  expect(cache.find('t', 'p', 'a')?.version).toBe(0);
  cache.wrote('t', 'p', 'a', 5, json);
  expect(cache.find('t', 'p', 'a')?.version).toBe(5);
  cache.wrote('t', 'p', 'a', 6, undefined);
  expect(cache.find('t', 'p', 'a')?.version).toBe(0);
});

it('drops listings of a partition when one of its rows is written, and only those', () => {
  const cache = new RowCache({ bytes: 20_000, freezes: false, newest: 0 });
  const scanned = { rows: [], versions: [] };
  cache.rememberListing('t', 'p', 'all', scanned, 0);
  cache.rememberListing('t', 'q', 'all', scanned, 0);
  cache.wrote('t', 'p', 'a', 1, json);
  expect(cache.listing('t', 'p', 'all')).toBeUndefined();
  expect(cache.listing('t', 'q', 'all')).toBe(scanned);
});

it('counts what a listing keeps alive', () => {
  const cache = new RowCache({ bytes: 20_000, freezes: false, newest: 0 });
  const scanned = { rows: [], versions: [] };
  for (let n = 0; n < 10; n++) cache.rememberListing('t', 'p', `from ${n}`, scanned, 2_000);
  const kept = Array.from({ length: 10 }, (_, n) => cache.listing('t', 'p', `from ${n}`)).filter(Boolean);
  expect(kept).toHaveLength(3);
});

it('takes partitions that it has forgotten for changed', () => {
  const cache = new RowCache({ bytes: 0, freezes: false, newest: 3 });
  expect(cache.newestOf('t', 'p')).toBe(3);
  cache.wrote('t', 'p', 'a', 9, json);
  for (let n = 0; n < 30_000; n++) cache.remember('t', String(n), 'a', 1, json);
  expect(cache.newestOf('t', 'p')).toBeGreaterThanOrEqual(9);
  expect(cache.newestOf('t', 'never seen')).toBeGreaterThanOrEqual(9);
});
