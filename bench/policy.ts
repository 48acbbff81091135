/** The policy engine: full-chain decisions by number of statements, explanations, and two peers on the same work. */
import { decide, explain } from '../src/engines/policy/index.ts';
import { requests } from './policy/bailey.ts';
import { casbin } from './policy/casbin.ts';
import { cedar } from './policy/cedar.ts';
import { medianMicroseconds, medianRatio } from './policy/measure.ts';
import { asks, specs } from './policy/workload.ts';
import type { BenchResult } from './result.ts';

const round = (value: number): number => Number(value.toPrecision(3));

export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const times = new Map<number, number>();
  const goals: Readonly<Record<number, string>> = { 100: '≤ 2', 1000: '≤ 5' };
  for (const count of [10, 100, 1_000]) {
    const asked = requests(specs(count), asks(specs(count)));
    const time = medianMicroseconds((index) => decide(asked[index]!), asked.length);
    times.set(count, time);
    const goal = goals[count];
    results.push({
      name: `decision, 7 policy types, ${count} statements`,
      value: round(time),
      unit: 'µs',
      ...(goal ? { goal } : {}),
    });
  }
  const [ten = 1, hundred = 1, thousand = 1] = [10, 100, 1_000].map((count) => times.get(count));
  results.push({ name: 'growth from 10 to 1,000 statements', value: round(thousand / ten), unit: '×', goal: '≤ 10' });

  const of = specs(100);
  const asked = asks(of);
  const ours = requests(of, asked);
  results.push({
    name: 'explanation over decision, 100 statements',
    value: round(
      medianRatio(
        (index) => explain(ours[index]!),
        (index) => decide(ours[index]!),
        ours.length,
      ),
    ),
    unit: '×',
    goal: '≤ 3',
    baseline: `${round(hundred)} µs`,
  });

  for (const [name, peer] of [
    ['cedar-wasm', cedar(of, asked)],
    ['casbin', await casbin(of, asked)],
  ] as const) {
    for (const [index, request] of ours.entries()) {
      if (decide(request).allowed !== peer(index))
        throw new Error(`${name} decides otherwise on ${JSON.stringify(asked[index])}`);
    }
    const time = medianMicroseconds(peer, ours.length, 15);
    results.push({
      name: `times faster than ${name}, 100 statements`,
      value: round(time / hundred),
      unit: '×',
      goal: '≥ 100',
      baseline: `${round(time)} µs`,
    });
  }
  return results;
}
