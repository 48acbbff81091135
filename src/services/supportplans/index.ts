/** AWS Support Plans: which plan an account has; changing it is the root user's task (account/root-only.ts). */
import { type Service, service } from '../service.ts';
import { GetSupportPlan, StartSupportPlanUpdate } from './operations/support-plan.ts';

export function supportplans(): Service {
  return service('supportplans', { GetSupportPlan, StartSupportPlanUpdate }, undefined);
}
