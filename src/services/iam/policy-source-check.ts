/** The check of operations that look at all policies of one user, group or role. */
import type { Check, CheckCall } from '../service.ts';
import { parseArn } from './arns.ts';
import { groupCheck, roleCheck, userCheck } from './checks.ts';
import { invalidInput } from './errors.ts';

const checks = { user: userCheck, group: groupCheck, role: roleCheck };

/** @throws InvalidInput for ARNs of anything else */
export async function policySourceCheck(call: CheckCall, action: string, arn: string): Promise<Check> {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'user' && parsed?.kind !== 'group' && parsed?.kind !== 'role') {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  if (parsed.account !== call.scope.account) return { action, resource: { arn, account: parsed.account } };
  return checks[parsed.kind](call, action, parsed.name);
}
