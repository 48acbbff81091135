/**
 * Security groups as chains: one for each set of groups that some interface has, since an interface is let through by any
 * of its groups. References to groups and prefix lists are named sets, which follow membership.
 */
import { membersOf } from '../decide.ts';
import type { GroupRule, Network } from '../types.ts';
import { protocolMatch } from './matches.ts';
import { addressType, chain, type Family, families, familyOf, header, name, ofFamily, set } from './text.ts';

type Direction = GroupRule['direction'];

/** The chain's name for a set of groups; interfaces with the same groups share it. */
export function groupsChain(direction: Direction, groups: readonly string[]): string {
  const ids = [...new Set(groups)].sort();
  return `${direction === 'ingress' ? 'in' : 'out'}${ids.length === 0 ? '_none' : ids.map((id) => name('', id)).join('')}`;
}

/** Sets of the groups and prefix lists that rules refer to. */
export function referencedSets(network: Network): string[] {
  const peers = [...network.groups.values()].flatMap(({ rules }) => rules.map(({ peer }) => peer));
  const groups = new Set(peers.flatMap((peer) => (peer.kind === 'group' ? [peer.id] : [])));
  const lists = new Set(peers.flatMap((peer) => (peer.kind === 'prefix-list' ? [peer.id] : [])));
  return families.flatMap((family) => [
    ...[...groups].sort().map((id) => {
      return set(`${name('members', id)}_${family}`, addressType(family), ofFamily(family, membersOf(network, id)));
    }),
    ...[...lists].sort().map((id) => {
      const cidrs = ofFamily(family, network.prefixLists.get(id) ?? []);
      return set(`${name('list', id)}_${family}`, addressType(family), cidrs, 'flags interval; auto-merge');
    }),
  ]);
}

/** A chain per direction and set of groups: `return` lets a packet go on, the end of the chain rejects it. */
export function groupChains(network: Network): string[] {
  const made = new Map<string, string>();
  for (const { groups } of network.interfaces) {
    for (const direction of ['ingress', 'egress'] as const) {
      const label = groupsChain(direction, groups);
      if (!made.has(label))
        made.set(label, chain(label, [...lines(network, groups, direction), `goto reject_${shortOf(direction)}`]));
    }
  }
  return [...made.values()];
}

const shortOf = (direction: Direction): string => (direction === 'ingress' ? 'in' : 'out');

function lines(network: Network, groups: readonly string[], direction: Direction): string[] {
  const rules = [...new Set(groups)].flatMap((id) => network.groups.get(id)?.rules ?? []);
  const said = rules.filter((rule) => rule.direction === direction);
  return [...new Set(families.flatMap((family) => said.flatMap((rule) => line(rule, family) ?? [])))];
}

function line(rule: GroupRule, family: Family): string | undefined {
  const match = protocolMatch(rule.protocol, rule.ports, family);
  const peer = peerMatch(rule, family);
  return match === undefined || peer === undefined ? undefined : `${peer} ${match}return`;
}

function peerMatch({ peer, direction }: GroupRule, family: Family): string | undefined {
  const side = `${header(family)} ${direction === 'ingress' ? 'saddr' : 'daddr'}`;
  switch (peer.kind) {
    case 'cidr':
      return familyOf(peer.cidr) === family ? `${side} ${peer.cidr}` : undefined;
    case 'group':
      return `${side} @${name('members', peer.id)}_${family}`;
    case 'prefix-list':
      return `${side} @${name('list', peer.id)}_${family}`;
  }
}
