/**
 * A gate before the statements that look into one thing: where none of the literals that a statement needs is there, it
 * need not look. Worth its pass over the text only where many statements share it.
 */
import { lowercase } from '../transformations/letter-case.ts';
import { LiteralSearcher } from './searcher.ts';

const leastLiterals = 12;
const shortestLiteral = 3;

export class LiteralGate {
  readonly #ids = new Map<string, number>();
  #searcher: LiteralSearcher | undefined;

  get isWorthIt(): boolean {
    return this.#ids.size >= leastLiterals;
  }

  /** Numbers under which the literals are looked for; undefined where one is too short to tell anything. */
  register(literals: readonly string[] | undefined): readonly number[] | undefined {
    if (!literals || literals.length === 0) return undefined;
    if (literals.some((literal) => literal.length < shortestLiteral)) return undefined;
    this.#searcher = undefined;
    return literals.map((literal) => {
      const key = lowercase(literal);
      const id = this.#ids.get(key) ?? this.#ids.size;
      this.#ids.set(key, id);
      return id;
    });
  }

  search(texts: readonly string[]): Uint8Array {
    this.#searcher ??= new LiteralSearcher([...this.#ids.keys()]);
    return this.#searcher.search(texts);
  }
}
