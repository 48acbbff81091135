/** GetGroup, which pages through the members, ListGroups, and ListGroupsForUser. */
import type {
  GetGroupRequest,
  GetGroupResponse,
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  ListGroupsRequest,
  ListGroupsResponse,
} from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { accountCheck, groupCheck, userCheck } from '../checks.ts';
import { groupNamed, userNamed } from '../entities.ts';
import { pageOf, pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { listedUser, shownGroup } from '../shapes.ts';
import { groups, memberKey, members, rowId, users } from '../state.ts';

export const getGroup = operation<GetGroupRequest, GetGroupResponse, IamPorts>({
  checks: async (input, call) => [await groupCheck(call, 'iam:GetGroup', input.GroupName)],
  async handle(input, call) {
    const { account } = call.scope;
    const group = await groupNamed(call.change, account, input.GroupName);
    const prefix = memberKey(rowId(group.name), '');
    const { items, rest } = await pageOfRows(call, input, (after, limit) =>
      call.change.list(members, account, { prefix, limit, ...(after !== undefined && { after }) }),
    );
    const rows = await Promise.all(items.map((member) => call.change.get(users, account, member.user)));
    return {
      Group: shownGroup(account, group),
      Users: rows.flatMap((row) => (row ? [listedUser(account, row)] : [])),
      ...rest,
    };
  },
});

export const listGroups = operation<ListGroupsRequest, ListGroupsResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListGroups')],
  async handle(input, call) {
    const { account } = call.scope;
    const prefix = input.PathPrefix ?? '/';
    const { items, rest } = await pageOfRows(
      call,
      input,
      (after, limit) => call.change.list(groups, account, { limit, ...(after !== undefined && { after }) }),
      (row) => row.path.startsWith(prefix),
    );
    return { Groups: items.map((row) => shownGroup(account, row)), ...rest };
  },
});

export const listGroupsForUser = operation<ListGroupsForUserRequest, ListGroupsForUserResponse, IamPorts>({
  checks: async (input, call) => [await userCheck(call, 'iam:ListGroupsForUser', input.UserName)],
  async handle(input, call) {
    const { account } = call.scope;
    const user = await userNamed(call.change, account, input.UserName);
    const { items, rest } = pageOf(call, input, user.groups, (group) => group);
    const rows = await Promise.all(items.map((group) => call.change.get(groups, account, group)));
    return { Groups: rows.flatMap((row) => (row ? [shownGroup(account, row)] : [])), ...rest };
  },
});
