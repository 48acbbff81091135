/** How many entities an account has, kept in memory: a quota must not make every creation read, and conflict with, all others. */
import type { Store, Table } from '../../store/store.ts';

interface Tally {
  readonly ids: Set<string>;
  /** Rows that changed since they were last looked at. */
  readonly stale: Set<string>;
}

export class EntityCounts {
  readonly #store: Store;
  readonly #tallies = new Map<string, Promise<Tally>>();

  constructor(store: Store) {
    this.#store = store;
    store.onCommit((changed) => {
      for (const row of changed) {
        // The listing may be under way: what it has missed is looked at afterwards.
        void this.#tallies.get(keyOf(row.table, row.partition))?.then((tally) => tally.stale.add(row.id));
      }
    });
  }

  /** Rows of a table in an account as of the last commit; calls that run at the same time are not seen. */
  async count<T>(table: Table<T>, account: string): Promise<number> {
    const key = keyOf(table.name, account);
    let counting = this.#tallies.get(key);
    if (!counting) {
      counting = this.#store
        .list(table, account)
        .then((rows) => ({ ids: new Set(rows.map((row) => row.id)), stale: new Set<string>() }));
      this.#tallies.set(key, counting);
      counting.catch(() => this.#tallies.delete(key));
    }
    const tally = await counting;
    for (const id of tally.stale) {
      tally.stale.delete(id);
      if ((await this.#store.get(table, account, id)) === undefined) tally.ids.delete(id);
      else tally.ids.add(id);
    }
    return tally.ids.size;
  }

  /** After the store was cleared. */
  forget(): void {
    this.#tallies.clear();
  }
}

function keyOf(table: string, partition: string): string {
  return `${table}\0${partition}`;
}
