/**
 * Counts in slices of the window, so that a burst counts across slices and leaves when it is a window old, within half a
 * minute. Memory is bounded; many small tables grow one at a time, so that no request waits for a large one.
 */
import type { CountDelta, KeyHash, RateCounter } from './counter.ts';
import { Shard, type ShardShape } from './shard.ts';

const shards = 64;

/** Slices of at most 30 s, at least six. */
function slicesOf(windowSeconds: number): number {
  return Math.max(6, Math.ceil(windowSeconds / 30));
}

export class SlidingCounter implements RateCounter {
  readonly #sliceMs: number;
  readonly #shape: ShardShape;
  readonly #shards: (Shard | undefined)[] = new Array<undefined>(shards);

  constructor(windowSeconds: number, limit: number, mostBytes: number) {
    const slices = slicesOf(windowSeconds);
    this.#sliceMs = (windowSeconds * 1_000) / slices;
    const isWide = limit > 30_000;
    const bytes = 18 + (slices + 1) * (isWide ? 4 : 2);
    const most = Math.max(16 * shards, 2 ** Math.floor(Math.log2(mostBytes / bytes)));
    // Below that, even on dozens of nodes together a key stays under the limit.
    const tellFrom = Math.max(1, Math.floor(limit / 32));
    this.#shape = { slices, isWide, mostKeys: most / shards, tellFrom };
  }

  hit(key: KeyHash, now: number): number {
    const slice = Math.floor(now / this.#sliceMs);
    const shard = this.#shardOf(key);
    const place = shard.add(key.low, key.high, slice, 1, true);
    return shard.rate(place, slice, this.#share(now, slice));
  }

  rate(key: KeyHash, now: number): number {
    const shard = this.#shards[key.low % shards];
    const place = shard ? shard.find(key.low, key.high) : -1;
    if (place < 0) return 0;
    const slice = Math.floor(now / this.#sliceMs);
    return shard!.rate(place, slice, this.#share(now, slice));
  }

  takeDelta(): CountDelta {
    const delta: number[] = [];
    for (const shard of this.#shards) shard?.takeUnsent(delta);
    return delta;
  }

  merge(delta: CountDelta, now: number): void {
    const slice = Math.floor(now / this.#sliceMs);
    for (let at = 0; at + 2 < delta.length; at += 3) {
      const key = { low: delta[at]!, high: delta[at + 1]! };
      this.#shardOf(key).add(key.low, key.high, slice, delta[at + 2]!, false);
    }
  }

  #share(now: number, slice: number): number {
    return now / this.#sliceMs - slice;
  }

  #shardOf(key: KeyHash): Shard {
    const index = key.low % shards;
    let shard = this.#shards[index];
    if (!shard) {
      shard = new Shard(this.#shape);
      this.#shards[index] = shard;
    }
    return shard;
  }
}
