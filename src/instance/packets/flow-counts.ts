/** What flowed since it was last asked: the kernel counts for ever, flow logs want the difference. */
import { flowSet } from '../../engines/network/index.ts';
import type { Flow, Nft } from './nft.ts';

export interface CountedFlow extends Flow {
  readonly verdict: 'ACCEPT' | 'REJECT';
  /** As seen from the interface: what came to it, or what it sent. */
  readonly direction: 'ingress' | 'egress';
}

/** Flows that wait for somebody to take them; beyond it the newest are lost, and said to be. */
const mostWaiting = 100_000;

export interface TakenFlows {
  readonly flows: readonly CountedFlow[];
  /** Addresses of hosts some of whose flows are lost. */
  readonly skipped: readonly string[];
}

/** Of the host whose flow it is. */
export const ownAddress = ({ direction, source, destination }: CountedFlow): string =>
  direction === 'ingress' ? destination : source;

export class FlowCounts {
  readonly #nft: Pick<Nft, 'flows'>;
  readonly #table: string;
  #before = new Map<string, { packets: number; bytes: number }>();
  readonly #waiting = new Map<string, CountedFlow>();
  readonly #skipped = new Set<string>();
  readonly #most: number;
  #isBegun = false;

  constructor(nft: Pick<Nft, 'flows'>, table: string, most = mostWaiting) {
    this.#nft = nft;
    this.#table = table;
    this.#most = most;
  }

  /** A new table was loaded. @param isLogging whether it counts anything */
  begin(isLogging: boolean): void {
    this.#before = new Map();
    this.#isBegun = isLogging;
  }

  /** Adds what has flowed since to what waits. */
  async collect(): Promise<void> {
    if (!this.#isBegun) return;
    const now = new Map<string, { packets: number; bytes: number }>();
    const listed = await this.#nft.flows(this.#table);
    for (const verdict of ['accepted', 'rejected'] as const) {
      for (const side of ['in', 'out'] as const) {
        for (const family of ['4', '6'] as const) {
          for (const ports of [true, false]) {
            const name = flowSet(verdict, side, family, ports);
            for (const flow of listed.get(name) ?? []) this.#add(name, verdict, side, flow, now);
          }
        }
      }
    }
    // Elements that timed out are forgotten here too.
    this.#before = now;
  }

  /** What has flowed since `take` was last called. */
  async take(): Promise<TakenFlows> {
    await this.collect();
    const taken = { flows: [...this.#waiting.values()], skipped: [...this.#skipped] };
    this.#waiting.clear();
    this.#skipped.clear();
    return taken;
  }

  #add(
    set: string,
    verdict: 'accepted' | 'rejected',
    side: 'in' | 'out',
    flow: Flow,
    now: Map<string, { packets: number; bytes: number }>,
  ): void {
    const { source, destination, protocol, sourcePort, destinationPort } = flow;
    const key = `${set} ${source} ${destination} ${protocol} ${sourcePort} ${destinationPort}`;
    const before = this.#before.get(key);
    // An element that timed out and came again begins at nothing.
    const isAgain = before !== undefined && before.packets > flow.packets;
    const packets = flow.packets - (isAgain ? 0 : (before?.packets ?? 0));
    const bytes = flow.bytes - (isAgain ? 0 : (before?.bytes ?? 0));
    now.set(key, { packets: flow.packets, bytes: flow.bytes });
    if (packets === 0) return;
    const known = this.#waiting.get(key);
    const counted: CountedFlow = {
      ...flow,
      verdict: verdict === 'accepted' ? 'ACCEPT' : 'REJECT',
      direction: side === 'in' ? 'ingress' : 'egress',
      packets: packets + (known?.packets ?? 0),
      bytes: bytes + (known?.bytes ?? 0),
    };
    if (known || this.#waiting.size < this.#most) this.#waiting.set(key, counted);
    else this.#skipped.add(ownAddress(counted));
  }
}
