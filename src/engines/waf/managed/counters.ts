/** Counts by key over the last while, in bounded memory: two windows, the older one fading. Full, it forgets the oldest. */
import type { RequestView } from '../view.ts';

const mostKeys = 50_000;
const mostDistinct = 64;

interface Entry {
  window: number;
  current: number;
  previous: number;
  members: Set<string> | undefined;
}

export class Counters {
  private readonly windowMilliseconds: number;
  private readonly entries = new Map<string, Entry>();

  constructor(windowMilliseconds: number) {
    this.windowMilliseconds = windowMilliseconds;
  }

  /** Counts one more; answers how many there were in the window that ends now. */
  add(key: string, now: number): number {
    const entry = this.entry(key, now);
    entry.current++;
    return this.weighed(entry, now);
  }

  /** How many there were, this one not counted. */
  seen(key: string, now: number): number {
    return this.weighed(this.entry(key, now), now);
  }

  /** Remembers a member; answers how many different ones there are, 64 at most. */
  distinct(key: string, member: string, now: number): number {
    const entry = this.entry(key, now);
    entry.members ??= new Set();
    if (entry.members.size < mostDistinct) entry.members.add(member);
    return entry.members.size;
  }

  private weighed(entry: Entry, now: number): number {
    const passed = (now % this.windowMilliseconds) / this.windowMilliseconds;
    return entry.current + entry.previous * (1 - passed);
  }

  private entry(key: string, now: number): Entry {
    const window = Math.floor(now / this.windowMilliseconds);
    let entry = this.entries.get(key);
    if (entry === undefined) {
      if (this.entries.size >= mostKeys) this.entries.delete(this.entries.keys().next().value!);
      entry = { window, current: 0, previous: 0, members: undefined };
      this.entries.set(key, entry);
    } else if (entry.window !== window) {
      entry.previous = entry.window === window - 1 ? entry.current : 0;
      entry.current = 0;
      entry.window = window;
      entry.members = undefined;
    }
    return entry;
  }
}

export function countersOf(view: RequestView, key: object, windowMilliseconds: number): Counters {
  return view.memory(key, () => new Counters(windowMilliseconds));
}
