/** What edge processes say has come, put together by resource until somebody looks at it. */
import type { ArrivalReport } from '../../edge/reports/arrivals.ts';
import type { RequestTraits } from '../../engines/traffic/index.ts';

const MOST_SAMPLES = 8_000;

export interface Arrived {
  readonly requests: number;
  readonly sample: readonly RequestTraits[];
}

export class ArrivedTraffic {
  #waiting = new Map<string, { requests: number; sample: RequestTraits[] }>();

  add(reports: readonly ArrivalReport[]): void {
    for (const { resource, requests, sample } of reports) {
      const waiting = this.#waiting.get(resource) ?? { requests: 0, sample: [] };
      waiting.requests += requests;
      // A sample of few requests stands for few.
      waiting.sample.push(...sample.slice(0, MOST_SAMPLES - waiting.sample.length));
      this.#waiting.set(resource, waiting);
    }
  }

  /** By ARN of the resource. */
  take(): ReadonlyMap<string, Arrived> {
    const taken = this.#waiting;
    this.#waiting = new Map();
    return taken;
  }
}
