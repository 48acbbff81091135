/** AddUserToGroup and RemoveUserFromGroup: both succeed when there is nothing to change. */
import type { AddUserToGroupRequest, RemoveUserFromGroupRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { groupCheck } from '../checks.ts';
import { groupNamed, userNamed } from '../entities.ts';
import { quotaExceeded } from '../errors.ts';
import type { IamPorts } from '../ports.ts';
import { memberKey, members, rowId, users } from '../state.ts';

export const addUserToGroup = operation<AddUserToGroupRequest, object, IamPorts>({
  checks: async (input, call) => [await groupCheck(call, 'iam:AddUserToGroup', input.GroupName)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const group = rowId((await groupNamed(call.change, account, input.GroupName)).name);
    const row = await userNamed(call.change, account, input.UserName);
    if (row.groups.includes(group)) return {};
    if (row.groups.length >= ports.quotas.groupsPerUser) {
      throw quotaExceeded('GroupsPerUser', ports.quotas.groupsPerUser);
    }
    const user = rowId(row.name);
    call.change.put(users, account, user, { ...row, groups: [...row.groups, group] });
    call.change.put(members, account, memberKey(group, user), { group, user });
    return {};
  },
});

export const removeUserFromGroup = operation<RemoveUserFromGroupRequest, object, IamPorts>({
  checks: async (input, call) => [await groupCheck(call, 'iam:RemoveUserFromGroup', input.GroupName)],
  async handle(input, call) {
    const { account } = call.scope;
    const group = rowId((await groupNamed(call.change, account, input.GroupName)).name);
    const row = await userNamed(call.change, account, input.UserName);
    const user = rowId(row.name);
    if (!row.groups.includes(group)) return {};
    call.change.put(users, account, user, { ...row, groups: row.groups.filter((name) => name !== group) });
    call.change.delete(members, account, memberKey(group, user));
    return {};
  },
});
