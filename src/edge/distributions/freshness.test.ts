import { describe, expect, test } from 'vitest';
import { freshnessOf } from './freshness.ts';

const behavior = { minimumSeconds: 1, defaultSeconds: 86_400, maximumSeconds: 31_536_000 };
const seconds = (status: number, control?: string) =>
  freshnessOf(status, control === undefined ? {} : { 'cache-control': control }, behavior) / 1000;

test.each([
  [200, undefined, 86_400],
  [200, 'max-age=60', 60],
  [200, 'max-age=60, s-maxage=5', 5],
  [200, 'no-store', 1],
  [201, undefined, 0],
])('%i with %s is fresh for %i seconds', (status, control, expected) => {
  expect(seconds(status, control)).toBe(expected);
});

describe('errors', () => {
  test.each([404, 414, 500, 501, 502, 503, 504])('%i is kept for a moment, whatever is usual for answers', (status) => {
    expect(seconds(status)).toBe(10);
    expect(seconds(status, 'max-age=3')).toBe(10);
    expect(seconds(status, 'max-age=60')).toBe(60);
    expect(seconds(status, 'no-store')).toBe(0);
  });

  test.each([400, 403, 405, 412, 415])('%i is kept where the origin says so', (status) => {
    expect(seconds(status)).toBe(0);
    expect(seconds(status, 'max-age=60')).toBe(60);
  });

  test('others are not', () => {
    expect(seconds(401, 'max-age=60')).toBe(0);
    expect(seconds(429, 'max-age=60')).toBe(0);
  });
});
