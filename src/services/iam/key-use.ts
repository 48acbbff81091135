/** When access keys and roles were last used: remembered in memory at each call, written now and then. */
import { ConflictError, type Store } from '../../store/store.ts';
import type { Caller } from '../service.ts';
import { type KeyUseRow, keyUses } from './state.ts';

export class KeyUse {
  readonly #store: Store;
  #unwritten = new Map<string, KeyUseRow>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Long-term keys are known by their id, sessions by their role's unique id; other sessions leave no trace. */
  remember(caller: Caller, service: string, region: string, now: number): void {
    const id = usedId(caller);
    if (id !== undefined) this.#unwritten.set(id, { at: now, service, region });
  }

  /** @param id an access key id, or the unique id of a role */
  async last(id: string): Promise<KeyUseRow | undefined> {
    return this.#unwritten.get(id) ?? (await this.#store.get(keyUses, '', id));
  }

  /** Writes what is not written yet. A crash before that loses some last uses, and nothing else. */
  async flush(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const writing = this.#unwritten;
    const change = this.#store.begin();
    for (const [id, use] of writing) change.put(keyUses, '', id, use);
    try {
      await this.#store.commit(change);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return;
    }
    for (const [id, use] of writing) if (this.#unwritten.get(id) === use) this.#unwritten.delete(id);
  }

  /** After the store was cleared. */
  forget(): void {
    this.#unwritten = new Map();
  }
}

function usedId(caller: Caller): string | undefined {
  if (caller.principal.kind === 'assumed-role') return caller.principal.roleId;
  return caller.session === undefined ? caller.accessKeyId : undefined;
}
