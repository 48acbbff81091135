/** PutUserPermissionsBoundary, PutRolePermissionsBoundary, and their Delete twins. */
import type {
  DeleteRolePermissionsBoundaryRequest,
  DeleteUserPermissionsBoundaryRequest,
  PutRolePermissionsBoundaryRequest,
  PutUserPermissionsBoundaryRequest,
} from '@aws-sdk/client-iam';
import { type Call, operation } from '../../service.ts';
import { dropAttachment, recordAttachment } from '../attachments.ts';
import { boundaryNotAttachable, noSuchEntity } from '../errors.ts';
import { boundaryValues, type Holder, roleHolder, userHolder } from '../holders.ts';
import { findPolicy } from '../managed-policies.ts';
import type { IamPorts } from '../ports.ts';
import { type RoleRow, rowId, type UserRow } from '../state.ts';

export const putUserPermissionsBoundary = operation<PutUserPermissionsBoundaryRequest, object, IamPorts>({
  checks: async (input, call) => [
    await userHolder.check(call, 'iam:PutUserPermissionsBoundary', input.UserName, newBoundary(input)),
  ],
  handle: (input, call) => put(userHolder, call, input.UserName, input.PermissionsBoundary),
});

export const putRolePermissionsBoundary = operation<PutRolePermissionsBoundaryRequest, object, IamPorts>({
  checks: async (input, call) => [
    await roleHolder.check(call, 'iam:PutRolePermissionsBoundary', input.RoleName, newBoundary(input)),
  ],
  handle: (input, call) => put(roleHolder, call, input.RoleName, input.PermissionsBoundary),
});

export const deleteUserPermissionsBoundary = operation<DeleteUserPermissionsBoundaryRequest, object, IamPorts>({
  checks: async (input, call) => [
    await userHolder.check(
      call,
      'iam:DeleteUserPermissionsBoundary',
      input.UserName,
      await boundaryValues(userHolder, call, input.UserName),
    ),
  ],
  handle: (input, call) => remove(userHolder, call, input.UserName),
});

export const deleteRolePermissionsBoundary = operation<DeleteRolePermissionsBoundaryRequest, object, IamPorts>({
  checks: async (input, call) => [
    await roleHolder.check(
      call,
      'iam:DeleteRolePermissionsBoundary',
      input.RoleName,
      await boundaryValues(roleHolder, call, input.RoleName),
    ),
  ],
  handle: (input, call) => remove(roleHolder, call, input.RoleName),
});

/** For Put the key holds the boundary that is to be: that is how delegation by boundary works. */
function newBoundary(input: { readonly PermissionsBoundary: string }) {
  return { 'iam:PermissionsBoundary': input.PermissionsBoundary };
}

async function put<R extends UserRow | RoleRow>(
  holder: Holder<R>,
  call: Call,
  name: string,
  arn: string,
): Promise<object> {
  const { account } = call.scope;
  const row = await holder.named(call.change, account, name);
  holder.assertModifiable(row);
  if (!(await findPolicy(call.change, account, arn))) throw boundaryNotAttachable(arn);
  if (row.boundary !== undefined) dropAttachment(call.change, account, attachment(holder, row, row.boundary));
  call.change.put(holder.table, account, rowId(row.name), { ...row, boundary: arn });
  recordAttachment(call.change, account, attachment(holder, row, arn));
  return {};
}

async function remove<R extends UserRow | RoleRow>(holder: Holder<R>, call: Call, name: string): Promise<object> {
  const { account } = call.scope;
  const row = await holder.named(call.change, account, name);
  holder.assertModifiable(row);
  if (row.boundary === undefined) {
    throw noSuchEntity(`${holder.title} ${row.name} does not have a permissions boundary.`);
  }
  const { boundary, ...rest } = row;
  call.change.put(holder.table, account, rowId(row.name), rest as unknown as R);
  dropAttachment(call.change, account, attachment(holder, row, boundary));
  return {};
}

function attachment<R extends UserRow | RoleRow>(holder: Holder<R>, row: R, policyArn: string) {
  return { policyArn, use: 'PermissionsBoundary', kind: holder.kind, name: row.name, entityId: row.id } as const;
}
