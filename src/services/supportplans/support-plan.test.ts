/** Support plans: everybody begins with the basic one. */
import { expect, test } from 'vitest';
import { Bench } from '../../../test/support/call.ts';
import { GetSupportPlan, StartSupportPlanUpdate } from './operations/support-plan.ts';

test('a plan is what it was last set to', async () => {
  const bench = new Bench<undefined>(undefined);
  expect(await bench.run('GetSupportPlan', GetSupportPlan, {})).toEqual({ SupportPlan: { SupportLevel: 'BASIC' } });
  await bench.run('StartSupportPlanUpdate', StartSupportPlanUpdate, { SupportLevel: 'BUSINESS' });
  expect(await bench.run('GetSupportPlan', GetSupportPlan, {})).toEqual({
    SupportPlan: { SupportLevel: 'BUSINESS', UpdatedAt: new Date(bench.now) },
  });
  await expect(
    bench.run('StartSupportPlanUpdate', StartSupportPlanUpdate, { SupportLevel: 'GOLD' }),
  ).rejects.toMatchObject({ code: 'ValidationException' });
});
