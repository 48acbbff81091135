/**
 * Security groups as chains: one for each set of groups that some interface has, since an interface is let through by any
 * of its groups. References to groups and prefix lists are named sets, which follow membership.
 */
import { membersOf } from '../decide.ts';
import { type Family, families, ofFamily } from '../family.ts';
import { untrackedProtocols } from '../tracking.ts';
import type { GroupRule, Network } from '../types.ts';
import { protocolMatch } from './matches.ts';
import { addressType, block, chain, header, name, set } from './text.ts';
import { untrackedChain } from './untracked.ts';

type Direction = GroupRule['direction'];
const everyPort = { from: 0, to: 65_535 };

/** The chain's name for a set of groups; interfaces with the same groups share it. */
export function groupsChain(direction: Direction, groups: readonly string[]): string {
  const ids = [...new Set(groups)].sort();
  return `${direction === 'ingress' ? 'in' : 'out'}${ids.length === 0 ? '_none' : ids.map((id) => name('', id)).join('')}`;
}

/** Sets of the groups and prefix lists that rules of the hosts here refer to: their members may be elsewhere. */
export function referencedSets(hosts: Network, network: Network): string[] {
  const used = new Set(hosts.interfaces.flatMap(({ groups }) => groups));
  const peers = [...used].flatMap((id) => (network.groups.get(id)?.rules ?? []).map(({ peer }) => peer));
  const groups = new Set(peers.flatMap((peer) => (peer.kind === 'group' ? [peer.id] : [])));
  const lists = new Set(peers.flatMap((peer) => (peer.kind === 'prefix-list' ? [peer.id] : [])));
  return families.flatMap((family) => [
    ...[...groups].sort().map((id) => {
      return set(`${name('members', id)}_${family}`, addressType(family), ofFamily(family, membersOf(network, id)));
    }),
    ...[...lists].sort().map((id) => {
      const cidrs = (network.prefixLists.get(id) ?? []).flatMap((cidr) => block(cidr, family) ?? []);
      return set(
        `${name('list', id)}_${family}`,
        addressType(family),
        [...new Set(cidrs)].sort(),
        'flags interval; auto-merge',
      );
    }),
  ]);
}

/**
 * A chain per direction and set of groups: what returns from it, or goes to where its flow is said to be untracked, goes on;
 * the end of the chain rejects.
 */
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

/** First what is not tracked: where an open rule and a narrow one let the same flow begin, the open one decides. */
function lines(network: Network, groups: readonly string[], direction: Direction): string[] {
  const rules = [...new Set(groups)].flatMap((id) => network.groups.get(id)?.rules ?? []);
  const said = rules.filter((rule) => rule.direction === direction);
  const each = (made: (rule: GroupRule, family: Family) => string[]): string[] =>
    families.flatMap((family) => said.flatMap((rule) => made(rule, family)));
  const open = each((rule, family) => untracked(rules, rule, family));
  return [...new Set([...open, ...each(line)])];
}

function untracked(rules: readonly GroupRule[], rule: GroupRule, family: Family): string[] {
  const peer = peerMatch(rule, family);
  return untrackedProtocols(rules, rule, family).flatMap((protocol) => {
    const match = protocolMatch(protocol, rule.protocol === protocol ? rule.ports : everyPort, family);
    return match === undefined || peer === undefined ? [] : `${peer} ${match}goto ${untrackedChain(rule.direction)}`;
  });
}

function line(rule: GroupRule, family: Family): string[] {
  const match = protocolMatch(rule.protocol, rule.ports, family);
  const peer = peerMatch(rule, family);
  return match === undefined || peer === undefined ? [] : [`${peer} ${match}return`];
}

function peerMatch({ peer, direction }: GroupRule, family: Family): string | undefined {
  const side = `${header(family)} ${direction === 'ingress' ? 'saddr' : 'daddr'}`;
  switch (peer.kind) {
    case 'cidr': {
      const cidr = block(peer.cidr, family);
      return cidr && `${side} ${cidr}`;
    }
    case 'group':
      return `${side} @${name('members', peer.id)}_${family}`;
    case 'prefix-list':
      return `${side} @${name('list', peer.id)}_${family}`;
  }
}
