/** Reads the expressions of rewrites: JavaScript's syntax without looking around or back, which is RE2's, over ASCII. */

export class RewriteFault extends Error {
  override readonly name = 'RewriteFault';
}

export type Node =
  /** One flag for each ASCII character. */
  | { readonly kind: 'set'; readonly set: Uint8Array }
  | { readonly kind: 'assert'; readonly what: 'start' | 'end' | 'word' | 'no word' }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'group'; readonly index: number; readonly of: Node }
  | {
      readonly kind: 'repeat';
      readonly of: Node;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
    };

export interface Expression {
  readonly tree: Node;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

const deepest = 50;
const mostGroups = 99;
const mostTimes = 1_000;

/** @throws RewriteFault */
export function parseExpression(text: string): Expression {
  try {
    new RegExp(text, 'u');
  } catch {
    throw new RewriteFault('no regular expression');
  }
  return new Reader(text).whole();
}

class Reader {
  readonly #text: string;
  readonly #names = new Map<string, number>();
  #at = 0;
  #groups = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Expression {
    const tree = this.#choice();
    if (this.#at < this.#text.length) throw new RewriteFault('a parenthesis without its other half');
    return { tree, groups: this.#groups, names: this.#names };
  }

  /** @returns what stands here, if it is like this, and goes on behind it */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #choice(): Node {
    const options = [this.#sequence()];
    while (this.#take(/\|/y)) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as Node) : { kind: 'choice', options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && !/[|)]/.test(this.#text.charAt(this.#at))) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', parts };
  }

  #repeated(of: Node): Node {
    const found = this.#take(/(?:([*+?])|\{(\d+)(,?)(\d*)\})(\??)/y);
    if (!found) return of;
    const [, sign, from = '', comma, to = '', lazy] = found;
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0;
    const unlimited = Number.POSITIVE_INFINITY;
    const counted = comma === '' ? least : to === '' ? unlimited : Number(to);
    const most = sign === undefined ? counted : sign === '?' ? 1 : unlimited;
    if (least > mostTimes || (most !== unlimited && most > mostTimes)) throw new RewriteFault('too many repetitions');
    return { kind: 'repeat', of, least, most, isLazy: lazy === '?' };
  }

  #atom(): Node {
    if (this.#take(/\(/y)) return this.#group();
    if (this.#take(/\^/y)) return { kind: 'assert', what: 'start' };
    if (this.#take(/\$/y)) return { kind: 'assert', what: 'end' };
    if (this.#take(/\\b/y)) return { kind: 'assert', what: 'word' };
    if (this.#take(/\\B/y)) return { kind: 'assert', what: 'no word' };
    if (this.#take(/\\(?:[1-9]|k<)/y)) throw new RewriteFault('a look back');
    const one = this.#take(
      /\[(?:\\.|[^\]\\])*\]|\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|p\{[^}]*\}|.)|[^*+?{]/isuy,
    );
    if (!one) throw new RewriteFault('a repetition of nothing');
    return { kind: 'set', set: setOf(one[0]) };
  }

  #group(): Node {
    this.#depth += 1;
    if (this.#depth > deepest) throw new RewriteFault(`groups more than ${deepest} deep`);
    const isPlain = this.#take(/\?:/y) !== undefined;
    const name = this.#take(/\?<(\w+)>/y)?.[1];
    if (!isPlain && name === undefined && this.#take(/\?/y))
      throw new RewriteFault('a look around, or a group of options');
    if (!isPlain) this.#groups += 1;
    const index = this.#groups;
    if (index > mostGroups) throw new RewriteFault('too many groups');
    if (name !== undefined) this.#names.set(name, index);
    const of = this.#choice();
    if (!this.#take(/\)/y)) throw new RewriteFault('a parenthesis without its other half');
    this.#depth -= 1;
    return isPlain ? of : { kind: 'group', index, of };
  }
}

/** What one character must be: asked of all that there are, once. */
function setOf(source: string): Uint8Array {
  const pattern = new RegExp(`^(?:${source === '/' ? '\\/' : source})$`, 'u');
  return Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}
