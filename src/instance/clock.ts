/** The clock of an instance: the machine's, moved forward by the test API where that is open. */

export class InstanceClock {
  #offset = 0;
  readonly #machine: () => number;

  /** @param machine epoch milliseconds; injected so that failures replay */
  constructor(machine: () => number = Date.now) {
    this.#machine = machine;
  }

  /** Rules expiry, schedules and policy dates. */
  now(): number {
    return this.#machine() + this.#offset;
  }

  /** Signature times are compared with this: real clients cannot follow a moved clock. */
  wall(): number {
    return this.#machine();
  }

  advance(seconds: number): void {
    this.#offset += Math.round(seconds * 1000);
  }

  reset(): void {
    this.#offset = 0;
  }
}
