/** Between IpPermissions, as the API takes and shows them, and single rules, as they are kept. */
import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { hasPorts, isIcmp, protocolName, protocolNumber } from '../../../engines/network/index.ts';
import { ruleBlock } from './blocks.ts';
import { invalidValue, refused } from './errors.ts';
import type { SecurityGroupRuleRow } from './state.ts';
import { shownTags, type Tags } from './tags.ts';

export type NewRule = Omit<SecurityGroupRuleRow, 'id' | 'group' | 'isEgress'>;

/** The parameters of the time before IpPermissions; names of groups are resolved by the caller. */
export interface SimplePermission {
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
}

export function simplePermission({ IpProtocol, FromPort, ToPort, CidrIp }: SimplePermission): IpPermission[] {
  if (IpProtocol === undefined && CidrIp === undefined) return [];
  return [{ IpProtocol, FromPort, ToPort, IpRanges: CidrIp === undefined ? [] : [{ CidrIp }] }];
}

/** @throws InvalidParameterValue for protocols, ports and blocks that are none */
export function rulesOf(permissions: readonly IpPermission[], account: string): readonly NewRule[] {
  return permissions.flatMap((permission) => {
    const base = protocolAndPorts(permission);
    return [
      ...(permission.IpRanges ?? []).map((one) => ({ ...base, ...block(one.CidrIp, 4), ...text(one.Description) })),
      ...(permission.Ipv6Ranges ?? []).map((one) => ({ ...base, ...block(one.CidrIpv6, 6), ...text(one.Description) })),
      ...(permission.PrefixListIds ?? []).map((one) => ({
        ...base,
        prefixList: one.PrefixListId ?? '',
        ...text(one.Description),
      })),
      ...(permission.UserIdGroupPairs ?? []).map((one) => ({
        ...base,
        peer: one.GroupId ?? one.GroupName ?? '',
        peerAccount: one.UserId ?? account,
        ...text(one.Description),
      })),
    ];
  });
}

function text(description: string | undefined): { description?: string } {
  if (description === undefined) return {};
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description)) {
    const allowed = 'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';
    throw invalidValue(description, 'description', `Rule descriptions have at most 255 characters of ${allowed}`);
  }
  return { description };
}

function protocolAndPorts(given: {
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
}): { protocol: string; from?: number; to?: number } {
  const { IpProtocol: name = '', FromPort: from, ToPort: to } = given;
  const number = protocolNumber(name);
  if (number === undefined)
    throw refused('InvalidParameterValue', `Invalid value '${name}' for IP protocol. Unknown protocol.`);
  const protocol = protocolName(number);
  if (hasPorts(number)) {
    if (from === undefined || to === undefined) {
      throw refused(
        'InvalidParameterValue',
        "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
      );
    }
    if (from < 0 || to > 65_535 || from > to) {
      throw refused('InvalidParameterValue', `Invalid TCP/UDP port range (${from}:${to})`);
    }
    return { protocol, from, to };
  }
  if (isIcmp(number)) {
    const [type = -1, code = -1] = [from, to];
    if (type < -1 || type > 255 || code < -1 || code > 255 || (type === -1 && code !== -1)) {
      throw refused('InvalidParameterValue', `Invalid ICMP type/code (${type}:${code})`);
    }
    return { protocol, from: type, to: code };
  }
  return { protocol };
}

function block(cidr: string | undefined, family: 4 | 6): { cidr4: string } | { cidr6: string } {
  const parsed = ruleBlock(cidr ?? '');
  if (!parsed || parsed.family !== family) throw refused('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  return family === 4 ? { cidr4: parsed.text } : { cidr6: parsed.text };
}

/** Two rules with the same key say the same: descriptions do not count. */
export function ruleKey(rule: NewRule & { readonly isEgress?: boolean }): string {
  const { protocol, from, to, cidr4, cidr6, prefixList, peer, isEgress } = rule;
  return JSON.stringify([isEgress, protocol, from, to, cidr4, cidr6, prefixList, peer]);
}

/** As EC2 names a rule that is there already. */
export function spoken({ protocol, from, to, cidr4, cidr6, prefixList, peer }: NewRule): string {
  const who = cidr4 ?? cidr6 ?? prefixList ?? peer;
  if (protocol === '-1') return `"peer: ${who}, ALL, ALLOW"`;
  const ports = from === undefined ? '' : `, from port: ${from}, to port: ${to}`;
  return `"peer: ${who}, ${protocol.toUpperCase()}${ports}, ALLOW"`;
}

/** Rules with the same protocol and ports are shown together. */
export function shownPermissions(rules: readonly SecurityGroupRuleRow[]): IpPermission[] {
  const grouped = new Map<string, SecurityGroupRuleRow[]>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.from} ${rule.to}`;
    grouped.set(key, [...(grouped.get(key) ?? []), rule]);
  }
  return [...grouped.values()].map((same) => {
    const [first] = same;
    const described = ({ description }: SecurityGroupRuleRow) =>
      description === undefined ? {} : { Description: description };
    return {
      IpProtocol: first?.protocol,
      ...(first?.from === undefined ? {} : { FromPort: first.from, ToPort: first.to }),
      IpRanges: same.flatMap((one) => (one.cidr4 === undefined ? [] : { CidrIp: one.cidr4, ...described(one) })),
      Ipv6Ranges: same.flatMap((one) => (one.cidr6 === undefined ? [] : { CidrIpv6: one.cidr6, ...described(one) })),
      PrefixListIds: same.flatMap((one) =>
        one.prefixList === undefined ? [] : { PrefixListId: one.prefixList, ...described(one) },
      ),
      UserIdGroupPairs: same.flatMap((one) =>
        one.peer === undefined ? [] : { GroupId: one.peer, UserId: one.peerAccount, ...described(one) },
      ),
    };
  });
}

export function shownRule(rule: SecurityGroupRuleRow, account: string, tags: Tags, arn: string): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: arn,
    GroupId: rule.group,
    GroupOwnerId: account,
    IsEgress: rule.isEgress,
    IpProtocol: rule.protocol,
    FromPort: rule.from ?? -1,
    ToPort: rule.to ?? -1,
    ...(rule.cidr4 !== undefined && { CidrIpv4: rule.cidr4 }),
    ...(rule.cidr6 !== undefined && { CidrIpv6: rule.cidr6 }),
    ...(rule.prefixList !== undefined && { PrefixListId: rule.prefixList }),
    ...(rule.peer !== undefined && { ReferencedGroupInfo: { GroupId: rule.peer, UserId: rule.peerAccount } }),
    ...(rule.description !== undefined && { Description: rule.description }),
    Tags: shownTags(tags),
  };
}
