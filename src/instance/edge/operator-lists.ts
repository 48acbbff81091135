/** The operator's lists for those who judge requests in the control plane: replays go by what traffic goes by. */
import { AddressLists } from '../../edge/inspection/address-lists.ts';
import { StolenCredentials } from '../../edge/inspection/stolen-credentials.ts';
import type { NodeSettings } from '../../edge/snapshot.ts';

export class OperatorLists {
  readonly #addresses = new AddressLists();
  readonly #credentials = new StolenCredentials();
  readonly isListed = this.#addresses.has.bind(this.#addresses);
  readonly isCompromised = this.#credentials.has.bind(this.#credentials);

  use({ addressLists, stolenCredentials }: Pick<NodeSettings, 'addressLists' | 'stolenCredentials'>): void {
    this.#addresses.use(addressLists ?? {});
    this.#credentials.use(stolenCredentials);
  }

  close(): void {
    this.use({});
  }
}
