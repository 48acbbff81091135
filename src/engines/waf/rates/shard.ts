/**
 * A hash table in typed arrays: per key a ring of counts, one for each slice of the window, and their sum. Keys stand within
 * sixteen places of where their hash points; when a full table meets a new key, the least busy of these gives way.
 */

const reach = 16;
const fullest = 0.7;
/** A key that is on the list of what others must be told. */
const listed = 0x8000;

export interface ShardShape {
  readonly slices: number;
  readonly mostKeys: number;
  /** Counts above 65,535 matter. */
  readonly isWide: boolean;
  /** Other nodes are told of keys with at least so many requests in the window. */
  readonly tellFrom: number;
}

export class Shard {
  readonly #shape: ShardShape;
  #size: number;
  #used = 0;
  #low: Uint32Array;
  #high: Uint32Array;
  /** The slice that was counted in last; 0 where the place was never taken. */
  #last: Uint32Array;
  #counts: Uint16Array | Uint32Array;
  #sums: Uint32Array;
  #unsent: Uint16Array;
  #toTell: number[] = [];

  constructor(shape: ShardShape) {
    this.#shape = shape;
    this.#size = Math.min(32, shape.mostKeys);
    this.#low = new Uint32Array(this.#size);
    this.#high = new Uint32Array(this.#size);
    this.#last = new Uint32Array(this.#size);
    this.#counts = this.#emptyCounts(this.#size);
    this.#sums = new Uint32Array(this.#size);
    this.#unsent = new Uint16Array(this.#size);
  }

  /** The place of a key; -1 where it has none. */
  find(low: number, high: number): number {
    const mask = this.#size - 1;
    for (let step = 0; step < reach; step++) {
      const place = (high + step) & mask;
      if (this.#last[place] === 0) return -1;
      if (this.#low[place] === low && this.#high[place] === high) return place;
    }
    return -1;
  }

  add(low: number, high: number, slice: number, count: number, isOwn: boolean): number {
    let place = this.find(low, high);
    if (place < 0) place = this.#take(low, high, slice);
    this.#advance(place, slice);
    const ring = this.#shape.slices + 1;
    const at = place * ring + (slice % ring);
    const room = (this.#shape.isWide ? 0xffff_ffff : 0xffff) - this.#counts[at]!;
    const added = Math.min(room, count);
    this.#counts[at]! += added;
    this.#sums[place]! += added;
    if (isOwn) this.#note(place, count);
    return place;
  }

  /** What was counted in the window; of its oldest slice only the share that still lies within. */
  rate(place: number, slice: number, elapsedShare: number): number {
    this.#advance(place, slice);
    const ring = this.#shape.slices + 1;
    const oldest = this.#counts[place * ring + ((slice + 1) % ring)]!;
    return this.#sums[place]! - oldest * elapsedShare;
  }

  /** Appends low, high and count of what was not told yet. */
  takeUnsent(into: number[]): void {
    for (const place of this.#toTell) {
      const count = this.#unsent[place]! & ~listed;
      if (count > 0) into.push(this.#low[place]!, this.#high[place]!, count);
      this.#unsent[place] = 0;
    }
    this.#toTell = [];
  }

  #emptyCounts(size: number): Uint16Array | Uint32Array {
    const length = size * (this.#shape.slices + 1);
    return this.#shape.isWide ? new Uint32Array(length) : new Uint16Array(length);
  }

  #note(place: number, count: number): void {
    const before = this.#unsent[place]!;
    let unsent = Math.min(0x7fff, (before & ~listed) + count) | (before & listed);
    if ((before & listed) === 0 && this.#sums[place]! >= this.#shape.tellFrom) {
      unsent |= listed;
      this.#toTell.push(place);
    }
    this.#unsent[place] = unsent;
  }

  /** Clears the slices that passed since the key was counted last. */
  #advance(place: number, slice: number): void {
    const ring = this.#shape.slices + 1;
    const passed = slice - this.#last[place]!;
    if (passed <= 0) return;
    const base = place * ring;
    if (passed >= ring) {
      this.#counts.fill(0, base, base + ring);
      this.#sums[place] = 0;
    } else {
      for (let age = 0; age < passed; age++) {
        const at = base + ((slice - age) % ring);
        this.#sums[place]! -= this.#counts[at]!;
        this.#counts[at] = 0;
      }
    }
    this.#last[place] = slice;
  }

  #take(low: number, high: number, slice: number): number {
    const { slices, mostKeys } = this.#shape;
    for (;;) {
      const mask = this.#size - 1;
      let victim = -1;
      let least = Number.POSITIVE_INFINITY;
      for (let step = 0; step < Math.min(reach, this.#size); step++) {
        const place = (high + step) & mask;
        const last = this.#last[place]!;
        if (last === 0) {
          if (this.#used >= fullest * this.#size && this.#size < mostKeys) break;
          this.#used += 1;
          return this.#place(place, low, high, slice);
        }
        const sum = slice - last > slices ? 0 : this.#sums[place]!;
        if (sum < least) {
          least = sum;
          victim = place;
        }
      }
      if (victim >= 0 && (least === 0 || this.#size >= mostKeys)) return this.#place(victim, low, high, slice);
      this.#grow(slice);
    }
  }

  #place(place: number, low: number, high: number, slice: number): number {
    const ring = this.#shape.slices + 1;
    this.#low[place] = low;
    this.#high[place] = high;
    this.#last[place] = slice;
    this.#sums[place] = 0;
    this.#counts.fill(0, place * ring, (place + 1) * ring);
    // It stays on the list where it was: the list must not grow with those who come and go.
    this.#unsent[place]! &= listed;
    return place;
  }

  #grow(slice: number): void {
    const [low, high, last, counts] = [this.#low, this.#high, this.#last, this.#counts];
    const [sums, unsent] = [this.#sums, this.#unsent];
    const { slices, mostKeys } = this.#shape;
    const ring = slices + 1;
    const size = Math.min(mostKeys, this.#size * 2);
    this.#size = size;
    this.#used = 0;
    this.#low = new Uint32Array(size);
    this.#high = new Uint32Array(size);
    this.#last = new Uint32Array(size);
    this.#counts = this.#emptyCounts(size);
    this.#sums = new Uint32Array(size);
    this.#unsent = new Uint16Array(size);
    this.#toTell = [];
    const mask = size - 1;
    for (let from = 0; from < last.length; from++) {
      if (last[from] === 0 || slice - last[from]! > slices) continue;
      for (let step = 0; step < Math.min(reach, size); step++) {
        const place = (high[from]! + step) & mask;
        if (this.#last[place] !== 0) continue;
        this.#used += 1;
        this.#place(place, low[from]!, high[from]!, last[from]!);
        this.#counts.set(counts.subarray(from * ring, (from + 1) * ring), place * ring);
        this.#sums[place] = sums[from]!;
        this.#unsent[place] = unsent[from]!;
        if ((unsent[from]! & listed) !== 0) this.#toTell.push(place);
        break;
      }
    }
  }
}
