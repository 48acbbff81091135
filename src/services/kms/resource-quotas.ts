/** How many keys an account may have in a region, and grants a key ("Resource quotas", AWS KMS Developer Guide). */
import type { Table } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { limitExceeded } from './errors.ts';
import type { KmsPorts } from './ports.ts';
import { grants, type KeyRow, keyChildren, keyPartition, keys } from './state.ts';

/** How long something new may be on its way into the store. */
const onTheWayMs = 60_000;
/** Places of which is remembered how much they hold. */
const mostPlaces = 10_000;

/** What is known of one place without reading all its rows again. */
interface Known {
  /** At least as many as there are: what was deleted is noticed when the quota seems to be reached. */
  count?: number;
  /** What was let through and may not be stored yet → epoch milliseconds. */
  readonly recent: Map<string, number>;
}

const known = new WeakMap<KmsPorts, Map<string, Known>>();

interface Quota<T> {
  readonly table: Table<T>;
  readonly partition: string;
  readonly most: number;
  /** Of what is to be made: a call that runs again asks for the same one. */
  readonly id: string;
  readonly message: string;
  counts(row: T): boolean;
}

/** @throws AwsError LimitExceededException */
async function requireRoom<T>({ now }: CheckCall, ports: KmsPorts, quota: Quota<T>): Promise<void> {
  const { table, partition, most, id } = quota;
  const place = placeOf(ports, `${table.name} ${partition}`);
  if (place.recent.has(id)) return;
  if (place.count === undefined || place.count >= most) {
    const rows = await ports.store.list(table, partition);
    for (const row of rows) place.recent.delete(row.id);
    for (const [one, at] of place.recent) if (at <= now - onTheWayMs) place.recent.delete(one);
    place.count = rows.filter(({ value }) => quota.counts(value)).length + place.recent.size;
  }
  if (place.count >= most) throw limitExceeded(quota.message);
  place.count += 1;
  place.recent.set(id, now);
  // The oldest stand first, and have long been stored.
  if (place.recent.size > 10_000) place.recent.delete(place.recent.keys().next().value as string);
}

function placeOf(ports: KmsPorts, name: string): Known {
  const places = known.get(ports) ?? new Map<string, Known>();
  known.set(ports, places);
  const place = places.get(name) ?? { recent: new Map() };
  if (places.size >= mostPlaces) places.delete(places.keys().next().value as string);
  places.set(name, place);
  return place;
}

/** What was let through and will not be made after all: another call of the same name came first. */
export function giveUpRoomForGrant(ports: KmsPorts, key: KeyRow, id: string): void {
  const place = placeOf(ports, `${grants.name} ${keyChildren(key)}`);
  if (place.recent.delete(id) && place.count !== undefined) place.count -= 1;
}

export function requireRoomForKey(call: CheckCall, ports: KmsPorts, id: string, region: string): Promise<void> {
  const most = ports.settings.keysPerRegion;
  return requireRoom(call, ports, {
    table: keys,
    partition: keyPartition(call.scope.account, region),
    most,
    id,
    message: `You have reached the limit of ${most} customer managed keys in this Region.`,
    counts: ({ managedBy }) => managedBy === undefined,
  });
}

export function requireRoomForGrant(call: CheckCall, ports: KmsPorts, key: KeyRow, id: string): Promise<void> {
  const most = ports.settings.grantsPerKey;
  const message = `A key has at most ${most} grants.`;
  return requireRoom(call, ports, {
    table: grants,
    partition: keyChildren(key),
    most,
    id,
    message,
    counts: () => true,
  });
}
