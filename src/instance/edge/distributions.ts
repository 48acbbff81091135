/** Distributions as the edge takes them, from what CloudFront keeps. */
import type { Origin } from '@aws-sdk/client-cloudfront';
import {
  type DistributionSettings,
  type InvalidationSettings,
  mostInvalidations,
  type OriginSettings,
} from '../../edge/snapshot.ts';
import { bucketOf } from '../../services/cloudfront/configuration/origins.ts';
import { allDistributions } from '../../services/cloudfront/reading.ts';
import {
  type DistributionRow,
  distributionArn,
  type InvalidationRow,
  invalidationPartition,
  invalidations,
} from '../../services/cloudfront/state.ts';
import { loadBalancerArn } from '../../services/elasticloadbalancing/arns.ts';
import { loadBalancerByName } from '../../services/elasticloadbalancing/reading.ts';
import type { Reader } from '../../store/store.ts';
import { behaviorSettings } from './behaviors.ts';

export interface DistributionParts {
  readonly reader: Reader;
  readonly port: number;
  readonly securePort: number | undefined;
  /** ARN of the certificate for names below cloudfront.net; undefined while there is none. */
  readonly standardCertificate: string | undefined;
  /** Where the edge's own listeners are reached. */
  readonly nodeAddress: string;
  /** Of this instance's API, where its buckets are: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
}

export async function distributionSettings(parts: DistributionParts): Promise<DistributionSettings[]> {
  const rows = await allDistributions(parts.reader);
  return Promise.all(rows.map((row) => settings(parts, row)));
}

async function settings(parts: DistributionParts, row: DistributionRow): Promise<DistributionSettings> {
  const { reader, port, securePort } = parts;
  const { config, account, id, domainName } = row;
  const standard = parts.standardCertificate;
  const certificate = row.certificate ?? standard;
  // Its own name shows the one that is for it, whatever its other names have.
  const beside = row.certificate !== undefined && standard !== undefined && { standardCertificate: standard };
  const given = config.Origins?.Items ?? [];
  const origins = await Promise.all(given.map((origin) => originSettings(parts, origin)));
  const secure = new Map(
    given.flatMap((origin, index) => (isMatching(origin) ? [[origin.Id, origins[index]?.[1]?.id] as const] : [])),
  );
  const behaviors = [
    ...(config.CacheBehaviors?.Items ?? []),
    ...[config.DefaultCacheBehavior].flatMap((one) => one ?? []),
  ];
  const recent = await reader.list(invalidations, invalidationPartition(row), { limit: mostInvalidations });
  return {
    arn: distributionArn(row),
    id,
    account,
    enabled: config.Enabled === true,
    hosts: [domainName, ...(config.Aliases?.Items ?? [])],
    port,
    ...(securePort !== undefined && certificate !== undefined && { securePort, certificate, ...beside }),
    defaultRootObject: config.DefaultRootObject ?? '',
    ...(config.WebACLId ? { webAcl: config.WebACLId } : {}),
    origins: origins.flat(),
    behaviors: behaviors.map((one) => behaviorSettings(one, secure.get(one.TargetOriginId))),
    invalidations: within(recent.map(({ value }) => value)),
  };
}

/** Bytes of paths in the snapshot, for each distribution. */
const mostPathBytes = 16 * 1024;

/** Beyond the bytes, whoever has missed an invalidation forgets everything. */
function within(recent: readonly InvalidationRow[]): InvalidationSettings[] {
  let left = mostPathBytes;
  return recent.map(({ id, paths }) => {
    left -= paths.reduce((sum, path) => sum + path.length, 0);
    return { id, paths: left < 0 ? ['/*'] : paths };
  });
}

const isMatching = ({ CustomOriginConfig: custom }: Origin): boolean => custom?.OriginProtocolPolicy === 'match-viewer';

/** Two of one that is spoken to as viewers speak: without TLS, and with it. */
async function originSettings(parts: DistributionParts, origin: Origin): Promise<OriginSettings[]> {
  const { Id: id = '', DomainName = '', OriginPath: path = '', CustomOriginConfig: custom } = origin;
  const headers = (origin.CustomHeaders?.Items ?? []).map(
    ({ HeaderName = '', HeaderValue = '' }) => [HeaderName, HeaderValue] as const,
  );
  if (!custom) return [{ ...bucketOrigin(parts.endpoint, origin), id, headers }];
  const name = DomainName.toLowerCase();
  const balancer = await loadBalancerByName(parts.reader, name);
  const shared = {
    id,
    domainName: name,
    ...(balancer && { loadBalancer: loadBalancerArn(balancer), address: parts.nodeAddress }),
    path,
    headers,
    readMs: (custom.OriginReadTimeout ?? 30) * 1000,
  };
  const plain: OriginSettings = { ...shared, protocol: 'http', port: custom.HTTPPort ?? 80 };
  const secure: OriginSettings = { ...shared, protocol: 'https', port: custom.HTTPSPort ?? 443 };
  if (isMatching(origin)) return [plain, { ...secure, id: `${id} (TLS)` }];
  return [custom.OriginProtocolPolicy === 'https-only' ? secure : plain];
}

/** A bucket of this instance, by its path: nothing that is named here is asked for elsewhere. */
function bucketOrigin(endpoint: string, origin: Origin): Omit<OriginSettings, 'id' | 'headers'> {
  const { protocol, hostname, port } = new URL(endpoint);
  const isSecure = protocol === 'https:';
  return {
    domainName: 'localhost',
    address: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (isSecure ? 443 : 80)),
    protocol: isSecure ? 'https' : 'http',
    path: `/${bucketOf(origin.DomainName ?? '')}${origin.OriginPath ?? ''}`,
    readMs: (origin.S3OriginConfig?.OriginReadTimeout ?? 30) * 1000,
  };
}
