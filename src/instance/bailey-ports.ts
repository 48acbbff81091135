/** What Bailey's own API asks of the instance: stored calls, and which operations are built. */
import { dataStream, managementStream, recordPartition } from '../events/api-call.ts';
import type { BaileyPorts } from '../services/bailey/ports.ts';
import type { Service } from '../services/service.ts';
import type { Store } from '../store/store.ts';
import { loadService } from '../wire/index.ts';
import type { ServiceModelSource } from '../wire/types.ts';

const streams = [managementStream, dataStream];
const page = 50;

export function baileyPorts(
  store: Store,
  sources: readonly ServiceModelSource[],
  services: () => ReadonlyMap<string, Service>,
  regions: readonly string[],
): Omit<BaileyPorts, 'signIn' | 'firewall'> {
  return {
    async findCall(requestId) {
      for (const stream of streams) {
        const found = await store.entry(stream, requestId);
        if (found) return { account: found.partition.split('/')[0] ?? '', body: found.body };
      }
      return undefined;
    },

    async *recentCalls(account, limit) {
      let left = limit;
      for (const region of regions) {
        for (const stream of streams) {
          let cursor: string | undefined;
          do {
            const found = await store.query({
              stream,
              partition: recordPartition(account, region),
              limit: Math.min(page, left),
              ...(cursor === undefined ? {} : { cursor }),
            });
            for (const entry of found.entries) yield entry.body;
            left -= found.entries.length;
            cursor = found.entries.length > 0 ? found.cursor : undefined;
          } while (cursor !== undefined && left > 0);
        }
      }
    },

    async coverage() {
      const coverage: Record<string, { built: string[]; missing: string[] }> = {};
      for (const source of sources) {
        const built = Object.keys(services().get(source.name)?.operations ?? {}).sort();
        const known = [...(await loadService(source)).operations.keys()].sort();
        coverage[source.name] = { built, missing: known.filter((name) => !built.includes(name)) };
      }
      return coverage;
    },
  };
}
