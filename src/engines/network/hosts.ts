/** Whose packets pass this node, and at which addresses: the hosts behind it. */
import type { Interface, Network } from './types.ts';

/**
 * Interfaces that have a device, each with the addresses that are its own here. Any account may make an interface, or add an
 * address to one, as it likes in a network of its own, and networks of several accounts overlap; packets have no account.
 * So what has no device has no packets here, an operator's word (the first address) goes before an account's, and no
 * address is two hosts'.
 */
export function hostsOf({ interfaces }: Network): readonly Interface[] {
  const placed = interfaces.filter(({ device }) => device !== undefined);
  const held = new Map<string, Interface>();
  const claims = [
    ...placed.flatMap((at) => at.addresses.slice(0, 1).map((address) => ({ at, address }))),
    ...placed.flatMap((at) => at.addresses.slice(1).map((address) => ({ at, address }))),
  ];
  for (const { at, address } of claims) if (!held.has(address)) held.set(address, at);
  return placed.map((at) => ({ ...at, addresses: at.addresses.filter((address) => held.get(address) === at) }));
}
