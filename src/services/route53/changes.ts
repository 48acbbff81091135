/** Changes of zones: here each is in effect with the call that makes it. */
import type { ChangeInfo } from '@aws-sdk/client-route-53';
import type { Call } from '../service.ts';
import { type ChangeRow, changes } from './state.ts';

export function newChange(call: Call, comment?: string): ChangeInfo {
  const row: ChangeRow = {
    id: `C${idPart(call)}`,
    account: call.scope.account,
    submittedAt: call.now,
    ...(comment !== undefined && { comment }),
  };
  call.change.put(changes, call.scope.account, row.id, row);
  // AWS answers PENDING first; clients ask on until it is INSYNC.
  return { ...shownChange(row), Status: 'PENDING' };
}

export function shownChange({ id, submittedAt, comment }: ChangeRow): ChangeInfo {
  return {
    Id: `/change/${id}`,
    Status: 'INSYNC',
    SubmittedAt: new Date(submittedAt),
    ...(comment !== undefined && { Comment: comment }),
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
export const idPart = (call: Call): string =>
  [...call.random.bytes(20)].map((byte) => letters[byte % letters.length]).join('');
