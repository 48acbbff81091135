import { expect, test } from 'vitest';
import { iamBench } from '../../../test/support/iam.ts';
import { pageOf } from './pages.ts';

test('ids of any length make markers that clients may send back', () => {
  const { bench } = iamBench();
  const call = bench.call('ListPolicies');
  const path = '/'.padEnd(500, 'x');
  const all = Array.from({ length: 9 }, (_, i) => `arn:aws:iam::111122223333:policy${path}/name${i}`);
  const seen: string[] = [];
  let Marker: string | undefined;
  do {
    const { items, rest } = pageOf(call, { MaxItems: 2, Marker }, all, (arn) => arn);
    seen.push(...items);
    Marker = rest.Marker;
    expect(Marker?.length ?? 0).toBeLessThanOrEqual(320);
  } while (Marker !== undefined);
  expect(seen.sort()).toEqual(all);
});

test('a marker is good for its own operation only', () => {
  const { bench } = iamBench();
  const { rest } = pageOf(bench.call('ListPolicies'), { MaxItems: 1 }, ['a', 'b'], (item) => item);
  const reuse = () => pageOf(bench.call('ListRoles'), rest, ['a', 'b'], (item) => item);
  expect(reuse).toThrow('Invalid Marker.');
});
