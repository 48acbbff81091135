/** Moves the log of the database into the database from a thread of its own, so that commits do not wait for it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Pages in the log that are worth the work. */
const PAGES = 1000;
export const PAGE_BYTES = 4096;
/** Transactions between two looks at the log. */
const LOOK_EVERY = 8;
/** Pages after which the main thread does it itself, should the other one be late. */
const BACKSTOP_PAGES = 4000;

/** Plain JavaScript, so that it runs alike from sources and from a built package. */
const CODE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(workerData, { timeout: 1000 });
  database.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  parentPort.on('message', () => {
    try { checkpoint.get(); } finally { parentPort.postMessage('done'); }
  });
`;

export class Checkpointer {
  readonly #path: string;
  readonly #look: StatementSync;
  readonly #checkpoint: StatementSync;
  readonly #pages: number;
  #worker: Worker | undefined;
  #isRunning = false;
  #isClosed = false;
  #transactions = 0;

  /** @param reserveBytes what a full disk still gives: the log is kept at half of it, to fit into the database then */
  constructor(database: DatabaseSync, path: string, reserveBytes: number) {
    this.#path = path;
    const room = reserveBytes === 0 ? BACKSTOP_PAGES : Math.floor(reserveBytes / 2 / PAGE_BYTES);
    const backstop = Math.min(BACKSTOP_PAGES, room);
    this.#pages = Math.min(PAGES, Math.floor(backstop / 2));
    database.exec(`PRAGMA wal_autocheckpoint = ${backstop}`);
    this.#look = database.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Call after a transaction, outside of the next. */
  committed(): void {
    if (++this.#transactions % LOOK_EVERY !== 0 || this.#isRunning) return;
    const { log, checkpointed } = this.#look.get() as { log: number; checkpointed: number };
    if (log - checkpointed < this.#pages) return;
    this.#isRunning = true;
    this.#worker ??= this.#start();
    this.#worker.postMessage('checkpoint');
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
    const worker = new Worker(CODE, { eval: true, workerData: this.#path, resourceLimits, execArgv: [], env: {} });
    worker.unref();
    worker.on('message', () => this.#finish());
    // Without the thread the main one goes on alone, at the backstop.
    worker.on('error', () => {
      this.#worker = undefined;
      this.#finish();
    });
    return worker;
  }

  /** Moves the little that came in meanwhile: only an empty log starts again at its beginning. */
  #finish(): void {
    if (this.#isClosed) return;
    this.#isRunning = false;
    try {
      this.#checkpoint.get();
    } catch {
      // A full disk, perhaps: commits will tell.
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }
}
