/** Networks of both families as sorted ranges: a look-up costs as many comparisons as the number of networks has bits. */
import { type Address, type Cidr, parseCidr } from '../text/address.ts';

interface Range {
  readonly from: string;
  readonly to: string;
}

export class NetworkSet {
  readonly #v4: readonly Range[];
  readonly #v6: readonly Range[];

  /** What is no network is left out: services refuse it when it is saved. */
  constructor(networks: readonly string[]) {
    const parsed = networks.map(parseCidr).filter((cidr) => cidr !== undefined);
    this.#v4 = rangesOf(parsed.filter(({ groups }) => groups.length === 2));
    this.#v6 = rangesOf(parsed.filter(({ groups }) => groups.length === 8));
  }

  has(address: Address): boolean {
    const ranges = address.length === 2 ? this.#v4 : this.#v6;
    const key = String.fromCharCode(...address);
    let low = 0;
    let high = ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const range = ranges[middle]!;
      if (key < range.from) high = middle - 1;
      else if (key > range.to) low = middle + 1;
      else return true;
    }
    return false;
  }
}

/** Sorted, and merged where they overlap. Texts of 16-bit units compare as numbers do. */
function rangesOf(cidrs: readonly Cidr[]): Range[] {
  const sorted = cidrs
    .map(rangeOf)
    .sort((left, right) => (left.from < right.from ? -1 : left.from > right.from ? 1 : 0));
  const merged: Range[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (!last || range.from > last.to) merged.push(range);
    else if (range.to > last.to) merged[merged.length - 1] = { from: last.from, to: range.to };
  }
  return merged;
}

function rangeOf({ groups, bits }: Cidr): Range {
  let from = '';
  let to = '';
  for (const [index, group] of groups.entries()) {
    const left = Math.min(16, Math.max(0, bits - index * 16));
    const mask = (0xffff << (16 - left)) & 0xffff;
    from += String.fromCharCode(group & mask);
    to += String.fromCharCode((group & mask) | (~mask & 0xffff));
  }
  return { from, to };
}
