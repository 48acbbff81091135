/** Looks for many literals in one pass (Aho and Corasick), without regard to the case of A to Z. */

/** Bits of a number that V8 keeps without an object around it. */
const wordBits = 30;

export class LiteralSearcher {
  readonly #classOf = new Uint8Array(256);
  readonly #classes: number;
  /** For each state and class of letters the next state, by its place in this table; negative (`~`) where something ends there. */
  readonly #next: Int32Array;
  /** For each state what is found there: from and to in `ends`. */
  readonly #endsFrom: Int32Array;
  readonly #ends: Int32Array;
  readonly #count: number;
  readonly #nothing: readonly number[];

  /** Literals in lower case. What each is a mark of; without that, of itself. */
  constructor(literals: readonly string[], marks?: readonly (readonly number[])[], count = literals.length) {
    this.#count = count;
    this.#nothing = new Array<number>(Math.ceil(count / wordBits)).fill(0);
    this.#classes = this.#classify(literals);
    const children: Map<number, number>[] = [new Map()];
    const own: Set<number>[] = [new Set()];
    for (const [id, literal] of literals.entries()) {
      let state = 0;
      for (let at = 0; at < literal.length; at++) {
        const symbol = this.#classOf[literal.charCodeAt(at) & 0xff]!;
        let next = children[state]!.get(symbol);
        if (next === undefined) {
          next = children.push(new Map()) - 1;
          own.push(new Set());
          children[state]!.set(symbol, next);
        }
        state = next;
      }
      for (const mark of marks?.[id] ?? [id]) own[state]!.add(mark);
    }
    this.#next = new Int32Array(children.length * this.#classes);
    this.#link(children, own);
    this.#endsFrom = new Int32Array(own.length + 1);
    for (const [state, ids] of own.entries()) this.#endsFrom[state + 1] = this.#endsFrom[state]! + ids.size;
    this.#ends = Int32Array.from(own.flatMap((ids) => [...ids]));
    for (let at = 0; at < this.#next.length; at++) {
      const state = this.#next[at]!;
      this.#next[at] = own[state]!.size > 0 ? ~(state * this.#classes) : state * this.#classes;
    }
  }

  /** A flag for each literal, or mark, set where one of the texts holds it. */
  search(texts: readonly string[]): Uint8Array {
    const found = new Uint8Array(this.#count);
    for (const text of texts) {
      for (const [word, bits] of this.bitsIn(text).entries()) {
        for (let bit = 0; bits >> bit !== 0; bit++) if ((bits >> bit) & 1) found[word * wordBits + bit] = 1;
      }
    }
    return found;
  }

  /** The same of one text, as bits: `hasBit` reads them. */
  bitsIn(text: string): readonly number[] {
    const next = this.#next;
    const classOf = this.#classOf;
    let found: number[] | undefined;
    let at = 0;
    for (let index = 0; index < text.length; index++) {
      at = next[at + classOf[text.charCodeAt(index) & 0xff]!]!;
      if (at < 0) {
        at = ~at;
        found ??= this.#nothing.slice();
        this.#mark(at / this.#classes, found);
      }
    }
    return found ?? this.#nothing;
  }

  #mark(state: number, found: number[]): void {
    const to = this.#endsFrom[state + 1]!;
    for (let end = this.#endsFrom[state]!; end < to; end++) {
      const mark = this.#ends[end]!;
      const word = (mark / wordBits) | 0;
      found[word] = found[word]! | (1 << (mark - word * wordBits));
    }
  }

  #classify(literals: readonly string[]): number {
    let classes = 1;
    for (const literal of literals) {
      for (let at = 0; at < literal.length; at++) {
        const code = literal.charCodeAt(at) & 0xff;
        if (this.#classOf[code] === 0) this.#classOf[code] = classes++;
      }
    }
    for (let upper = 65; upper <= 90; upper++) this.#classOf[upper] = this.#classOf[upper + 32]!;
    return classes;
  }

  /** Breadth first: each state goes on where its longest suffix would. */
  #link(children: readonly Map<number, number>[], own: Set<number>[]): void {
    const classes = this.#classes;
    const suffix = new Int32Array(children.length);
    const queue: number[] = [];
    for (const [symbol, child] of children[0]!) {
      this.#next[symbol] = child;
      queue.push(child);
    }
    for (const state of queue) {
      const back = suffix[state]!;
      for (const mark of own[back]!) own[state]!.add(mark);
      for (let symbol = 0; symbol < classes; symbol++) {
        const child = children[state]!.get(symbol);
        const otherwise = this.#next[back * classes + symbol]!;
        if (child === undefined) this.#next[state * classes + symbol] = otherwise;
        else {
          suffix[child] = otherwise;
          this.#next[state * classes + symbol] = child;
          queue.push(child);
        }
      }
    }
  }
}

/** Where a mark's bit stands in what `bitsIn` answers. */
export interface BitPlace {
  readonly word: number;
  readonly mask: number;
}

export function placeOf(mark: number): BitPlace {
  return { word: Math.floor(mark / wordBits), mask: 1 << (mark % wordBits) };
}

/** The other way round. */
export function markAt(word: number, mask: number): number {
  return word * wordBits + 31 - Math.clz32(mask);
}
