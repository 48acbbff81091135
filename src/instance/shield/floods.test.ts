/** What edge processes are told of floods: when one begins, changes and ends, and nothing between. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../test/support/call.ts';
import type { RequestTraits } from '../../engines/traffic/index.ts';
import { pageOf, person, randomOf, visits } from '../../engines/traffic/site.fixture.ts';
import type { JobRuntime } from '../../services/service.ts';
import { Floods } from './floods.ts';

test('a flood is told once while it goes on, and its end', async () => {
  const chance = randomOf(5);
  let [told, now] = [0, 1_000_000];
  const floods = new Floods({ settings: { baselineSeconds: 60, floor: 10 }, changed: () => (told += 1) });
  expect(floods.job.everySeconds).toBe(2);
  const run = async (more: readonly RequestTraits[] = []) => {
    const sample = [...visits({ rate: 10, loads: 0 }, 2, chance), ...more];
    floods.arrived([{ resource: 'shop', requests: sample.length, sample }]);
    now += 2_000;
    await floods.job.run({ now, random: seededRandom(now) } as unknown as JobRuntime);
  };
  for (let at = 0; at < 100; at += 1) await run();
  expect([told, floods.threats.size]).toEqual([0, 0]);
  const attacker = () => ({ ...person(chance)(), userAgent: 'odd/1', path: pageOf(250) });
  const flood = () => run(Array.from({ length: 200 }, attacker));
  await flood();
  expect(told).toBe(0);
  await flood();
  expect(told).toBe(1);
  expect(floods.threats.get('shop')?.terms.length).toBeGreaterThan(0);
  for (let at = 0; at < 8; at += 1) await flood();
  expect(told).toBe(1);
  for (let at = 0; at < 12; at += 1) await run();
  expect([told, floods.threats.size]).toEqual([2, 0]);
});
