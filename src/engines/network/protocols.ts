/** Names of IP protocols as the API takes and shows them (EC2 API Reference, IpPermission). */

export const ALL = -1;
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;

const names: ReadonlyMap<string, number> = new Map([
  ['-1', ALL],
  ['all', ALL],
  ['icmp', ICMP],
  ['tcp', TCP],
  ['udp', UDP],
  ['icmpv6', ICMPV6],
]);

/** A name or a number from 0 to 255; undefined for anything else. */
export function protocolNumber(text: string): number | undefined {
  const named = names.get(text.toLowerCase());
  if (named !== undefined) return named;
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 255 ? number : undefined;
}

/** `tcp`, `udp`, `icmp`, `icmpv6`, `-1`, or the number. */
export function protocolName(protocol: number): string {
  switch (protocol) {
    case ICMP:
      return 'icmp';
    case TCP:
      return 'tcp';
    case UDP:
      return 'udp';
    case ICMPV6:
      return 'icmpv6';
    default:
      return String(protocol);
  }
}

export const hasPorts = (protocol: number): boolean => protocol === TCP || protocol === UDP;
export const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6;
