/** Records of reads that a full disk could not take: kept in bounded memory, and appended with the next commit that works. */
import type { Change, Entry } from '../store/store.ts';

const limit = 10_000;

export class PendingRecords {
  #entries: Entry[] = [];
  #dropped = 0;

  /** Keeps a record; the oldest give way when there are too many, and are counted. */
  hold(entries: readonly Entry[]): void {
    this.#entries.push(...entries);
    if (this.#entries.length > limit) {
      this.#dropped += this.#entries.length - limit;
      this.#entries = this.#entries.slice(-limit);
    }
  }

  /** Adds what is held to a change; call `release` with the result once it is durable. */
  addTo(change: Change): readonly Entry[] {
    if (this.#entries.length === 0) return this.#entries;
    const taken = this.#entries;
    for (const entry of taken) change.append(entry);
    return taken;
  }

  release(taken: readonly Entry[]): void {
    if (taken.length === 0) return;
    const durable = new Set(taken);
    this.#entries = this.#entries.filter((entry) => !durable.has(entry));
  }

  /** Drops what is held: the state that it tells of is gone. */
  forget(): void {
    this.#entries = [];
  }

  get held(): number {
    return this.#entries.length;
  }

  get dropped(): number {
    return this.#dropped;
  }
}
