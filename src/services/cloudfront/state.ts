/** What CloudFront keeps: distributions, the names that lead to them, and invalidations. All of it is global. */
import type { DistributionConfig } from '@aws-sdk/client-cloudfront';
import { type Table, table } from '../../store/store.ts';

export interface DistributionRow {
  /** `E` and 13 capital letters and digits. */
  readonly id: string;
  readonly account: string;
  /** `d` and 13 small letters and digits before `.cloudfront.net`. */
  readonly domainName: string;
  /** Another one after every change. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  readonly createdAt: number;
  /** As it was given, with what was left out filled in. */
  readonly config: DistributionConfig;
  /** ARN of the certificate that it shows, if it is not the default one. */
  readonly certificate?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface InvalidationRow {
  readonly id: string;
  readonly callerReference: string;
  readonly createdAt: number;
  readonly paths: readonly string[];
}

interface Place {
  readonly account: string;
  readonly id: string;
}

/** Partition: account. */
export const distributions: Table<DistributionRow> = table('cloudfront.distribution');
/** Partition '', id: the distribution's own domain name. */
export const domains: Table<Place> = table('cloudfront.domain');
/** Partition '', id: an alternate domain name, in lower case. */
export const aliases: Table<Place> = table('cloudfront.alias');
/** Who uses what. Partition: ARN of a certificate or web ACL, id: ARN of the distribution. */
export const uses: Table<Place> = table('cloudfront.use');
/** Partition: `ACCOUNT/ID` of the distribution, id: `invalidationKey`. */
export const invalidations: Table<InvalidationRow> = table('cloudfront.invalidation');

export const invalidationPartition = ({ account, id }: Place): string => `${account}/${id}`;

/** The newest comes first. */
export const invalidationKey = ({ createdAt, id }: Pick<InvalidationRow, 'createdAt' | 'id'>): string =>
  `${String(9_999_999_999_999 - createdAt).padStart(13, '0')} ${id}`;

export const distributionArn = ({ account, id }: Place): string => `arn:aws:cloudfront::${account}:distribution/${id}`;
