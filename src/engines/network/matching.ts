/** Whether a rule speaks of a packet: protocol, ports, and the address on the other side. */
import { type Address, contains, parseAddress, parseCidr } from '../text/address.ts';
import { ALL, hasPorts, isIcmp } from './protocols.ts';
import type { Packet, PortRange } from './types.ts';

export function matchesProtocol(
  rule: { readonly protocol: number; readonly ports: PortRange },
  packet: Packet,
): boolean {
  if (rule.protocol === ALL) return true;
  if (rule.protocol !== packet.protocol) return false;
  if (hasPorts(rule.protocol)) {
    const port = packet.destinationPort;
    return port !== undefined && port >= rule.ports.from && port <= rule.ports.to;
  }
  if (isIcmp(rule.protocol)) {
    const { from: type, to: code } = rule.ports;
    if (type !== -1 && type !== packet.icmpType) return false;
    return type === -1 || code === -1 || code === packet.icmpCode;
  }
  return true;
}

/** False for text that is no address or no block, and where the families differ. */
export function isWithin(cidr: string, address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && holds(cidr, parsed);
}

function holds(cidr: string, address: Address): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && contains(block, address);
}
