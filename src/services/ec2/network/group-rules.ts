/** The rules of security groups: adding and removing them, with EC2's limits. */
import type { IpPermission } from '@aws-sdk/client-ec2';
import type { Call } from '../../service.ts';
import { missingParameter, notFound, refused, requireId } from './errors.ts';
import { findGroup, findPrefixList } from './find.ts';
import { newId } from './ids.ts';
import { type NewRule, ruleKey, rulesOf, spoken } from './permissions.ts';
import { read, readAll } from './rows.ts';
import {
  partitionOf,
  type SecurityGroupRow,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
} from './state.ts';
import { putTags, type Tags } from './tags.ts';

/** Amazon VPC quotas, "Inbound or outbound rules per security group": each direction by itself. */
const MOST_RULES = 60;

export async function rulesOfGroup(
  call: Pick<Call, 'change' | 'scope'>,
  group: string,
): Promise<readonly SecurityGroupRuleRow[]> {
  return readAll(call.change, securityGroupRules, call.scope, `${group}/`);
}

/** The group that a call names by its id or, in the default VPC, by its name. */
export async function namedGroup(
  call: Pick<Call, 'change' | 'scope'> & Call,
  { GroupId: id, GroupName: name }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): Promise<SecurityGroupRow> {
  if (id !== undefined) return findGroup(call, id);
  if (name === undefined) throw missingParameter('groupId');
  const found = (await readAll(call.change, securityGroups, call.scope)).find((one) => one.name === name);
  if (!found) throw notFound('security-group', name);
  return found;
}

/** @throws InvalidPermission.Duplicate, RulesPerSecurityGroupLimitExceeded, ….NotFound */
export async function addRules(
  call: Call,
  group: SecurityGroupRow,
  isEgress: boolean,
  permissions: readonly IpPermission[],
  tags: Tags,
): Promise<readonly SecurityGroupRuleRow[]> {
  const { change, random, scope } = call;
  const given = await Promise.all(rulesOf(permissions, scope.account).map((rule) => resolved(call, rule)));
  if (given.length === 0) throw missingParameter('ipPermissions');
  const present = (await rulesOfGroup(call, group.id)).filter((rule) => rule.isEgress === isEgress);
  const known = new Set(present.map((rule) => ruleKey({ ...rule, isEgress })));
  const asked = new Set<string>();
  for (const rule of given) {
    const key = ruleKey({ ...rule, isEgress });
    if (asked.has(key)) throw refused('InvalidParameterValue', 'The same permission must not appear multiple times');
    if (known.has(key)) {
      throw refused('InvalidPermission.Duplicate', `the specified rule ${spoken(rule)} already exists`);
    }
    asked.add(key);
  }
  if (present.length + given.length > MOST_RULES) {
    throw refused(
      'RulesPerSecurityGroupLimitExceeded',
      'The maximum number of rules per security group has been reached.',
    );
  }
  return given.map((rule) => {
    const row = { id: newId(random, 'sgr'), group: group.id, isEgress, ...rule };
    change.put(securityGroupRules, partitionOf(scope), `${group.id}/${row.id}`, row);
    putTags(change, scope, 'security-group-rule', row.id, tags);
    return row;
  });
}

/** Peers by name become ids; those that do not exist are refused. */
export async function resolved(call: Call, rule: NewRule): Promise<NewRule> {
  if (rule.prefixList !== undefined) await findPrefixList(call, rule.prefixList);
  if (rule.peer === undefined) return rule;
  // Another account's group: its id is all that can be known.
  if (rule.peerAccount !== call.scope.account) {
    requireId('security-group', rule.peer);
    return rule;
  }
  const peer = rule.peer.startsWith('sg-')
    ? await read(call.change, securityGroups, call.scope, rule.peer)
    : (await readAll(call.change, securityGroups, call.scope)).find(({ name }) => name === rule.peer);
  if (!peer) throw notFound('security-group', rule.peer);
  return { ...rule, peer: peer.id };
}

/** Answers what was removed, and what of the request matched nothing. */
export async function removeRules(
  call: Call,
  group: SecurityGroupRow,
  isEgress: boolean,
  asked: { readonly permissions: readonly IpPermission[]; readonly ids: readonly string[] },
): Promise<{ readonly gone: readonly SecurityGroupRuleRow[]; readonly unknown: readonly IpPermission[] }> {
  const { change, scope } = call;
  const present = (await rulesOfGroup(call, group.id)).filter((rule) => rule.isEgress === isEgress);
  const gone = new Map<string, SecurityGroupRuleRow>();
  const unknown: IpPermission[] = [];
  for (const id of asked.ids) {
    const found = present.find((rule) => rule.id === id);
    if (!found) throw notFound('security-group-rule', id);
    gone.set(id, found);
  }
  for (const permission of asked.permissions) {
    for (const rule of rulesOf([permission], scope.account)) {
      const key = ruleKey({ ...(await resolved(call, rule)), isEgress });
      const found = present.find((one) => ruleKey({ ...one, isEgress }) === key);
      if (found) gone.set(found.id, found);
      else if (!unknown.includes(permission)) unknown.push(permission);
    }
  }
  for (const { id } of gone.values()) {
    change.delete(securityGroupRules, partitionOf(scope), `${group.id}/${id}`);
    putTags(change, scope, 'security-group-rule', id, {});
  }
  return { gone: [...gone.values()], unknown };
}
