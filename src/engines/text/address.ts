/** IP addresses and CIDR blocks as numbers: IPv4, IPv6, and IPv4 inside IPv6, which counts as IPv4. */

/** Big-endian 16-bit groups: two for IPv4, eight for IPv6. */
export type Address = readonly number[];

export interface Cidr {
  readonly groups: Address;
  /** Leading bits that count. */
  readonly bits: number;
}

/** Returns undefined for anything but one well-formed address. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(':')) return parseV4(text);
  const groups = parseV6(text);
  return groups && isMapped(groups) ? groups.slice(6) : groups;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Bits after the prefix are ignored, as AWS does. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const v6 = address.includes(':');
  const groups = v6 ? parseV6(address) : parseV4(address);
  if (!groups) return undefined;
  const width = groups.length * 16;
  const bits = slash < 0 ? width : parseInteger(text.slice(slash + 1), width);
  if (bits === undefined) return undefined;
  return v6 && bits >= 96 && isMapped(groups) ? { groups: groups.slice(6), bits: bits - 96 } : { groups, bits };
}

/** A block in the one text that all programs read alike: no bits behind the prefix, IPv6 as RFC 5952 has it. */
export function canonicalCidr(text: string): string | undefined {
  const block = parseCidr(text);
  if (!block) return undefined;
  const groups = block.groups.map((group, index) => {
    const kept = Math.min(16, Math.max(0, block.bits - 16 * index));
    return group & (0xffff << (16 - kept)) & 0xffff;
  });
  return `${groups.length === 2 ? dotted(groups) : compressed(groups)}/${block.bits}`;
}

const dotted = (groups: Address): string => groups.flatMap((group) => [group >> 8, group & 0xff]).join('.');

/** The first of the longest runs of two zeros or more is left out. */
function compressed(groups: Address): string {
  const words = groups.map((group) => group.toString(16));
  let [from, length] = [0, 1];
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) [from, length] = [at, end - at];
  }
  if (length < 2) return words.join(':');
  return `${words.slice(0, from).join(':')}::${words.slice(from + length).join(':')}`;
}

/** False when the families differ. */
export function contains(block: Cidr, address: Address): boolean {
  if (block.groups.length !== address.length) return false;
  let left = block.bits;
  for (let index = 0; left > 0; index++, left -= 16) {
    const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff;
    if ((block.groups[index]! & mask) !== (address[index]! & mask)) return false;
  }
  return true;
}

function isMapped(groups: Address): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    const value = parseInteger(part, 255);
    if (value === undefined) return undefined;
    bytes.push(value);
  }
  return [(bytes[0]! << 8) | bytes[1]!, (bytes[2]! << 8) | bytes[3]!];
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Colon-separated groups; the last may be a dotted IPv4 address where `dotted` allows it. */
function parseGroups(text: string, dotted: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (dotted && index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (!v4) return undefined;
      groups.push(...v4);
      continue;
    }
    if (part.length < 1 || part.length > 4) return undefined;
    let value = 0;
    for (let at = 0; at < part.length; at++) {
      const digit = hexDigit(part.charCodeAt(at));
      if (digit < 0) return undefined;
      value = value * 16 + digit;
    }
    groups.push(value);
  }
  return groups;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Plain decimal without leading zeros (they mean octal to some readers), up to `max`. */
function parseInteger(text: string, max: number): number | undefined {
  if (text.length < 1 || text.length > 3 || (text.length > 1 && text.charCodeAt(0) === 48)) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= max ? value : undefined;
}
