/**
 * AWS's managed rule groups, with AWS's names, labels, capacities and versions, and Bailey's detectors behind them.
 *
 * `managedGroups` is the catalogue; `managedRuleGroup(vendor, name, version, configs, facts)` answers a group as the
 * evaluator takes it. Groups without facts (address lists, verified robots, stolen credentials) hold their rules, which
 * match nothing until the operator brings the facts.
 */
import type { ManagedRuleGroupDefinition } from '../resources.ts';
import type { ManagedRuleGroupConfig } from '../types.ts';
import type { ManagedFacts } from './facts.ts';
import type { ManagedGroup } from './group.ts';
import { anonymous, reputation } from './groups/addresses.ts';
import { botControl } from './groups/bots.ts';
import { coreRules } from './groups/core-rules.ts';
import { databases } from './groups/databases.ts';
import { antiFlood } from './groups/floods.ts';
import { knownBadInputs } from './groups/known-bad-inputs.ts';
import { accountTakeover } from './groups/logins.ts';
import { accountCreation } from './groups/registrations.ts';
import { adminProtection, wordpress } from './groups/sites.ts';
import { linux, phpApplications, unix, windows } from './groups/systems.ts';
import { nextRuleOf } from './rules.ts';

export type { AddressList, ManagedFacts, Suspicion } from './facts.ts';
export type { ManagedGroup } from './group.ts';

/** In the order in which AWS lists them. */
export const managedGroups: readonly ManagedGroup[] = [
  coreRules,
  adminProtection,
  knownBadInputs,
  databases,
  linux,
  unix,
  windows,
  phpApplications,
  wordpress,
  reputation,
  anonymous,
  botControl,
  accountTakeover,
  accountCreation,
  antiFlood,
];

const vendor = 'AWS';

/** Undefined where there is no such group, or no such version of it. */
export function managedRuleGroup(
  vendorName: string,
  name: string,
  version: string | undefined,
  configs: readonly ManagedRuleGroupConfig[],
  facts: ManagedFacts = {},
): ManagedRuleGroupDefinition | undefined {
  const group = vendorName === vendor ? managedGroups.find((each) => each.Name === name) : undefined;
  if (group === undefined) return undefined;
  if (version !== undefined && !group.Versions.includes(version)) return undefined;
  const prepare = group.prepare?.(configs, facts);
  const rules = group.rules(configs, facts);
  const nextRule = nextRuleOf(rules);
  return {
    VendorName: vendor,
    Name: group.Name,
    Version: version ?? group.Versions.at(-1) ?? '',
    Capacity: group.Capacity,
    LabelNamespace: group.LabelNamespace,
    Rules: rules,
    ...(nextRule === undefined ? {} : { nextRule }),
    ...(prepare === undefined ? {} : { prepare }),
  };
}
