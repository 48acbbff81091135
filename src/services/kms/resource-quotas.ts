/** How many keys an account may have in a region ("Resource quotas", AWS KMS Developer Guide). */
import type { CheckCall } from '../service.ts';
import { limitExceeded } from './errors.ts';
import type { KmsPorts } from './ports.ts';
import { keyPartition, keys } from './state.ts';

/** At most so many, by account and region: deleted keys are noticed when the quota seems to be reached. */
const counts = new WeakMap<KmsPorts, Map<string, number>>();

/** @throws AwsError LimitExceededException */
export async function requireRoom(call: CheckCall, ports: KmsPorts, region = call.scope.region): Promise<void> {
  const { keysPerRegion } = ports.settings;
  const known = counts.get(ports) ?? new Map<string, number>();
  counts.set(ports, known);
  const partition = keyPartition(call.scope.account, region);
  let count = known.get(partition);
  if (count === undefined || count >= keysPerRegion) {
    const rows = await ports.store.list(keys, partition);
    count = rows.filter(({ value }) => value.managedBy === undefined).length;
  }
  if (count >= keysPerRegion) {
    throw limitExceeded(`You have reached the limit of ${keysPerRegion} customer managed keys in this Region.`);
  }
  known.set(partition, count + 1);
}
