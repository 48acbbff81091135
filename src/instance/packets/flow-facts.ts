/** What flow log records say: of flows that the packet filter has counted, and of connections to load balancers. */
import { protocolNumber } from '../../engines/network/index.ts';
import type { FlowFacts } from '../../services/ec2/network/flow-log-format.ts';
import { interfacesOf } from '../../services/ec2/network/load-balancer-interfaces.ts';
import type { NetworkInterfaceRow } from '../../services/ec2/network/state.ts';
import { zoneIdOf } from '../../services/ec2/network/zones.ts';
import type { Scope } from '../../services/service.ts';
import type { BalancedFlow, EdgeFlows } from './edge-flows.ts';
import { type CountedFlow, ownAddress, type TakenFlows } from './flow-counts.ts';

export type Balanced = ReturnType<EdgeFlows['take']>;

/** Epoch seconds. */
interface Window {
  readonly start: number;
  readonly end: number;
}

/** @param interfaceAt id of the interface whose flows an address has: others may have the address elsewhere */
export function packetFacts(
  scope: Scope,
  interfaces: readonly NetworkInterfaceRow[],
  interfaceAt: (address: string) => string | undefined,
  { flows, skipped }: TakenFlows,
  window: Window,
): FlowFacts[] {
  const here = new Map(interfaces.map((one) => [one.id, one]));
  const at = (address: string) => here.get(interfaceAt(address) ?? '');
  return [
    ...flows.flatMap((flow) => {
      const own = at(ownAddress(flow));
      return own ? countedFacts(scope, own, flow, window) : [];
    }),
    ...skipped.flatMap((address) => {
      const own = at(address);
      return own ? { ...placeOf(scope, own), ...nothing, ...window, isSkipped: true } : [];
    }),
  ];
}

function countedFacts(scope: Scope, at: NetworkInterfaceRow, flow: CountedFlow, window: Window): FlowFacts {
  return {
    ...placeOf(scope, at),
    source: flow.source,
    destination: flow.destination,
    ...(flow.sourcePort !== undefined && { sourcePort: flow.sourcePort }),
    ...(flow.destinationPort !== undefined && { destinationPort: flow.destinationPort }),
    protocol: protocolNumber(flow.protocol) ?? (flow.protocol === 'ipv6-icmp' ? 58 : 0),
    packets: flow.packets,
    bytes: flow.bytes,
    ...window,
    action: flow.verdict,
    direction: flow.direction,
  };
}

/** All of a load balancer's connections come to the interface in its first zone: the edge knows no others. */
export function balancedFacts(
  scope: Scope,
  interfaces: readonly NetworkInterfaceRow[],
  { flows, skipped }: Balanced,
  window: Window,
): FlowFacts[] {
  const isHere = (one: Scope): boolean => one.account === scope.account && one.region === scope.region;
  const firstOf = (path: string) => interfacesOf(interfaces, path)[0];
  return [
    ...flows.filter(isHere).flatMap(({ path, flow }) => {
      const at = firstOf(path);
      return at ? connectionFacts(scope, at, flow) : [];
    }),
    ...skipped.filter(isHere).flatMap(({ path }) => {
      const at = firstOf(path);
      return at ? { ...placeOf(scope, at), ...nothing, ...window, isSkipped: true } : [];
    }),
  ];
}

const nothing = {
  source: '',
  destination: '',
  protocol: 0,
  packets: 0,
  bytes: 0,
  action: 'REJECT',
  direction: 'ingress',
} as const;
const udp = 17;
/** Of a segment of TCP on most ways, and of the headers before it. */
const segmentBytes = 1_460;
const headerBytes = 40;
const udpHeaderBytes = 28;

/**
 * Packets of TCP are not seen where connections end: as many as it takes at least, the first of each connection among
 * them. Datagrams are.
 */
function connectionFacts(scope: Scope, at: NetworkInterfaceRow, flow: BalancedFlow['flow']): FlowFacts {
  const isUdp = flow.protocol === udp;
  const packets = isUdp ? flow.packets : Math.max(1, flow.connections + Math.ceil(flow.bytes / segmentBytes));
  const [own = ''] = at.addresses;
  const [from, to] = flow.direction === 'ingress' ? [flow.source, own] : [own, flow.source];
  const clientPort = flow.sourcePort ?? null;
  const [sourcePort, destinationPort] =
    flow.direction === 'ingress' ? [clientPort, flow.port] : [flow.port, clientPort];
  return {
    ...placeOf(scope, at),
    source: from,
    destination: to,
    sourcePort,
    destinationPort,
    protocol: flow.protocol,
    packets,
    bytes: flow.bytes + packets * (isUdp ? udpHeaderBytes : headerBytes),
    start: Math.floor(flow.start / 1000),
    end: Math.floor(flow.end / 1000),
    action: flow.verdict,
    direction: flow.direction,
  };
}

function placeOf({ account, region }: Scope, at: NetworkInterfaceRow) {
  return {
    account,
    region,
    interface: at.id,
    vpc: at.vpc,
    subnet: at.subnet,
    ...(at.attachment && { instance: at.attachment.instance }),
    zoneId: zoneIdOf(at.zone),
  };
}
