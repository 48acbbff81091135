/** The anchor: how far the data had come at least, kept with the root key, so that older data are not taken for current. */
import { timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeDurably, writeDurablyLater } from './durable-file.ts';
import type { KeyTree } from './seal.ts';

/** Commits after which the anchor moves on. */
const COMMITS = 1000;
/** Or, when there are fewer, after this many milliseconds. */
const INTERVAL_MS = 5000;

export interface Anchored {
  /** Names one history of a store; a restore begins another. */
  readonly epoch: string;
  /** Grows with every commit of that history. */
  readonly position: number;
}

function encode(keys: KeyTree, { epoch, position }: Anchored): Buffer {
  const text = JSON.stringify({ epoch, position });
  return Buffer.from(`${JSON.stringify({ epoch, position, mac: keys.mac('anchor', text) })}\n`);
}

/** @returns undefined if there is none; throws an Error if it was not made with this root key */
export function readAnchor(path: string, keys: KeyTree): Anchored | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { epoch, position, mac } = JSON.parse(readFileSync(path, 'utf8')) as Anchored & { mac: string };
    const expected = keys.mac('anchor', JSON.stringify({ epoch, position }));
    if (timingSafeEqual(Buffer.from(expected), Buffer.from(mac))) return { epoch, position };
  } catch {
    // Whatever is wrong with it, it is no anchor.
  }
  throw new Error(`${path} was not written with this root key, or was changed`);
}

export function writeAnchor(path: string, keys: KeyTree, anchored: Anchored): void {
  writeDurably(path, encode(keys, anchored));
}

/** Moves the anchor behind the commits, seldom enough to cost nothing. */
export class Anchor {
  readonly #path: string;
  readonly #keys: KeyTree;
  readonly #epoch: string;
  readonly #clock: () => number;
  #commits = 0;
  #writtenAt: number;
  #writing: Promise<void> | undefined;

  constructor(path: string, keys: KeyTree, epoch: string, clock: () => number) {
    this.#path = path;
    this.#keys = keys;
    this.#epoch = epoch;
    this.#clock = clock;
    this.#writtenAt = clock();
  }

  /** Call after a commit is durable. */
  reached(position: number): void {
    if (++this.#commits < COMMITS && this.#clock() - this.#writtenAt < INTERVAL_MS) return;
    if (this.#writing) return;
    this.#commits = 0;
    this.#writtenAt = this.#clock();
    const bytes = encode(this.#keys, { epoch: this.#epoch, position });
    // A full disk may refuse it: the old anchor then stays, which is still true.
    this.#writing = writeDurablyLater(this.#path, bytes)
      .catch(() => undefined)
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async close(position: number): Promise<void> {
    await this.#writing;
    await writeDurablyLater(this.#path, encode(this.#keys, { epoch: this.#epoch, position })).catch(() => undefined);
  }
}
