/** Answers of origins in memory, within a number of bytes: the longest unused go first. */

/** An order to forget, remembered for answers that were on their way when it came. */
interface Order {
  readonly prefix: string;
  readonly matches: (path: string) => boolean;
}

const mostOrders = 1_000;

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
  readonly #orders: Order[] = [];
  #ordered = 0;

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

  /** What was ordered until now: taken when an origin is asked, and given back with its answer. */
  get moment(): number {
    return this.#ordered;
  }

  /** @param askedAt `moment` when the origin was asked: what was to be forgotten since then is not kept */
  store(key: string, answer: CachedAnswer, askedAt: number): void {
    const weight = weightOf(key, answer);
    if (weight > this.limits.answerBytes || this.#isOutdated(key, askedAt)) return;
    this.#drop(key);
    this.#answers.set(key, answer);
    this.#bytes += weight;
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.limits.bytes) break;
      this.#drop(oldest);
    }
  }

  /** @param matches paths of a distribution that are to be asked for anew */
  invalidate(prefix: string, matches: (path: string) => boolean): void {
    this.#ordered += 1;
    this.#orders.push({ prefix, matches });
    if (this.#orders.length > mostOrders) this.#orders.shift();
    for (const key of [...this.#answers.keys()]) {
      if (key.startsWith(prefix) && matches(pathOf(key, prefix))) this.#drop(key);
    }
  }

  #isOutdated(key: string, askedAt: number): boolean {
    const since = this.#ordered - askedAt;
    if (since === 0) return false;
    if (since > this.#orders.length) return true;
    return this.#orders
      .slice(-since)
      .some(({ prefix, matches }) => key.startsWith(prefix) && matches(pathOf(key, prefix)));
  }

  #drop(key: string): void {
    const known = this.#answers.get(key);
    if (!known) return;
    this.#answers.delete(key);
    this.#bytes -= weightOf(key, known);
  }
}

/** Keys are what comes before the path, the path, and lines of whatever else tells answers apart. */
const pathOf = (key: string, prefix: string): string => key.slice(prefix.length).split('\n', 1)[0] as string;

function weightOf(key: string, { headers, body }: CachedAnswer): number {
  let weight = 256 + key.length * 2 + body.length;
  for (const one of headers) weight += one.length;
  return weight;
}
