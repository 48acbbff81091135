/** Windows as one: bounded, and fair to each request. */
import { expect, test } from 'vitest';
import type { RequestTraits } from './index.ts';
import { joined } from './joining.ts';
import { randomOf } from './site.fixture.ts';

const asking = (count: number, path: (at: number) => string): RequestTraits[] =>
  Array.from({ length: count }, (_, at) => ({
    source: '192.0.2.1',
    userAgent: '',
    method: 'GET',
    path: path(at),
    queryKeys: '',
  }));
const part = (sample: readonly RequestTraits[], path: string): number =>
  sample.filter((one) => one.path === path).length / sample.length;

test('a window that was sampled more thinly counts for as many requests as came', () => {
  const window = joined(
    [
      { start: 0, seconds: 2, requests: 100, sample: asking(100, () => '/few') },
      { start: 2_000, seconds: 2, requests: 0, sample: [] },
      { start: 4_000, seconds: 3, requests: 900, sample: asking(90, () => '/many') },
    ],
    randomOf(1),
  );
  expect(window).toMatchObject({ start: 0, seconds: 7, requests: 1_000 });
  expect(part(window.sample, '/many')).toBeCloseTo(0.9, 5);
});

test('a joined sample is bounded, and what comes by turns is all there', () => {
  const one = { start: 0, seconds: 2, requests: 8_000, sample: asking(8_000, (at) => `/${at % 2}`) };
  const { sample } = joined([one, one, one, one, one], randomOf(2));
  expect(sample).toHaveLength(4_000);
  expect(part(sample, '/0')).toBeGreaterThan(0.45);
  expect(part(sample, '/0')).toBeLessThan(0.55);
});

test('nothing, joined, is nothing', () => {
  expect(joined([], randomOf(3))).toEqual({ start: 0, seconds: 0, requests: 0, sample: [] });
});
