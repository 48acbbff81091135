/** Which address a statement is about: the connection's, or one that a header claims, where the rule says so. */
import { type Address, parseAddress } from '../../text/address.ts';
import { lowercase } from '../transformations/letter-case.ts';
import type { ForwardedIPConfig } from '../types.ts';
import type { RequestView } from '../view.ts';

interface ForwardedAddress {
  readonly text: string;
  readonly address: Address;
}

/** Undefined: the header is not there, and the rule does not apply. Invalid: it is, without an address in that place. */
export type Forwarded = { readonly addresses: readonly ForwardedAddress[] } | undefined;

const mostAddresses = 10;

export function forwardedReader(config: ForwardedIPConfig, position: 'FIRST' | 'LAST' | 'ANY' = 'FIRST') {
  const name = lowercase(config.HeaderName);
  return (view: RequestView): Forwarded => {
    const value = view.header(name);
    if (value === undefined) return undefined;
    const entries = value.split(',');
    const chosen =
      position === 'FIRST'
        ? entries.slice(0, 1)
        : position === 'LAST'
          ? entries.slice(-1)
          : entries.slice(-mostAddresses);
    const addresses: ForwardedAddress[] = [];
    for (const entry of chosen) {
      const text = entry.trim();
      const address = parseAddress(text);
      if (address) addresses.push({ text, address });
    }
    return { addresses };
  };
}
