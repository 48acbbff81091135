/** How long a window was: what a busy machine takes late did not come any faster. */
import { expect, test } from 'vitest';
import { ArrivedTraffic } from './arrived.ts';

const report = (requests: number) => ({ resource: 'shop', requests, sample: [] });

test('a window is as long as it took, within bounds', () => {
  const arrived = new ArrivedTraffic(2);
  const secondsAt = (now: number): number => arrived.take(now).of('shop').seconds;
  // Nobody knows since when.
  expect(secondsAt(1_000_000)).toBe(2);
  expect(secondsAt(1_002_000)).toBe(2);
  expect(secondsAt(1_006_500)).toBe(4.5);
  // The clock was set.
  expect(secondsAt(1_000_000_000)).toBe(10);
  expect(secondsAt(0)).toBe(1);
});

test('what has come is taken once', () => {
  const arrived = new ArrivedTraffic(2);
  arrived.add([report(3), report(4)]);
  const taken = arrived.take(0);
  expect([taken.resources, taken.of('shop').requests, taken.of('other').requests]).toEqual([['shop'], 7, 0]);
  expect(arrived.take(2_000).of('shop').requests).toBe(0);
});
