/** How many keys an account may have in a region ("Resource quotas", AWS KMS Developer Guide). */
import type { CheckCall } from '../service.ts';
import { limitExceeded } from './errors.ts';
import type { KmsPorts } from './ports.ts';
import { keyPartition, keys } from './state.ts';

/** How long a key may be on its way into the store. */
const onTheWayMs = 60_000;

/** What is known of one account and region without reading all its keys again. */
interface Known {
  /** At least as many as there are: deleted keys are noticed when the quota seems to be reached. */
  count?: number;
  /** Keys that were let through and may not be stored yet → epoch milliseconds. */
  readonly recent: Map<string, number>;
}

const known = new WeakMap<KmsPorts, Map<string, Known>>();

/**
 * Lets a key through that is to be made.
 * @param id of the new key: a call that runs again asks for the same one
 * @throws AwsError LimitExceededException
 */
export async function requireRoom(call: CheckCall, ports: KmsPorts, id: string, region: string): Promise<void> {
  const { keysPerRegion } = ports.settings;
  const partition = keyPartition(call.scope.account, region);
  const place = placeOf(ports, partition);
  if (place.recent.has(id)) return;
  if (place.count === undefined || place.count >= keysPerRegion) {
    const rows = await ports.store.list(keys, partition);
    for (const row of rows) place.recent.delete(row.id);
    for (const [one, at] of place.recent) if (at <= call.now - onTheWayMs) place.recent.delete(one);
    place.count = rows.filter(({ value }) => value.managedBy === undefined).length + place.recent.size;
  }
  if (place.count >= keysPerRegion) {
    throw limitExceeded(`You have reached the limit of ${keysPerRegion} customer managed keys in this Region.`);
  }
  place.count += 1;
  place.recent.set(id, call.now);
  // The oldest stand first, and have long been stored.
  if (place.recent.size > 10_000) place.recent.delete(place.recent.keys().next().value as string);
}

function placeOf(ports: KmsPorts, partition: string): Known {
  const places = known.get(ports) ?? new Map<string, Known>();
  known.set(ports, places);
  const place = places.get(partition) ?? { recent: new Map() };
  places.set(partition, place);
  return place;
}
