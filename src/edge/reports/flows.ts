/**
 * Connections of load balancers as flow logs tell of them: who came, to which port, and whether security groups let them
 * in. Each connection is told of by itself until a source has many at one port; those are put together, and where sources
 * are too many the rest is only counted.
 */
import { TCP, type UDP } from '../listeners/ingress.ts';

export interface FlowReport {
  /** ARN. */
  readonly loadBalancer: string;
  /** IANA number: 6 or 17. */
  readonly protocol: number;
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
  /** Where they are seen: datagrams, one by one. */
  readonly packets: number;
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
    const { isNew, sourcePort, bytes, packets, ...rest } = flowed;
    const together = `${rest.loadBalancer} ${rest.protocol} ${rest.verdict} ${rest.direction} ${rest.source} ${rest.port}`;
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
      known.packets += packets;
      known.end = now;
      return;
    }
    if (this.#held.size >= this.#limits.flows) {
      this.#skipped.set(rest.loadBalancer, (this.#skipped.get(rest.loadBalancer) ?? 0) + 1);
      return;
    }
    if (isAlone) this.#bySource.set(together, own + 1);
    const counts = { bytes, packets, connections };
    this.#held.set(key, { ...rest, ...(isAlone && { sourcePort }), ...counts, start: now, end: now });
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
  datagramsRead?: number;
  datagramsWritten?: number;
}

/** A socket, or what stands for one. */
interface Carrier {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly datagramsRead?: number;
  readonly datagramsWritten?: number;
}

/** For the ports of one load balancer whose flows are logged. */
export class FlowMeter {
  readonly #flows: Flows;
  readonly #loadBalancer: string;
  readonly #protocol: number;

  constructor(flows: Flows, loadBalancer: string, protocol: typeof TCP | typeof UDP = TCP) {
    this.#flows = flows;
    this.#loadBalancer = loadBalancer;
    this.#protocol = protocol;
  }

  refused(source: string, sourcePort: number, port: number, now: number): void {
    const owner = { loadBalancer: this.#loadBalancer, protocol: this.#protocol };
    const flow = { ...owner, verdict: 'REJECT', direction: 'ingress' } as const;
    this.#flows.add({ ...flow, source, sourcePort, port, bytes: 0, packets: 1, isNew: true }, now);
  }

  /** What it has carried since it was last asked. @param told kept with the connection */
  carried(
    socket: Carrier,
    client: { readonly source: string; readonly sourcePort: number; readonly port: number },
    told: Told,
    now: number,
  ): void {
    const owner = { loadBalancer: this.#loadBalancer, protocol: this.#protocol };
    const flow = { ...owner, verdict: 'ACCEPT', ...client, isNew: !told.isBegun } as const;
    const [read, written] = [socket.bytesRead - told.read, socket.bytesWritten - told.written];
    const { datagramsRead = 0, datagramsWritten = 0 } = socket;
    const came = { bytes: read, packets: datagramsRead - (told.datagramsRead ?? 0) };
    const went = { bytes: written, packets: datagramsWritten - (told.datagramsWritten ?? 0) };
    // A datagram may be empty; a flow of them may have no answer.
    if (came.bytes + came.packets > 0 || !told.isBegun)
      this.#flows.add({ ...flow, direction: 'ingress', ...came }, now);
    const isAnswered = went.bytes + went.packets > 0 || (!told.isBegun && this.#protocol === TCP);
    if (isAnswered) this.#flows.add({ ...flow, direction: 'egress', ...went }, now);
    told.read += read;
    told.written += written;
    told.datagramsRead = datagramsRead;
    told.datagramsWritten = datagramsWritten;
    told.isBegun = true;
  }
}
