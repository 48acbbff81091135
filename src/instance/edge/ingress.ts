/**
 * What security groups let in and out, with every peer resolved to addresses: groups to those of their members now; and
 * what the network ACL of a subnet lets over its border.
 */
import type { Border, EgressRule, LoadBalancerSettings } from '../../edge/snapshot.ts';
import { type AclEntry, type GroupRule, leavesUntracked } from '../../engines/network/index.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import {
  networkAcls,
  networkInterfaces,
  prefixLists,
  type SecurityGroupRuleRow,
  securityGroupRules,
} from '../../services/ec2/network/state.ts';
import { entryOf, groupRuleOf } from '../../services/ec2/packet-network.ts';
import type { Reader } from '../../store/store.ts';

interface Scope {
  readonly account: string;
  readonly region: string;
}

export interface IngressReader {
  readonly reader: Reader;
}

const tcp = 6;
const families = ['4', '6'] as const;

/** @param type connections through network load balancers are always tracked; AWS's list of those that are names no others */
export async function rulesOf(
  { reader }: IngressReader,
  { account, region }: Scope,
  groups: readonly string[],
  type: 'application' | 'network',
): Promise<Required<Pick<LoadBalancerSettings, 'ingress'>> & Pick<LoadBalancerSettings, 'egress'>> {
  const scope = { account, region };
  const all = (await readAll(reader, securityGroupRules, scope)).filter(({ group }) => groups.includes(group));
  const known = new Map(all.map((row) => [row.id, groupRuleOf(row)]));
  const rules = [...known.values()];
  const resolved = (rows: readonly SecurityGroupRuleRow[]): Promise<EgressRule[]> =>
    Promise.all(
      rows.map(async (row) => {
        const { id: ruleId, protocol, ports } = groupRuleOf(row);
        const cidrs = await peersOf(reader, scope, row);
        return { groupId: row.group, ruleId, protocol, fromPort: ports.from, toPort: ports.to, cidrs };
      }),
    );
  const ingress = (await resolved(all.filter(({ isEgress }) => !isEgress))).map((rule) => {
    const isOpen = type === 'application' && isUntracked(rules, known.get(rule.ruleId));
    return { ...rule, ...(isOpen && { isUntracked: true }) };
  });
  return { ingress, ...(type === 'application' && { egress: await resolved(all.filter((row) => row.isEgress)) }) };
}

/**
 * The border of one subnet.
 * @returns undefined where everything crosses it, as with the ACL that a VPC comes with
 */
export async function borderOf(
  { reader }: IngressReader,
  { account, region }: Scope,
  subnet: string,
): Promise<Border | undefined> {
  const scope = { account, region };
  const acls = await readAll(reader, networkAcls, scope);
  const acl = acls.find(({ associations }) => associations.some((one) => one.subnet === subnet));
  if (!acl) return undefined;
  const entries = acl.entries.map(entryOf);
  if (isOpen(entries, 'ingress') && isOpen(entries, 'egress')) return undefined;
  const inside = (await readAll(reader, networkInterfaces, scope)).filter((one) => one.subnet === subnet);
  return { entries, neighbours: inside.flatMap(({ addresses }) => addresses) };
}

/** Whether its first line lets everybody through. */
function isOpen(entries: readonly AclEntry[], direction: AclEntry['direction']): boolean {
  const [first] = entries.filter((one) => one.direction === direction).sort((a, b) => a.number - b.number);
  return first?.allows === true && first.protocol === -1 && first.cidr === '0.0.0.0/0';
}

function isUntracked(rules: readonly GroupRule[], rule: GroupRule | undefined): boolean {
  return rule !== undefined && families.some((family) => leavesUntracked(rules, rule, family, tcp));
}

async function peersOf(reader: Reader, scope: Scope, row: SecurityGroupRuleRow): Promise<string[]> {
  if (row.cidr4 !== undefined) return [row.cidr4];
  if (row.cidr6 !== undefined) return [row.cidr6];
  if (row.prefixList !== undefined) {
    const lists = await readAll(reader, prefixLists, scope);
    const list = lists.find(({ id }) => id === row.prefixList);
    return (list?.versions.at(-1) ?? []).map(({ cidr }) => cidr);
  }
  const { peer } = row;
  if (peer === undefined) return [];
  const owner = { ...scope, account: row.peerAccount ?? scope.account };
  const interfaces = await readAll(reader, networkInterfaces, owner);
  return interfaces.filter(({ groups }) => groups.includes(peer)).flatMap(({ addresses }) => addresses);
}
