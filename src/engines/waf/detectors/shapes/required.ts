/**
 * Literals of which every match of a JavaScript expression holds at least one, in lower case: without one of them in a
 * text there is no need to try the expression. The expressions of detectors are JavaScript's, with its look-arounds and
 * references back; what this reader does not know tells nothing, so that such an expression is always tried.
 */

/** Of one alternative of an expression. Without literals it may match any text. */
export interface Alternative {
  readonly source: string;
  readonly literals: readonly string[] | undefined;
}

const mostLiterals = 400;
/** One letter alone is in nearly every text. */
const shortest = 2;

/** The alternatives at the top of an expression; undefined where it holds what is not known here. */
export function alternativesOf({ source, flags }: RegExp): readonly Alternative[] | undefined {
  // With `u`, letters beyond ASCII may stand for those of ASCII.
  if (/[^gimsy]/.test(flags)) return undefined;
  const reader = new Reader(source);
  try {
    const alternatives = reader.alternatives();
    return reader.isDone ? alternatives : undefined;
  } catch (error) {
    if (error instanceof UnknownSyntaxError) return undefined;
    throw error;
  }
}

class UnknownSyntaxError extends Error {}

/** What a part of a sequence says: a letter that stands there, something else, or nothing that is read. */
type Part =
  | { readonly kind: 'letter'; readonly letter: string }
  | { readonly kind: 'other'; readonly literals: readonly string[] | undefined }
  | { readonly kind: 'nothing'; readonly literals: readonly string[] | undefined };

const other: Part = { kind: 'other', literals: undefined };

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get isDone(): boolean {
    return this.#at === this.#source.length;
  }

  alternatives(): Alternative[] {
    const found: Alternative[] = [];
    for (;;) {
      const start = this.#at;
      const literals = this.#sequence();
      found.push({ source: this.#source.slice(start, this.#at), literals });
      if (this.#source[this.#at] !== '|') return found;
      this.#at++;
    }
  }

  /** The run of letters, or the group, whose shortest literal is the longest. */
  #sequence(): readonly string[] | undefined {
    let best: readonly string[] | undefined;
    let run = '';
    const offer = (literals: readonly string[] | undefined): void => {
      if (literals !== undefined && worth(literals) > (best === undefined ? shortest - 1 : worth(best)))
        best = literals;
    };
    const endRun = (): void => {
      if (run !== '') offer([run]);
      run = '';
    };
    while (!this.isDone && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const part = this.#part();
      if (part.kind === 'nothing') {
        offer(part.literals);
        continue;
      }
      const { least, most } = this.#quantifier();
      if (part.kind === 'letter') {
        if (least === 0) endRun();
        else {
          run += part.letter.repeat(Math.min(least, 8));
          if (most !== least || least > 8) endRun();
        }
        continue;
      }
      endRun();
      if (least > 0) offer(part.literals);
    }
    endRun();
    return best;
  }

  #part(): Part {
    const letter = this.#source[this.#at++]!;
    switch (letter) {
      case '^':
      case '$':
        return { kind: 'nothing', literals: undefined };
      case '.':
        return other;
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new UnknownSyntaxError();
      default:
        return letterPart(letter);
    }
  }

  #group(): Part {
    let isRead = true;
    let isAsked = true;
    if (this.#source[this.#at] === '?') {
      const kind = /^\?(?::|=|!|<=|<!|<\w+>)/.exec(this.#source.slice(this.#at, this.#at + 40))?.[0];
      if (kind === undefined) throw new UnknownSyntaxError();
      this.#at += kind.length;
      isRead = kind === '?:' || kind.endsWith('>');
      isAsked = !kind.endsWith('!');
    }
    const alternatives = this.alternatives();
    if (this.#source[this.#at] !== ')') throw new UnknownSyntaxError();
    this.#at++;
    const literals = isAsked ? together(alternatives) : undefined;
    if (isRead) return { kind: 'other', literals };
    // What is only looked at may be followed by a quantifier in old syntax; nobody here writes that.
    return { kind: 'nothing', literals };
  }

  /** A class of one letter, in either case, is that letter. */
  #class(): Part {
    const letters = new Set<string>();
    let isSimple = true;
    if (this.#source[this.#at] === '^') {
      isSimple = false;
      this.#at++;
    }
    for (; this.#source[this.#at] !== ']'; this.#at++) {
      if (this.isDone) throw new UnknownSyntaxError();
      const letter = this.#source[this.#at]!;
      if (letter === '\\') {
        isSimple = false;
        this.#at++;
      } else if (letter === '-') isSimple = false;
      letters.add(letter.toLowerCase());
    }
    this.#at++;
    const [only] = letters;
    return isSimple && letters.size === 1 && only !== undefined ? letterPart(only) : other;
  }

  #escape(): Part {
    const letter = this.#source[this.#at++];
    if (letter === undefined) throw new UnknownSyntaxError();
    if (letter === 'b' || letter === 'B') return { kind: 'nothing', literals: undefined };
    if (letter === 'x' || letter === 'u') {
      const digits = /^[\da-f]+/i.exec(this.#source.slice(this.#at, this.#at + (letter === 'x' ? 2 : 4)))?.[0] ?? '';
      if (digits.length !== (letter === 'x' ? 2 : 4)) throw new UnknownSyntaxError();
      this.#at += digits.length;
      return letterPart(String.fromCharCode(Number.parseInt(digits, 16)));
    }
    if (/[dDwWsS1-9fnrtv0]/.test(letter)) return other;
    if (/[a-zA-Z]/.test(letter)) throw new UnknownSyntaxError();
    return letterPart(letter);
  }

  #quantifier(): { readonly least: number; readonly most: number } {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at, this.#at + 24));
    if (found === null) return { least: 1, most: 1 };
    this.#at += found[0].length;
    const [sign] = found[0];
    if (sign === '*') return { least: 0, most: Number.POSITIVE_INFINITY };
    if (sign === '+') return { least: 1, most: Number.POSITIVE_INFINITY };
    if (sign === '?') return { least: 0, most: 1 };
    const least = Number(found[1]);
    return { least, most: found[2] === '' ? least : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]) };
  }
}

/** Beyond ASCII a letter's other case may be anything: it tells nothing. */
function letterPart(letter: string): Part {
  return letter.charCodeAt(0) < 128 ? { kind: 'letter', letter: letter.toLowerCase() } : other;
}

/** One of them is in every match, if each alternative has some. */
export function together(alternatives: readonly Alternative[]): readonly string[] | undefined {
  const all: string[] = [];
  for (const { literals } of alternatives) {
    if (literals === undefined) return undefined;
    all.push(...literals);
  }
  return all.length <= mostLiterals ? [...new Set(all)] : undefined;
}

/** Signs are rarer than letters. */
function worth(literals: readonly string[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const literal of literals) least = Math.min(least, literal.length + (/^\w*$/.test(literal) ? 0 : 0.5));
  return least;
}
