/** Where an edge node is, what it carries there, and so what it is sent. */
import { groupArnsOf } from '../../edge/routing/group-arns.ts';
import type { LoadBalancerSettings, Snapshot } from '../../edge/snapshot.ts';
import { signsUsersIn } from './compose.ts';

/** Undefined in its stead: the node is everywhere, and carries everything. */
export type NodePlace = { readonly zone: string } | { readonly edgeLocation: string };

/** `us-east-1a`, `FRA`, `everywhere` */
export function nameOf(place: NodePlace | undefined): string {
  if (!place) return 'everywhere';
  return 'zone' in place ? place.zone : place.edgeLocation;
}

/** As a node says it. @throws Error for what no node of ours would say */
export function parseNodePlace(given: unknown): NodePlace {
  const { zone, edgeLocation } = given as { readonly zone?: unknown; readonly edgeLocation?: unknown };
  if (typeof zone === 'string' && edgeLocation === undefined) return { zone };
  if (typeof edgeLocation === 'string' && zone === undefined) return { edgeLocation };
  throw new Error('no place');
}

/** Whether its load balancers are carried there. @param zones undefined: those of every zone */
export function carriesZones(place: NodePlace | undefined, zones: readonly string[] | undefined): boolean {
  if (!place || !zones) return !place || 'zone' in place;
  return 'zone' in place && zones.includes(place.zone);
}

/** Whether distributions are served, and names answered. */
export function carriesDistributions(place: NodePlace | undefined): boolean {
  return !place || 'edgeLocation' in place;
}

/**
 * What of a snapshot goes to a node: keys, web ACLs and target groups only where something is done with them.
 * @param addressOf where a load balancer is reached that the node does not carry itself
 */
export function fitted(
  snapshot: Snapshot,
  place: NodePlace | undefined,
  addressOf: (loadBalancer: LoadBalancerSettings) => string | undefined,
): Snapshot {
  if (!place) return snapshot;
  const loadBalancers = snapshot.loadBalancers.filter(({ zones }) => carriesZones(place, zones));
  const distributions = carriesDistributions(place) ? withReachableOrigins(snapshot, addressOf) : [];
  const listeners = loadBalancers.flatMap((one) => one.listeners);
  const wanted = new Set([
    ...listeners.flatMap(groupArnsOf),
    ...listeners.flatMap((one) => one.mutualAuthentication?.trustStoreArn ?? []),
    ...listeners.flatMap((one) => one.certificates),
    ...distributions.flatMap((one) => one.certificate ?? []),
    ...[...loadBalancers, ...distributions].flatMap((one) => one.webAcl ?? []),
  ]);
  const isWanted = ({ arn }: { readonly arn: string }): boolean => wanted.has(arn);
  const { authenticationKeys, node, ...rest } = snapshot;
  const { dns, ...nodeWithoutNames } = node;
  const answersNames = carriesDistributions(place);
  return {
    ...rest,
    node: answersNames ? node : nodeWithoutNames,
    loadBalancers,
    distributions,
    zones: answersNames ? snapshot.zones : [],
    targetGroups: snapshot.targetGroups.filter(isWanted),
    trustStores: snapshot.trustStores.filter(isWanted),
    certificates: snapshot.certificates.filter(isWanted),
    webAcls: snapshot.webAcls.filter(isWanted),
    ...(authenticationKeys && loadBalancers.some(signsUsersIn) && { authenticationKeys }),
  };
}

/** Load balancers that are origins are other nodes' to carry. */
function withReachableOrigins(
  { distributions, loadBalancers }: Snapshot,
  addressOf: (loadBalancer: LoadBalancerSettings) => string | undefined,
): Snapshot['distributions'] {
  const byArn = new Map(loadBalancers.map((one) => [one.arn, one]));
  return distributions.map((one) => ({
    ...one,
    origins: one.origins.map((origin) => {
      const balancer = origin.loadBalancer === undefined ? undefined : byArn.get(origin.loadBalancer);
      const address = balancer && addressOf(balancer);
      return address === undefined ? origin : { ...origin, address };
    }),
  }));
}
