/** Commits of a job, which no gateway runs again for it after a conflict. */
import { type Change, ConflictError, type Store } from '../../../store/store.ts';

export async function commit(
  store: Pick<Store, 'begin' | 'commit'>,
  write: (change: Change) => void | Promise<void>,
): Promise<void> {
  for (;;) {
    const change = store.begin();
    await write(change);
    try {
      return await store.commit(change);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}
