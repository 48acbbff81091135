/** Counts of one owner (a load balancer, a target group of it, a web ACL), told to the control plane and begun anew. */

export interface Statistic {
  sum: number;
  count: number;
  min: number;
  max: number;
}

export interface MetricReport {
  readonly account: string;
  readonly region: string;
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** By metric name. */
  readonly values: Readonly<Record<string, Statistic>>;
}

export type MeterOwner = Omit<MetricReport, 'values'>;

export class Meter {
  readonly #owner: MeterOwner;
  #values = new Map<string, Statistic>();

  constructor(owner: MeterOwner) {
    this.#owner = owner;
  }

  add(name: string, value = 1): void {
    const known = this.#values.get(name);
    if (known === undefined) {
      this.#values.set(name, { sum: value, count: 1, min: value, max: value });
      return;
    }
    known.sum += value;
    known.count += 1;
    if (value < known.min) known.min = value;
    if (value > known.max) known.max = value;
  }

  take(): MetricReport | undefined {
    if (this.#values.size === 0) return undefined;
    const values = Object.fromEntries(this.#values);
    this.#values = new Map();
    return { ...this.#owner, values };
  }
}

/** All meters of the process: one for each combination of dimensions that was ever asked for. */
export class Meters {
  readonly #meters = new Map<string, Meter>();

  of(owner: MeterOwner): Meter {
    const key = `${owner.account} ${owner.region} ${owner.namespace} ${JSON.stringify(owner.dimensions)}`;
    const known = this.#meters.get(key);
    if (known) return known;
    const meter = new Meter(owner);
    this.#meters.set(key, meter);
    return meter;
  }

  take(): MetricReport[] {
    const all: MetricReport[] = [];
    for (const meter of this.#meters.values()) {
      const report = meter.take();
      if (report) all.push(report);
    }
    return all;
  }
}
