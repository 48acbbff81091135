/** GetManagedRuleSet, ListManagedRuleSets, PutManagedRuleSetVersions, UpdateManagedRuleSetVersionExpiryDate: for vendors. */
import type {
  GetManagedRuleSetRequest,
  GetManagedRuleSetResponse,
  ListManagedRuleSetsRequest,
  ListManagedRuleSetsResponse,
  ManagedRuleSetVersion,
  PutManagedRuleSetVersionsRequest,
  PutManagedRuleSetVersionsResponse,
  UpdateManagedRuleSetVersionExpiryDateRequest,
  UpdateManagedRuleSetVersionExpiryDateResponse,
  VersionToPublish,
} from '@aws-sdk/client-wafv2';
import { type Call, type Check, operation } from '../../service.ts';
import { arnOf } from '../arns.ts';
import { accountCheck, arnCheck, entityCheck } from '../checks.ts';
import { find, findByArn, requireLock, store } from '../entity.ts';
import { invalidOperation, invalidParameter, reasons, unavailableEntity } from '../errors.ts';
import { vendorNamespace } from '../managed-groups.ts';
import type { WafPorts } from '../ports.ts';
import { referredArns } from '../references.ts';
import { type ManagedRuleSetRow, managedRuleSets, type PublishedVersion, references, ruleGroups } from '../state.ts';
import { readRules } from '../stored-rules.ts';
import { listed } from '../summaries.ts';

export const GetManagedRuleSet = operation<GetManagedRuleSetRequest, GetManagedRuleSetResponse, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'GetManagedRuleSet', 'managedruleset', input)],
  async handle(input, call) {
    const row = await find(call, managedRuleSets, input);
    return {
      ManagedRuleSet: {
        Name: row.name,
        Id: row.id,
        ARN: arnOf('managedruleset', row),
        ...(row.description !== undefined && { Description: row.description }),
        PublishedVersions: Object.fromEntries(
          Object.entries(row.versions).map(([name, version]) => [name, shown(version)]),
        ),
        ...(row.recommended !== undefined && { RecommendedVersion: row.recommended }),
        LabelNamespace: vendorNamespace(row.vendor, row.name),
      },
      LockToken: row.lockToken,
    };
  },
});

function shown(version: PublishedVersion): ManagedRuleSetVersion {
  return {
    AssociatedRuleGroupArn: version.ruleGroupArn,
    Capacity: version.capacity,
    ...(version.forecastedLifetime !== undefined && { ForecastedLifetime: version.forecastedLifetime }),
    PublishTimestamp: new Date(version.publishedAt),
    LastUpdateTimestamp: new Date(version.updatedAt),
    ...(version.expiresAt !== undefined && { ExpiryTimestamp: new Date(version.expiresAt) }),
  };
}

export const ListManagedRuleSets = operation<ListManagedRuleSetsRequest, ListManagedRuleSetsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListManagedRuleSets')],
  async handle(input, call) {
    const { rows, summaries, rest } = await listed(call, managedRuleSets, 'managedruleset', input);
    return {
      ManagedRuleSets: summaries.map((one, index) => ({
        ...one,
        LabelNamespace: vendorNamespace(rows[index]?.vendor ?? '', one.Name),
      })),
      ...rest,
    };
  },
});

export const PutManagedRuleSetVersions = operation<
  PutManagedRuleSetVersionsRequest,
  PutManagedRuleSetVersionsResponse,
  WafPorts
>({
  async checks(input, call) {
    const checks: Check[] = [await entityCheck(call, 'PutManagedRuleSetVersions', 'managedruleset', input)];
    for (const { AssociatedRuleGroupArn } of Object.values(input.VersionsToPublish ?? {})) {
      if (AssociatedRuleGroupArn === undefined) continue;
      checks.push(await arnCheck(call, 'PutManagedRuleSetVersions', AssociatedRuleGroupArn));
    }
    return checks;
  },
  async handle(input, call) {
    const row = await find(call, managedRuleSets, input);
    requireLock(row, input.LockToken);
    const all = new Map(Object.entries(row.versions));
    for (const [name, wanted] of Object.entries(input.VersionsToPublish ?? {})) {
      all.set(name, await published(call, row, all.get(name), wanted));
    }
    const versions = Object.fromEntries(all);
    const recommended = input.RecommendedVersion ?? row.recommended;
    if (recommended !== undefined && !Object.hasOwn(versions, recommended)) throw unavailableEntity();
    const after: ManagedRuleSetRow = {
      ...row,
      lockToken: call.random.uuid(),
      versions,
      ...(recommended !== undefined && { recommended }),
    };
    store(call, managedRuleSets, after);
    const arn = arnOf('managedruleset', row);
    // What published rules look into must stay, also when the rule group itself no longer does.
    for (const { ruleGroupArn, rules } of Object.values(versions)) {
      for (const used of [ruleGroupArn, ...referredArns(readRules(rules))]) call.change.put(references, used, arn, {});
    }
    return { NextLockToken: after.lockToken };
  },
});

/** A version is what the rule group is now. One that is published keeps its rules; only its forecast may change. */
async function published(
  call: Call,
  set: ManagedRuleSetRow,
  before: PublishedVersion | undefined,
  wanted: VersionToPublish,
): Promise<PublishedVersion> {
  const { AssociatedRuleGroupArn: arn, ForecastedLifetime } = wanted;
  const forecast = ForecastedLifetime === undefined ? {} : { forecastedLifetime: ForecastedLifetime };
  if (before) {
    if (arn !== undefined && arn !== before.ruleGroupArn) {
      throw invalidOperation('The operation isn’t valid: a published version keeps its rule group.');
    }
    return { ...before, ...forecast, updatedAt: call.now };
  }
  if (arn === undefined) throw invalidParameter('RULE_GROUP', 'AssociatedRuleGroupArn', reasons.exactlyOne);
  const group = await findByArn(call, ruleGroups, 'rulegroup', arn);
  if (group.account !== set.account || group.scope !== set.scope) throw unavailableEntity();
  return {
    ruleGroupArn: arn,
    capacity: group.capacity,
    ...forecast,
    publishedAt: call.now,
    updatedAt: call.now,
    rules: group.rules,
    settings: group.settings,
  };
}

export const UpdateManagedRuleSetVersionExpiryDate = operation<
  UpdateManagedRuleSetVersionExpiryDateRequest,
  UpdateManagedRuleSetVersionExpiryDateResponse,
  WafPorts
>({
  checks: async (input, call) => [
    await entityCheck(call, 'UpdateManagedRuleSetVersionExpiryDate', 'managedruleset', input),
  ],
  async handle(input, call) {
    const row = await find(call, managedRuleSets, input);
    requireLock(row, input.LockToken);
    const all = new Map(Object.entries(row.versions));
    const version = all.get(input.VersionToExpire);
    if (!version) throw unavailableEntity();
    const expiresAt = input.ExpiryTimestamp.getTime();
    if (expiresAt <= call.now) {
      throw invalidParameter('EXPIRE_TIMESTAMP', input.ExpiryTimestamp.toISOString(), 'The time has passed.');
    }
    all.set(input.VersionToExpire, { ...version, expiresAt, updatedAt: call.now });
    const after: ManagedRuleSetRow = { ...row, lockToken: call.random.uuid(), versions: Object.fromEntries(all) };
    store(call, managedRuleSets, after);
    return {
      ExpiringVersion: input.VersionToExpire,
      ExpiryTimestamp: new Date(expiresAt),
      NextLockToken: after.lockToken,
    };
  },
});
