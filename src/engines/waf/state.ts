/** What is remembered between the requests of a web ACL: rates, and what managed groups learn. */
import { RateRegistry } from './rates/registry.ts';
import type { Sealer } from './tokens/sealer.ts';

export interface WafState {
  readonly rates: RateRegistry;
  readonly memory: Map<object, unknown>;
  readonly sealer: Sealer | undefined;
  readonly failMode: 'closed' | 'open';
}

export interface WafStateOptions {
  /** Authenticates tokens. Without one no token is valid, and rules that ask for one always ask. */
  readonly sealer?: Sealer;
  /** The same on all nodes that share limits, and unknown to clients. */
  readonly seed?: number;
  /** Counts to the request rather than in slices of the window. */
  readonly hasExactRates?: boolean;
  readonly mostRateBytes?: number;
  /** What becomes of a request when a rule cannot be evaluated: `closed` blocks it. */
  readonly failMode?: 'closed' | 'open';
}

const defaultRateBytes = 64 * 1024 * 1024;

export function createWafState(options: WafStateOptions = {}): WafState {
  return {
    rates: new RateRegistry({
      seed: options.seed ?? 0,
      isExact: options.hasExactRates ?? false,
      mostBytes: options.mostRateBytes ?? defaultRateBytes,
    }),
    memory: new Map(),
    sealer: options.sealer,
    failMode: options.failMode ?? 'closed',
  };
}
