/** What flowed since it was last asked: the kernel counts for ever, flow logs want the difference. */
import { flowSet } from '../../engines/network/index.ts';
import type { Flow, Nft } from './nft.ts';

export interface CountedFlow extends Flow {
  readonly verdict: 'ACCEPT' | 'REJECT';
  /** As seen from the interface: what came to it, or what it sent. */
  readonly direction: 'ingress' | 'egress';
}

/** Flows that wait for somebody to take them; beyond it the newest are lost, and counted. */
const MOST_WAITING = 100_000;

export class FlowCounts {
  readonly #nft: Nft;
  readonly #table: string;
  #before = new Map<string, { packets: number; bytes: number }>();
  readonly #waiting = new Map<string, CountedFlow>();
  #isBegun = false;
  skipped = 0;

  constructor(nft: Nft, table: string) {
    this.#nft = nft;
    this.#table = table;
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
  async take(): Promise<readonly CountedFlow[]> {
    await this.collect();
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
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
    if (!known && this.#waiting.size >= MOST_WAITING) {
      this.skipped += 1;
      return;
    }
    this.#waiting.set(key, {
      ...flow,
      verdict: verdict === 'accepted' ? 'ACCEPT' : 'REJECT',
      direction: side === 'in' ? 'ingress' : 'egress',
      packets: packets + (known?.packets ?? 0),
      bytes: bytes + (known?.bytes ?? 0),
    });
  }
}
