/** What a snapshot means on another machine than the instance's: its own paths, addresses and files. */
import { join } from 'node:path';
import type { Snapshot } from '../../edge/snapshot.ts';
import { localAddress } from './addresses.ts';

export interface Here {
  /** Of the node. */
  readonly folder: string;
  readonly bindAddress: string;
}

export function asHere(snapshot: Snapshot, { folder, bindAddress }: Here): Snapshot {
  const { placeFiles, stolenCredentials, filesVersion, dns, ...node } = snapshot.node;
  // Load balancers that are origins are reached here, where they are carried here.
  const carried = new Set(snapshot.loadBalancers.map(({ arn }) => arn));
  const distributions = snapshot.distributions.map((one) => ({
    ...one,
    origins: one.origins.map((origin) =>
      carried.has(origin.loadBalancer ?? '') ? { ...origin, address: localAddress(bindAddress) } : origin,
    ),
  }));
  return {
    ...snapshot,
    distributions,
    node: {
      ...node,
      bindAddress,
      spillFolder: join(folder, 'bodies'),
      ...(dns && { dns: { ...dns, host: bindAddress } }),
    },
  };
}
