/** What edge processes say has come, put together by resource until somebody looks at it. */
import type { ArrivalReport } from '../../edge/reports/arrivals.ts';
import type { RequestTraits } from '../../engines/traffic/index.ts';

/** Seconds of traffic that are looked at by themselves: two such windows, and the rules are placed within ten seconds. */
export const defaultWindowSeconds = 2;

const MOST_SAMPLES = 8_000;
/** Times as long as it should be that a window may be: when the clock jumps, nobody knows. */
const MOST_WINDOWS = 5;

export interface Arrived {
  /** Since what was taken before: a busy machine looks later than it should. */
  readonly seconds: number;
  readonly requests: number;
  readonly sample: readonly RequestTraits[];
}

export class ArrivedTraffic {
  readonly #nominal: number;
  #takenAt: number | undefined;
  #waiting = new Map<string, { requests: number; sample: RequestTraits[] }>();

  /** @param windowSeconds how often it is meant to be taken */
  constructor(windowSeconds: number) {
    this.#nominal = windowSeconds;
  }

  add(reports: readonly ArrivalReport[]): void {
    for (const { resource, requests, sample } of reports) {
      const waiting = this.#waiting.get(resource) ?? { requests: 0, sample: [] };
      waiting.requests += requests;
      // A sample of few requests stands for few.
      waiting.sample.push(...sample.slice(0, MOST_SAMPLES - waiting.sample.length));
      this.#waiting.set(resource, waiting);
    }
  }

  /** Answers what came for a resource, by its ARN. */
  take(now: number): { readonly of: (resource: string) => Arrived; readonly resources: readonly string[] } {
    const taken = this.#waiting;
    const seconds = this.#secondsUntil(now);
    this.#waiting = new Map();
    this.#takenAt = now;
    return {
      of: (resource) => ({ seconds, ...(taken.get(resource) ?? { requests: 0, sample: [] }) }),
      resources: [...taken.keys()],
    };
  }

  #secondsUntil(now: number): number {
    const elapsed = this.#takenAt === undefined ? this.#nominal : (now - this.#takenAt) / 1000;
    return Math.min(Math.max(elapsed, this.#nominal / 2), MOST_WINDOWS * this.#nominal);
  }
}
