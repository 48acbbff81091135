/**
 * From positions to a network that only bytes move: where a boundary matters, positions are split by what kind of byte
 * they read, so that whether it holds is known once and for all.
 */
import type { Positions } from './positions.ts';
import { type ByteSet, boundary, isWordByte, setOf } from './tree.ts';

/** What stands at a side of a boundary. */
type Side = 'word' | 'newline' | 'other' | 'start' | 'end';

/** The symbol after the last byte. */
export const endSymbol = 256;

interface Node {
  /** 257 flags: the bytes and the end. */
  readonly reads: Uint8Array;
  readonly side: Side | undefined;
}

export interface Network {
  readonly nodes: readonly Node[];
  readonly edges: readonly (readonly [from: number, to: number])[];
  /** The node that is active before the first byte. */
  readonly start: number;
  /** A match ends with the byte that reached these. */
  readonly acceptsAfter: readonly number[];
  /** A match ended before the symbol that reached these. */
  readonly acceptsBefore: readonly number[];
  /** It matches nothing, everywhere. */
  readonly matchesAlways: boolean;
}

const sides: Readonly<Record<'word' | 'newline' | 'other', ByteSet>> = {
  word: setOf(isWordByte),
  newline: setOf((byte) => byte === 10),
  other: setOf((byte) => byte !== 10 && !isWordByte(byte)),
};

export function networkOf(positions: Positions): Network {
  return new Builder(positions).build();
}

class Builder {
  readonly #positions: Positions;
  readonly #nodes: Node[] = [];
  readonly #edges: (readonly [number, number])[] = [];
  readonly #reads = new Map<ByteSet, Uint8Array>();

  constructor(positions: Positions) {
    this.#positions = positions;
  }

  build(): Network {
    const { sets, edges, first, last, empty } = this.#positions;
    const touched = new Set<number>();
    for (const { from, mask, to } of edges) if (mask !== 0) touched.add(from).add(to);
    for (const { position, mask } of [...first, ...last]) if (mask !== 0) touched.add(position);
    const hasConditions = [...first, ...last].some(({ mask }) => mask !== 0) || empty.some((mask) => mask !== 0);
    const start = this.#add(new Uint8Array(257), 'start');
    const isAnchored = [...first.map(({ mask }) => mask), ...empty].every((mask) => (mask & boundary.textStart) !== 0);
    const everything = setOf(() => true);
    // The bytes before the match.
    const prefix = isAnchored ? [] : this.#split(everything, hasConditions);
    const nodesOf = sets.map((set, position) => this.#split(set, touched.has(position)));
    for (const node of prefix) {
      this.#edges.push([start, node]);
      for (const next of prefix) this.#edges.push([node, next]);
    }
    const begins = [start, ...prefix];
    for (const { position, mask } of first) this.#connect(begins, mask, nodesOf[position]!);
    for (const edge of edges) this.#connect(nodesOf[edge.from]!, edge.mask, nodesOf[edge.to]!);

    const acceptsAfter: number[] = [];
    const endings: { readonly from: readonly number[]; readonly mask: number }[] = [];
    for (const { position, mask } of last) {
      if (mask === 0) acceptsAfter.push(...nodesOf[position]!);
      else endings.push({ from: nodesOf[position]!, mask });
    }
    for (const mask of empty) if (mask !== 0) endings.push({ from: begins, mask });
    const acceptsBefore = endings.length === 0 ? [] : this.#endings(endings, everything);
    return {
      nodes: this.#nodes,
      edges: this.#edges,
      start,
      acceptsAfter,
      acceptsBefore,
      matchesAlways: empty.includes(0),
    };
  }

  #add(reads: Uint8Array, side: Side | undefined): number {
    return this.#nodes.push({ reads, side }) - 1;
  }

  /** One node, or one for each side that the set has bytes of. */
  #split(set: ByteSet, isTouched: boolean): number[] {
    if (!isTouched) {
      let reads = this.#reads.get(set);
      if (!reads) {
        reads = withEnd(set);
        this.#reads.set(set, reads);
      }
      return [this.#add(reads, undefined)];
    }
    const made: number[] = [];
    for (const [side, bytes] of Object.entries(sides) as [Side, ByteSet][]) {
      const part = setOf((byte) => set[byte] === 1 && bytes[byte] === 1);
      if (part.includes(1)) made.push(this.#add(withEnd(part), side));
    }
    return made;
  }

  #connect(from: readonly number[], mask: number, to: readonly number[]): void {
    for (const left of from) {
      for (const right of to) {
        if (mask === 0 || holds(mask, this.#nodes[left]!.side!, this.#nodes[right]!.side!)) {
          this.#edges.push([left, right]);
        }
      }
    }
  }

  /** Nodes that read what follows a match, where that decides whether it is one. */
  #endings(
    endings: readonly { readonly from: readonly number[]; readonly mask: number }[],
    everything: ByteSet,
  ): number[] {
    const end = this.#add(new Uint8Array(257), 'end');
    this.#nodes[end]!.reads[endSymbol] = 1;
    const accepts = [...this.#split(everything, true), end];
    const newline = setOf((byte) => byte === 10);
    const lastNewline = this.#add(withEnd(newline), 'newline');
    this.#edges.push([lastNewline, end]);
    for (const { from, mask } of endings) {
      this.#connect(from, mask, accepts);
      if ((mask & boundary.lastLineEnd) !== 0) this.#connect(from, mask & ~boundary.lastLineEnd, [lastNewline]);
    }
    return accepts;
  }
}

function withEnd(set: ByteSet): Uint8Array {
  const reads = new Uint8Array(257);
  reads.set(set);
  return reads;
}

function holds(mask: number, left: Side, right: Side): boolean {
  if ((mask & boundary.textStart) !== 0 && left !== 'start') return false;
  if ((mask & (boundary.textEnd | boundary.lastLineEnd)) !== 0 && right !== 'end') return false;
  if ((mask & boundary.lineStart) !== 0 && left !== 'start' && (left !== 'newline' || right === 'end')) return false;
  if ((mask & boundary.lineEnd) !== 0 && right !== 'newline' && right !== 'end') return false;
  const changes = (left === 'word') !== (right === 'word');
  if ((mask & boundary.word) !== 0 && !changes) return false;
  return (mask & boundary.notWord) === 0 || !changes;
}
