/** DeleteUser: refused while anything still hangs on the user, as its page lists. */
import type { DeleteUserRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { attachmentsOf, dropAttachment } from '../attachments.ts';
import { userCheck } from '../checks.ts';
import { userNamed } from '../entities.ts';
import { deleteConflict } from '../errors.ts';
import type { IamPorts } from '../ports.ts';
import { rowId, type UserRow, uniqueIds, users } from '../state.ts';

export const deleteUser = operation<DeleteUserRequest, object, IamPorts>({
  checks: async (input, call) => [await userCheck(call, 'iam:DeleteUser', input.UserName)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await userNamed(call.change, account, input.UserName);
    const hindrance = whatHinders(row);
    if (hindrance) throw deleteConflict(`Cannot delete entity, must ${hindrance} first.`);
    call.change.delete(users, account, rowId(row.name));
    call.change.delete(uniqueIds, '', row.id);
    // Only the boundary can be left: attached policies hinder.
    for (const attachment of attachmentsOf('user', row)) dropAttachment(call.change, account, attachment);
    return {};
  },
});

/** In AWS's words and order. */
function whatHinders(row: UserRow): string | undefined {
  if (row.groups.length > 0) return 'remove users from group';
  if (row.attached.length > 0) return 'detach all policies';
  if (Object.keys(row.inline).length > 0) return 'delete policies';
  if (row.accessKeyIds.length > 0) return 'delete access keys';
  if (row.login) return 'delete login profile';
  if (row.mfaDeviceKeys?.length) return 'delete MFA device';
  return undefined;
}
