/** GetInstanceProfile, ListInstanceProfiles and ListInstanceProfilesForRole. */
import type {
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
} from '@aws-sdk/client-iam';
import type { Reader } from '../../../store/store.ts';
import { operation } from '../../service.ts';
import { accountCheck, instanceProfileCheck, roleCheck } from '../checks.ts';
import { instanceProfileNamed, roleNamed } from '../entities.ts';
import { pageOf, pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { shownInstanceProfile } from '../shapes.ts';
import { type InstanceProfileRow, instanceProfiles, roles } from '../state.ts';

async function withRole(reader: Reader, account: string, row: InstanceProfileRow, withTags: boolean) {
  const role = row.role === undefined ? undefined : await reader.get(roles, account, row.role);
  return shownInstanceProfile(account, row, role, withTags);
}

export const getInstanceProfile = operation<GetInstanceProfileRequest, GetInstanceProfileResponse, IamPorts>({
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:GetInstanceProfile', input.InstanceProfileName),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await instanceProfileNamed(call.change, account, input.InstanceProfileName);
    return { InstanceProfile: await withRole(call.change, account, row, true) };
  },
});

export const listInstanceProfiles = operation<ListInstanceProfilesRequest, ListInstanceProfilesResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListInstanceProfiles')],
  async handle(input, call) {
    const { account } = call.scope;
    const prefix = input.PathPrefix ?? '/';
    const { items, rest } = await pageOfRows(
      call,
      input,
      (after, limit) => call.change.list(instanceProfiles, account, { limit, ...(after !== undefined && { after }) }),
      (row) => row.path.startsWith(prefix),
    );
    return {
      InstanceProfiles: await Promise.all(items.map((row) => withRole(call.change, account, row, false))),
      ...rest,
    };
  },
});

export const listInstanceProfilesForRole = operation<
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  IamPorts
>({
  checks: async (input, call) => [await roleCheck(call, 'iam:ListInstanceProfilesForRole', input.RoleName)],
  async handle(input, call) {
    const { account } = call.scope;
    const role = await roleNamed(call.change, account, input.RoleName);
    const { items, rest } = pageOf(call, input, role.instanceProfiles, (key) => key);
    const rows = await Promise.all(items.map((key) => call.change.get(instanceProfiles, account, key)));
    return {
      InstanceProfiles: rows.flatMap((row) => (row ? [shownInstanceProfile(account, row, role, false)] : [])),
      ...rest,
    };
  },
});
