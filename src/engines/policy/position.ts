/** Offsets in a policy document as lines and columns, as MatchedStatements of the simulator reports them. */

/** Both start at 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Lines end at LF, CR, or CR LF. Columns count UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
  return new Lines(text).at(offset);
}

/** Answers for many offsets of one text. */
export class Lines {
  /** Offsets at which lines start, ascending. */
  readonly #starts = [0];

  constructor(text: string) {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) this.#starts.push(at + 1);
    }
  }

  at(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}
