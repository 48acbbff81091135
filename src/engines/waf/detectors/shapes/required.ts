/**
 * Literals of which every match of a JavaScript expression holds at least one, in lower case: without one of them in a
 * text there is no need to try the expression. The expressions of detectors are JavaScript's, with its look-arounds and
 * references back; what this reader does not know tells nothing, so that such an expression is always tried.
 */

/** Of one alternative of an expression. Without literals it may match any text. */
export interface Alternative {
  readonly source: string;
  readonly literals: readonly string[] | undefined;
  /** All that it matches, where that is a few texts and nothing else. */
  readonly exact?: readonly string[];
}

const mostLiterals = 400;
/** Texts that a run of letters and short alternatives may be put together to. */
const mostExact = 48;
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

/** What a part of a sequence says: one of a few texts stands there, something else, or nothing that is read. */
type Part =
  | { readonly kind: 'exact'; readonly texts: readonly string[]; readonly literals: readonly string[] | undefined }
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
      const read = this.#sequence();
      found.push({ source: this.#source.slice(start, this.#at), ...read });
      if (this.#source[this.#at] !== '|') return found;
      this.#at++;
    }
  }

  /** The run of letters and short alternatives, or the group, whose shortest literal is the longest. */
  #sequence(): Pick<Alternative, 'literals' | 'exact'> {
    let best: readonly string[] | undefined;
    let run: readonly string[] = [''];
    let isExact = true;
    const offer = (literals: readonly string[] | undefined): void => {
      if (literals !== undefined && worth(literals) > (best === undefined ? shortest - 1 : worth(best)))
        best = literals;
    };
    const endRun = (): void => {
      isExact = false;
      if (run.length > 1 || run[0] !== '') offer(shortestOf(run));
      run = [''];
    };
    const goOn = (texts: readonly string[]): boolean => {
      if (run.length * texts.length > mostExact) return false;
      run = run.flatMap((before) => texts.map((text) => before + text));
      return true;
    };
    while (!this.isDone && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const part = this.#part();
      if (part.kind === 'nothing') {
        // What is looked at is a condition on what is read.
        offer(part.literals);
        continue;
      }
      const { least, most } = this.#quantifier();
      const texts = part.kind === 'exact' ? repeated(part.texts, least, most) : undefined;
      if (texts !== undefined && goOn(texts)) continue;
      // Of `c+` the first stands behind what is before it, and the last before what follows.
      const repeats = part.kind === 'exact' && least > 0 ? part.texts : undefined;
      if (repeats !== undefined) goOn(repeats);
      endRun();
      if (least > 0) offer(part.literals);
      if (repeats !== undefined) goOn(repeats);
    }
    const exact = isExact ? run : undefined;
    endRun();
    return exact === undefined ? { literals: best } : { literals: best, exact };
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
    if (isRead) {
      const texts = alternatives.flatMap(({ exact }) => exact ?? []);
      const isExact = alternatives.every(({ exact }) => exact !== undefined) && texts.length <= mostExact;
      return isExact ? { kind: 'exact', texts: [...new Set(texts)], literals } : { kind: 'other', literals };
    }
    // What is only looked at may be followed by a quantifier in old syntax; nobody here writes that.
    return { kind: 'nothing', literals };
  }

  /** A class of a few letters. */
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
    const few = [...letters];
    const isKnown = isSimple && few.length > 0 && few.length <= 4 && few.every((letter) => letter.charCodeAt(0) < 128);
    return isKnown ? { kind: 'exact', texts: few, literals: undefined } : other;
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
  return letter.charCodeAt(0) < 128 ? { kind: 'exact', texts: [letter.toLowerCase()], literals: undefined } : other;
}

/** All that some texts come to when they stand there so many times; undefined where it is too much to say. */
function repeated(texts: readonly string[], least: number, most: number): readonly string[] | undefined {
  if (most > 8) return undefined;
  let all: readonly string[] = [''];
  const found = new Set<string>(least === 0 ? [''] : []);
  for (let times = 1; times <= most; times++) {
    all = all.flatMap((before) => texts.map((text) => before + text));
    if (all.length > mostExact) return undefined;
    if (times >= least) for (const text of all) found.add(text);
  }
  return found.size <= mostExact ? [...found] : undefined;
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

/** Without those that hold another of them. */
function shortestOf(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => !texts.some((other) => other !== text && text.includes(other)));
}

/** Signs are rarer than letters. */
function worth(literals: readonly string[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const literal of literals) least = Math.min(least, literal.length + (/^\w*$/.test(literal) ? 0 : 0.5));
  return least;
}
