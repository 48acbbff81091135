/** What the listeners of a process share beyond snapshots: connections to identity providers, key sets, renewals. */
import type { ListenerSettings } from '../snapshot.ts';
import { type Fetch, Fetching, type FetchingOptions } from './fetching.ts';
import { type Authentication, endpointsOf } from './guards.ts';
import { KeySets } from './key-sets.ts';
import { Renewals } from './renewals.ts';

export class SharedAuthentication implements Authentication {
  readonly now: () => number;
  readonly keySets: KeySets;
  readonly renewals: Renewals;
  readonly fetch: Fetch;
  readonly #fetching: Fetching;

  constructor(now: () => number, options: FetchingOptions) {
    this.now = now;
    this.#fetching = new Fetching(options);
    this.fetch = this.#fetching.fetch;
    this.keySets = new KeySets(this.fetch, now);
    this.renewals = new Renewals(now);
  }

  /** What endpoints have said under other authorities goes on for as long as it would have. */
  trust(authorities: FetchingOptions['authorities']): void {
    this.#fetching.trust(authorities);
  }

  /** Lets go of what no listener names any more. */
  retire(listeners: readonly ListenerSettings[]): void {
    const urls = endpointsOf(listeners);
    this.#fetching.retire(urls);
    this.keySets.retire(urls);
  }

  close(): Promise<void> {
    return this.#fetching.close();
  }
}
