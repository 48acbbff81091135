/** Brings what edge processes measured to CloudWatch: summed up in memory, written every few seconds. */
import type { MetricReport, Statistic } from '../../edge/reports/meter.ts';
import { type Measurement, record } from '../../services/cloudwatch/record.ts';
import type { Job } from '../../services/service.ts';
import type { Store } from '../../store/store.ts';

const units: Readonly<Record<string, string>> = {
  TargetResponseTime: 'Seconds',
  ELBAuthLatency: 'Milliseconds',
  OriginLatency: 'Milliseconds',
  ProcessedBytes: 'Bytes',
  ProcessedBytes_TCP: 'Bytes',
  ProcessedBytes_TLS: 'Bytes',
  ProcessedBytes_UDP: 'Bytes',
};

/** Combinations of dimensions between two writings; who makes more of them loses the newest. */
const mostMeters = 5_000;

interface Meter extends Omit<MetricReport, 'values'> {
  readonly values: Map<string, Statistic>;
  /** Epoch milliseconds: of the minute that it counts in. */
  readonly minute: number;
}

export class EdgeMetrics {
  readonly #store: Pick<Store, 'begin' | 'commit'>;
  #meters = new Map<string, Meter>();

  constructor(store: Pick<Store, 'begin' | 'commit'>) {
    this.#store = store;
  }

  /** @param now epoch milliseconds */
  take(reports: readonly MetricReport[], now: number): void {
    const minute = Math.floor(now / 60_000) * 60_000;
    for (const { values, ...owner } of reports) {
      const key = JSON.stringify([minute, owner]);
      let meter = this.#meters.get(key);
      if (!meter) {
        if (this.#meters.size >= mostMeters) continue;
        meter = { ...owner, minute, values: new Map() };
        this.#meters.set(key, meter);
      }
      for (const [name, one] of Object.entries(values)) {
        const known = meter.values.get(name);
        meter.values.set(name, known ? joined(known, one) : { ...one });
      }
    }
  }

  job(everySeconds: number): Job {
    return { name: 'edge metrics', everySeconds, run: () => this.#write() };
  }

  async #write(): Promise<void> {
    const meters = [...this.#meters.values()];
    this.#meters = new Map();
    const byScope = Map.groupBy(meters, ({ account, region }) => `${account}/${region}`);
    for (const [scope, own] of byScope) {
      const [account = '', region = ''] = scope.split('/');
      const change = this.#store.begin();
      await record(change, { account, region }, own.flatMap(measurements));
      await this.#store.commit(change);
    }
  }
}

function measurements({ namespace, dimensions, minute, values }: Meter): Measurement[] {
  const pairs = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...values].map(([name, { sum, count, min, max }]) => ({
    metric: { namespace, name, dimensions: pairs },
    at: minute,
    unit: units[name] ?? 'Count',
    count,
    sum,
    least: min,
    most: max,
    resolutionSeconds: 60,
  }));
}

function joined(a: Statistic, b: Statistic): Statistic {
  return {
    sum: a.sum + b.sum,
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}
