/** What authorizes a call on WAF's resources. */
import type { Rule } from '@aws-sdk/client-wafv2';
import type { Table } from '../../store/store.ts';
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { anyManagedRuleSet, arnOf, parseArn } from './arns.ts';
import type { Named } from './entity.ts';
import { invalidParameter, reasons } from './errors.ts';
import { heldBy } from './permission-policy.ts';
import { referredArns, usesManagedGroups } from './references.ts';
import {
  type EntityRow,
  entityPartition,
  ipSets,
  type Kind,
  managedRuleSets,
  regexPatternSets,
  ruleGroups,
  type Scope,
  webAcls,
} from './state.ts';
import { tagContext } from './tags.ts';

const tables: Readonly<Record<Kind, Table<EntityRow>>> = {
  webacl: webAcls as Table<EntityRow>,
  rulegroup: ruleGroups as Table<EntityRow>,
  ipset: ipSets as Table<EntityRow>,
  regexpatternset: regexPatternSets as Table<EntityRow>,
  managedruleset: managedRuleSets as Table<EntityRow>,
};

export function tableOf(kind: Kind): Table<EntityRow> {
  return tables[kind];
}

/** For actions without a resource type. */
export function accountCheck(call: CheckCall, action: string, context?: ConditionValues): Check {
  return {
    action: `wafv2:${action}`,
    resource: { arn: '*', account: call.scope.account },
    ...(context && { context }),
  };
}

/** For what is named by name, scope and id in the caller's account. */
export function entityCheck(
  call: CheckCall,
  action: string,
  kind: Kind,
  named: Named,
  context?: ConditionValues,
): Promise<Check> {
  const { account, region } = call.scope;
  const arn = arnOf(kind, { account, region, scope: named.Scope, name: named.Name, id: named.Id });
  return arnCheck(call, action, arn, context);
}

/**
 * For what is named by its ARN.
 * @throws AwsError WAFInvalidParameterException
 */
export async function arnCheck(
  call: CheckCall,
  action: string,
  arn: string,
  context?: ConditionValues,
): Promise<Check> {
  const parts = parseArn(arn);
  if (!parts) throw invalidParameter('RESOURCE_ARN', arn, reasons.arn);
  const { account, region, scope, kind, name, id } = parts;
  const row = await call.change.get(tables[kind], entityPartition(account, region, scope), name);
  const exists = row?.id === id;
  const policy = exists && kind === 'rulegroup' ? await heldBy(call.change, arn) : undefined;
  return {
    action: `wafv2:${action}`,
    resource: { arn, account, ...(exists && { tags: row.tags }), ...(policy && { policy }) },
    ...(context && { context }),
  };
}

/** For what is to be made: it has no id yet. Giving it tags takes permission to tag. */
export function creationChecks(
  call: CheckCall,
  action: string,
  kind: Kind,
  input: {
    readonly Name: string;
    readonly Scope: Scope;
    readonly Tags?: readonly { Key: string | undefined; Value: string | undefined }[] | undefined;
  },
): Check[] {
  const { account, region } = call.scope;
  const resource = { arn: arnOf(kind, { account, region, scope: input.Scope, name: input.Name, id: '*' }), account };
  const context = tagContext(input.Tags);
  const checks: Check[] = [{ action: `wafv2:${action}`, resource, context }];
  if ((input.Tags ?? []).length > 0) checks.push({ action: 'wafv2:TagResource', resource, context });
  return checks;
}

/**
 * Rules may only refer to what the caller may use in this way: sets, rule groups (of others, if shared), managed ones.
 * @see Service authorization reference, resource types of CreateWebACL
 */
export async function referenceChecks(
  call: CheckCall,
  action: string,
  scope: Scope,
  rules: readonly Rule[] | undefined,
): Promise<Check[]> {
  const { account, region } = call.scope;
  const checks: Check[] = [];
  for (const arn of referredArns(rules)) if (parseArn(arn)) checks.push(await arnCheck(call, action, arn));
  if (usesManagedGroups(rules)) {
    const resource = { arn: anyManagedRuleSet(account, region, scope), account };
    checks.push({ action: `wafv2:${action}`, resource });
  }
  return checks;
}
