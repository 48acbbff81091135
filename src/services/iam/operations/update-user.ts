/** UpdateUser: a user keeps its unique id, keys, groups and policies when its name or path changes. */
import type { UpdateUserRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { attachmentsOf, dropAttachment, recordAttachment } from '../attachments.ts';
import { newEntityCheck, userCheck } from '../checks.ts';
import { userNamed } from '../entities.ts';
import { alreadyExists } from '../errors.ts';
import type { IamPorts } from '../ports.ts';
import { memberKey, members, rowId, type UserRow, uniqueIds, users } from '../state.ts';
import { resourceTagValues } from '../tags.ts';

export const updateUser = operation<UpdateUserRequest, object, IamPorts>({
  /** "The requester must have appropriate permissions on both the source object and the target object." */
  async checks(input, call) {
    const source = await userCheck(call, 'iam:UpdateUser', input.UserName);
    if (input.NewUserName === undefined && input.NewPath === undefined) return [source];
    const row = await call.change.get(users, call.scope.account, rowId(input.UserName));
    const target = newEntityCheck(
      call,
      'iam:UpdateUser',
      'user',
      input.NewPath ?? row?.path,
      input.NewUserName ?? row?.name ?? input.UserName,
      resourceTagValues(row?.tags ?? {}),
    );
    return [source, { ...target, resource: { ...target.resource, tags: row?.tags ?? {} } }];
  },
  async handle(input, call) {
    const { account } = call.scope;
    const { change } = call;
    const before = await userNamed(change, account, input.UserName);
    const oldKey = rowId(before.name);
    const after: UserRow = { ...before, name: input.NewUserName ?? before.name, path: input.NewPath ?? before.path };
    const newKey = rowId(after.name);
    if (newKey !== oldKey) {
      if (await change.get(users, account, newKey)) throw alreadyExists('User', after.name);
      change.delete(users, account, oldKey);
      for (const group of before.groups) {
        change.delete(members, account, memberKey(group, oldKey));
        change.put(members, account, memberKey(group, newKey), { group, user: newKey });
      }
    }
    change.put(users, account, newKey, after);
    if (after.name !== before.name) {
      change.put(uniqueIds, '', after.id, { account, kind: 'user', name: after.name });
      for (const attachment of attachmentsOf('user', before)) dropAttachment(change, account, attachment);
      for (const attachment of attachmentsOf('user', after)) recordAttachment(change, account, attachment);
    }
    return {};
  },
});
