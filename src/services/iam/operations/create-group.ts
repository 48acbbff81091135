/** CreateGroup and DeleteGroup. A group is no principal, has no tags and no boundary, and does not nest. */
import type { CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { groupCheck, newEntityCheck } from '../checks.ts';
import { groupNamed } from '../entities.ts';
import { alreadyExists, deleteConflict, quotaExceeded } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import type { IamPorts } from '../ports.ts';
import { shownGroup } from '../shapes.ts';
import { type GroupRow, groups, memberKey, members, rowId, uniqueIds } from '../state.ts';

export const createGroup = operation<CreateGroupRequest, CreateGroupResponse, IamPorts>({
  checks: (input, call) => [newEntityCheck(call, 'iam:CreateGroup', 'group', input.Path, input.GroupName)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const key = rowId(input.GroupName);
    if (await call.change.get(groups, account, key)) throw alreadyExists('Group', input.GroupName);
    if ((await ports.count(groups, account)) >= ports.quotas.groups) {
      throw quotaExceeded('GroupsPerAccount', ports.quotas.groups);
    }
    const row: GroupRow = {
      id: uniqueId('AGPA', call.random),
      name: input.GroupName,
      path: input.Path ?? '/',
      createdAt: call.now,
      inline: {},
      attached: [],
    };
    call.change.put(groups, account, key, row);
    call.change.put(uniqueIds, '', row.id, { account, kind: 'group', name: row.name });
    return { Group: shownGroup(account, row) };
  },
});

export const deleteGroup = operation<DeleteGroupRequest, object, IamPorts>({
  checks: async (input, call) => [await groupCheck(call, 'iam:DeleteGroup', input.GroupName)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await groupNamed(call.change, account, input.GroupName);
    const key = rowId(row.name);
    const member = await call.change.list(members, account, { prefix: memberKey(key, ''), limit: 1 });
    if (member.length > 0) throw deleteConflict('Cannot delete entity, must remove users from group first.');
    if (row.attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (Object.keys(row.inline).length > 0) {
      throw deleteConflict('Cannot delete entity, must delete policies first.');
    }
    call.change.delete(groups, account, key);
    call.change.delete(uniqueIds, '', row.id);
    return {};
  },
});
