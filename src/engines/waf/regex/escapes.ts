/** Sets with names: `\d`, `[:alpha:]`, `\p{L}`. */
import { type ByteSet, complement, isWordByte, setOf } from './tree.ts';

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);
const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;
const isLower = (byte: number): boolean => byte >= 97 && byte <= 122;
const isGraphic = (byte: number): boolean => byte > 32 && byte < 127;

const byLetter: Readonly<Record<string, ByteSet>> = {
  d: setOf(isDigit),
  w: setOf(isWordByte),
  s: setOf(isSpace),
  h: setOf((byte) => byte === 9 || byte === 32 || byte === 160),
  v: setOf((byte) => (byte >= 10 && byte <= 13) || byte === 0x85),
};

/** The set that `\d`, `\W`, `\N` and their like stand for. */
export function setOfLetter(letter: string): ByteSet | undefined {
  if (letter === 'N') return setOf((byte) => byte !== 10);
  const lower = letter.toLowerCase();
  const set = Object.hasOwn(byLetter, lower) ? byLetter[lower] : undefined;
  if (!set) return undefined;
  return letter === lower ? set : complement(set);
}

const posix: Readonly<Record<string, (byte: number) => boolean>> = {
  alnum: (byte) => isDigit(byte) || isUpper(byte) || isLower(byte),
  alpha: (byte) => isUpper(byte) || isLower(byte),
  ascii: (byte) => byte < 128,
  blank: (byte) => byte === 9 || byte === 32,
  cntrl: (byte) => byte < 32 || byte === 127,
  digit: isDigit,
  graph: isGraphic,
  lower: isLower,
  print: (byte) => isGraphic(byte) || byte === 32,
  punct: (byte) => isGraphic(byte) && !isDigit(byte) && !isUpper(byte) && !isLower(byte),
  space: isSpace,
  upper: isUpper,
  word: isWordByte,
  xdigit: (byte) => isDigit(byte) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102),
};

export function setOfPosixName(name: string): ByteSet | undefined {
  return Object.hasOwn(posix, name) ? setOf(posix[name]!) : undefined;
}

/** The characters up to U+00FF that have a Unicode property. */
export function setOfProperty(name: string): ByteSet | undefined {
  if (!/^[A-Za-z_]{1,40}$/.test(name)) return undefined;
  try {
    const pattern = new RegExp(`^\\p{${name}}$`, 'u');
    return setOf((byte) => pattern.test(String.fromCharCode(byte)));
  } catch {
    return undefined;
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

export function controlOf(letter: string): number | undefined {
  return Object.hasOwn(controls, letter) ? controls[letter] : undefined;
}
