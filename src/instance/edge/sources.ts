/** Where each part of a snapshot comes from: the services' own reading functions over the store. */
import type { CertificateSettings } from '../../edge/snapshot.ts';
import { pendingChallenges, presentedCertificate } from '../../services/acm/reading.ts';
import { domains } from '../../services/cloudfront/state.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { instances, networkInterfaces } from '../../services/ec2/network/state.ts';
import { keysOf } from '../../services/elasticloadbalancing/authentication-keys.ts';
import { serverCertificateByArn } from '../../services/iam/server-certificates/find.ts';
import { webAclsFor } from '../../services/wafv2/resolved.ts';
import type { Store } from '../../store/store.ts';
import { watchedResources } from '../shield/watched.ts';
import type { EdgeSources } from './compose.ts';
import { type DistributionParts, distributionSettings } from './distributions.ts';
import { loadBalancing } from './load-balancers.ts';
import { type StandardCertificate, standardArn } from './standard-certificate.ts';

/** Where distributions are served; undefined: nowhere. */
export interface ServedDistributions extends Pick<DistributionParts, 'port' | 'securePort' | 'nodeAddress'> {
  readonly endpoint: () => string;
  readonly standard: StandardCertificate;
}

export interface SourceParts {
  readonly store: Store;
  readonly now: () => number;
  readonly zones: EdgeSources['zones'];
  readonly threats: EdgeSources['threats'];
  readonly served: ServedDistributions | undefined;
}

export function edgeSources({ store, now, zones, threats, served }: SourceParts): EdgeSources {
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
      const found = await Promise.all(
        arns.map((arn) => (arn === standardArn ? served?.standard.current : certificate(store, arn))),
      );
      return found.filter((one) => one !== undefined);
    },
    async distributions() {
      if (!served) return [];
      const { standard, endpoint, ...where } = served;
      const isMade = (): boolean => where.securePort !== undefined && standard.current !== undefined;
      // Nothing is made, and no vault started, before there is a distribution.
      const isNeeded = (await store.list(domains, '', { limit: 1 })).length > 0;
      const standardCertificate = isNeeded && isMade() ? standardArn : undefined;
      return distributionSettings({ ...where, reader: store, endpoint: endpoint(), standardCertificate });
    },
    zones,
    async challenges() {
      const pending = (await pendingChallenges(store)).filter(({ way }) => way === 'http-01');
      return pending.map(({ account, domain: host, token, answer }) => ({ account, host, token, answer }));
    },
    async authenticationKeys() {
      const keys = await keysOf(store);
      return keys.map(({ id, createdAt, sessionKey, privateKey }) => ({ id, createdAt, sessionKey, privateKey }));
    },
    watched: () => watchedResources(store),
    threats,
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
