/** CIDR blocks of VPCs and subnets: their form, their size, whether one lies in another, and addresses in them. */
import { canonicalCidr, contains, parseAddress, parseCidr } from '../../../engines/text/address.ts';

/** First and last address as numbers; undefined for what is no IPv4 block. */
export function rangeOf(
  cidr: string,
): { readonly first: number; readonly last: number; readonly bits: number } | undefined {
  const parsed = cidr.includes('/') ? parseCidr(cidr) : undefined;
  if (parsed?.groups.length !== 2) return undefined;
  const [high = 0, low = 0] = parsed.groups;
  const size = 2 ** (32 - parsed.bits);
  const first = Math.floor((high * 65_536 + low) / size) * size;
  return { first, last: first + size - 1, bits: parsed.bits };
}

/** The block with the bits behind its prefix cleared, as EC2 shows it: `10.0.0.5/24` is `10.0.0.0/24`. */
export function canonical(cidr: string): string | undefined {
  const range = rangeOf(cidr);
  return range && `${address(range.first)}/${range.bits}`;
}

const address = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

export function overlaps(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

export function within(inner: string, outer: string): boolean {
  const [a, b] = [rangeOf(inner), rangeOf(outer)];
  return a !== undefined && b !== undefined && a.first >= b.first && a.last <= b.last;
}

export function holdsAddress(cidr: string, text: string): boolean {
  const [block, parsed] = [parseCidr(cidr), parseAddress(text)];
  return block !== undefined && parsed !== undefined && contains(block, parsed);
}

/** Five addresses of a subnet are AWS's: the first four and the last. */
export const usableAddresses = (cidr: string): number => {
  const range = rangeOf(cidr);
  return range ? range.last - range.first + 1 - 5 : 0;
};

export const isReserved = (cidr: string, text: string): boolean => {
  const range = rangeOf(cidr);
  const value = rangeOf(`${text}/32`)?.first;
  return range === undefined || value === undefined || value < range.first + 4 || value >= range.last;
};

/** The lowest address that nobody has; undefined where the subnet is full. */
export function freeAddress(cidr: string, taken: ReadonlySet<string>): string | undefined {
  const range = rangeOf(cidr);
  if (!range) return undefined;
  for (let value = range.first + 4; value < range.last; value += 1) {
    if (!taken.has(address(value))) return address(value);
  }
  return undefined;
}

/** An IPv4 or IPv6 block in canonical text; undefined for anything else. A rule's block needs a prefix length. */
export function ruleBlock(cidr: string): { readonly family: 4 | 6; readonly text: string } | undefined {
  if (!cidr.includes('/')) return undefined;
  if (!cidr.includes(':')) {
    const text = canonical(cidr);
    return text === undefined ? undefined : { family: 4, text };
  }
  const parsed = parseCidr(cidr);
  const text = canonicalCidr(cidr);
  return parsed?.groups.length === 8 && text !== undefined ? { family: 6, text } : undefined;
}
