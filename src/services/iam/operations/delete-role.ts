/** DeleteRole: refused while anything still hangs on the role. */
import type { DeleteRoleRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { attachmentsOf, dropAttachment } from '../attachments.ts';
import { roleCheck } from '../checks.ts';
import { roleNamed } from '../entities.ts';
import { deleteConflict } from '../errors.ts';
import { assertOwnRole } from '../holders.ts';
import type { IamPorts } from '../ports.ts';
import { type RoleRow, roles, rowId, uniqueIds } from '../state.ts';

export const deleteRole = operation<DeleteRoleRequest, object, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:DeleteRole', input.RoleName)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    assertOwnRole(row);
    const hindrance = whatHinders(row);
    if (hindrance) throw deleteConflict(`Cannot delete entity, must ${hindrance} first.`);
    call.change.delete(roles, account, rowId(row.name));
    call.change.delete(uniqueIds, '', row.id);
    for (const attachment of attachmentsOf('role', row)) dropAttachment(call.change, account, attachment);
    return {};
  },
});

/** In AWS's words and order. */
function whatHinders(row: RoleRow): string | undefined {
  if (row.instanceProfiles.length > 0) return 'remove roles from instance profile';
  if (row.attached.length > 0) return 'detach all policies';
  if (Object.keys(row.inline).length > 0) return 'delete policies';
  return undefined;
}
