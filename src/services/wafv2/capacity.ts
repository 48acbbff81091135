/** What rules cost: in web ACL capacity units, as AWS counts them, with the groups that are there. */
import type { Rule } from '@aws-sdk/client-wafv2';
import { capacityOf } from '../../engines/waf/capacity.ts';
import type { CheckCall } from '../service.ts';
import { parseArn } from './arns.ts';
import { findGroup } from './managed-groups.ts';
import { entityPartition, ruleGroups, type Scope } from './state.ts';

/** @throws AwsError of managed groups that are not there or not open to the account */
export async function costOfRules(call: CheckCall, scope: Scope, rules: readonly Rule[]): Promise<number> {
  const own = new Map<string, number>();
  const managed = new Map<string, number>();
  for (const { Statement } of rules) {
    const arn = Statement?.RuleGroupReferenceStatement?.ARN;
    const parts = arn === undefined ? undefined : parseArn(arn);
    if (arn !== undefined && parts) {
      const place = entityPartition(parts.account, parts.region, parts.scope);
      own.set(arn, (await call.change.get(ruleGroups, place, parts.name))?.capacity ?? 0);
    }
    const group = Statement?.ManagedRuleGroupStatement;
    if (group) {
      const found = await findGroup(call, scope, group.VendorName ?? '', group.Name ?? '');
      managed.set(keyOf(found.vendor, found.name, group.Version), found.version(group.Version)?.capacity ?? 0);
    }
  }
  return capacityOf(rules, {
    ruleGroup: (arn) => own.get(arn),
    managedRuleGroup: (vendor, name, version) => managed.get(keyOf(vendor, name, version)),
  });
}

function keyOf(vendor: string, name: string, version: string | undefined): string {
  return JSON.stringify([vendor, name, version]);
}
