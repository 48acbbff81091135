/** Finds the group and the stream that a call names, by name or by ARN. */
import type { CheckCall } from '../service.ts';
import { invalid, noGroup, noStream } from './errors.ts';
import { type GroupRow, groupPartition, groups, partitionOf, type StreamRow, streams } from './state.ts';

/** A name, or what stands behind `log-group:` in an ARN; '' where neither is given. */
export function nameOf(given: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }): string {
  const { logGroupName: name, logGroupIdentifier: identifier } = given;
  if (name !== undefined && identifier !== undefined) {
    throw invalid('Only one of logGroupName and logGroupIdentifier can be given.');
  }
  const text = name ?? identifier ?? '';
  return /^arn:aws:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(text)?.[1] ?? text;
}

/** @throws ResourceNotFoundException */
export async function findGroup(call: Pick<CheckCall, 'change' | 'scope'>, name: string): Promise<GroupRow> {
  const row = await call.change.get(groups, partitionOf(call.scope), name);
  if (!row) throw noGroup();
  return row;
}

/** @throws ResourceNotFoundException */
export async function findStream(
  call: Pick<CheckCall, 'change' | 'scope'>,
  group: GroupRow,
  name: string,
): Promise<StreamRow> {
  const row = await call.change.get(streams, groupPartition(call.scope, group), name);
  if (!row) throw noStream();
  return row;
}
