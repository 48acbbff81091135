/** Whether a packet that opens a flow may pass, and what said so: the same rules that the packet filter is made from. */
import { isWithin, matchesProtocol } from './matching.ts';
import type { AclEntry, GroupRule, Interface, Network, Packet } from './types.ts';

export type Ruling =
  | { readonly verdict: 'ACCEPT'; readonly by: 'security-group'; readonly group: string; readonly rule: string }
  | { readonly verdict: 'REJECT'; readonly by: 'security-group'; readonly groups: readonly string[] }
  /** `number` is undefined for the line `*`, which denies what no line matched. */
  | {
      readonly verdict: 'REJECT';
      readonly by: 'network-acl';
      readonly acl: string;
      readonly number: number | undefined;
    };

type Direction = 'ingress' | 'egress';

/**
 * Security groups first say yes, then the network ACL of the subnet, which guards its border and is asked only about
 * packets that cross it. Answers to an accepted flow pass security groups by themselves, never network ACLs.
 * @see Amazon VPC User Guide, "Security groups" and "Network ACLs"
 */
export function decide(network: Network, at: Interface, direction: Direction, packet: Packet): Ruling {
  const peer = direction === 'ingress' ? packet.source : packet.destination;
  if (!isNeighbour(network, at, peer)) {
    const line = firstLine(network.acls.get(at.acl)?.entries ?? [], direction, packet);
    if (!line?.allows) return { verdict: 'REJECT', by: 'network-acl', acl: at.acl, number: line?.number };
  }
  for (const id of at.groups) {
    const rule = network.groups.get(id)?.rules.find((one) => allows(network, one, direction, packet, peer));
    if (rule) return { verdict: 'ACCEPT', by: 'security-group', group: id, rule: rule.id };
  }
  return { verdict: 'REJECT', by: 'security-group', groups: at.groups };
}

function allows(network: Network, rule: GroupRule, direction: Direction, packet: Packet, peer: string): boolean {
  return rule.direction === direction && matchesProtocol(rule, packet) && isPeer(network, rule, peer);
}

function isPeer(network: Network, { peer }: GroupRule, address: string): boolean {
  switch (peer.kind) {
    case 'cidr':
      return isWithin(peer.cidr, address);
    case 'prefix-list':
      return (network.prefixLists.get(peer.id) ?? []).some((cidr) => isWithin(cidr, address));
    case 'group':
      return network.interfaces.some(
        ({ groups, addresses }) => groups.includes(peer.id) && addresses.includes(address),
      );
  }
}

function isNeighbour(network: Network, at: Interface, address: string): boolean {
  return network.interfaces.some((one) => one.subnet === at.subnet && one.addresses.includes(address));
}

/** The line of a network ACL that decides; undefined: none speaks of the packet, and it is denied. */
export function firstLine(entries: readonly AclEntry[], direction: Direction, packet: Packet): AclEntry | undefined {
  const peer = direction === 'ingress' ? packet.source : packet.destination;
  return entries
    .filter((line) => line.direction === direction)
    .sort((a, b) => a.number - b.number)
    .find((line) => matchesProtocol(line, packet) && isWithin(line.cidr, peer));
}

/** Addresses of the members of a group, sorted: what a reference to it stands for now. */
export function membersOf(network: Network, group: string): readonly string[] {
  const found = network.interfaces.filter(({ groups }) => groups.includes(group)).flatMap(({ addresses }) => addresses);
  return [...new Set(found)].sort();
}
