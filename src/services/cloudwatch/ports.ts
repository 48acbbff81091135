/** What CloudWatch asks of the instance it runs in: its store, for what it does by the clock. */
import type { Store } from '../../store/store.ts';

export interface CloudWatchPorts {
  readonly store: Pick<Store, 'begin' | 'commit' | 'list' | 'get'>;
  /** Accounts and regions in which there may be alarms. */
  readonly accounts: () => Promise<readonly string[]>;
  readonly regions: readonly string[];
}
