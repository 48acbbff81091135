/** What security groups say about a connection: source, protocol and port, before a byte of it is read. */
import { blockList } from '../routing/conditions.ts';
import type { IngressRule } from '../snapshot.ts';

const TCP = 6;

/** What is tracked goes on when its rule goes; what is untracked is asked about again with every new set of rules. */
type Standing = 'refused' | 'tracked' | 'untracked';

export type Ingress = (source: string) => Standing;

export const everybodyTracked: Ingress = () => 'tracked';

/** @param rules undefined: no group is attached, and everything may come */
export function compileIngress(rules: readonly IngressRule[] | undefined, port: number): Ingress {
  if (rules === undefined) return everybodyTracked;
  const said = rules.filter(({ protocol, fromPort, toPort }) => {
    if (protocol === -1) return true;
    return protocol === TCP && fromPort <= port && port <= toPort;
  });
  const isIn = blockList(said.flatMap(({ cidrs }) => cidrs));
  const isUntracked = blockList(said.filter((rule) => rule.isUntracked).flatMap(({ cidrs }) => cidrs));
  return (source) => {
    if (!isIn(source)) return 'refused';
    return isUntracked(source) ? 'untracked' : 'tracked';
  };
}
