/** Reads networks as if the default one had always been written, and writes it down before the first change. */
import type { Change, Reader, Table } from '../../../store/store.ts';
import type { Scope } from '../../service.ts';
import { type DefaultNetwork, defaultNetwork } from './default-network.ts';
import {
  dhcpOptions,
  internetGateways,
  networkAcls,
  partitionOf,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  vpcs,
  written,
} from './state.ts';
import { zonesOf } from './zones.ts';

type Entries<T> = readonly { readonly id: string; readonly value: T }[];

/** What a table would hold of the default network. */
const computed = new Map<Table<unknown>, (network: DefaultNetwork) => Entries<unknown>>([
  [vpcs, ({ vpc }) => byId([vpc])],
  [subnets, (network) => byId(network.subnets)],
  [securityGroups, ({ group }) => byId([group])],
  [securityGroupRules, ({ rules }) => rules.map((value) => ({ id: `${value.group}/${value.id}`, value }))],
  [networkAcls, ({ acl }) => byId([acl])],
  [routeTables, ({ routes }) => byId([routes])],
  [internetGateways, ({ gateway }) => byId([gateway])],
  [dhcpOptions, ({ dhcp }) => byId([dhcp])],
]);

function byId<T extends { readonly id: string }>(values: readonly T[]): Entries<T> {
  return values.map((value) => ({ id: value.id, value }));
}

const networkOf = async (reader: Reader, scope: Scope): Promise<DefaultNetwork> =>
  defaultNetwork(scope, await zonesOf(reader, scope.region));

async function isWritten(reader: Reader, scope: Scope): Promise<boolean> {
  return (await reader.get(written, partitionOf(scope), 'written')) !== undefined;
}

/** Of one row; `id` is the table's. */
export async function read<T>(reader: Reader, from: Table<T>, scope: Scope, id: string): Promise<T | undefined> {
  const found = await reader.get(from, partitionOf(scope), id);
  if (found !== undefined || !computed.has(from) || (await isWritten(reader, scope))) return found;
  const network = await networkOf(reader, scope);
  return computed
    .get(from)?.(network)
    .find((one) => one.id === id)?.value as T | undefined;
}

/** All rows of a scope, in the order of their ids. */
export async function readAll<T>(reader: Reader, from: Table<T>, scope: Scope, prefix?: string): Promise<readonly T[]> {
  const rows = await reader.list(from, partitionOf(scope), prefix === undefined ? {} : { prefix });
  const found = rows.map(({ value }) => value);
  const defaults = computed.get(from);
  if (found.length > 0 || !defaults || (await isWritten(reader, scope))) return found;
  const all = defaults(await networkOf(reader, scope)) as Entries<T>;
  return all.filter(({ id }) => id.startsWith(prefix ?? '')).map(({ value }) => value);
}

/** Before the first change of a scope. */
export async function writeDown(change: Change, scope: Scope, now: number): Promise<void> {
  if (await isWritten(change, scope)) return;
  const network = await networkOf(change, scope);
  for (const [to, entries] of computed) {
    for (const { id, value } of entries(network)) change.put(to, partitionOf(scope), id, value);
  }
  change.put(written, partitionOf(scope), 'written', { at: now });
}
