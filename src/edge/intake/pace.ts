/** Looks after those who take their time: bodies that hardly come, and answers that are hardly taken. */
import type { Socket } from 'node:net';
import type { EdgeLimits } from '../snapshot.ts';

export interface Sending {
  /** Bytes that have come. */
  readonly received: number;
  cutForPace(): void;
}

interface Watched {
  readonly since: number;
  seen: number;
}

interface Reading {
  /** Bytes that the client has taken at the last look, and since when it has taken no more. */
  taken: number;
  since: number;
}

const longestPauseMs = 20_000;

export class PaceKeeper {
  readonly #limits: () => EdgeLimits;
  readonly #now: () => number;
  readonly #sending = new Map<Sending, Watched>();
  readonly #reading = new Map<Socket, Reading>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: () => EdgeLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  watchBody(sending: Sending): void {
    this.#sending.set(sending, { since: this.#now(), seen: 0 });
    this.#start();
  }

  forgetBody(sending: Sending): void {
    this.#sending.delete(sending);
  }

  /** A client that has not taken what was written to it. */
  watchReader(socket: Socket): void {
    if (this.#reading.has(socket)) return;
    this.#reading.set(socket, { taken: takenBy(socket), since: this.#now() });
    this.#start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#timer ??= setInterval(() => this.#look(), Math.min(1_000, this.#limits().paceMs)).unref();
  }

  #look(): void {
    const now = this.#now();
    const limits = this.#limits();
    for (const [sending, watched] of this.#sending) {
      if (now - watched.since < limits.bodyGraceMs) continue;
      const least = ((now - watched.since - limits.bodyGraceMs + limits.paceMs) / 1000) * limits.bodyBytesPerSecond;
      // The rate counts from the beginning: who has been fast may pause.
      if (sending.received >= least) continue;
      this.#sending.delete(sending);
      sending.cutForPace();
    }
    for (const [socket, reading] of this.#reading) {
      const taken = takenBy(socket);
      if (socket.destroyed || socket.writableLength === 0) {
        this.#reading.delete(socket);
        continue;
      }
      if (taken > reading.taken) {
        reading.taken = taken;
        reading.since = now;
        continue;
      }
      const patience = Math.max(longestPauseMs, (largestWrite / limits.answerBytesPerSecond) * 1000);
      if (now - reading.since < patience) continue;
      this.#reading.delete(socket);
      socket.destroy();
    }
    if (this.#sending.size > 0 || this.#reading.size > 0) return;
    this.stop();
  }
}

/** Progress shows only when a whole write has gone. */
const largestWrite = 64 * 1024;

function takenBy(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}
