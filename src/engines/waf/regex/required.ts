/** Literals of which every match of an expression holds at least one, in lower case: what a gate may look for first. */
import { type ByteSet, isWordByte, type Tree } from './tree.ts';

const mostLiterals = 16;

/** Undefined where there are no such literals, or too many. */
export function requiredLiterals(tree: Tree): readonly string[] | undefined {
  switch (tree.kind) {
    case 'bytes': {
      const only = onlyLetter(tree.set);
      return only === undefined ? undefined : [only];
    }
    case 'repeat':
      return tree.least > 0 ? requiredLiterals(tree.of) : undefined;
    case 'choice': {
      const all: string[] = [];
      for (const option of tree.options) {
        const literals = requiredLiterals(option);
        if (!literals) return undefined;
        all.push(...literals);
      }
      return all.length <= mostLiterals ? all : undefined;
    }
    case 'sequence':
      return ofSequence(tree.parts);
    default:
      return undefined;
  }
}

/** The part whose shortest literal is the longest; bytes in a row are one. */
function ofSequence(parts: readonly Tree[]): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  const offer = (literals: readonly string[] | undefined): void => {
    if (literals && worth(literals) > (best ? worth(best) : 0)) best = literals;
  };
  let run = '';
  for (const part of parts) {
    const letter = part.kind === 'bytes' ? onlyLetter(part.set) : undefined;
    if (letter !== undefined) {
      run += letter;
      continue;
    }
    // A boundary reads nothing: the bytes around it stand in a row.
    if (part.kind === 'boundary' || part.kind === 'empty') continue;
    offer(run === '' ? undefined : [run]);
    run = '';
    offer(requiredLiterals(part));
  }
  offer(run === '' ? undefined : [run]);
  return best;
}

const worth = (literals: readonly string[]): number => Math.min(...literals.map(({ length }) => length));

/** The one byte of a set, or the lower case of a letter in both cases. */
function onlyLetter(set: ByteSet): string | undefined {
  const first = set.indexOf(1);
  const last = set.lastIndexOf(1);
  if (first < 0) return undefined;
  if (first === last) return String.fromCharCode(isUpper(first) ? first + 32 : first);
  const isBoth = isUpper(first) && last === first + 32 && isWordByte(first) && count(set) === 2;
  return isBoth ? String.fromCharCode(last) : undefined;
}

const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;

const count = (set: ByteSet): number => set.reduce((sum, flag) => sum + flag, 0);
