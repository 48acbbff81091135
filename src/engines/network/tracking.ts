/**
 * Which flows security groups track. What everybody may begin, and what may be answered on every port, is not tracked but
 * judged packet by packet, and so ends at once when its rule goes; every other flow goes on until it is over.
 * @see Amazon EC2 User Guide, "Amazon EC2 security group connection tracking", untracked connections
 */
import { parseCidr } from '../text/address.ts';
import { type Family, familyOf } from './family.ts';
import { matchesProtocol } from './matching.ts';
import { ALL, hasPorts, TCP, UDP } from './protocols.ts';
import type { GroupRule, Interface, Network, Packet } from './types.ts';

type Direction = GroupRule['direction'];

/** Whether a flow that some rule of the interface's groups lets begin is tracked. ICMP always is. */
export function isTracked(network: Network, at: Interface, direction: Direction, packet: Packet): boolean {
  const family = familyOf(direction === 'ingress' ? packet.source : packet.destination);
  const rules = at.groups.flatMap((id) => network.groups.get(id)?.rules ?? []);
  return !rules.some(
    (rule) =>
      rule.direction === direction &&
      matchesProtocol(rule, packet) &&
      family !== undefined &&
      leavesUntracked(rules, rule, family, packet.protocol),
  );
}

/**
 * Whether flows of this protocol that the rule lets begin are untracked.
 * @param rules all of the interface's groups together, this one among them
 */
export function leavesUntracked(
  rules: readonly GroupRule[],
  rule: GroupRule,
  family: Family,
  protocol: number,
): boolean {
  if (!hasPorts(protocol) || (rule.protocol !== ALL && rule.protocol !== protocol)) return false;
  if (!isForEverybody(rule, family)) return false;
  return rules.some(
    (other) => other.direction !== rule.direction && isForEverybody(other, family) && allowsEveryPort(other, protocol),
  );
}

/** Those protocols of a rule whose flows are untracked. */
export function untrackedProtocols(rules: readonly GroupRule[], rule: GroupRule, family: Family): readonly number[] {
  return [TCP, UDP].filter((protocol) => leavesUntracked(rules, rule, family, protocol));
}

/** Whether a rule speaks of every address of a family. */
export function isForEverybody({ peer }: GroupRule, family: Family): boolean {
  if (peer.kind !== 'cidr') return false;
  return parseCidr(peer.cidr)?.bits === 0 && familyOf(peer.cidr) === family;
}

function allowsEveryPort({ protocol, ports }: GroupRule, wanted: number): boolean {
  return protocol === ALL || (protocol === wanted && ports.from <= 0 && ports.to >= 65_535);
}
