/** AddRoleToInstanceProfile and RemoveRoleFromInstanceProfile: a profile holds at most one role. */
import type { AddRoleToInstanceProfileRequest, RemoveRoleFromInstanceProfileRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { instanceProfileCheck, roleCheck } from '../checks.ts';
import { instanceProfileNamed, roleNamed } from '../entities.ts';
import { noSuchEntity, quotaExceeded, unmodifiable } from '../errors.ts';
import type { IamPorts } from '../ports.ts';
import { instanceProfiles, type RoleRow, roles, rowId } from '../state.ts';

export const addRoleToInstanceProfile = operation<AddRoleToInstanceProfileRequest, object, IamPorts>({
  /** "The caller of this operation must be granted the PassRole permission on the IAM role." */
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:AddRoleToInstanceProfile', input.InstanceProfileName),
    await roleCheck(call, 'iam:PassRole', input.RoleName, { 'iam:PassedToService': 'ec2.amazonaws.com' }),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const profile = await instanceProfileNamed(call.change, account, input.InstanceProfileName);
    const role = await roleNamed(call.change, account, input.RoleName);
    refuseLinked(role);
    if (profile.role !== undefined) throw quotaExceeded('InstanceSessionsPerInstanceProfile', 1);
    const profileKey = rowId(profile.name);
    const roleKey = rowId(role.name);
    call.change.put(instanceProfiles, account, profileKey, { ...profile, role: roleKey });
    call.change.put(roles, account, roleKey, {
      ...role,
      instanceProfiles: [...role.instanceProfiles, profileKey],
    });
    return {};
  },
});

export const removeRoleFromInstanceProfile = operation<RemoveRoleFromInstanceProfileRequest, object, IamPorts>({
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:RemoveRoleFromInstanceProfile', input.InstanceProfileName),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const profile = await instanceProfileNamed(call.change, account, input.InstanceProfileName);
    const role = await roleNamed(call.change, account, input.RoleName);
    refuseLinked(role);
    const profileKey = rowId(profile.name);
    const roleKey = rowId(role.name);
    if (profile.role !== roleKey) {
      throw noSuchEntity(`Role ${role.name} in Instance Profile ${profile.name} cannot be found.`);
    }
    const { role: _role, ...empty } = profile;
    call.change.put(instanceProfiles, account, profileKey, empty);
    call.change.put(roles, account, roleKey, {
      ...role,
      instanceProfiles: role.instanceProfiles.filter((key) => key !== profileKey),
    });
    return {};
  },
});

function refuseLinked(role: RoleRow): void {
  if (role.linkedTo !== undefined) {
    throw unmodifiable(
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
    );
  }
}
