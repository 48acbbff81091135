/** What Certificate Manager keeps: certificates, their private keys apart, and what is to be done with them when. */
import { table } from '../../store/store.ts';

export type Tags = Readonly<Record<string, string>>;

export type KeyAlgorithm =
  | 'RSA_1024'
  | 'RSA_2048'
  | 'RSA_3072'
  | 'RSA_4096'
  | 'EC_prime256v1'
  | 'EC_secp384r1'
  | 'EC_secp521r1';

/** Whether a name may be certified: by a record in its DNS, or by mail to those who run its domain. */
export interface DomainProof {
  /** As requested: may begin with `*.`. */
  readonly domain: string;
  readonly method: 'DNS' | 'EMAIL';
  readonly status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED';
  /** EMAIL: the suffix of the addresses that were written to. */
  readonly mailDomain: string;
}

export type FailureReason = 'DOMAIN_NOT_ALLOWED' | 'CAA_ERROR' | 'INVALID_PUBLIC_DOMAIN' | 'OTHER';

/** What the certificate itself says. */
export interface CertificateContent {
  /** PEM. */
  readonly body: string;
  /** PEM, from the issuer on; absent for what signs itself. */
  readonly chain?: string;
  readonly serial: string;
  readonly subject: string;
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** `SHA256WITHRSA` */
  readonly signatureAlgorithm: string;
  readonly keyUsages: readonly string[];
  /** OIDs. */
  readonly extendedKeyUsages: readonly string[];
}

export interface CertificateRow {
  readonly account: string;
  readonly region: string;
  /** UUID. */
  readonly id: string;
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED';
  readonly domainName: string;
  /** With `domainName`. */
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  /** What was last decided: a certificate whose time is over shows as EXPIRED. */
  readonly status: 'PENDING_VALIDATION' | 'ISSUED' | 'VALIDATION_TIMED_OUT' | 'REVOKED' | 'FAILED';
  readonly failureReason?: FailureReason;
  /** A public authority signs it: it must be convinced of the names, too. */
  readonly isPublic?: true;
  /** `isPublic`: it was. */
  readonly isAccepted?: true;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly issuedAt?: number;
  readonly importedAt?: number;
  readonly revoked?: { readonly at: number; readonly reason: string };
  readonly proofs: readonly DomainProof[];
  readonly content?: CertificateContent;
  readonly options: { readonly transparency: 'ENABLED' | 'DISABLED'; readonly export: 'ENABLED' | 'DISABLED' };
  /** The private key has left by ExportCertificate. */
  readonly isExported: boolean;
  readonly renewal?: {
    readonly status: 'SUCCESS' | 'FAILED' | 'PENDING_VALIDATION' | 'PENDING_AUTO_RENEWAL';
    readonly reason?: FailureReason;
    readonly at: number;
  };
  readonly tags: Tags;
}

/** Partition `account/region`, id = the certificate's id. */
export const certificates = table<CertificateRow>('acm.certificate');

/** PEM, PKCS #8; the store seals it. Partition `account/region`, id = the certificate's id. */
export const privateKeys = table<{ readonly pem: string }>('acm.private-key');

/** Requests that wait for their proofs. Partition '', id = `account/region/id`. */
export const pending = table<Record<string, never>>('acm.pending');

/** Of the public authority: what is wanted of it, from the first proof to the certificate. */
export interface OrderRow {
  readonly names: readonly string[];
  /** Epoch milliseconds: not before then. */
  readonly nextAt: number;
  /** Orders that came to nothing. */
  readonly failures: number;
  /** The last one came to nothing since the authority gave no answer. */
  readonly isUnanswered?: true;
  readonly open?: OpenOrder;
}

interface OpenOrder {
  readonly url: string;
  /** Where the signing request goes. */
  readonly finish: string;
  readonly openedAt: number;
  /** Answers lie ready; the authority was told so; the key is made; the signing request is sent. */
  readonly step: 'placed' | 'asked' | 'prepared' | 'finishing';
  readonly challenges: readonly ChallengeRow[];
  /** PEM, PKCS #8; the store seals it. */
  readonly privateKey?: string;
}

export interface ChallengeRow {
  /** May begin with `*.`. */
  readonly domain: string;
  readonly way: 'http-01' | 'dns-01';
  readonly url: string;
  readonly token: string;
  readonly answer: string;
}

/** Partition '', id = `account/region/id` of the certificate. */
export const orders = table<OrderRow>('acm.order');

/** Partition '', id = `dueId`. */
export const dueRenewals = table<Record<string, never>>('acm.due-renewal');

/** "Idempotency tokens time out after one hour." Partition `account/region`, id = operation and token. */
export const requests = table<{ readonly id: string; readonly input: string; readonly until: number }>('acm.request');

/** Partition: account/region; id = `account`. */
export const accountSettings = table<{ readonly daysBeforeExpiry: number }>('acm.account-settings');

export const regional = ({ account, region }: { readonly account: string; readonly region: string }): string =>
  `${account}/${region}`;

type Named = Pick<CertificateRow, 'account' | 'region' | 'id'>;

export const pathOf = (row: Named): string => `${regional(row)}/${row.id}`;

/** @param at epoch milliseconds */
export const dueId = (at: number, row: Named): string => `${String(at).padStart(15, '0')}/${pathOf(row)}`;

/** Of the ids of `pending` and `dueRenewals`. */
export function namedBy(id: string): Named {
  const [account = '', region = '', name = ''] = id.split('/').slice(-3);
  return { account, region, id: name };
}

export const certificateArn = ({ account, region, id }: Named): string =>
  `arn:aws:acm:${region}:${account}:certificate/${id}`;
