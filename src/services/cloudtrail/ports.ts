/** What CloudTrail asks of others. */
import type { Store } from '../../store/store.ts';

export interface CloudTrailPorts {
  /** The records lie in its entries; deliveries keep their place in its rows. */
  readonly store: Pick<Store, 'get' | 'list' | 'query' | 'begin' | 'commit'>;
  /** Regions that a multi-region trail covers. */
  readonly regions: readonly string[];
  /** How often log files are written. AWS takes about five minutes; a few seconds suit a laptop. */
  readonly deliverySeconds: number;
}
