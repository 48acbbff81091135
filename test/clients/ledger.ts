/** One line for each thing a client was seen to do, and what remains to be said at the end. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export class Ledger {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void = console.log) {
    this.#print = print;
  }

  get counts(): Counts {
    return { passed: this.#passed, failed: this.#failed, skipped: this.#skipped };
  }

  passed(name: string): void {
    this.#passed += 1;
    this.#print(`✓ ${name}`);
  }

  failed(name: string, why: string): void {
    this.#failed += 1;
    this.#print(`✗ ${name}\n    ${why.trim().slice(0, 3000).replaceAll('\n', '\n    ')}`);
  }

  /** Says what was not tried, and what would have to be there for it. */
  skipped(name: string, why: string): void {
    this.#skipped += 1;
    this.#print(`SKIPPED: ${name}: ${why}`);
  }
}
