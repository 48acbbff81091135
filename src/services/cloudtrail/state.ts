/** What CloudTrail keeps: trails, how far each delivery has come, and the keys that sign digests. */
import { table } from '../../store/store.ts';
import type { AdvancedSelector, BasicSelector } from './selectors.ts';

/** A time during which a trail logs; open at the end while it still does. Epoch milliseconds. */
interface LoggingInterval {
  readonly from: number;
  readonly to?: number;
}

export interface TrailRow {
  readonly account: string;
  /** Home region. */
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly bucket: string;
  readonly prefix?: string;
  /** ARN of the KMS key that log files are encrypted under; digests are not. */
  readonly kmsKeyArn?: string;
  readonly globalEvents: boolean;
  readonly multiRegion: boolean;
  /** Since when events of other regions are taken. */
  readonly multiRegionSince?: number;
  readonly validation: boolean;
  /** When log file validation was last switched on; digests cover what is delivered from then on. */
  readonly validationSince?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly selectors?: readonly BasicSelector[];
  readonly advanced?: readonly AdvancedSelector[];
  /** Since when data events are taken. */
  readonly dataSince?: number;
  readonly isLogging: boolean;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  /** Oldest first. Closed ones go once everything of them is delivered. */
  readonly logging: readonly LoggingInterval[];
}

/** Partition '', id = `account/region/name`. */
export const trails = table<TrailRow>('cloudtrail.trail');

export function trailId(account: string, region: string, name: string): string {
  return `${account}/${region}/${name}`;
}

/** A file that is about to be written: written again, not anew, if a crash comes between. */
export interface PlannedFile {
  readonly key: string;
  readonly bucket: string;
  /** How many entries of the stream it looks at, from the cursor on. */
  readonly entries: number;
}

/** Partition = trail id, id = `region/stream`. */
export interface FollowRow {
  readonly cursor?: string;
  readonly planned?: PlannedFile;
}

export const follows = table<FollowRow>('cloudtrail.follow');

/** What GetTrailStatus tells. Partition '', id = trail id. */
export interface StatusRow {
  readonly attemptedAt?: number;
  readonly deliveredAt?: number;
  readonly deliveryError?: string;
  readonly digestedAt?: number;
  readonly digestError?: string;
}

export const statuses = table<StatusRow>('cloudtrail.status');

/** A delivered log file that awaits its digest. */
export interface DeliveredFile {
  readonly bucket: string;
  readonly key: string;
  /** SHA-256 of the uncompressed content, hex. */
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly deliveredAt: number;
  readonly oldest: string;
  readonly newest: string;
}

/** Partition = trail id, id = `region/`, delivery time (padded) and key. */
export const delivered = table<DeliveredFile>('cloudtrail.delivered');

/** The last digest of a chain, which the next one names. Partition = trail id, id = region. */
export interface ChainRow {
  /** End of the last digest, and so the start of the next. Epoch milliseconds. */
  readonly end: number;
  /** The start of the logging interval that the chain belongs to: a new interval starts a new chain. */
  readonly since: number;
  readonly last?: {
    readonly bucket: string;
    readonly key: string;
    readonly hash: string;
    readonly signature: string;
  };
}

export const chains = table<ChainRow>('cloudtrail.chain');

/** A key pair that signs digests. Partition = region, id = fingerprint. The store seals the row. */
export interface KeyRow {
  /** PKCS#8, PEM. */
  readonly privateKey: string;
  /** PKCS#1 DER, base64. */
  readonly publicKey: string;
  /** Epoch milliseconds. */
  readonly validFrom: number;
  readonly validTo: number;
}

export const signingKeys = table<KeyRow>('cloudtrail.signing-key');
