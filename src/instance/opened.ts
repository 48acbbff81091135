/** What an instance has opened so far: closed in the opposite order, when it ends or when its start fails. */
export class Opened {
  readonly #closers: (() => unknown)[] = [];

  /** @param close may be asked before what it closes was opened as a whole */
  add(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Closes everything, whatever fails; then throws what failed first. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
