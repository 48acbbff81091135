/** Which resources Shield Advanced watches: those that are protected, in accounts that have subscribed. */
import { protections, subscriptions } from '../../services/shield/state.ts';
import type { Reader } from '../../store/store.ts';

export async function watchedResources(reader: Reader): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { id: account } of await reader.list(subscriptions, '')) {
    for (const { value } of await reader.list(protections, account)) found.add(value.resource);
  }
  return found;
}
