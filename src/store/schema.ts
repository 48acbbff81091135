/** The tables of the SQLite engine, as numbered migrations. */
import type { DatabaseSync } from 'node:sqlite';

/** Each brings the schema from its index to the next version, inside a transaction. Never edit one that was released. */
const MIGRATIONS: readonly ((database: DatabaseSync) => void)[] = [
  (database) =>
    database.exec(`
      CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
      CREATE TABLE era (era INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT;
      CREATE TABLE row (
        tbl TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (tbl, partition, id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE change_log (
        sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL,
        tbl TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL, op TEXT NOT NULL
      ) STRICT;
      CREATE TABLE segment (
        number INTEGER PRIMARY KEY, count INTEGER NOT NULL, stream TEXT NOT NULL, max_time INTEGER NOT NULL,
        body BLOB NOT NULL
      ) STRICT;
      CREATE TABLE run (id INTEGER PRIMARY KEY, header BLOB NOT NULL) STRICT;
      CREATE TABLE run_block (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
      CREATE TABLE expiry (stream TEXT PRIMARY KEY, before BLOB NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE blob (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, body BLOB) STRICT;
      CREATE TABLE discarded_file (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    `),
  // A table without row ids moves what is longer than a quarter of a page to pages of its own, each written whole.
  (database) =>
    database.exec(`
      CREATE TABLE row_2 (
        tbl TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
        UNIQUE (tbl, partition, id)
      ) STRICT;
      INSERT INTO row_2 SELECT tbl, partition, id, version, body FROM row ORDER BY tbl, partition, id;
      DROP TABLE row;
      ALTER TABLE row_2 RENAME TO row;
      CREATE TABLE change_group (last INTEGER PRIMARY KEY, time INTEGER NOT NULL, lines TEXT NOT NULL) STRICT;
      INSERT INTO change_group SELECT sequence, time, json_array(tbl, partition, id, op) FROM change_log;
      DROP TABLE change_log;
    `),
  // From here on rows can hold bytes beside their JSON, which an older Bailey could not read.
  () => undefined,
];

/** Throws an Error with a sentence for a store that a newer Bailey has written. */
export function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new Error(
      `the data folder has format ${version}, and this Bailey knows formats up to ${MIGRATIONS.length}: start it with the newer Bailey that wrote it`,
    );
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      MIGRATIONS[next]!(database);
      database.exec(`PRAGMA user_version = ${next + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
