/** What security groups and network ACLs say about a connection: source, protocol and ports, before a byte is read. */
import { firstLine } from '../../engines/network/index.ts';
import { blockList } from '../routing/conditions.ts';
import type { Border, EgressRule, LoadBalancerSettings } from '../snapshot.ts';

export const TCP = 6;
export const UDP = 17;

/** What is tracked goes on when its rule goes; what is untracked is asked about again with every new set of rules. */
type Standing = 'refused' | 'tracked' | 'untracked';

export interface Ingress {
  standingOf(source: string, sourcePort: number): Standing;
  /** Whether the border of the subnet lets it in, and its answers out: it keeps nothing in mind, and is asked for all. */
  crosses(source: string, sourcePort: number): boolean;
  /** Whether an untracked connection may go on: it may come still, and be answered. */
  keeps(source: string, sourcePort: number): boolean;
}

type Transport = typeof TCP | typeof UDP;

export const everybodyTracked: Ingress = { standingOf: () => 'tracked', crosses: () => true, keeps: () => true };

export function compileIngress(
  { border, ...rules }: Pick<LoadBalancerSettings, 'ingress' | 'egress' | 'border'>,
  port: number,
  transport: Transport = TCP,
): Ingress {
  const groups = compileGroups(rules, port, transport);
  if (border === undefined) return groups;
  const crosses = (source: string, sourcePort: number): boolean =>
    isCrossed(border, { source, sourcePort, port, transport });
  return {
    standingOf: (source, sourcePort) =>
      crosses(source, sourcePort) ? groups.standingOf(source, sourcePort) : 'refused',
    crosses,
    keeps: groups.keeps,
  };
}

interface Coming {
  readonly source: string;
  readonly sourcePort: number;
  readonly port: number;
  readonly transport: Transport;
}

/** VPCs have no IPv6 here, and their network ACLs no lines for it: only one that has some is asked. */
function isCrossed({ entries, neighbours }: Border, { source, sourcePort, port, transport }: Coming): boolean {
  if (neighbours.includes(source)) return true;
  if (source.includes(':') && !entries.some(({ cidr }) => cidr.includes(':'))) return true;
  const ports = { protocol: transport, sourcePort, destinationPort: port };
  const answer = { protocol: transport, sourcePort: port, destinationPort: sourcePort };
  return (
    firstLine(entries, 'ingress', { ...ports, source, destination: '' })?.allows === true &&
    firstLine(entries, 'egress', { ...answer, source: '', destination: source })?.allows === true
  );
}

/** Without rules for what comes in no group is attached, and everything may come. */
function compileGroups(
  { ingress, egress = [] }: Pick<LoadBalancerSettings, 'ingress' | 'egress'>,
  port: number,
  transport: Transport,
): Ingress {
  if (ingress === undefined) return everybodyTracked;
  const said = ingress.filter((rule) => isAbout(rule, transport, port));
  const isIn = blockList(said.flatMap(({ cidrs }) => cidrs));
  const isUntracked = blockList(said.filter((rule) => rule.isUntracked).flatMap(({ cidrs }) => cidrs));
  const out = egress.map((rule) => ({ rule, holds: blockList(rule.cidrs) }));
  return {
    standingOf(source) {
      if (!isIn(source)) return 'refused';
      return isUntracked(source) ? 'untracked' : 'tracked';
    },
    crosses: () => true,
    keeps: (source, sourcePort) =>
      isIn(source) && out.some(({ rule, holds }) => isAbout(rule, transport, sourcePort) && holds(source)),
  };
}

function isAbout({ protocol, fromPort, toPort }: EgressRule, transport: number, port: number): boolean {
  return protocol === -1 || (protocol === transport && fromPort <= port && port <= toPort);
}
