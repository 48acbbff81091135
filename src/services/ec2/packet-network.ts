/** The network of packets: what EC2 keeps of interfaces, groups, ACLs and lists, in the words of the engine. */
import {
  type AclEntry,
  type GroupRule,
  type Interface,
  type Network,
  type NetworkAcl,
  type Peer,
  protocolNumber,
  type SecurityGroup,
} from '../../engines/network/index.ts';
import type { Reader } from '../../store/store.ts';
import type { Scope } from '../service.ts';
import { loadBalancerRequester } from './network/load-balancer-interfaces.ts';
import { readAll } from './network/rows.ts';
import {
  type AclEntryRow,
  networkAcls,
  networkInterfaces,
  prefixLists,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
} from './network/state.ts';

/** Every interface that has an address, in all of these scopes together. */
export async function packetNetwork(reader: Reader, scopes: readonly Scope[]): Promise<Network> {
  const interfaces: Interface[] = [];
  const groups = new Map<string, SecurityGroup>();
  const acls = new Map<string, NetworkAcl>();
  const lists = new Map<string, readonly string[]>();
  for (const scope of scopes) {
    const rows = await readAll(reader, networkInterfaces, scope);
    if (rows.length === 0) continue;
    const border = await readAll(reader, networkAcls, scope);
    const rules = await readAll(reader, securityGroupRules, scope);
    for (const row of rows) {
      // What comes for load balancers comes to the edge, by no address of theirs.
      if (row.requesterId === loadBalancerRequester) continue;
      const acl = border.find(({ associations }) => associations.some(({ subnet }) => subnet === row.subnet));
      interfaces.push({
        id: row.id,
        addresses: row.addresses,
        groups: row.groups,
        subnet: row.subnet,
        vpc: row.vpc,
        acl: acl?.id ?? 'acl-00000000000000000',
        checksSource: row.checksSource,
        ...(row.device !== undefined && { device: row.device }),
      });
    }
    for (const { id } of await readAll(reader, securityGroups, scope)) {
      groups.set(id, { id, rules: rules.filter(({ group }) => group === id).map(groupRuleOf) });
    }
    for (const { id, entries } of border) acls.set(id, { id, entries: entries.map(entryOf) });
    for (const { id, versions } of await readAll(reader, prefixLists, scope)) {
      lists.set(
        id,
        (versions.at(-1) ?? []).map(({ cidr }) => cidr),
      );
    }
  }
  return { interfaces, groups, acls, prefixLists: lists };
}

/** A rule in the words of the engine. */
export function groupRuleOf(row: SecurityGroupRuleRow): GroupRule {
  return {
    id: row.id,
    direction: row.isEgress ? 'egress' : 'ingress',
    protocol: protocolNumber(row.protocol) ?? -1,
    ports: { from: row.from ?? 0, to: row.to ?? 65_535 },
    peer: peerOf(row),
  };
}

/** A name of another account's group, which earlier versions took, is nobody. */
const groupId = /^sg-[0-9a-f]{8,17}$/;

function peerOf({ cidr4, cidr6, prefixList, peer }: SecurityGroupRuleRow): Peer {
  if (prefixList !== undefined) return { kind: 'prefix-list', id: prefixList };
  if (peer !== undefined && groupId.test(peer)) return { kind: 'group', id: peer };
  return { kind: 'cidr', cidr: cidr4 ?? cidr6 ?? '' };
}

/** A line in the words of the engine. */
export function entryOf(row: AclEntryRow): AclEntry {
  const { icmpType: type, icmpCode: code } = row;
  return {
    number: row.number,
    direction: row.isEgress ? 'egress' : 'ingress',
    allows: row.action === 'allow',
    protocol: Number(row.protocol),
    ports: type === undefined ? { from: row.from ?? 0, to: row.to ?? 65_535 } : { from: type, to: code ?? -1 },
    cidr: row.cidr4 ?? row.cidr6 ?? '',
  };
}
