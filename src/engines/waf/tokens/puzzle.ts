/** Puzzles for clients: work to be proved and, for a CAPTCHA, letters to be read. Sealed, for one client and one try. */
import { sha256 } from '../transformations/sha256.ts';
import { draw, lettersOf } from './drawing.ts';
import { isSame, type Sealer, seal, unseal } from './sealer.ts';

export type PuzzleKind = 'challenge' | 'captcha';

/** Random bytes, as many as asked for. */
export type Random = (bytes: number) => Uint8Array;

interface PuzzleFacts {
  readonly kind: PuzzleKind;
  readonly id: string;
  readonly domain: string;
  readonly client: string;
  readonly expires: number;
  /** Leading zero bits that the proof must have. */
  readonly bits: number;
  /** Of a CAPTCHA: a code of id and letters, from which they cannot be read. */
  readonly letters?: string;
}

export interface Puzzle {
  /** Comes back with the answer. */
  readonly sealed: string;
  readonly id: string;
  readonly bits: number;
  /** An SVG image. */
  readonly drawing?: string;
}

export const puzzleLifetimeMs = 300_000;
const defaultBits: Readonly<Record<PuzzleKind, number>> = { challenge: 16, captcha: 12 };

export function createPuzzle(
  kind: PuzzleKind,
  whom: { readonly domain: string; readonly client: string },
  with_: { readonly sealer: Sealer; readonly random: Random; readonly now: number; readonly workBits?: number },
): Puzzle {
  const id = Array.from(with_.random(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const facts: PuzzleFacts = {
    kind,
    id,
    ...whom,
    expires: with_.now + puzzleLifetimeMs,
    bits: with_.workBits ?? defaultBits[kind],
  };
  if (kind === 'challenge') return { sealed: seal(with_.sealer, facts), id, bits: facts.bits };
  const letters = lettersOf(with_.random(5));
  const sealed = seal(with_.sealer, { ...facts, letters: lettersCode(with_.sealer, id, letters) });
  return { sealed, id, bits: facts.bits, drawing: draw(letters, with_.random(256)) };
}

export interface Answer {
  readonly puzzle: string;
  /** The number with which the hash of `id:number` begins with enough zero bits. */
  readonly counter: number;
  readonly letters?: string;
}

/** Undefined where the answer is wrong, late, or somebody else's; each puzzle is tried once. */
export function solvedKind(
  answer: Answer,
  whom: { readonly domain: string; readonly client: string },
  with_: { readonly sealer: Sealer; readonly spent: SpentPuzzles; readonly now: number },
): PuzzleKind | undefined {
  const facts = unseal(with_.sealer, answer.puzzle) as PuzzleFacts | undefined;
  if (!facts || typeof facts.bits !== 'number' || typeof facts.id !== 'string') return undefined;
  if (facts.domain !== whom.domain || facts.client !== whom.client || facts.expires <= with_.now) return undefined;
  if (!Number.isSafeInteger(answer.counter) || answer.counter < 0) return undefined;
  if (leadingZeros(sha256(`${facts.id}:${answer.counter}`)) < facts.bits) return undefined;
  if (!with_.spent.spend(facts.id, with_.now)) return undefined;
  if (facts.kind === 'challenge') return 'challenge';
  if (facts.kind !== 'captcha' || facts.letters === undefined) return undefined;
  const letters = (answer.letters ?? '').toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return isSame(facts.letters, lettersCode(with_.sealer, facts.id, letters)) ? 'captcha' : undefined;
}

const lettersCode = (sealer: Sealer, id: string, letters: string): string => sealer.mac(`letters ${id} ${letters}`);

function leadingZeros(digest: string): number {
  for (let at = 0; at < digest.length; at++) {
    const byte = digest.charCodeAt(at);
    if (byte !== 0) return at * 8 + Math.clz32(byte) - 24;
  }
  return digest.length * 8;
}

const mostSpent = 100_000;

/** Puzzles that were answered, for as long as they live; in bounded memory. */
export class SpentPuzzles {
  #recent = new Set<string>();
  #older = new Set<string>();
  #since = 0;

  /** False where it was spent before. */
  spend(id: string, now: number): boolean {
    if (now - this.#since >= puzzleLifetimeMs || this.#recent.size >= mostSpent) {
      this.#older = this.#recent;
      this.#recent = new Set();
      this.#since = now;
    }
    if (this.#recent.has(id) || this.#older.has(id)) return false;
    this.#recent.add(id);
    return true;
  }
}
