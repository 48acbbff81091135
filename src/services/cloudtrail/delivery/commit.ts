/** Commits of a job, which no gateway runs again for it after a conflict. */
import { type Change, ConflictError, type Store } from '../../../store/store.ts';
import { type TrailRow, trailId, trails } from '../state.ts';

type Committing = Pick<Store, 'begin' | 'commit'>;

export async function commit(store: Committing, write: (change: Change) => void | Promise<void>): Promise<void> {
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

/** Writes what belongs to a trail, unless the trail was deleted while its files were on their way. */
export async function commitFor(
  store: Committing,
  trail: Pick<TrailRow, 'account' | 'region' | 'name'>,
  write: (change: Change, id: string) => void | Promise<void>,
): Promise<void> {
  const id = trailId(trail.account, trail.region, trail.name);
  await commit(store, async (change) => {
    if (await change.get(trails, '', id)) await write(change, id);
  });
}
