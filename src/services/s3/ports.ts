/** What S3 asks of others; bound in the composition root. */
import type { Blobs } from '../../store/store.ts';
import type { BucketKeys } from './encryption/bucket-keys.ts';

export interface S3Ports {
  /** `Store.blobs`. */
  readonly blobs: Blobs;
  readonly principals: PrincipalDirectory;
  readonly keys: ObjectKeys;
  readonly bucketKeys: BucketKeys;
}

/** What S3 must know of KMS keys beside what it asks KMS in its callers' names. */
export interface ObjectKeys {
  /** ARN of the account's AWS managed key for S3, made when it is first wanted. */
  managedKey(account: string, region: string, now: number): Promise<string>;
  /** ARN of the key behind an id, an alias or an ARN of either; undefined if there is none. */
  arnOf(named: string, account: string, region: string): Promise<string | undefined>;
  isEnabled(keyArn: string): Promise<boolean>;
  /** Calls with the ARN of a key whenever anything about the key has changed. */
  whenChanged(listener: (keyArn: string) => void): void;
}

/** Resource policies name people by ARN, but must keep meaning the same person: unique ids are stored beside them. */
export interface PrincipalDirectory {
  /** The unique id (`AIDA…`, `AROA…`) of the user or role with this ARN, if there is one. */
  uniqueId(arn: string): Promise<string | undefined>;
  /** The ARN of the user or role with this unique id, if it still exists. */
  arn(uniqueId: string): Promise<string | undefined>;
  accountExists(account: string): Promise<boolean>;
  /** Every account of the instance: a canonical user id is one of theirs. */
  accounts(): Promise<readonly string[]>;
}
