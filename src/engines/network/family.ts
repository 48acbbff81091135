/** IPv4 and IPv6: everything here is said of one of them at a time. */
import { parseAddress, parseCidr } from '../text/address.ts';

export type Family = '4' | '6';
export const families: readonly Family[] = ['4', '6'];

/** Of an address or a block; undefined for what is neither. */
export function familyOf(text: string): Family | undefined {
  const groups = parseAddress(text) ?? parseCidr(text)?.groups;
  if (!groups) return undefined;
  return groups.length === 2 ? '4' : '6';
}

/** Only the well-formed ones of a family, each once, sorted. */
export function ofFamily(family: Family, addresses: Iterable<string>): string[] {
  return [...new Set(addresses)].filter((one) => familyOf(one) === family).sort();
}
