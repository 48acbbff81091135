/** Looks for many literals in one pass (Aho and Corasick), without regard to the case of A to Z. */

export class LiteralSearcher {
  readonly #classOf = new Uint8Array(256);
  readonly #classes: number;
  readonly #next: Int32Array;
  /** For each state the literals that end there: from and to in `ends`. */
  readonly #endsFrom: Int32Array;
  readonly #ends: Int32Array;
  readonly #count: number;

  /** Literals in lower case. */
  constructor(literals: readonly string[]) {
    this.#count = literals.length;
    this.#classes = this.#classify(literals);
    const children: Map<number, number>[] = [new Map()];
    const own: number[][] = [[]];
    for (const [id, literal] of literals.entries()) {
      let state = 0;
      for (let at = 0; at < literal.length; at++) {
        const symbol = this.#classOf[literal.charCodeAt(at) & 0xff]!;
        let next = children[state]!.get(symbol);
        if (next === undefined) {
          next = children.push(new Map()) - 1;
          own.push([]);
          children[state]!.set(symbol, next);
        }
        state = next;
      }
      own[state]!.push(id);
    }
    this.#next = new Int32Array(children.length * this.#classes);
    this.#link(children, own);
    this.#endsFrom = new Int32Array(own.length + 1);
    for (const [state, ids] of own.entries()) this.#endsFrom[state + 1] = this.#endsFrom[state]! + ids.length;
    this.#ends = Int32Array.from(own.flat());
  }

  /** A flag for each literal, set where one of the texts holds it. */
  search(texts: readonly string[]): Uint8Array {
    const found = new Uint8Array(this.#count);
    for (const text of texts) this.#scan(text, found);
    return found;
  }

  #scan(text: string, found: Uint8Array): void {
    const next = this.#next;
    const classOf = this.#classOf;
    const classes = this.#classes;
    const endsFrom = this.#endsFrom;
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      state = next[state * classes + classOf[text.charCodeAt(at) & 0xff]!]!;
      const to = endsFrom[state + 1]!;
      for (let end = endsFrom[state]!; end < to; end++) found[this.#ends[end]!] = 1;
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
  #link(children: readonly Map<number, number>[], own: number[][]): void {
    const classes = this.#classes;
    const suffix = new Int32Array(children.length);
    const queue: number[] = [];
    for (const [symbol, child] of children[0]!) {
      this.#next[symbol] = child;
      queue.push(child);
    }
    for (const state of queue) {
      const back = suffix[state]!;
      own[state]!.push(...own[back]!);
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
