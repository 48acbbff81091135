/** AWS's managed rule groups, as the engine has them. */
import { type ManagedGroup, managedGroups } from '../../engines/waf/managed/index.ts';
import type { OfferedGroup, OfferedVersion } from './managed-groups.ts';

const vendor = 'AWS';

/** Groups that look at answers or sessions too, and cost extra at AWS. */
const advanced: ReadonlySet<string> = new Set([
  'AWSManagedRulesBotControlRuleSet',
  'AWSManagedRulesATPRuleSet',
  'AWSManagedRulesACFPRuleSet',
  'AWSManagedRulesAntiDDoSRuleSet',
]);

/** In the order in which AWS lists them; the same in both scopes. */
export function awsGroups(): readonly OfferedGroup[] {
  return managedGroups.map(offered);
}

function offered(group: ManagedGroup): OfferedGroup {
  const defaultVersion = group.Versions.at(-1);
  return {
    vendor,
    name: group.Name,
    title: group.Name,
    description: group.Description,
    // When AWS published them is not on record here, and nothing is made up for it.
    versions: group.Versions.map((name) => ({ name })).reverse(),
    ...(defaultVersion !== undefined && { defaultVersion }),
    isAdvanced: advanced.has(group.Name),
    version: (name) => (name === undefined || group.Versions.includes(name) ? content(group) : undefined),
  };
}

function content(group: ManagedGroup): OfferedVersion {
  const rules = group.rules([], {});
  const own = rules.flatMap(({ Labels = [] }) => Labels);
  return {
    capacity: group.Capacity,
    labelNamespace: group.LabelNamespace,
    rules: rules.map(({ Name, Action, Labels = [] }) => ({ name: Name, action: Action, labels: Labels })),
    available: [...new Set([...own, ...(group.AvailableLabels ?? [])])].sort(),
    consumed: [],
  };
}
