/** Making a vendor's rule set: AWS does this for sellers of its marketplace, by hand. */
import type { Call } from '../service.ts';
import { arnOf } from './arns.ts';
import { newEntity, store } from './entity.ts';
import { duplicateItem, invalidParameter, reasons } from './errors.ts';
import { labelName, vendorGroupId } from './managed-groups.ts';
import type { Quotas } from './quotas.ts';
import { type ManagedRuleSetRow, managedRuleSets, type Scope, vendorGroups } from './state.ts';

export interface NewRuleSet {
  readonly name: string;
  readonly scope: Scope;
  /** As customers will name it; one account's own in the whole instance. */
  readonly vendor: string;
  readonly description?: string | undefined;
}

/** @throws AwsError WAFInvalidParameterException, WAFDuplicateItemException, WAFLimitsExceededException */
export async function createManagedRuleSet(
  call: Call,
  wanted: NewRuleSet,
  quotas: Quotas,
): Promise<{ readonly id: string; readonly arn: string; readonly lockToken: string }> {
  const { name, scope, vendor, description } = wanted;
  if (!/^[\w-]{1,128}$/.test(name)) throw invalidParameter('MANAGED_RULE_SET', name, reasons.format);
  const isName = /^[A-Za-z0-9](?:[\w .-]{0,62}[A-Za-z0-9])?$/.test(vendor) && labelName(vendor) !== 'aws';
  if (!isName) throw invalidParameter('MANAGED_RULE_SET', vendor, reasons.format);
  for (const { id, value } of await call.change.list(vendorGroups, '')) {
    // Names that labels spell alike are alike.
    const isSame = labelName(id.split('/')[2] ?? '') === labelName(vendor);
    if (isSame && value.account !== call.scope.account) throw duplicateItem();
  }
  const input = { Name: name, Scope: scope, Description: description };
  const quota = { most: quotas.managedRuleSets, sourceType: 'MANAGED_RULE_SET' };
  const entity = await newEntity(call, managedRuleSets, input, quota);
  const row: ManagedRuleSetRow = { ...entity, vendor, versions: {} };
  store(call, managedRuleSets, row);
  const { account, region } = call.scope;
  call.change.put(vendorGroups, '', vendorGroupId(region, scope, vendor, name), { account, region, name });
  return { id: row.id, arn: arnOf('managedruleset', row), lockToken: row.lockToken };
}
