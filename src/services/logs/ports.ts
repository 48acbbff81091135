/** What CloudWatch Logs asks of the instance it runs in: the entries of the store. */
import type { Store } from '../../store/store.ts';

export interface LogsPorts {
  readonly store: Pick<Store, 'query'>;
}
