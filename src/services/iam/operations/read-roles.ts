/** GetRole and ListRoles. */
import type { GetRoleRequest, GetRoleResponse, ListRolesRequest, ListRolesResponse } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { accountCheck, roleCheck } from '../checks.ts';
import { roleNamed } from '../entities.ts';
import { pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { roleInList, shownRole } from '../shown-roles.ts';
import { roles } from '../state.ts';

export const getRole = operation<GetRoleRequest, GetRoleResponse, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:GetRole', input.RoleName)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    return { Role: await shownRole(call.change, account, row, ports) };
  },
});

export const listRoles = operation<ListRolesRequest, ListRolesResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListRoles')],
  async handle(input, call) {
    const { account } = call.scope;
    const prefix = input.PathPrefix ?? '/';
    const { items, rest } = await pageOfRows(
      call,
      input,
      (after, limit) => call.change.list(roles, account, { limit, ...(after !== undefined && { after }) }),
      (row) => row.path.startsWith(prefix),
    );
    return { Roles: await Promise.all(items.map((row) => roleInList(call.change, account, row))), ...rest };
  },
});
