/** What Shield keeps: subscriptions, protections and their groups, contacts, and the attacks that were seen. */
import { type Table, table } from '../../store/store.ts';

export interface SubscriptionRow {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endsAt: number;
  readonly autoRenew: 'ENABLED' | 'DISABLED';
  readonly proactive: 'ENABLED' | 'DISABLED' | 'PENDING';
  readonly contacts: readonly ContactRow[];
  readonly drtRole?: string;
  readonly drtBuckets: readonly string[];
}

export interface ContactRow {
  readonly email: string;
  readonly phone?: string;
  readonly notes?: string;
}

export interface ProtectionRow {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly resource: string;
  readonly healthChecks: readonly string[];
  /** Of the automatic response on the application layer. */
  readonly response?: { readonly action: 'BLOCK' | 'COUNT' };
  readonly tags: Readonly<Record<string, string>>;
}

export interface GroupRow {
  readonly id: string;
  readonly account: string;
  readonly aggregation: 'SUM' | 'MEAN' | 'MAX';
  readonly pattern: 'ALL' | 'ARBITRARY' | 'BY_RESOURCE_TYPE';
  readonly resourceType?: string;
  readonly members: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface AttackRow {
  readonly id: string;
  readonly account: string;
  readonly resource: string;
  readonly startedAt: number;
  /** Absent while it goes on. */
  readonly endedAt?: number;
  readonly layer: 'APPLICATION' | 'NETWORK';
  readonly vectors: readonly VectorRow[];
  readonly properties: readonly PropertyRow[];
  readonly mitigations: readonly string[];
}

/** `REQUEST_FLOOD`, `SYN_FLOOD`, …, with what was counted. */
export interface VectorRow {
  readonly type: string;
  /** Requests or packets a second. */
  readonly peak: number;
  readonly sum: number;
  /** Measurements that peak and sum are made of. */
  readonly count: number;
}

/** Who and what the attack was made of, largest first. */
export interface PropertyRow {
  readonly property: string;
  readonly total: number;
  readonly top: readonly { readonly name: string; readonly value: number }[];
}

/** Partition ''. Id: account. */
export const subscriptions: Table<SubscriptionRow> = table('shield.subscription');
/** Partition: account. */
export const protections: Table<ProtectionRow> = table('shield.protection');
export const groups: Table<GroupRow> = table('shield.protection-group');
export const attacks: Table<AttackRow> = table('shield.attack');
