/** UpdateGroup: a group keeps its unique id, members and policies when its name or path changes. */
import type { UpdateGroupRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { attachmentsOf, dropAttachment, recordAttachment } from '../attachments.ts';
import { groupCheck, newEntityCheck } from '../checks.ts';
import { groupNamed } from '../entities.ts';
import { alreadyExists } from '../errors.ts';
import type { IamPorts } from '../ports.ts';
import { type GroupRow, groups, memberKey, members, rowId, uniqueIds, users } from '../state.ts';

export const updateGroup = operation<UpdateGroupRequest, object, IamPorts>({
  /** "The requester must have appropriate permissions on both the source object and the target object." */
  async checks(input, call) {
    const source = await groupCheck(call, 'iam:UpdateGroup', input.GroupName);
    if (input.NewGroupName === undefined && input.NewPath === undefined) return [source];
    const row = await call.change.get(groups, call.scope.account, rowId(input.GroupName));
    const name = input.NewGroupName ?? row?.name ?? input.GroupName;
    return [source, newEntityCheck(call, 'iam:UpdateGroup', 'group', input.NewPath ?? row?.path, name)];
  },
  async handle(input, call) {
    const { account } = call.scope;
    const { change } = call;
    const before = await groupNamed(change, account, input.GroupName);
    const oldKey = rowId(before.name);
    const after: GroupRow = { ...before, name: input.NewGroupName ?? before.name, path: input.NewPath ?? before.path };
    const newKey = rowId(after.name);
    if (newKey !== oldKey) {
      if (await change.get(groups, account, newKey)) throw alreadyExists('Group', after.name);
      change.delete(groups, account, oldKey);
      for (const { id, value } of await change.list(members, account, { prefix: memberKey(oldKey, '') })) {
        const user = await change.get(users, account, value.user);
        change.delete(members, account, id);
        if (!user) continue;
        change.put(members, account, memberKey(newKey, value.user), { group: newKey, user: value.user });
        const moved = user.groups.map((group) => (group === oldKey ? newKey : group));
        change.put(users, account, value.user, { ...user, groups: moved });
      }
    }
    change.put(groups, account, newKey, after);
    if (after.name !== before.name) {
      change.put(uniqueIds, '', after.id, { account, kind: 'group', name: after.name });
      for (const attachment of attachmentsOf('group', before)) dropAttachment(change, account, attachment);
      for (const attachment of attachmentsOf('group', after)) recordAttachment(change, account, attachment);
    }
    return {};
  },
});
