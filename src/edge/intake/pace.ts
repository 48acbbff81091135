/** Looks after those who take their time: bodies that hardly come, and answers that are hardly taken. */
import type { EdgeLimits } from '../snapshot.ts';

export interface Sending {
  /** Bytes that have come. */
  readonly received: number;
  cutForPace(): void;
}

export interface Reader {
  /** Bytes that wait for the client. */
  readonly pending: number;
  /** Bytes that it has taken. */
  readonly taken: number;
  readonly isGone: boolean;
  cutForPace(): void;
}

/**
 * A body that is watched, until it is forgotten: then nothing leads from here to its request. V8 keeps a link from each
 * table of a set that is outgrown to the next; once such a table is old, all that was in the next ones stays until a
 * major collection, and would be whole requests.
 */
class Watched {
  sending: Sending | undefined;
  readonly since: number;

  constructor(sending: Sending, since: number) {
    this.sending = sending;
    this.since = since;
  }
}

interface Reading {
  /** Bytes that the client had taken at the last look, and since when it has taken no more. */
  taken: number;
  since: number;
  /** Bytes that wait for it, as far as is known between two looks. */
  held: number;
}

const longestPauseMs = 20_000;
/** Progress shows only when a whole write has gone. */
const largestWrite = 64 * 1024;

export class PaceKeeper {
  readonly #limits: () => EdgeLimits;
  readonly #now: () => number;
  readonly #bodies = new Set<Watched>();
  /** In the order in which they fell behind. */
  readonly #reading = new Map<Reader, Reading>();
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: () => EdgeLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** @returns by which it is forgotten, to be done whatever becomes of it */
  watchBody(sending: Sending): Watched {
    const watched = new Watched(sending, this.#now());
    this.#bodies.add(watched);
    this.#start();
    return watched;
  }

  forgetBody(watched: Watched): void {
    this.#bodies.delete(watched);
    watched.sending = undefined;
  }

  /**
   * A client that has not taken what was written to it. When all of them together hold too much, those who fell behind
   * first are cut: made to wait, they would hold their targets instead.
   * @param bytes what was just written
   */
  watchReader(reader: Reader, bytes: number): void {
    const known = this.#reading.get(reader);
    if (known) known.held += bytes;
    else this.#reading.set(reader, { taken: reader.taken, since: this.#now(), held: bytes });
    this.#held += bytes;
    this.#start();
    if (this.#held <= this.#limits().memoryBytes) return;
    this.#recount();
    const { memoryBytes } = this.#limits();
    for (const oldest of this.#reading.keys()) {
      if (this.#held <= memoryBytes) break;
      if (oldest !== reader) this.#cut(oldest);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#timer ??= setInterval(() => this.#look(), Math.min(1_000, this.#limits().paceMs)).unref();
  }

  #look(): void {
    this.#lookAtBodies();
    this.#recount();
    this.#lookAtReaders();
    if (this.#bodies.size === 0 && this.#reading.size === 0) this.stop();
  }

  /** The rate counts from the beginning: who has been fast may pause. */
  #lookAtBodies(): void {
    const now = this.#now();
    const { bodyGraceMs, paceMs, bodyBytesPerSecond } = this.#limits();
    for (const watched of this.#bodies) {
      const { sending, since } = watched;
      if (!sending || now - since < bodyGraceMs) continue;
      const least = ((now - since - bodyGraceMs + paceMs) / 1000) * bodyBytesPerSecond;
      if (sending.received >= least) continue;
      this.forgetBody(watched);
      sending.cutForPace();
    }
  }

  #lookAtReaders(): void {
    const now = this.#now();
    const patience = Math.max(longestPauseMs, (largestWrite / this.#limits().answerBytesPerSecond) * 1000);
    for (const [reader, reading] of this.#reading) {
      const { taken } = reader;
      if (taken > reading.taken) {
        reading.taken = taken;
        reading.since = now;
      } else if (now - reading.since >= patience) this.#cut(reader);
    }
  }

  /** What really waits, without those who have caught up. */
  #recount(): void {
    this.#held = 0;
    for (const [reader, reading] of this.#reading) {
      const pending = reader.isGone ? 0 : reader.pending;
      if (pending === 0) {
        this.#reading.delete(reader);
        continue;
      }
      reading.held = pending;
      this.#held += pending;
    }
  }

  #cut(reader: Reader): void {
    this.#held -= this.#reading.get(reader)?.held ?? 0;
    this.#reading.delete(reader);
    reader.cutForPace();
  }
}
