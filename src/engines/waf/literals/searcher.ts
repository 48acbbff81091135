/** Looks for many literals in one pass (Aho and Corasick), without regard to the case of A to Z. */

/** Bits of a number that V8 keeps without an object around it. */
const wordBits = 30;

export class LiteralSearcher {
  readonly #classOf = new Uint8Array(256);
  readonly #classes: number;
  /**
   * For each state and class of letters the next state; negative (`~`) where something ends there. States are numbered by
   * their depth: a text is near the root nearly always, so that what is read of this table is small and stays in a cache.
   */
  readonly #next: Int16Array | Int32Array;
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
    const states = this.#linked(this.#trie(literals, marks));
    const classes = this.#classes;
    this.#next =
      states.length < 32_768 ? new Int16Array(states.length * classes) : new Int32Array(states.length * classes);
    this.#endsFrom = new Int32Array(states.length + 1);
    for (const { id, next, own } of states) {
      this.#endsFrom[id + 1] = this.#endsFrom[id]! + own.size;
      for (const [symbol, to] of next.entries()) this.#next[id * classes + symbol] = to.own.size > 0 ? ~to.id : to.id;
    }
    this.#ends = Int32Array.from(states.flatMap(({ own }) => [...own]));
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
    const classes = this.#classes;
    let found: number[] | undefined;
    let state = 0;
    const { length } = text;
    for (let index = 0; index < length; index++) {
      state = next[state * classes + classOf[text.charCodeAt(index) & 0xff]!]!;
      if (state < 0) {
        state = ~state;
        found ??= this.#nothing.slice();
        this.#mark(state, found);
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

  #trie(literals: readonly string[], marks: readonly (readonly number[])[] | undefined): State {
    const root = new State(undefined);
    for (const [id, literal] of literals.entries()) {
      let state = root;
      for (let at = 0; at < literal.length; at++) {
        const symbol = this.#classOf[literal.charCodeAt(at) & 0xff]!;
        state.children[symbol] ??= new State(root);
        state = state.children[symbol];
      }
      for (const mark of marks?.[id] ?? [id]) state.own.add(mark);
    }
    return root;
  }

  /** All states, breadth first: each goes on where its longest suffix would. */
  #linked(root: State): readonly State[] {
    const states = [root];
    for (const [id, state] of states.entries()) {
      state.id = id;
      const back = state.suffix;
      for (const mark of back?.own ?? []) state.own.add(mark);
      for (let symbol = 0; symbol < this.#classes; symbol++) {
        const child = state.children[symbol];
        const otherwise = back?.next[symbol] ?? root;
        state.next.push(child ?? otherwise);
        if (child === undefined) continue;
        child.suffix = otherwise;
        states.push(child);
      }
    }
    return states;
  }
}

/** While the table is made. */
class State {
  id = 0;
  readonly children: State[] = [];
  readonly next: State[] = [];
  /** What ends here. */
  readonly own = new Set<number>();
  /** Where the longest end of what was read leads that is a beginning, too; undefined for the root. */
  suffix: State | undefined;

  constructor(suffix: State | undefined) {
    this.suffix = suffix;
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
