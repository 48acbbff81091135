/** Reads events of a group from the store, in the order of their times, from one place on in either direction. */
import type { CheckCall } from '../service.ts';
import type { LogsPorts } from './ports.ts';
import { type EventBody, eventStream, type GroupRow, groupPartition } from './state.ts';

export interface LogEvent {
  readonly id: string;
  readonly timestamp: number;
  readonly message: string;
  readonly ingestedAt: number;
  /** Id of its log stream. */
  readonly stream: string;
}

/** Behind one event, in the direction of reading. */
export interface Place {
  readonly timestamp: number;
  readonly id: string;
}

export interface EventQuery {
  /** Inclusive, epoch milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Id of a log stream. */
  readonly stream?: string | undefined;
  readonly after?: Place | undefined;
  readonly limit: number;
  readonly forward: boolean;
}

const day = 24 * 60 * 60 * 1000;
/** Entries of one question to the store. */
const batch = 1_000;

/** At most `limit` events, in the direction of reading. */
export async function readEvents(
  call: Pick<CheckCall, 'scope' | 'now'>,
  { store }: LogsPorts,
  group: GroupRow,
  query: EventQuery,
): Promise<readonly LogEvent[]> {
  const { after, forward, limit, stream } = query;
  // What the group's retention has taken away is gone at once, whenever the store gives up its room.
  const kept = group.retentionDays === undefined ? 0 : call.now - group.retentionDays * day;
  const from = Math.max(query.from ?? 0, kept, forward && after ? after.timestamp : 0);
  const to = Math.min(
    query.to ?? Number.MAX_SAFE_INTEGER,
    !forward && after ? after.timestamp : Number.MAX_SAFE_INTEGER,
  );
  const found: LogEvent[] = [];
  // Events of the same moment are told apart by their ids.
  let isPast = after === undefined;
  for (let cursor: string | undefined; found.length < limit; ) {
    const page = await store.query({
      stream: eventStream,
      partition: groupPartition(call.scope, group),
      from,
      to,
      limit: batch,
      ...(stream !== undefined && { tag: { name: 'stream', value: stream } }),
      ...(cursor !== undefined && { cursor }),
      ...(forward && { forward: true }),
    });
    for (const { id, time, body } of page.entries) {
      if (!isPast && time === after?.timestamp) {
        isPast = id === after.id;
        continue;
      }
      isPast = true;
      if (found.length < limit) found.push({ id, timestamp: time, ...read(body) });
    }
    if (page.entries.length < batch || page.cursor === undefined) break;
    cursor = page.cursor;
  }
  return found;
}

const read = (body: Uint8Array): EventBody => JSON.parse(new TextDecoder().decode(body)) as EventBody;
