/** Members of CloudWatch's inputs that change how alarms judge, and that are not built. */
import type { Unbuilt } from '../service.ts';

export const unbuilt: Unbuilt = {
  members: new Set(
    `EvaluationWindow WarmUpConfiguration EvaluationCriteria EvaluationInterval ActionConfiguration
AlarmContributorId`.split(/\s+/),
  ),
};
