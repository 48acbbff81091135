/** What the account service asks of others. */

import type { Store } from '../../store/store.ts';

/** Where mail to people goes: files in the data folder, until the operator binds something better. */
export interface Mailbox {
  /** The text may hold one-time codes: it is written for its reader and never logged. */
  send(to: string, subject: string, text: string): Promise<void>;
}

export interface AccountPorts {
  readonly mailbox: Mailbox;
  /** For the count of wrong codes, which a refused call must leave behind. */
  readonly store: Pick<Store, 'begin' | 'commit'>;
}
