/** Streams of entries: sealed segments in the order of commits, and the index that finds them by tag, partition and id. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inWindow, newestFirst, type Position, page, type Window, windowOf } from './entry-order.ts';
import { Postings } from './postings.ts';
import { type Run, Runs } from './runs.ts';
import { type KeyTree, Seal } from './seal.ts';
import { decodeEntry, decodeSegment, encodeSegment, type ReadEntry, type SegmentEntry } from './segment.ts';
import { SipHash } from './sip-hash.ts';
import { CorruptError, type Entry, type EntryPage, type EntryQuery } from './store.ts';
import { TagHashes } from './tag-hashes.ts';

/** Entries that the index holds in memory before it writes a run; after a crash as many are read again. */
export const TAIL_ENTRIES = 4096;
/** Runs whose entries one transaction of `expire` deletes, so that it never holds the loop for long. */
const RUNS_PER_EXPIRY = 8;

interface StoredSegment {
  readonly number: number;
  readonly count: number;
  readonly stream: string;
  readonly body: Uint8Array;
}

/** Entries not yet in a run. */
class Tail {
  readonly postings = new Postings();
  count = 0;
  first = 0;
  minTime = Number.POSITIVE_INFINITY;
  maxTime = 0;

  add(number: number, { time, hashes }: SegmentEntry): void {
    if (this.count++ === 0) this.first = number;
    this.minTime = Math.min(this.minTime, time);
    this.maxTime = Math.max(this.maxTime, time);
    for (let i = 0; i < hashes.length; i += 2) this.postings.add(hashes[i]!, hashes[i + 1]!, number, time);
  }
}

/** What a commit has written and the tail does not know yet. */
export interface Appended {
  readonly entries: readonly SegmentEntry[];
  readonly first: number;
}

export class Journal {
  readonly #hashes: TagHashes;
  readonly #seal: Seal;
  readonly #expirySeal: Seal;
  readonly #runs: Runs;
  readonly #insert: StatementSync;
  readonly #segment: StatementSync;
  readonly #deleteSegments: StatementSync;
  readonly #anySegment: StatementSync;
  readonly #setExpiry: StatementSync;
  readonly #floors = new Map<string, number>();
  readonly #tailEntries: number;
  #tail = new Tail();
  #next: number;

