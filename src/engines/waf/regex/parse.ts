/**
 * Reads the syntax of PCRE that AWS WAF takes, and refuses the rest by name: backreferences, lookaround, recursion,
 * conditions, verbs, \C \R \K, callouts, atomic groups and possessive quantifiers.
 */
import { controlOf, setOfLetter, setOfPosixName, setOfProperty } from './escapes.ts';
import { RegexFault } from './fault.ts';
import {
  addAll,
  type ByteSet,
  bothCases,
  boundary,
  choice,
  complement,
  oneByte,
  oneLetter,
  repeat,
  setOf,
  type Tree,
  unlimited,
} from './tree.ts';

interface Flags {
  readonly ignoresCase: boolean;
  readonly isMultiline: boolean;
  readonly dotTakesAll: boolean;
  readonly isExtended: boolean;
}

const deepestNesting = 100;
const mostRepeats = 1_000;

export function parseRegex(pattern: string): Tree {
  return new Reader(pattern).read();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoresCase: false, isMultiline: false, dotTakesAll: false, isExtended: false };

  constructor(pattern: string) {
    // Patterns come as Unicode; what is inspected are bytes, so characters beyond ASCII are their UTF-8 bytes.
    this.#text = Array.from(new TextEncoder().encode(pattern), (byte) => String.fromCharCode(byte)).join('');
  }

  read(): Tree {
    const tree = this.#choice();
    if (this.#at < this.#text.length) throw this.#fault('a closing parenthesis without an opening one');
    return tree;
  }

  #fault(what: string): RegexFault {
    return new RegexFault(what, this.#at);
  }

  #peek(ahead = 0): string {
    return this.#text[this.#at + ahead] ?? '';
  }

  #eat(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #choice(): Tree {
    const flags = this.#flags;
    const options = [this.#sequence()];
    while (this.#eat('|')) options.push(this.#sequence());
    this.#flags = flags;
    return choice(options);
  }

  #sequence(): Tree {
    const parts: Tree[] = [];
    for (;;) {
      this.#skipFillers();
      const next = this.#peek();
      if (next === '' || next === '|' || next === ')') break;
      const part = this.#atom();
      if (part) parts.push(this.#quantified(part));
    }
    if (parts.length === 0) return { kind: 'empty' };
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** Comments, and white space where (?x) is on. */
  #skipFillers(): void {
    for (;;) {
      if (this.#eat('(?#')) {
        const end = this.#text.indexOf(')', this.#at);
        if (end < 0) throw this.#fault('a comment without an end');
        this.#at = end + 1;
      } else if (this.#flags.isExtended && /^[\s]$/.test(this.#peek())) this.#at += 1;
      else if (this.#flags.isExtended && this.#peek() === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else return;
    }
  }

  /** Undefined for what only sets flags. */
  #atom(): Tree | undefined {
    const next = this.#peek();
    this.#at += 1;
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'bytes', set: this.#class() };
      case '.':
        return { kind: 'bytes', set: setOf((byte) => this.#flags.dotTakesAll || byte !== 10) };
      case '^':
        return { kind: 'boundary', what: this.#flags.isMultiline ? boundary.lineStart : boundary.textStart };
      case '$':
        return { kind: 'boundary', what: this.#flags.isMultiline ? boundary.lineEnd : boundary.lastLineEnd };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw this.#fault(`a quantifier (${next}) with nothing before it`);
      default:
        return this.#literal(next.charCodeAt(0));
    }
  }

  #literal(byte: number): Tree {
    return { kind: 'bytes', set: this.#flags.ignoresCase ? oneLetter(byte) : oneByte(byte) };
  }

  #group(): Tree | undefined {
    if (this.#peek() === '*') throw this.#fault('backtracking control verbs are not supported');
    let inner = this.#flags;
    if (this.#eat('?')) {
      const named = /^(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(this.#text.slice(this.#at, this.#at + 200));
      if (named) this.#at += named[0].length;
      else if (this.#eat('|')) {
        // A branch reset only numbers captures, and there are none.
      } else if (!this.#eat(':')) {
        const changed = this.#inlineFlags();
        if (this.#eat(')')) {
          this.#flags = changed;
          return undefined;
        }
        if (!this.#eat(':')) throw this.#fault('a group that is not closed');
        inner = changed;
      }
    }
    this.#depth += 1;
    if (this.#depth > deepestNesting) throw this.#fault(`groups more than ${deepestNesting} deep`);
    const outer = this.#flags;
    this.#flags = inner;
    const tree = this.#choice();
    this.#flags = outer;
    this.#depth -= 1;
    if (!this.#eat(')')) throw this.#fault('a group that is not closed');
    return tree;
  }

  #inlineFlags(): Flags {
    const refused: readonly (readonly [RegExp, string])[] = [
      [/^<?[=!]/, 'lookahead and lookbehind are not supported'],
      [/^>/, 'atomic groups are not supported'],
      [/^\(/, 'conditional patterns are not supported'],
      [/^(?:R|&|P>|P=|[+-]?\d)/, 'backreferences, subroutines and recursion are not supported'],
      [/^C/, 'callouts are not supported'],
    ];
    const rest = this.#text.slice(this.#at, this.#at + 3);
    for (const [pattern, what] of refused) if (pattern.test(rest)) throw this.#fault(what);
    const flags = { ...this.#flags };
    let on = true;
    for (;;) {
      const letter = this.#peek();
      if (letter === '-' && on) on = false;
      else if (letter === 'i') flags.ignoresCase = on;
      else if (letter === 'm') flags.isMultiline = on;
      else if (letter === 's') flags.dotTakesAll = on;
      else if (letter === 'x') flags.isExtended = on;
      else if (letter !== 'U' && letter !== 'J') break;
      this.#at += 1;
    }
    if (this.#peek() !== ')' && this.#peek() !== ':') throw this.#fault('a group of an unknown kind');
    return flags;
  }

  #escape(): Tree | undefined {
    const next = this.#peek();
    if (next === '') throw this.#fault('a backslash at the end');
    const refused: Readonly<Record<string, string>> = {
      C: 'the single byte directive \\C is not supported',
      R: 'the newline directive \\R is not supported',
      K: 'the reset directive \\K is not supported',
      X: '\\X is not supported',
      G: '\\G is not supported',
      g: 'backreferences and subroutines are not supported',
      k: 'backreferences are not supported',
    };
    if (Object.hasOwn(refused, next)) throw this.#fault(refused[next]!);
    if (/^[1-9]/.test(next) && !/^[1-3][0-7]{2}/.test(this.#text.slice(this.#at, this.#at + 3))) {
      throw this.#fault('backreferences are not supported');
    }
    const boundaries: Readonly<Record<string, number>> = {
      A: boundary.textStart,
      z: boundary.textEnd,
      Z: boundary.lastLineEnd,
      b: boundary.word,
      B: boundary.notWord,
    };
    if (Object.hasOwn(boundaries, next)) {
      this.#at += 1;
      return { kind: 'boundary', what: boundaries[next]! };
    }
    if (next === 'Q') {
      this.#at += 1;
      return this.#quoted();
    }
    if (next === 'E') {
      this.#at += 1;
      return undefined;
    }
    const set = this.#escapedSet();
    return { kind: 'bytes', set: this.#flags.ignoresCase ? bothCases(set) : set };
  }

  #quoted(): Tree | undefined {
    const end = this.#text.indexOf('\\E', this.#at);
    const text = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 2;
    if (text === '') return undefined;
    return { kind: 'sequence', parts: Array.from(text, (one) => this.#literal(one.charCodeAt(0))) };
  }

  /** What stands after a backslash, inside and outside of classes. */
  #escapedSet(): ByteSet {
    const letter = this.#peek();
    this.#at += 1;
    const named = setOfLetter(letter);
    if (named) return named;
    const control = controlOf(letter);
    if (control !== undefined) return oneByte(control);
    switch (letter) {
      case 'x': {
        const braced = /^\{([0-9A-Fa-f]{1,4})\}/.exec(this.#text.slice(this.#at, this.#at + 8));
        const plain = /^[0-9A-Fa-f]{0,2}/.exec(this.#text.slice(this.#at, this.#at + 2))!;
        this.#at += (braced ?? plain)[0].length;
        const value = Number.parseInt(braced?.[1] ?? (plain[0] || '0'), 16);
        if (value > 255) throw this.#fault('a code above \\xFF, and bytes are inspected');
        return oneByte(value);
      }
      case 'c': {
        const code = this.#peek().toUpperCase().charCodeAt(0);
        if (!(code >= 64 && code <= 95)) throw this.#fault('\\c without a letter');
        this.#at += 1;
        return oneByte(code ^ 64);
      }
      case 'p':
      case 'P':
        return this.#property(letter === 'P');
      default:
    }
    if (letter >= '0' && letter <= '7') {
      const octal = /^[0-7]{0,2}/.exec(this.#text.slice(this.#at, this.#at + 2))![0];
      this.#at += octal.length;
      return oneByte(Number.parseInt(letter + octal, 8) & 0xff);
    }
    if (/^[A-Za-z0-9]$/.test(letter)) throw this.#fault(`an escape that is not known (\\${letter})`);
    return oneByte(letter.charCodeAt(0));
  }

  #property(isNegated: boolean): ByteSet {
    const found = /^(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))/.exec(this.#text.slice(this.#at, this.#at + 48));
    const set = found ? setOfProperty(found[2] ?? found[3]!) : undefined;
    if (!found || !set) throw this.#fault('a Unicode property that is not known');
    this.#at += found[0].length;
    return isNegated !== (found[1] === '^') ? complement(set) : set;
  }

  #class(): ByteSet {
    const isNegated = this.#eat('^');
    const set = new Uint8Array(256);
    let isFirst = true;
    for (;;) {
      if (this.#peek() === '') throw this.#fault('a class that is not closed');
      if (!isFirst && this.#eat(']')) break;
      isFirst = false;
      if (this.#eat('\\Q')) {
        const end = this.#text.indexOf('\\E', this.#at);
        if (end < 0) throw this.#fault('a class that is not closed');
        for (const one of this.#text.slice(this.#at, end)) set[one.charCodeAt(0)] = 1;
        this.#at = end + 2;
        continue;
      }
      const low = this.#classItem();
      if (this.#peek() === '-' && this.#peek(1) !== ']' && this.#peek(1) !== '' && low.single !== undefined) {
        this.#at += 1;
        const high = this.#classItem();
        if (high.single === undefined) {
          addAll(set, low.set);
          set[45] = 1;
          addAll(set, high.set);
        } else if (high.single < low.single) throw this.#fault('a range that runs backwards');
        else for (let byte = low.single; byte <= high.single; byte++) set[byte] = 1;
      } else addAll(set, low.set);
    }
    const cased = this.#flags.ignoresCase ? bothCases(set) : set;
    return isNegated ? complement(cased) : cased;
  }

  #classItem(): { readonly set: ByteSet; readonly single?: number } {
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (posix) {
      const set = setOfPosixName(posix[2]!);
      if (!set) throw this.#fault(`a class that is not known ([:${posix[2]}:])`);
      this.#at += posix[0].length;
      return { set: posix[1] === '^' ? complement(set) : set };
    }
    if (/^\[[.=]/.test(this.#text.slice(this.#at, this.#at + 2)))
      throw this.#fault('collating elements are not supported');
    if (!this.#eat('\\')) {
      const single = this.#peek().charCodeAt(0);
      this.#at += 1;
      return { set: oneByte(single), single };
    }
    if (this.#eat('b')) return { set: oneByte(8), single: 8 };
    if (this.#peek() === '') throw this.#fault('a class that is not closed');
    const set = this.#escapedSet();
    const single = set.indexOf(1);
    return set.lastIndexOf(1) === single && single >= 0 ? { set, single } : { set };
  }

  #quantified(of: Tree): Tree {
    let tree = of;
    for (;;) {
      this.#skipFillers();
      const next = this.#peek();
      let least = 0;
      let most = unlimited;
      if (next === '*' || next === '+' || next === '?') {
        this.#at += 1;
        if (next === '+') least = 1;
        if (next === '?') most = 1;
      } else {
        const counted = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.#text.slice(this.#at, this.#at + 16));
        if (!counted) return tree;
        this.#at += counted[0].length;
        least = Number(counted[1]);
        most = counted[2] === undefined ? least : counted[3] === '' ? unlimited : Number(counted[3]);
        if (most < least) throw this.#fault('a quantifier whose bounds are the wrong way round');
        if (least > mostRepeats || (most !== unlimited && most > mostRepeats)) {
          throw this.#fault(`a quantifier above ${mostRepeats}`);
        }
      }
      if (this.#peek() === '+') throw this.#fault('possessive quantifiers are not supported');
      // Lazy or greedy: whether there is a match does not depend on it.
      this.#eat('?');
      tree = repeat(tree, least, most);
    }
  }
}
