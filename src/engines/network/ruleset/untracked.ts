/**
 * Flows that groups do not track, known by two bits in the kernel's own mark of a connection: one for each host at its ends,
 * whose groups are asked apart. Where the bit is set every packet is asked about again, so that the flow ends with the rule
 * that let it begin. The kernel follows such flows all the same: floods of handshakes are answered with its help. Bits
 * outlive a ruleset; what began before there was one is tracked.
 */

import { type Family, families } from '../family.ts';
import type { GroupRule } from '../types.ts';
import { chain, header } from './text.ts';

type Direction = GroupRule['direction'];

/** High ones: low bits are what others who mark connections on the same machine begin with. */
const bits: Readonly<Record<Direction, string>> = { ingress: '0x10000000', egress: '0x20000000' };
const short = (direction: Direction): string => (direction === 'ingress' ? 'in' : 'out');

/** Where a rule lets a packet pass whose flow is not tracked. */
export const untrackedChain = (direction: Direction): string => `untracked_${short(direction)}`;

/** What a flow is when it begins it stays, whatever rules let its packets pass later. */
export function untrackedChains(): string[] {
  return (['ingress', 'egress'] as const).map((direction) =>
    chain(untrackedChain(direction), [`ct state new ct mark set ct mark or ${bits[direction]}`]),
  );
}

/** Of packets that leave a host: those that begin a flow, and those of flows that are not tracked. */
export const askOut = (family: Family): string[] => ask('egress', family, 'saddr');
/** Of packets that come to a host. */
export const askIn = (family: Family): string[] => ask('ingress', family, 'daddr');

function ask(direction: Direction, family: Family, side: 'saddr' | 'daddr'): string[] {
  const verdict = `${header(family)} ${side} vmap @groups_${short(direction)}_${family}`;
  // A host that sends an answer was come to; one that gets an answer has begun.
  const answered = direction === 'ingress' ? 'egress' : 'ingress';
  return [
    `ct state { new, untracked } ${verdict}`,
    `ct state established ct direction original ct mark & ${bits[direction]} != 0 ${verdict}`,
    `ct state established ct direction reply ct mark & ${bits[answered]} != 0 ${verdict}`,
  ];
}

/**
 * Handshakes that were answered on a host's behalf go on from this machine to the host, and begin their flow so: no chain
 * that forwards has seen it begin.
 */
export function answeredChain(): string {
  const lines = families.flatMap((family) => {
    const ip = header(family);
    const handshake = `fib saddr type != local ct state new ${ip} daddr . tcp dport @open_${family}`;
    return [
      `${handshake} ${ip} saddr vmap @groups_out_${family}`,
      `${handshake} ${ip} daddr vmap @groups_in_${family}`,
    ];
  });
  return chain('answered', lines, 'type filter hook output priority filter; policy accept;');
}
