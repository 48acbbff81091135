/** The durable part of the index of entries: runs of some thousand entries, each cut into sealed blocks by hash. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from './entry-order.ts';
import { BLOCKS, findInBlock, type Postings } from './postings.ts';
import { type KeyTree, Seal } from './seal.ts';
import { CorruptError } from './store.ts';

export interface Run {
  readonly id: number;
  /** The run before it, 0 for none: a missing run is noticed. */
  readonly previous: number;
  /** Numbers of its first and last entry. */
  readonly first: number;
  readonly last: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Bytes of each block: a missing block is noticed. */
  readonly sizes: readonly number[];
}

export class Runs {
  readonly #seal: Seal;
  readonly #insert: StatementSync;
  readonly #insertBlock: StatementSync;
  readonly #block: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteBlocks: StatementSync;
  /** In the order of their ids, and so of the numbers of their entries. */
  #runs: Run[] = [];

  constructor(database: DatabaseSync, keys: KeyTree) {
    this.#seal = new Seal('index', keys);
    this.#insert = database.prepare('INSERT INTO run (id, header) VALUES (?, ?)');
    this.#insertBlock = database.prepare('INSERT INTO run_block (id, body) VALUES (?, ?)');
    this.#block = database.prepare('SELECT body FROM run_block WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM run WHERE id = ?');
    this.#deleteBlocks = database.prepare('DELETE FROM run_block WHERE id >= ? AND id < ?');
    for (const row of database.prepare('SELECT id, header FROM run ORDER BY id').iterate()) {
      const header = this.#seal.open(`run\0${row.id}`, row.header).toString();
      const run = { ...(JSON.parse(header) as Omit<Run, 'id'>), id: row.id as number };
      const previous = this.#runs.at(-1);
      if (previous && run.previous !== previous.id) throw new CorruptError(`index run ${run.previous} is missing`);
      this.#runs.push(run);
    }
  }

  get all(): readonly Run[] {
    return this.#runs;
  }

  /** Of the newest entry in any run. */
  get lastNumber(): number {
    return this.#runs.at(-1)?.last ?? 0;
  }

  /** Writes a run inside the caller's transaction; `keep` it once that is durable. */
  write(postings: Postings, bounds: Pick<Run, 'first' | 'last' | 'minTime' | 'maxTime'>): Run {
    const previous = this.#runs.at(-1)?.id ?? 0;
    const blocks = postings.blocks();
    const run = { id: previous + 1, previous, ...bounds, sizes: blocks.map((block) => block.length) };
    const { id, ...header } = run;
    this.#insert.run(id, this.#seal.seal(`run\0${id}`, Buffer.from(JSON.stringify(header))));
    for (const [which, block] of blocks.entries()) {
      if (block.length === 0) continue;
      this.#insertBlock.run(id * BLOCKS + which, this.#seal.seal(`block\0${id}\0${which}`, block));
    }
    return run;
  }

  keep(run: Run): void {
    this.#runs.push(run);
  }

  *find(run: Run, low: number, high: number): Generator<Position> {
    const which = low % BLOCKS;
    if (run.sizes[which] === 0) return;
    const body = this.#block.get(run.id * BLOCKS + which)?.body;
    yield* findInBlock(this.#seal.open(`block\0${run.id}\0${which}`, body), low, high);
  }

  /** Deletes the oldest run inside the caller's transaction. */
  deleteOldest(): void {
    const run = this.#runs[0];
    if (!run) return;
    this.#delete.run(run.id);
    this.#deleteBlocks.run(run.id * BLOCKS, (run.id + 1) * BLOCKS);
  }

  forgetOldest(): void {
    this.#runs.shift();
  }

  forgetAll(): void {
    this.#runs = [];
  }
}
