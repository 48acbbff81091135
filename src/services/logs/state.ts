/** What CloudWatch Logs keeps: groups, streams, policies; events are entries of a stream of the store, sealed like records. */
import { type Table, table } from '../../store/store.ts';
import type { Scope } from '../service.ts';

export interface GroupRow {
  readonly name: string;
  /** Fresh for each group: events of a deleted one of the same name are not its. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly retentionDays?: number;
  readonly kmsKey?: string;
  readonly groupClass: 'STANDARD' | 'INFREQUENT_ACCESS';
  readonly isProtected?: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StreamRow {
  readonly name: string;
  /** Fresh for each stream. */
  readonly id: string;
  readonly createdAt: number;
  readonly firstEventAt?: number;
  readonly lastEventAt?: number;
  readonly lastIngestionAt?: number;
}

export interface PolicyRow {
  readonly name: string;
  readonly document: string;
  readonly updatedAt: number;
}

/** Partition: `account/region`. Id: the name. */
export const groups: Table<GroupRow> = table('logs.group');
/** Partition: `account/region/group id`. Id: the name. */
export const streams: Table<StreamRow> = table('logs.stream');
/** Partition: `account/region`. Id: the name. */
export const policies: Table<PolicyRow> = table('logs.policy');

/** The store's stream of events, by group; each has a tag `stream` with the id of its log stream. */
export const eventStream = 'logs';

export const partitionOf = ({ account, region }: Scope): string => `${account}/${region}`;
export const groupPartition = (scope: Scope, { id }: Pick<GroupRow, 'id'>): string => `${partitionOf(scope)}/${id}`;

/** An event, as its entry's body. */
export interface EventBody {
  readonly message: string;
  /** Epoch milliseconds. */
  readonly ingestedAt: number;
  /** Id of its log stream. */
  readonly stream: string;
}
