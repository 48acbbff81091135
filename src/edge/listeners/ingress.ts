/** What security groups say about a connection: source, protocol and port, before a byte of it is read. */
import { blockList } from '../routing/conditions.ts';
import type { EgressRule, LoadBalancerSettings } from '../snapshot.ts';

export const TCP = 6;
export const UDP = 17;

/** What is tracked goes on when its rule goes; what is untracked is asked about again with every new set of rules. */
type Standing = 'refused' | 'tracked' | 'untracked';

export interface Ingress {
  standingOf(source: string): Standing;
  /** Whether an untracked connection may go on: it may come still, and be answered. */
  keeps(source: string, sourcePort: number): boolean;
}

export const everybodyTracked: Ingress = { standingOf: () => 'tracked', keeps: () => true };

/** Without rules for what comes in no group is attached, and everything may come. */
export function compileIngress(
  { ingress, egress = [] }: Pick<LoadBalancerSettings, 'ingress' | 'egress'>,
  port: number,
  transport: typeof TCP | typeof UDP = TCP,
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
    keeps: (source, sourcePort) =>
      isIn(source) && out.some(({ rule, holds }) => isAbout(rule, transport, sourcePort) && holds(source)),
  };
}

function isAbout({ protocol, fromPort, toPort }: EgressRule, transport: number, port: number): boolean {
  return protocol === -1 || (protocol === transport && fromPort <= port && port <= toPort);
}