  /** @param next the number that follows those of dropped runs, 1 at first */
  constructor(database: DatabaseSync, keys: KeyTree, next: number, tailEntries = TAIL_ENTRIES) {
    this.#tailEntries = tailEntries;
    this.#hashes = new TagHashes(new SipHash(keys.derive('tag hash', new Uint8Array()).export()));
    this.#seal = new Seal('segment', keys);
    this.#runs = new Runs(database, keys);
    this.#insert = database.prepare(
      'INSERT INTO segment (number, count, stream, max_time, body) VALUES (?, ?, ?, ?, ?)',
    );
    this.#segment = database.prepare(
      'SELECT number, count, stream, body FROM segment WHERE number <= ? ORDER BY number DESC LIMIT 1',
    );
    this.#deleteSegments = database.prepare(
      'DELETE FROM segment WHERE number BETWEEN ? AND ? AND stream = ? AND max_time < ?',
    );
    this.#anySegment = database.prepare('SELECT 1 FROM segment WHERE number BETWEEN ? AND ? LIMIT 1');
    this.#setExpiry = database.prepare('INSERT OR REPLACE INTO expiry (stream, before) VALUES (?, ?)');
    this.#expirySeal = new Seal('expiry', keys);
    for (const row of database.prepare('SELECT stream, before FROM expiry').iterate()) {
      // Sealed, or whoever writes to the database could hide entries.
      this.#floors.set(row.stream as string, Number(this.#expirySeal.open(`expiry\0${row.stream}`, row.before)));
    }
    const oldest = this.#runs.all[0];
    if (oldest && oldest.first !== next) throw new CorruptError(`entries ${next} to ${oldest.first - 1} are missing`);
    this.#next = Math.max(next, this.#runs.lastNumber + 1);
    this.#readTail(database);
  }

  /** Indexes again what was committed after the last run. */
  #readTail(database: DatabaseSync): void {
    const select = database.prepare('SELECT number, count, stream, body FROM segment WHERE number > ? ORDER BY number');
    for (const row of select.iterate(this.#runs.lastNumber)) {
      const segment = row as unknown as StoredSegment;
      let number = segment.number;
      if (number !== this.#next) throw new CorruptError(`entry ${this.#next} is missing`);
      for (const entry of decodeSegment(this.#open(segment))) this.#tail.add(number++, entry);
      this.#next = Math.max(this.#next, number);
    }
  }

  #open({ stream, number, count, body }: StoredSegment): Buffer {
    return this.#seal.open(`segment\0${stream}\0${number}\0${count}`, body);
  }

  /** Grows with every commit of entries, whatever is expired. */
  get next(): number {
    return this.#next;
  }

  #indexed(entry: Entry): SegmentEntry {
    const { partition, id, time, body } = entry;
    return { partition, id, time, body, hashes: this.#hashes.of(entry) };
  }

  /** Writes one segment per stream inside the caller's transaction; `keep` what it returns once that is durable. */
  append(entries: readonly Entry[]): Appended {
    const streams = new Map<string, SegmentEntry[]>();
    for (const entry of entries) {
      const one = streams.get(entry.stream);
      if (one) one.push(this.#indexed(entry));
      else streams.set(entry.stream, [this.#indexed(entry)]);
    }
    const written: SegmentEntry[] = [];
    for (const [stream, segment] of streams) {
      const number = this.#next + written.length;
      let maxTime = 0;
      for (const { time } of segment) maxTime = Math.max(maxTime, time);
      const sealed = this.#seal.seal(`segment\0${stream}\0${number}\0${segment.length}`, encodeSegment(segment));
      this.#insert.run(number, segment.length, stream, maxTime, sealed);
      written.push(...segment);
    }
    return { entries: written, first: this.#next };
  }

  keep({ entries, first }: Appended): void {
    let number = first;
    for (const entry of entries) this.#tail.add(number++, entry);
    this.#next = number;
  }

  get isTailFull(): boolean {
    return this.#tail.count >= this.#tailEntries;
  }

  /** Writes the tail as a run inside the caller's transaction; `keepRun` it once that is durable. */
  writeRun(): Run | undefined {
    const { count, first, minTime, maxTime, postings } = this.#tail;
    if (count === 0) return undefined;
    return this.#runs.write(postings, { first, last: this.#next - 1, minTime, maxTime });
  }

  keepRun(run: Run): void {
    this.#runs.keep(run);
    this.#tail = new Tail();
  }

  query(query: EntryQuery): EntryPage {
    const floor = this.#floors.get(query.stream) ?? 0;
    const asked = windowOf(query);
    const window = { ...asked, from: Math.max(asked.from, floor) };
    const { tag } = query;
    const { low, high } = tag
      ? this.#hashes.ofTag(query.stream, query.partition, tag.name, tag.value)
      : this.#hashes.ofPartition(query.stream, query.partition);
    const matches = window.isForward ? this.#forward(window, low, high) : this.#backward(window, low, high);
    const { rows, cursor } = page(window, matches, this.#next - 1);
    const read = this.#reader(query.stream);
    const entries = rows.map(({ number }) => {
      const { id, time, body } = read(number);
      return { id, time, body };
    });
    return cursor === undefined ? { entries } : { entries, cursor };
  }

  /** One match more than the limit, if there are so many. */
  #backward(window: Window, low: number, high: number): Position[] {
    const matches: Position[] = [];
    for (const position of this.#tail.postings.find(low, high)) if (inWindow(window, position)) matches.push(position);
    const latest = Math.min(window.to, window.cursor?.time ?? window.to);
    const runs = this.#runs.all.filter((run) => run.maxTime >= window.from && run.minTime <= latest);
    runs.sort((a, b) => b.maxTime - a.maxTime);
    for (const run of runs) {
      if (matches.length > window.limit) {
        matches.sort(newestFirst).length = window.limit + 1;
        // Runs overlap a little in time; when even this one's newest is older than all wanted, so are the rest.
        if (matches[window.limit]!.time > run.maxTime) break;
      }
      for (const position of this.#runs.find(run, low, high)) if (inWindow(window, position)) matches.push(position);
    }
    return matches;
  }

  #forward(window: Window, low: number, high: number): Position[] {
    const matches: Position[] = [];
    const after = window.cursor?.number ?? 0;
    for (const run of this.#runs.all) {
      if (run.last <= after || run.maxTime < window.from || run.minTime > window.to) continue;
      if (matches.length >= window.limit) return matches;
      for (const position of this.#runs.find(run, low, high)) if (inWindow(window, position)) matches.push(position);
    }
    for (const position of this.#tail.postings.find(low, high)) if (inWindow(window, position)) matches.push(position);
    return matches;
  }

  /** Reads entries by number, opening a segment once for neighbours. */
  #reader(stream: string): (number: number) => ReadEntry {
    let segment: StoredSegment | undefined;
    let bytes: Buffer = Buffer.alloc(0);
    return (number) => {
      if (!segment || number < segment.number || number >= segment.number + segment.count) {
        segment = this.#segment.get(number) as StoredSegment | undefined;
        if (!segment || segment.stream !== stream || number >= segment.number + segment.count) {
          throw new CorruptError(`entry ${number} of ${stream} is missing`);
        }
        bytes = this.#open(segment);
      }
      return decodeEntry(bytes, number - segment.number);
    };
  }

  entry(stream: string, id: string): { partition: string; time: number; body: Uint8Array } | undefined {
    const { low, high } = this.#hashes.ofId(stream, id);
    const position = this.#newest(low, high);
    if (!position || position.time < (this.#floors.get(stream) ?? 0)) return undefined;
    const found = this.#reader(stream)(position.number);
    return found.id === id ? { partition: found.partition, time: found.time, body: found.body } : undefined;
  }

  #newest(low: number, high: number): Position | undefined {
    let newest: Position | undefined;
    for (const position of this.#tail.postings.find(low, high)) newest = position;
    for (let index = this.#runs.all.length - 1; index >= 0 && !newest; index--) {
      for (const position of this.#runs.find(this.#runs.all[index]!, low, high)) newest = position;
    }
    return newest;
  }

  /**
   * What to do inside transactions of the caller, one after the other: `hide` makes the entries invisible (what it returns
   * runs once that is durable), each of `deletions` then frees some of their room.
   */
  expire(stream: string, before: number): { hide: () => () => void; deletions: (() => void)[] } {
    const floor = this.#floors.get(stream) ?? 0;
    if (before <= floor) return { hide: () => () => undefined, deletions: [] };
    const runs = this.#runs.all.filter((run) => run.maxTime >= floor && run.minTime < before);
    const deletions: (() => void)[] = [];
    for (let index = 0; index < runs.length; index += RUNS_PER_EXPIRY) {
      deletions.push(() => {
        for (const run of runs.slice(index, index + RUNS_PER_EXPIRY)) {
          this.#deleteSegments.run(run.first, run.last, stream, before);
        }
      });
    }
    const hide = () => {
      this.#setExpiry.run(stream, this.#expirySeal.seal(`expiry\0${stream}`, Buffer.from(String(before))));
      return () => {
        this.#floors.set(stream, before);
      };
    };
    return { hide, deletions };
  }

  /** Deletes the oldest run inside the caller's transaction if none of its entries is left; false if there is nothing to do. */
  deleteOldestRun(): boolean {
    const run = this.#runs.all[0];
    if (!run || this.#anySegment.get(run.first, run.last)) return false;
    this.#runs.deleteOldest();
    return true;
  }

  /** The number that follows those of the oldest run. */
  get afterOldestRun(): number {
    return (this.#runs.all[0]?.last ?? 0) + 1;
  }

  forgetOldestRun(): void {
    this.#runs.forgetOldest();
  }

  /** After everything was deleted. */
  forgetAll(): void {
    this.#runs.forgetAll();
    this.#floors.clear();
    this.#tail = new Tail();
  }
}
