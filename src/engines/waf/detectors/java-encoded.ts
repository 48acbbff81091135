/**
 * Names of Java's telling classes within Base64, at any place of the encoded bytes: a name reads in one of three ways there,
 * and the middle of each is always the same. Objects that were cut, packed or wrapped do not begin as serialized ones do.
 */
import { Gate } from './shapes/shape.ts';

/** Ends of such names; what stands before them is read once one is found. */
const stems = ['ransformer', 'actory', 'losure', 'rocess', 'untime', 'mplatesImpl', 'owSetImpl'];

const names =
  /(?:invoker|instantiate|constant|chained|clone|map|closure|switch|predicate|factory|if|string\w{0,5})transformer|(?:instantiate|prototype(?:clone|serialization)|prototype|reflection|constant|exception)factory|(?:while|for|method|convert(?:ed)?|transformer|chained|if|switch)closure|processbuilder|java[./]lang[./]runtime|templatesimpl|jdbcrowsetimpl|^[\0-\xff]{0,2}(?:runtime|processbuilder)$/i;

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The digits that say a stem and nothing else, where `before` bytes precede it in its group of three. */
function middleOf(stem: string, before: number): string {
  let out = '';
  // The first digit that begins within the stem: four bits in behind one byte, two behind two.
  for (let bit = (6 - before * 2) % 6; bit + 6 <= stem.length * 8; bit += 6) {
    const byte = bit >> 3;
    const pair = (stem.charCodeAt(byte) << 8) | (byte + 1 < stem.length ? stem.charCodeAt(byte + 1) : 0);
    out += digits[(pair >> (10 - (bit & 7))) & 63];
  }
  return out;
}

/** Each with the digit of its group of four with which it begins. */
const middles: ReadonlyMap<string, number> = new Map(
  stems.flatMap((stem) => [0, 1, 2].map((before) => [middleOf(stem, before), before === 0 ? 0 : before + 1] as const)),
);
const anyMiddle = new RegExp([...middles.keys()].join('|'), 'g');

const mostBefore = 64;
const mostAfter = 32;

/** The name as decoded, or undefined. */
export function encodedClass(text: string): string | undefined {
  for (const match of text.matchAll(anyMiddle)) {
    const from = match.index - middles.get(match[0])!;
    const found = names.exec(decode(text, from, match.index + match[0].length + mostAfter));
    if (found !== null) return found[0];
  }
  return undefined;
}

/** Groups of four digits around one that begins at `from`, as far as they go; it may begin before the text. */
function decode(text: string, from: number, to: number): string {
  let first = from;
  while (first > 0 && from - first < mostBefore && isDigits(text, first - 4, first)) first -= 4;
  return Buffer.from('A'.repeat(Math.max(0, -first)) + text.slice(Math.max(0, first), to), 'base64').toString('latin1');
}

function isDigits(text: string, from: number, to: number): boolean {
  for (let index = Math.max(0, from); index < to; index++) {
    if (!digits.includes(text[index]!)) return false;
  }
  return true;
}

/** Beginnings of serialized objects, and parts of names as they stand. */
const plain =
  'rO0AB aced0005 ACED0005 H4sIAAAA KztAAU Cs7QAF Transformer Factory TemplatesImpl RowSetImpl ysoserial getRuntime ProcessBuilder Closure';
const length = 5;
const pieces: ReadonlySet<string> = new Set(
  plain
    .split(' ')
    // Names as Java has them, and in lower case, as what looks them up may fold them.
    .flatMap((word) => (/^\w*[a-z]{3}/.test(word) && word !== 'aced0005' ? [word, word.toLowerCase()] : [word]))
    .concat(...middles.keys())
    .map((word) => word.slice(0, length)),
);

/** Without one there is no such name. */
export const anyPiece = new Gate(pieces);

/** How far one may go on behind two characters; 0 where a piece may end with them. */
const steps = new Uint8Array(4096).fill(length - 1);
for (const piece of pieces) {
  for (let index = 1; index < length; index++) {
    const key = keyOf(piece, index);
    steps[key] = Math.min(steps[key]!, length - 1 - index);
  }
}

function keyOf(text: string, index: number): number {
  return ((text.charCodeAt(index - 1) & 63) << 6) | (text.charCodeAt(index) & 63);
}

/** Whether a text without dots and brackets may hold any of it: looks at every few characters only. */
export function mayNameClass(text: string): boolean {
  if (!anyPiece.isOpen(text)) return false;
  for (let at = length - 1; at < text.length; ) {
    const step = steps[keyOf(text, at)]!;
    if (step > 0) at += step;
    else if (pieces.has(text.slice(at - length + 1, at + 1))) return true;
    else at++;
  }
  return false;
}
