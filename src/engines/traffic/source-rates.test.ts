/** What one source usually asks for: a page of thirty requests in two seconds is thirty in a minute. */
import { expect, test } from 'vitest';
import { windowOf } from './site.fixture.ts';
import { SourceRates } from './source-rates.ts';

const from = (source: string, count: number) =>
  Array.from({ length: count }, () => ({ source, userAgent: '', method: 'GET', path: '/', queryKeys: '' }));

test('a burst is spread over its minute', () => {
  const rates = new SourceRates();
  rates.learn(windowOf(0, 2, from('a', 30)), 1);
  // There is no minute yet.
  expect(rates.highest).toBe(15);
  for (let at = 2; at < 60; at += 2) rates.learn(windowOf(at * 1000, 2, from('b', 1)), 1);
  expect(rates.highest).toBe(0.5);
  rates.learn(windowOf(60_000, 2, from('a', 600)), 0.5);
  expect(rates.highest).toBe(0.25);
});
