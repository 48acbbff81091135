/** The operator's lists of addresses, which AWS's managed rule groups of that kind go by. */

import { parseAddress } from '../../engines/text/address.ts';
import type { AddressList } from '../../engines/waf/managed/facts.ts';
import { NetworkSet } from '../../engines/waf/network-set.ts';
import type { AddressListTexts } from '../snapshot.ts';

export class AddressLists {
  #texts: AddressListTexts = {};
  #sets = new Map<string, NetworkSet>();

  use(texts: AddressListTexts): void {
    const kinds = new Set([...Object.keys(texts), ...Object.keys(this.#texts)]) as Set<AddressList>;
    for (const kind of kinds) {
      const text = texts[kind];
      if (text === this.#texts[kind]) continue;
      if (text === undefined) this.#sets.delete(kind);
      else this.#sets.set(kind, new NetworkSet(text.split('\n')));
    }
    this.#texts = texts;
  }

  has(kind: AddressList, address: string): boolean {
    const set = this.#sets.get(kind);
    if (!set) return false;
    const parsed = parseAddress(address);
    return parsed !== undefined && set.has(parsed);
  }
}
