/** Answers of origins in memory, within a number of bytes: the longest unused go first. */

export interface CachedAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly etag: string | undefined;
  /** Epoch milliseconds. */
  readonly storedAt: number;
  readonly freshUntil: number;
}

export interface CacheLimits {
  readonly bytes: number;
  readonly answerBytes: number;
}

const defaultCacheLimits: CacheLimits = { bytes: 64 * 1024 * 1024, answerBytes: 2 * 1024 * 1024 };

export class AnswerCache {
  readonly limits: CacheLimits;
  /** In the order of their last use. */
  readonly #answers = new Map<string, CachedAnswer>();
  #bytes = 0;

  constructor(limits: CacheLimits = defaultCacheLimits) {
    this.limits = limits;
  }

  find(key: string, now: number): CachedAnswer | undefined {
    const found = this.#answers.get(key);
    if (!found) return undefined;
    this.#answers.delete(key);
    if (found.freshUntil <= now) {
      this.#bytes -= weightOf(key, found);
      return undefined;
    }
    this.#answers.set(key, found);
    return found;
  }

  store(key: string, answer: CachedAnswer): void {
    const weight = weightOf(key, answer);
    if (weight > this.limits.answerBytes) return;
    this.#drop(key);
    this.#answers.set(key, answer);
    this.#bytes += weight;
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.limits.bytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const known = this.#answers.get(key);
    if (!known) return;
    this.#answers.delete(key);
    this.#bytes -= weightOf(key, known);
  }
}

function weightOf(key: string, { headers, body }: CachedAnswer): number {
  let weight = 256 + key.length * 2 + body.length;
  for (const one of headers) weight += one.length;
  return weight;
}
