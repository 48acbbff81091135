/** What a regular expression says, as a tree over bytes; and the sets of bytes in it. */

/** 256 flags, one a byte. */
export type ByteSet = Uint8Array;

/** What must hold between two bytes; a bit each. */
export const boundary = {
  /** `^` and `\A` */
  textStart: 1,
  /** `\z` */
  textEnd: 2,
  /** `$` and `\Z`: the end, or before a newline that is the last byte. */
  lastLineEnd: 4,
  /** `^` with (?m) */
  lineStart: 8,
  /** `$` with (?m) */
  lineEnd: 16,
  word: 32,
  notWord: 64,
} as const;

export type Tree =
  | { readonly kind: 'empty' }
  | { readonly kind: 'bytes'; readonly set: ByteSet }
  | { readonly kind: 'boundary'; readonly what: number }
  | { readonly kind: 'sequence'; readonly parts: readonly Tree[] }
  | { readonly kind: 'choice'; readonly options: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly of: Tree; readonly least: number; readonly most: number };

export const unlimited = Number.POSITIVE_INFINITY;

export function setOf(includes: (byte: number) => boolean): ByteSet {
  const set = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) if (includes(byte)) set[byte] = 1;
  return set;
}

/** Shared: sets are never changed once they are in a tree, and the same set is the same object where that is easy. */
const singles = Array.from({ length: 256 }, (_, byte) => setOf((other) => other === byte));

export const oneByte = (byte: number): ByteSet => singles[byte]!;

export const complement = (set: ByteSet): ByteSet => setOf((byte) => set[byte] === 0);

export function addAll(to: ByteSet, from: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) if (from[byte] === 1) to[byte] = 1;
}

export const isWordByte = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122);

/** With the other case of each ASCII letter. */
export function bothCases(set: ByteSet): ByteSet {
  const wide = set.slice();
  for (let upper = 65; upper <= 90; upper++) {
    if (set[upper] === 1) wide[upper + 32] = 1;
    if (set[upper + 32] === 1) wide[upper] = 1;
  }
  return wide;
}

const letters = singles.map(bothCases);

/** A byte, and its other case where it is a letter. */
export const oneLetter = (byte: number): ByteSet => letters[byte]!;

/** Repeats of repeats become one where that says the same: it keeps automata small. */
export function repeat(of: Tree, least: number, most: number): Tree {
  if (most === 0) return { kind: 'empty' };
  // What reads nothing says the same however often it is said.
  if (!reads(of)) return least === 0 ? { kind: 'empty' } : of;
  if (least === 1 && most === 1) return of;
  // What may be empty may be left out: then it need not be empty as well, which keeps the ways through it few.
  const inner = isEmptiable(of) ? withoutEmpty(of) : of;
  if (inner !== of) return repeat(inner, 0, most);
  if (of.kind === 'repeat') {
    const isFree = of.least <= 1 && of.most === unlimited;
    if (isFree) return { kind: 'repeat', of: of.of, least: of.least * least, most: unlimited };
    if (of.least <= 1 && most === unlimited && least <= 1) {
      return { kind: 'repeat', of: of.of, least: of.least * least, most: unlimited };
    }
    if (of.least === 0 && of.most === 1 && most !== unlimited) return { kind: 'repeat', of: of.of, least: 0, most };
  }
  return { kind: 'repeat', of, least, most };
}

/** Empty under no condition. */
function isEmptiable(tree: Tree): boolean {
  switch (tree.kind) {
    case 'empty':
      return true;
    case 'repeat':
      return tree.least === 0 || isEmptiable(tree.of);
    case 'choice':
      return tree.options.some(isEmptiable);
    case 'sequence':
      return tree.parts.every(isEmptiable);
    default:
      return false;
  }
}

/** The same but for being empty; itself where that cannot be said of its parts. */
function withoutEmpty(tree: Tree): Tree {
  if (tree.kind === 'repeat' && tree.least === 0) return { ...tree, least: 1 };
  if (tree.kind === 'choice') {
    const options = tree.options.map((option) => (isEmptiable(option) ? withoutEmpty(option) : option));
    const kept = options.filter(({ kind }) => kind !== 'empty');
    const isChanged = kept.length < options.length || kept.some((option, index) => option !== tree.options[index]);
    return isChanged && kept.length > 0 && !kept.some(isEmptiable) ? choice(kept) : tree;
  }
  return tree;
}

function reads(tree: Tree): boolean {
  switch (tree.kind) {
    case 'bytes':
      return true;
    case 'sequence':
      return tree.parts.some(reads);
    case 'choice':
      return tree.options.some(reads);
    case 'repeat':
      // Made by `repeat`, so that it reads.
      return true;
    default:
      return false;
  }
}

/** Options of one byte each are one set. */
export function choice(options: readonly Tree[]): Tree {
  if (options.length === 1) return options[0]!;
  const merged = new Uint8Array(256);
  const others: Tree[] = [];
  let singles = 0;
  for (const option of options) {
    if (option.kind === 'bytes') {
      addAll(merged, option.set);
      singles += 1;
    } else others.push(option);
  }
  if (singles > 0) others.push({ kind: 'bytes', set: merged });
  return others.length === 1 ? others[0]! : { kind: 'choice', options: others };
}
