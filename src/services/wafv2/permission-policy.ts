/** Permission policies of rule groups: whom the owner lets use one in web ACLs of their own. */
import {
  type PolicyDocument,
  PolicySyntaxError,
  type PrincipalEntry,
  parsePolicy,
  principalsOf,
} from '../../engines/policy/index.ts';
import type { Reader } from '../../store/store.ts';
import type { ResourcePolicy } from '../service.ts';
import { invalidPermissionPolicy } from './errors.ts';
import type { WafPrincipals } from './ports.ts';
import { type PermissionPolicyRow, permissionPolicies } from './state.ts';

/** The actions that must be there, and the one that may. @see API reference, PutPermissionPolicy */
const required = ['wafv2:createwebacl', 'wafv2:updatewebacl', 'wafv2:putfirewallmanagerrulegroups'];
const allowed = new Set([...required, 'wafv2:getrulegroup']);

/** The policy of a rule group as the engine reads it; undefined where there is none. */
export async function heldBy(reader: Reader, arn: string): Promise<ResourcePolicy | undefined> {
  const row = await reader.get(permissionPolicies, '', arn);
  if (!row) return undefined;
  const { document, principalIds } = row;
  return { document: readable(document), principalIds, id: `permission policy of ${arn}`, kind: 'resource' };
}

/** AWS takes a version here that its policy language does not have. */
function readable(document: string): string {
  return JSON.stringify({ ...(JSON.parse(document) as object), Version: '2012-10-17' });
}

/** @throws AwsError WAFInvalidPermissionPolicyException */
export async function readPermissionPolicy(document: string, principals: WafPrincipals): Promise<PermissionPolicyRow> {
  const parsed = parse(document);
  for (const { effect, actions, resources } of parsed.statements) {
    if (effect !== 'Allow') throw invalidPermissionPolicy('A statement must have the effect Allow.');
    if (resources) throw invalidPermissionPolicy('A statement must not name resources.');
    const named = actions.values.map((action) => action.toLowerCase());
    const isComplete = required.every((action) => named.includes(action));
    if (actions.not || !isComplete || named.some((action) => !allowed.has(action))) {
      throw invalidPermissionPolicy(
        'A statement must allow wafv2:CreateWebACL, wafv2:UpdateWebACL and wafv2:PutFirewallManagerRuleGroups, and nothing else but wafv2:GetRuleGroup.',
      );
    }
  }
  return { document, principalIds: await bind(principalsOf(parsed), principals) };
}

function parse(document: string): PolicyDocument {
  try {
    const { Version } = JSON.parse(document) as { readonly Version?: unknown };
    if (Version !== '2012-10-17' && Version !== '2015-01-01') {
      throw invalidPermissionPolicy('The policy must have the version 2012-10-17 or 2015-01-01.');
    }
    return parsePolicy(readable(document), 'resource');
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw invalidPermissionPolicy(error.message);
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw invalidPermissionPolicy('The policy is no JSON object.');
    }
    throw error;
  }
}

/** Every principal must be somebody; users and roles are bound to who they are now. */
async function bind(entries: readonly PrincipalEntry[], principals: WafPrincipals): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const entry of entries) {
    if (entry.kind === 'account') {
      if (await principals.accountExists(entry.account)) continue;
    } else if (entry.kind === 'user' || entry.kind === 'role') {
      const id = await principals.uniqueId(entry.arn);
      if (id !== undefined) {
        ids[entry.arn] = id;
        continue;
      }
    }
    throw invalidPermissionPolicy('The policy names an invalid principal.');
  }
  return ids;
}
