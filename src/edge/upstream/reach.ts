/**
 * Where names of origins may lead. Whoever may make a distribution must not reach what the machine of the edge says to
 * itself, or its cloud says to it: only an edge that listens on loopback is a machine of its owner's own.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { contains, parseAddress, parseCidr } from '../../engines/text/address.ts';

/** This host, link-local with the metadata services of clouds, and nobody. */
const own = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::/127',
  'fe80::/10',
  // Metadata and wire servers of clouds that have them elsewhere.
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  '224.0.0.0/4',
  'ff00::/8',
].map((block) => parseCidr(block) as NonNullable<ReturnType<typeof parseCidr>>);

const loopback = ['127.0.0.0/8', '::1/128'].map(
  (block) => parseCidr(block) as NonNullable<ReturnType<typeof parseCidr>>,
);

export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && loopback.some((block) => contains(block, address));
}

export function isOwnAddress(text: string): boolean {
  const address = parseAddress(text.split('%', 1)[0] as string);
  return address === undefined || own.some((block) => contains(block, address));
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Like `dns.lookup`, without what an origin may not be. */
export function outwardLookup(name: string, options: LookupOptions, found: Found): void {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error) {
      found(error, []);
      return;
    }
    const outward = addresses.filter(({ address }) => !isOwnAddress(address));
    const [first] = outward;
    if (!first) {
      const refusal: NodeJS.ErrnoException = new Error(`${name} leads to this host`);
      refusal.code = 'EHOSTUNREACH';
      found(refusal, []);
    } else if (options.all) found(null, outward);
    else found(null, first.address, first.family);
  });
}
