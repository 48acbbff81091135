/** Server certificates that are kept in IAM: for load balancers, beside those of ACM. */
import { type Table, table } from '../../../store/store.ts';
import type { Tags } from '../state.ts';

export interface ServerCertificateRow {
  /** `ASCA…` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Epoch milliseconds. */
  readonly uploadedAt: number;
  readonly expiresAt: number;
  /** PEM. */
  readonly body: string;
  /** PEM, from the issuer of the certificate on. */
  readonly chain?: string;
  /** PEM; shown to nobody. */
  readonly privateKey: string;
  readonly tags: Tags;
}

/** Partition: account. Id: lower-cased name. */
export const serverCertificates: Table<ServerCertificateRow> = table('iam.server-certificate');

export const serverCertificateArn = (account: string, path: string, name: string): string =>
  `arn:aws:iam::${account}:server-certificate${path}${name}`;
