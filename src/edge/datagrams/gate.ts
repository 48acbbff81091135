/**
 * Which flows of UDP there are: caps for all and for each source, what a source may send and be sent, and the order in
 * which flows make room. Nobody proves an address by sending a datagram, so those go first whose client has not spoken
 * again after an answer: what forged senders begin; among them, and among the others, those that were silent longest.
 */
import type { EdgeLimits } from '../snapshot.ts';
import { SourceRates } from './rates.ts';

/** What the gate knows of a flow. */
export interface GatedFlow {
  /** As `sourceOf` has it. */
  readonly source: string;
  /** Epoch milliseconds: the last datagram of either side. */
  lastAt: number;
  /** The client has spoken again after an answer. */
  isProven: boolean;
  end(): void;
}

export class DatagramGate {
  limits: EdgeLimits;
  /** Silent longest first. */
  readonly #unproven = new Set<GatedFlow>();
  readonly #proven = new Set<GatedFlow>();
  readonly #sources = new Map<string, Set<GatedFlow>>();
  readonly #sent = new SourceRates();
  readonly #answered = new SourceRates();

  constructor(limits: EdgeLimits) {
    this.limits = limits;
  }

  get open(): number {
    return this.#unproven.size + this.#proven.size;
  }

  /** Whether one more datagram of this source is looked at. */
  takes(source: string, now: number): boolean {
    return this.#sent.take(source, 1, this.limits.datagramsPerSource, now);
  }

  /** Whether as many bytes may go to this source: it may have been forged by somebody who wants it flooded. */
  answers(source: string, bytes: number, now: number): boolean {
    return this.#answered.take(source, bytes, this.limits.answeredPerSource, now);
  }

  admit(flow: GatedFlow): void {
    const own = this.#sources.get(flow.source);
    if (own && own.size >= this.limits.flowsPerSource) this.#shed(own);
    if (this.open >= this.limits.flows) this.#shed(this.#unproven.size > 0 ? this.#unproven : this.#proven);
    this.#unproven.add(flow);
    const set = this.#sources.get(flow.source);
    if (set) set.add(flow);
    else this.#sources.set(flow.source, new Set([flow]));
  }

  /** Something went one way or the other. */
  touch(flow: GatedFlow, now: number): void {
    flow.lastAt = now;
    const [to, from] = flow.isProven ? [this.#proven, this.#unproven] : [this.#unproven, this.#proven];
    from.delete(flow);
    again(to, flow);
    const own = this.#sources.get(flow.source);
    if (own) again(own, flow);
  }

  leave(flow: GatedFlow): void {
    this.#unproven.delete(flow);
    this.#proven.delete(flow);
    const own = this.#sources.get(flow.source);
    own?.delete(flow);
    if (own?.size === 0) this.#sources.delete(flow.source);
  }

  /** Ends what was silent for too long. */
  sweep(now: number): void {
    for (const set of [this.#unproven, this.#proven]) {
      for (const flow of set) {
        if (now - flow.lastAt < this.limits.flowIdleMs) break;
        flow.end();
      }
    }
  }

  #shed(flows: ReadonlySet<GatedFlow>): void {
    for (const flow of flows) {
      flow.end();
      return;
    }
  }
}

function again(set: Set<GatedFlow>, flow: GatedFlow): void {
  set.delete(flow);
  set.add(flow);
}
