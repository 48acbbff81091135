/** Rules on their way in: checked by the engine that will run them, and what they cost. */
import type {
  CreateRuleGroupRequest,
  CreateWebACLRequest,
  Rule,
  UpdateRuleGroupRequest,
  UpdateWebACLRequest,
} from '@aws-sdk/client-wafv2';
import { AwsError, type Call } from '../service.ts';
import { requireReferences } from './references.ts';
import { requireResponseBodies, requireTokenDomains } from './settings.ts';
import type { Scope } from './state.ts';

type WebAclInput = Pick<CreateWebACLRequest | UpdateWebACLRequest, 'Rules' | 'CustomResponseBodies' | 'TokenDomains'>;
type GroupInput = Pick<CreateRuleGroupRequest | UpdateRuleGroupRequest, 'Rules' | 'CustomResponseBodies'>;

export async function readWebAcl(call: Call, scope: Scope, _arn: string, input: WebAclInput): Promise<number> {
  requireResponseBodies(input.CustomResponseBodies);
  requireTokenDomains(input.TokenDomains);
  return readRulesToCheck(call, scope, input.Rules);
}

export async function readGroup(call: Call, scope: Scope, _arn: string, input: GroupInput): Promise<number> {
  requireResponseBodies(input.CustomResponseBodies);
  return readRulesToCheck(call, scope, input.Rules);
}

export async function readRulesToCheck(call: Call, scope: Scope, rules: readonly Rule[] | undefined): Promise<number> {
  await requireReferences(call, scope, rules);
  if ((rules ?? []).length > 0) throw new AwsError('NotImplemented', 'Rules are not built yet.', { status: 501 });
  return 0;
}

export function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
