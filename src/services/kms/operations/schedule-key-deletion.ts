/** ScheduleKeyDeletion and CancelKeyDeletion: seven to thirty days between the wish and the end. */
import type {
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
} from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { keyNotFound, validation } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { requireCustomerKey, requireUsable } from '../key-states.ts';
import { trailingDays } from '../last-usage.ts';
import type { KmsPorts } from '../ports.ts';
import { dueDeletions, dueId, type KeyRow, keyPartition, keys } from '../state.ts';
import { notedKey } from '../use.ts';

const day = 86_400_000;
const window = (days: number | undefined): number => days ?? 30;

export const ScheduleKeyDeletion = operation<ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse, KmsPorts>({
  checks: async (input, call, ports) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'ScheduleKeyDeletion',
      context: {
        'kms:ScheduleKeyDeletionPendingWindowInDays': String(window(input.PendingWindowInDays)),
        ...(await trailingDays(call, ports, input.KeyId)),
      },
    }),
  ],
  async handle(input, call) {
    const { key, arn } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'ScheduleKeyDeletion');
    const days = window(input.PendingWindowInDays);
    if (days < 7 || days > 30) {
      throw validation('Pending window must be between 7 and 30 days.');
    }
    const partition = keyPartition(key.account, key.region);
    const waitsForReplicas =
      key.multiRegion?.primaryRegion === key.region && (key.multiRegion?.replicas.length ?? 0) > 0;
    if (waitsForReplicas) {
      const waiting: KeyRow = { ...key, state: 'PendingReplicaDeletion', pendingWindowDays: days };
      call.change.put(keys, partition, key.id, waiting);
      return { KeyId: arn, KeyState: 'PendingReplicaDeletion' as const, PendingWindowInDays: days };
    }
    const deletionAt = call.now + days * day;
    call.change.put(keys, partition, key.id, { ...key, state: 'PendingDeletion', deletionAt, pendingWindowDays: days });
    call.change.put(dueDeletions, '', dueId(deletionAt, key), {});
    return {
      KeyId: arn,
      DeletionDate: new Date(deletionAt),
      KeyState: 'PendingDeletion' as const,
      PendingWindowInDays: days,
    };
  },
});

export const CancelKeyDeletion = operation<CancelKeyDeletionRequest, CancelKeyDeletionResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'CancelKeyDeletion' }),
  ],
  async handle(input, call) {
    const { key, arn } = await notedKey(call, input.KeyId, false);
    requireUsable(key, 'CancelKeyDeletion');
    const { deletionAt, pendingWindowDays: _window, ...kept } = key;
    // What the job has not got round to is gone all the same.
    if (deletionAt !== undefined && deletionAt <= call.now) throw keyNotFound(arn);
    if (deletionAt !== undefined) call.change.delete(dueDeletions, '', dueId(deletionAt, key));
    const isEmpty = key.origin === 'EXTERNAL' && key.current === undefined;
    const state = isEmpty ? 'PendingImport' : 'Disabled';
    call.change.put(keys, keyPartition(key.account, key.region), key.id, { ...kept, state });
    return { KeyId: arn };
  },
});
