/** Where each part of a snapshot comes from: the services' own reading functions over the store. */
import type { CertificateSettings } from '../../edge/snapshot.ts';
import { presentedCertificate } from '../../services/acm/reading.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { instances, networkInterfaces } from '../../services/ec2/network/state.ts';
import { serverCertificateByArn } from '../../services/iam/server-certificates/find.ts';
import { webAclsFor } from '../../services/wafv2/resolved.ts';
import type { Store } from '../../store/store.ts';
import { watchedResources } from '../shield/watched.ts';
import type { EdgeSources } from './compose.ts';
import { loadBalancing } from './load-balancers.ts';

export function edgeSources(store: Store, now: () => number, zones: EdgeSources['zones']): EdgeSources {
  return {
    loadBalancers: () =>
      loadBalancing({
        reader: store,
        blobs: store.blobs,
        addressOf: (scope, instance) => addressOf(store, scope, instance),
        ingress: { reader: store },
      }),
    webAcls: (more) => webAclsFor(store, now(), more),
    async certificates(arns) {
      const found = await Promise.all(arns.map((arn) => certificate(store, arn)));
      return found.filter((one) => one !== undefined);
    },
    distributions: async () => [],
    zones,
    watched: () => watchedResources(store),
  };
}

/** Of Certificate Manager, or of IAM. */
async function certificate(store: Store, arn: string): Promise<CertificateSettings | undefined> {
  const managed = await presentedCertificate(store, arn);
  if (managed) return { arn, chain: managed.chain, privateKey: managed.privateKey };
  const row = await serverCertificateByArn(store, arn);
  if (!row) return undefined;
  const chain = row.chain === undefined ? row.body : `${row.body.trimEnd()}\n${row.chain}`;
  return { arn, chain, privateKey: row.privateKey };
}

/** The primary address of a registered host. */
async function addressOf(
  store: Store,
  scope: { readonly account: string; readonly region: string },
  id: string,
): Promise<string | undefined> {
  const place = { account: scope.account, region: scope.region };
  const host = (await readAll(store, instances, place)).find((one) => one.id === id);
  if (!host) return undefined;
  const all = await readAll(store, networkInterfaces, place);
  return all.find((one) => one.id === host.interface)?.addresses[0];
}
