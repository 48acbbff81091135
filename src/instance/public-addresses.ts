/** Addresses that belong to nobody in particular: what a caller names must not reach into the operator's own networks. */
import dns, { type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Special-purpose address registries (RFC 6890 and successors): loopback, private, link-local, shared, multicast. */
const own4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  own4.addSubnet(network, bits, 'ipv4');
}
// A list of its own: in one with both kinds an IPv4 address is looked up as ::ffff:ADDRESS too.
const own6 = new BlockList();
// Of IPv6 only global unicast (2000::/3) is anybody's, without the prefixes that stand for IPv4 addresses.
for (const [network, bits] of [
  ['::', 3],
  ['2002::', 16],
  ['4000::', 2],
  ['8000::', 1],
] as const) {
  own6.addSubnet(network, bits, 'ipv6');
}

/** Whether an address lies in a network of somebody's own, or is no address. */
export function isOwnAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return true;
  return version === 6 ? own6.check(address, 'ipv6') : own4.check(address, 'ipv4');
}

/** Like dns.lookup, but only addresses that are public: the one that is looked at is the one that is connected to. */
export const publicLookup: LookupFunction = (hostname, options, done) => {
  dns.lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const allowed = error ? [] : found.filter(({ address }) => !isOwnAddress(address));
    const [first] = allowed;
    if (error || !first) done(error ?? new Error(`${hostname} has no public address`), [], 0);
    else if (options.all) done(null, allowed);
    else done(null, first.address, first.family);
  });
};
