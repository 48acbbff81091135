/** What security groups say about a new connection: source, protocol and port, before a byte of it is read. */
import { blockList } from '../routing/conditions.ts';
import type { IngressRule } from '../snapshot.ts';

const TCP = 6;

export type Ingress = (source: string) => boolean;

/** @param rules undefined: no group is attached, and everything may come */
export function compileIngress(rules: readonly IngressRule[] | undefined, port: number): Ingress {
  if (rules === undefined) return () => true;
  const cidrs = rules
    .filter(({ protocol, fromPort, toPort }) => {
      if (protocol === -1) return true;
      return protocol === TCP && fromPort <= port && port <= toPort;
    })
    .flatMap((rule) => rule.cidrs);
  return blockList(cidrs);
}
