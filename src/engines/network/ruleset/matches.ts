/** What a rule says of protocol and ports, in the words of nftables. */

import type { Family } from '../family.ts';
import { ALL, hasPorts, ICMP, ICMPV6, isIcmp, TCP } from '../protocols.ts';
import type { PortRange } from '../types.ts';

/** Undefined where the rule cannot match a packet of this family. */
export function protocolMatch(protocol: number, ports: PortRange, family: Family): string | undefined {
  if (protocol === ALL) return '';
  if (hasPorts(protocol)) {
    const word = protocol === TCP ? 'tcp' : 'udp';
    const { from, to } = ports;
    if (from <= 0 && to >= 65_535) return `meta l4proto ${word} `;
    return `${word} dport ${from === to ? from : `${from}-${to}`} `;
  }
  if (isIcmp(protocol)) {
    if (protocol !== (family === '4' ? ICMP : ICMPV6)) return undefined;
    const word = protocol === ICMP ? 'icmp' : 'icmpv6';
    const { from: type, to: code } = ports;
    if (type === -1) return `meta l4proto ${protocol} `;
    return code === -1 ? `${word} type ${type} ` : `${word} type ${type} ${word} code ${code} `;
  }
  return `meta l4proto ${protocol} `;
}
