/**
 * Folds a sketch until only its structure is left: arithmetic on constants becomes one constant, lists of constants one,
 * signs in front of operands vanish, brackets around a single operand too, and calls whose arguments are operands become
 * `q` (a database's function), `Q` (a telling one) or `p` (any other name).
 */

/** Operands that are no plain names. */
const isConstant = (letter: string | undefined): boolean =>
  letter === '1' || letter === 's' || letter === 'v' || letter === 'g' || letter === 'q' || letter === 'Q';
const isOperand = (letter: string | undefined): boolean =>
  isConstant(letter) || letter === 'n' || letter === 'p' || letter === 'y';

/** Which letters may stand before an operand: a sign there belongs to it. */
const expectsOperand = 'o=&!(,EhwkmCBlA;UViaS*';

export interface Folded {
  readonly letters: string;
  /** For each letter, the number of the token with which it begins. */
  readonly tokens: readonly number[];
}

export function fold(letters: string): Folded {
  const out: string[] = [];
  const tokens: number[] = [];
  const drop = (from: number, count: number): void => {
    out.splice(from, count);
    tokens.splice(from, count);
  };
  for (let index = 0; index < letters.length; index++) {
    const letter = letters[index]!;
    const last = out.at(-1);
    if ((letter === 'o' || letter === '!') && (last === undefined || expectsOperand.includes(last))) {
      // A sign: -1, ~1, !1, not 1. After names that are verbs too, `*` and `-` may be signs of lists.
      if (out.length > 0 || letter === 'o') continue;
    }
    out.push(letter === '*' && last !== undefined && isOperand(last) ? 'o' : letter);
    tokens.push(index);
    reduce(out, drop);
  }
  return { letters: out.join(''), tokens };
}

/** At most a few steps for each token: every step shortens the list. */
function reduce(out: string[], drop: (from: number, count: number) => void): void {
  for (;;) {
    const end = out.length - 1;
    const a = out[end - 2];
    const b = out[end - 1];
    const c = out[end];
    if (b === 'o' && isConstant(a) && isConstant(c)) {
      // The more telling operand stays.
      if (c === 'Q' || (c === 'q' && a !== 'Q')) out[end - 2] = c;
      drop(end - 1, 2);
    } else if (b === ',' && isConstant(a) && isConstant(c)) {
      if (c === 'Q') out[end - 2] = c;
      drop(end - 1, 2);
    } else if (c === ')' && a === '(' && isOperand(b)) {
      const name = out[end - 3];
      if (name === 'f' || name === 'F' || name === 'n') {
        out[end - 3] = name === 'f' ? (b === 'Q' ? 'Q' : 'q') : name === 'F' ? 'Q' : 'p';
        drop(end - 2, 3);
      } else {
        out[end - 2] = b!;
        drop(end - 1, 2);
      }
    } else if (c === ')' && b === '(' && (a === 'f' || a === 'F' || a === 'n')) {
      out[end - 2] = a === 'f' ? 'q' : a === 'F' ? 'Q' : 'p';
      drop(end - 1, 2);
    } else if (c === ')' && b !== '(' && closesCall(out, end)) {
      const open = out.lastIndexOf('(', end - 1);
      const name = out[open - 1];
      out[open - 1] = name === 'f' ? (out.includes('Q', open) ? 'Q' : 'q') : name === 'F' ? 'Q' : 'p';
      drop(open, end - open + 1);
    } else return;
  }
}

const longestCall = 64;

/** Whether the bracket ends a call whose arguments are operands, separated by commas, comparisons and the like. */
function closesCall(out: readonly string[], end: number): boolean {
  for (let index = end - 1; index > 0 && end - index < longestCall; index--) {
    const letter = out[index]!;
    if (letter === '(') {
      const name = out[index - 1];
      return name === 'f' || name === 'F' || (name === 'n' && end - index < 12);
    }
    if (
      !(isOperand(letter) || letter === ',' || letter === '=' || letter === 'a' || letter === 'o' || letter === '*')
    ) {
      return false;
    }
    // Two operands beside each other are words, not arguments.
    if (isOperand(letter) && isOperand(out[index + 1])) return false;
  }
  return false;
}
