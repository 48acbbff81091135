/** GetSupportPlan and StartSupportPlanUpdate. */
import { table } from '../../../store/store.ts';
import { AwsError, operation } from '../../service.ts';
import {
  type StartSupportPlanUpdateRequest,
  type SupportLevel,
  type SupportPlanResponse,
  supportLevels,
} from '../schema.ts';

/** Partition '', id = account id. */
const supportPlans = table<{ readonly level: SupportLevel; readonly updatedAt: number }>('supportplans.plan');

export const GetSupportPlan = operation<object, SupportPlanResponse, undefined>({
  checks: (_input, call) => [
    { action: 'supportplans:GetSupportPlan', resource: { arn: '*', account: call.scope.account } },
  ],
  async handle(_input, call) {
    const row = await call.change.get(supportPlans, '', call.scope.account);
    return {
      SupportPlan: row ? { SupportLevel: row.level, UpdatedAt: new Date(row.updatedAt) } : { SupportLevel: 'BASIC' },
    };
  },
});

export const StartSupportPlanUpdate = operation<StartSupportPlanUpdateRequest, SupportPlanResponse, undefined>({
  checks: (_input, call) => [
    { action: 'supportplans:StartSupportPlanUpdate', resource: { arn: '*', account: call.scope.account } },
  ],
  handle(input, call) {
    const level = supportLevels.find((known) => known === input.SupportLevel);
    if (!level) {
      throw new AwsError('ValidationException', `SupportLevel must be one of ${supportLevels.join(', ')}.`, {
        status: 400,
      });
    }
    call.change.put(supportPlans, '', call.scope.account, { level, updatedAt: call.now });
    return { SupportPlan: { SupportLevel: level, UpdatedAt: new Date(call.now) } };
  },
});
