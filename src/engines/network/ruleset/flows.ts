/** Sets that count the flows that passed and those that did not: what flow logs are written from. */
import { type Family, families, ofFamily } from '../family.ts';
import { addressType, chain, header, set } from './text.ts';

/** Flows that a set remembers at once; the oldest give way. */
const MOST_FLOWS = 65_536;

export type FlowVerdict = 'accepted' | 'rejected';
export type FlowSide = 'in' | 'out';

/** Names of the sets, for whoever reads them. `ports`: TCP and UDP. */
export function flowSet(verdict: FlowVerdict, side: FlowSide, family: Family, ports: boolean): string {
  return `${verdict}_${side}_${family}${ports ? '' : '_plain'}`;
}

/** @param logged addresses of the interfaces whose flows are wanted */
export function flowSets(logged: readonly string[]): string[] {
  const options = `size ${MOST_FLOWS}\n    flags dynamic, timeout\n    counter\n    timeout 15m`;
  const sets = families.map((family) => set(`logged_${family}`, addressType(family), ofFamily(family, logged)));
  for (const family of families) {
    const type = addressType(family);
    for (const verdict of ['accepted', 'rejected'] as const) {
      for (const side of ['in', 'out'] as const) {
        sets.push(
          set(
            flowSet(verdict, side, family, true),
            `${type} . ${type} . inet_proto . inet_service . inet_service`,
            [],
            options,
          ),
          set(flowSet(verdict, side, family, false), `${type} . ${type} . inet_proto`, [], options),
        );
      }
    }
  }
  return sets;
}

/** `reject_in`, `reject_out`, which end a packet, and `pass_in`, `pass_out`, which let it go on. */
export function flowChains(): string[] {
  return (['in', 'out'] as const).flatMap((side) => [
    chain(`reject_${side}`, [...counting('rejected', side), 'drop']),
    chain(`pass_${side}`, counting('accepted', side)),
  ]);
}

function counting(verdict: FlowVerdict, side: FlowSide): string[] {
  return families.flatMap((family) => {
    const ip = header(family);
    const wanted = `${ip} ${side === 'in' ? 'daddr' : 'saddr'} @logged_${family}`;
    const key = `${ip} saddr . ${ip} daddr . meta l4proto`;
    return [
      `${wanted} meta l4proto { tcp, udp } update @${flowSet(verdict, side, family, true)} { ${key} . th sport . th dport }`,
      `${wanted} meta l4proto != { tcp, udp } update @${flowSet(verdict, side, family, false)} { ${key} }`,
    ];
  });
}
