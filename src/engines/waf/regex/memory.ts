/** What the automata of a web ACL may hold together: each its share, however many there are. */

const defaultBytes = 1 << 20;
const leastBytes = 32 * 1024;

export class RegexMemory {
  readonly #mostBytes: number;
  #users = 0;

  constructor(mostBytes = defaultBytes) {
    this.#mostBytes = mostBytes;
  }

  join(): void {
    this.#users += 1;
  }

  /** Bytes for each, at most a megabyte. */
  get share(): number {
    return Math.max(leastBytes, Math.min(defaultBytes, this.#mostBytes / Math.max(1, this.#users)));
  }
}
