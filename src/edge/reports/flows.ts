/**
 * Connections of load balancers as flow logs tell of them: who came, to which port, and whether security groups let them
 * in. Each connection is told of by itself until a source has many at one port; those are put together, and where sources
 * are too many the rest is only counted.
 */

export interface FlowReport {
  /** ARN. */
  readonly loadBalancer: string;
  readonly verdict: 'ACCEPT' | 'REJECT';
  /** What came, or what was sent. */
  readonly direction: 'ingress' | 'egress';
  /** The client's. */
  readonly source: string;
  /** Undefined where several connections were put together. */
  readonly sourcePort?: number;
  readonly port: number;
  readonly connections: number;
  /** What these carried, without headers of packets. */
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
}

export interface SkippedFlows {
  readonly loadBalancer: string;
  readonly flows: number;
}

export interface FlowLimits {
  /** Told of in one report. */
  readonly flows: number;
  /** Connections of one source to one port that are told of one by one. */
  readonly perSource: number;
}

const defaultFlowLimits: FlowLimits = { flows: 1_000, perSource: 16 };

/** What a connection adds: its beginning, bytes, or both. */
export type Flowed = Omit<FlowReport, 'connections' | 'start' | 'end' | 'sourcePort'> & {
  readonly sourcePort: number;
  readonly isNew: boolean;
};

type Held = { -readonly [key in keyof FlowReport]: FlowReport[key] };

export class Flows {
  readonly #limits: FlowLimits;
  readonly #held = new Map<string, Held>();
  readonly #bySource = new Map<string, number>();
  readonly #skipped = new Map<string, number>();

  constructor(limits: FlowLimits = defaultFlowLimits) {
    this.#limits = limits;
  }

  add(flowed: Flowed, now: number): void {
    const { isNew, sourcePort, bytes, ...rest } = flowed;
    const together = `${rest.loadBalancer} ${rest.verdict} ${rest.direction} ${rest.source} ${rest.port}`;
    const alone = `${together} ${sourcePort}`;
    const isKnown = this.#held.has(alone);
    const own = this.#bySource.get(together) ?? 0;
    const isAlone = isKnown || own < this.#limits.perSource;
    const key = isAlone ? alone : together;
    const known = this.#held.get(key);
    const connections = isNew ? 1 : 0;
    if (known) {
      known.connections += connections;
      known.bytes += bytes;
      known.end = now;
      return;
    }
    if (this.#held.size >= this.#limits.flows) {
      this.#skipped.set(rest.loadBalancer, (this.#skipped.get(rest.loadBalancer) ?? 0) + 1);
      return;
    }
    if (isAlone) this.#bySource.set(together, own + 1);
    this.#held.set(key, { ...rest, ...(isAlone && { sourcePort }), bytes, connections, start: now, end: now });
  }

  take(): { readonly flows: readonly FlowReport[]; readonly skippedFlows: readonly SkippedFlows[] } {
    const flows = [...this.#held.values()];
    const skippedFlows = [...this.#skipped].map(([loadBalancer, skipped]) => ({ loadBalancer, flows: skipped }));
    this.#held.clear();
    this.#bySource.clear();
    this.#skipped.clear();
    return { flows, skippedFlows };
  }
}

/** What of a connection was told already. */
export interface Told {
  read: number;
  written: number;
  isBegun: boolean;
}

/** For the ports of one load balancer whose flows are logged. */
export class FlowMeter {
  readonly #flows: Flows;
  readonly #loadBalancer: string;

  constructor(flows: Flows, loadBalancer: string) {
    this.#flows = flows;
    this.#loadBalancer = loadBalancer;
  }

  refused(source: string, sourcePort: number, port: number, now: number): void {
    const flow = { loadBalancer: this.#loadBalancer, verdict: 'REJECT', direction: 'ingress' } as const;
    this.#flows.add({ ...flow, source, sourcePort, port, bytes: 0, isNew: true }, now);
  }

  /** What it has carried since it was last asked. @param told kept with the connection */
  carried(
    socket: { readonly bytesRead: number; readonly bytesWritten: number },
    client: { readonly source: string; readonly sourcePort: number; readonly port: number },
    told: Told,
    now: number,
  ): void {
    const flow = { loadBalancer: this.#loadBalancer, verdict: 'ACCEPT', ...client, isNew: !told.isBegun } as const;
    const [read, written] = [socket.bytesRead - told.read, socket.bytesWritten - told.written];
    if (read > 0 || !told.isBegun) this.#flows.add({ ...flow, direction: 'ingress', bytes: read }, now);
    if (written > 0 || !told.isBegun) this.#flows.add({ ...flow, direction: 'egress', bytes: written }, now);
    told.read += read;
    told.written += written;
    told.isBegun = true;
  }
}
