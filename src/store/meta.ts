/** What the database says of itself: its history, its eras, and numbers that outlive the rows they counted. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type KeyTree, Seal } from './seal.ts';

export class Meta {
  readonly #database: DatabaseSync;
  readonly #keys: KeyTree;
  readonly #seal: Seal;
  readonly #get: StatementSync;
  readonly #set: StatementSync;

  constructor(database: DatabaseSync, keys: KeyTree) {
    this.#database = database;
    this.#keys = keys;
    this.#seal = new Seal('meta', keys);
    this.#get = database.prepare('SELECT value FROM meta WHERE name = ?');
    this.#set = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
  }

  get epoch(): string | undefined {
    return this.#get.get('epoch')?.value as string | undefined;
  }

  /** Begins a history, and notes whose key it is written with. */
  begin(epoch: string): void {
    this.#database.exec('BEGIN IMMEDIATE');
    this.#set.run('epoch', epoch);
    this.#set.run('key_check', this.#keys.mac('key check', epoch));
    this.#database.exec('COMMIT');
  }

  /** Throws an Error if the data were written with another root key. */
  check(rootKeyFile: string): void {
    if (this.#get.get('key_check')?.value !== this.#keys.mac('key check', this.epoch ?? '')) {
      throw new Error(`${rootKeyFile} is not the root key of these data: put the right one in its place`);
    }
  }

  /** Makes known the salts of all eras, and begins a new one. */
  beginEra(): void {
    let last = 0;
    for (const row of this.#database.prepare('SELECT era, salt FROM era ORDER BY era').iterate()) {
      last = row.era as number;
      this.#keys.addEra(last, row.salt as Uint8Array);
    }
    const salt = randomBytes(16);
    this.#database.prepare('INSERT INTO era (era, salt) VALUES (?, ?)').run(last + 1, salt);
    this.#keys.addEra(last + 1, salt);
  }

  /** 0 if it was never set. Only after `beginEra`. */
  number(name: string): number {
    const row = this.#get.get(name);
    return row ? Number(this.#seal.open(`meta\0${name}`, row.value).toString()) : 0;
  }

  setNumber(name: string, value: number): void {
    this.#set.run(name, this.#seal.seal(`meta\0${name}`, Buffer.from(String(value))));
  }
}
