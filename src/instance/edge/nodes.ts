/** The nodes that carry traffic, where each is and at which addresses: what DNS tells of load balancers and distributions. */
import { carriesDistributions, carriesZones, type NodePlace } from './node-place.ts';

export interface CarryingNode {
  /** Undefined: everywhere. */
  readonly place: NodePlace | undefined;
  readonly addresses: readonly string[];
  /** It is on the line, and so has what was last sent. */
  readonly isHealthy: boolean;
}

export interface NodeAddresses {
  /** Where a load balancer in these zones is reached. */
  ofZones(zones: readonly string[]): readonly string[];
  /** Where distributions are reached. */
  ofDistributions(): readonly string[];
}

/** @param nodes as they are now, this machine's first */
export function nodeAddresses(nodes: () => readonly CarryingNode[]): NodeAddresses {
  return {
    ofZones: (zones) => healthyOf(nodes().filter(({ place }) => carriesZones(place, zones))),
    ofDistributions: () => healthyOf(nodes().filter(({ place }) => carriesDistributions(place))),
  };
}

/** All of them where none is healthy: nodes carry on without the control plane, and one of these may do so. */
function healthyOf(nodes: readonly CarryingNode[]): readonly string[] {
  const healthy = nodes.filter(({ isHealthy, addresses }) => isHealthy && addresses.length > 0);
  const chosen = healthy.length > 0 ? healthy : nodes;
  return [...new Set(chosen.flatMap(({ addresses }) => addresses))];
}
