/** What S3 asks of others; bound in the composition root. */
import type { Blobs } from '../../store/store.ts';

export interface S3Ports {
  /** `Store.blobs`. */
  readonly blobs: Blobs;
  readonly principals: PrincipalDirectory;
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
