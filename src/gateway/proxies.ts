/** Who is really at the other end: only peers that the operator trusts may speak for somebody else. */
import { BlockList, isIP } from 'node:net';

export interface Proxies {
  trusts(address: string): boolean;
}

/** @param cidrs `trustedProxies` of the configuration: addresses or CIDR ranges; empty trusts nobody. */
export function trustedProxies(cidrs: readonly string[]): Proxies {
  if (cidrs.length === 0) return { trusts: () => false };
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    const version = isIP(address);
    if (version === 0) throw new RangeError(`trustedProxies: ${cidr} is not an address or CIDR range`);
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return {
    trusts(address) {
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

export interface Peer {
  readonly address: string;
  readonly secure: boolean;
}

/**
 * The address and transport that policies see. X-Forwarded-For is walked from the right: the first address that is no
 * trusted proxy is the client. From anybody else these headers are ignored.
 * @param isSecure whether the connection itself is TLS
 */
export function realPeer(
  proxies: Proxies,
  socketAddress: string,
  headers: Readonly<Record<string, string | undefined>>,
  isSecure = false,
): Peer {
  const address = plainAddress(socketAddress);
  if (!proxies.trusts(address)) return { address, secure: isSecure };
  // What counts is how the client came to the proxy; a proxy that does not say is itself the client.
  const scheme = headers['x-forwarded-proto']?.trim().toLowerCase();
  const secure = scheme === undefined ? isSecure && headers['x-forwarded-for'] === undefined : scheme === 'https';
  const hops = (headers['x-forwarded-for'] ?? '').split(',').map((hop) => plainAddress(hop.trim()));
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) break;
    if (!proxies.trusts(hop)) return { address: hop, secure };
  }
  return { address, secure };
}

/** IPv4-mapped IPv6 addresses are IPv4 addresses to policies. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
