/** What Route 53 keeps: zones with their records, and health checks. Zones are global: partitions are accounts. */
import { type Table, table } from '../../store/store.ts';

export interface ZoneRow {
  /** `Z` and 20 letters and digits. */
  readonly id: string;
  readonly account: string;
  /** Lower case, with a final dot: `example.com.` */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly isPrivate: boolean;
  readonly vpcs: readonly { readonly region: string; readonly id: string }[];
  /** Host names that answer for the zone. */
  readonly nameServers: readonly string[];
  readonly createdAt: number;
  /** Where the account had the name before: since when. */
  readonly heldSince?: number;
}

/** A name that an account had a zone of, which it may make anew. Epoch milliseconds. */
export interface HeldNameRow {
  readonly since: number;
  readonly leftAt: number;
}

export interface RecordRow {
  /** Lower case, with a final dot. */
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
  readonly ttl?: number;
  /** As given: texts of TXT with their quotes. */
  readonly values: readonly string[];
  readonly alias?: { readonly zone: string; readonly dnsName: string; readonly evaluatesHealth: boolean };
  readonly weight?: number;
  readonly failover?: 'PRIMARY' | 'SECONDARY';
  readonly isMultiValue?: boolean;
  readonly healthCheck?: string;
}

export interface HealthCheckRow {
  readonly id: string;
  readonly account: string;
  readonly callerReference: string;
  readonly version: number;
  readonly type: 'HTTP' | 'HTTPS' | 'HTTP_STR_MATCH' | 'HTTPS_STR_MATCH' | 'TCP' | 'CALCULATED';
  readonly address?: string;
  readonly domainName?: string;
  readonly port?: number;
  readonly path?: string;
  readonly searchString?: string;
  readonly intervalSeconds: number;
  readonly failureThreshold: number;
  readonly isInverted: boolean;
  readonly isDisabled: boolean;
  readonly children: readonly string[];
  readonly threshold?: number;
  readonly createdAt: number;
}

export interface ChangeRow {
  readonly id: string;
  readonly account: string;
  readonly submittedAt: number;
  readonly comment?: string;
}

/** Partition: account. */
export const zones: Table<ZoneRow> = table('route53.zone');
/** Partition ''. Id: account, a space, and the name. */
export const heldNames: Table<HeldNameRow> = table('route53.held-name');
/** Partition: zone id. Id: `recordId`. */
export const records: Table<RecordRow> = table('route53.record');
/** Partition: account. */
export const healthChecks: Table<HealthCheckRow> = table('route53.health-check');
/** Partition: account. */
export const changes: Table<ChangeRow> = table('route53.change');
/** Partition: account. Id: `hostedzone/ID` or `healthcheck/ID`. */
export const tags: Table<Readonly<Record<string, string>>> = table('route53.tags');

/** Sorts records as Route 53 lists them: by the labels of their names from the last to the first, then by type. */
export function recordId({
  name,
  type,
  setIdentifier = '',
}: Pick<RecordRow, 'name' | 'type' | 'setIdentifier'>): string {
  return `${reversed(name)} ${type} ${setIdentifier}`;
}

/** `www.example.com.` → `com.example.www.` */
export const reversed = (name: string): string => `${name.split('.').filter(Boolean).reverse().join('.')}.`;
