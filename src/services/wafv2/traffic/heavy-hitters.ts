/** Counts the most frequent of any number of keys in a fixed room (Misra and Gries): never over the truth. */
export class HeavyHitters {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#counts.size;
  }

  add(key: string, times: number): void {
    let left = times;
    while (left > 0) {
      const known = this.#counts.get(key);
      if (known !== undefined || this.#counts.size < this.#most) {
        this.#counts.set(key, (known ?? 0) + left);
        return;
      }
      let least = left;
      for (const count of this.#counts.values()) if (count < least) least = count;
      for (const [other, count] of this.#counts) {
        if (count === least) this.#counts.delete(other);
        else this.#counts.set(other, count - least);
      }
      left -= least;
    }
  }

  entries(): IterableIterator<[string, number]> {
    return this.#counts.entries();
  }
}
