/** IAM: users, groups, roles and policies. The listing of `operations/` is the table of contents. */
import { type Service, service } from '../service.ts';
import { createAccessKey, deleteAccessKey, updateAccessKey } from './operations/access-keys.ts';
import { createAccountAlias, deleteAccountAlias, listAccountAliases } from './operations/account-alias.ts';
import { getAccountAuthorizationDetails } from './operations/account-authorization-details.ts';
import { getAccountSummary } from './operations/account-summary.ts';
import {
  attachGroupPolicy,
  attachRolePolicy,
  attachUserPolicy,
  detachGroupPolicy,
  detachRolePolicy,
  detachUserPolicy,
} from './operations/attach-policies.ts';
import { changePassword } from './operations/change-password.ts';
import { getContextKeysForCustomPolicy, getContextKeysForPrincipalPolicy } from './operations/context-keys.ts';
import { createGroup, deleteGroup } from './operations/create-group.ts';
import { createPolicy, deletePolicy } from './operations/create-policy.ts';
import { createRole } from './operations/create-role.ts';
import { createUser } from './operations/create-user.ts';
import { generateCredentialReport, getCredentialReport } from './operations/credential-report.ts';
import {
  listServiceSpecificCredentials,
  listSigningCertificates,
  listSSHPublicKeys,
} from './operations/credentials-not-held.ts';
import { deleteRole } from './operations/delete-role.ts';
import { deleteUser } from './operations/delete-user.ts';
import { addUserToGroup, removeUserFromGroup } from './operations/group-members.ts';
import {
  deleteGroupPolicy,
  deleteRolePolicy,
  deleteUserPolicy,
  getGroupPolicy,
  getRolePolicy,
  getUserPolicy,
  listGroupPolicies,
  listRolePolicies,
  listUserPolicies,
  putGroupPolicy,
  putRolePolicy,
  putUserPolicy,
} from './operations/inline-policies.ts';
import { addRoleToInstanceProfile, removeRoleFromInstanceProfile } from './operations/instance-profile-role.ts';
import { createInstanceProfile, deleteInstanceProfile } from './operations/instance-profiles.ts';
import {
  listAttachedGroupPolicies,
  listAttachedRolePolicies,
  listAttachedUserPolicies,
} from './operations/list-attached-policies.ts';
import {
  createLoginProfile,
  deleteLoginProfile,
  getLoginProfile,
  updateLoginProfile,
} from './operations/login-profiles.ts';
import {
  deactivateMFADevice,
  enableMFADevice,
  getMFADevice,
  listMFADevices,
  resyncMFADevice,
} from './operations/mfa-devices.ts';
import {
  deleteAccountPasswordPolicy,
  getAccountPasswordPolicy,
  updateAccountPasswordPolicy,
} from './operations/password-policy.ts';
import {
  deleteRolePermissionsBoundary,
  deleteUserPermissionsBoundary,
  putRolePermissionsBoundary,
  putUserPermissionsBoundary,
} from './operations/permissions-boundaries.ts';
import {
  createPolicyVersion,
  deletePolicyVersion,
  getPolicyVersion,
  listPolicyVersions,
  setDefaultPolicyVersion,
} from './operations/policy-versions.ts';
import { getAccessKeyLastUsed, listAccessKeys } from './operations/read-access-keys.ts';
import { getGroup, listGroups, listGroupsForUser } from './operations/read-groups.ts';
import {
  getInstanceProfile,
  listInstanceProfiles,
  listInstanceProfilesForRole,
} from './operations/read-instance-profiles.ts';
import { getPolicy, listEntitiesForPolicy, listPolicies } from './operations/read-policies.ts';
import { getRole, listRoles } from './operations/read-roles.ts';
import {
  getServerCertificate,
  listServerCertificates,
  listServerCertificateTags,
  tagServerCertificate,
  untagServerCertificate,
} from './operations/read-server-certificates.ts';
import { getUser, listUsers } from './operations/read-users.ts';
import {
  deleteServerCertificate,
  updateServerCertificate,
  uploadServerCertificate,
} from './operations/server-certificates.ts';
import {
  createServiceLinkedRole,
  deleteServiceLinkedRole,
  getServiceLinkedRoleDeletionStatus,
} from './operations/service-linked-roles.ts';
import { simulateCustomPolicy, simulatePrincipalPolicy } from './operations/simulate.ts';
import {
  listInstanceProfileTags,
  tagInstanceProfile,
  untagInstanceProfile,
} from './operations/tag-instance-profile.ts';
import { listMFADeviceTags, tagMFADevice, untagMFADevice } from './operations/tag-mfa-device.ts';
import { listPolicyTags, tagPolicy, untagPolicy } from './operations/tag-policy.ts';
import { listRoleTags, tagRole, untagRole } from './operations/tag-role.ts';
import { listUserTags, tagUser, untagUser } from './operations/tag-user.ts';
import { updateGroup } from './operations/update-group.ts';
import { updateAssumeRolePolicy, updateRole, updateRoleDescription } from './operations/update-role.ts';
import { updateUser } from './operations/update-user.ts';
import {
  createVirtualMFADevice,
  deleteVirtualMFADevice,
  listVirtualMFADevices,
} from './operations/virtual-mfa-devices.ts';
import type { IamPorts } from './ports.ts';
import { unbuilt } from './unbuilt.ts';

export function iam(ports: IamPorts): Service {
  return service<IamPorts>(
    'iam',
    {
      CreateUser: createUser,
      GetUser: getUser,
      ListUsers: listUsers,
      UpdateUser: updateUser,
      DeleteUser: deleteUser,
      TagUser: tagUser,
      UntagUser: untagUser,
      ListUserTags: listUserTags,

      CreateGroup: createGroup,
      GetGroup: getGroup,
      ListGroups: listGroups,
      ListGroupsForUser: listGroupsForUser,
      UpdateGroup: updateGroup,
      DeleteGroup: deleteGroup,
      AddUserToGroup: addUserToGroup,
      RemoveUserFromGroup: removeUserFromGroup,

      CreateAccessKey: createAccessKey,
      ListAccessKeys: listAccessKeys,
      GetAccessKeyLastUsed: getAccessKeyLastUsed,
      UpdateAccessKey: updateAccessKey,
      DeleteAccessKey: deleteAccessKey,

      ListSSHPublicKeys: listSSHPublicKeys,
      ListSigningCertificates: listSigningCertificates,
      ListServiceSpecificCredentials: listServiceSpecificCredentials,

      CreateVirtualMFADevice: createVirtualMFADevice,
      DeleteVirtualMFADevice: deleteVirtualMFADevice,
      ListVirtualMFADevices: listVirtualMFADevices,
      EnableMFADevice: enableMFADevice,
      ResyncMFADevice: resyncMFADevice,
      DeactivateMFADevice: deactivateMFADevice,
      ListMFADevices: listMFADevices,
      GetMFADevice: getMFADevice,
      TagMFADevice: tagMFADevice,
      UntagMFADevice: untagMFADevice,
      ListMFADeviceTags: listMFADeviceTags,

      CreateLoginProfile: createLoginProfile,
      GetLoginProfile: getLoginProfile,
      UpdateLoginProfile: updateLoginProfile,
      DeleteLoginProfile: deleteLoginProfile,
      ChangePassword: changePassword,
      GetAccountPasswordPolicy: getAccountPasswordPolicy,
      UpdateAccountPasswordPolicy: updateAccountPasswordPolicy,
      DeleteAccountPasswordPolicy: deleteAccountPasswordPolicy,

      CreateAccountAlias: createAccountAlias,
      ListAccountAliases: listAccountAliases,
      DeleteAccountAlias: deleteAccountAlias,
      GetAccountSummary: getAccountSummary,
      GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
      GenerateCredentialReport: generateCredentialReport,
      GetCredentialReport: getCredentialReport,

      CreateInstanceProfile: createInstanceProfile,
      GetInstanceProfile: getInstanceProfile,
      ListInstanceProfiles: listInstanceProfiles,
      ListInstanceProfilesForRole: listInstanceProfilesForRole,
      DeleteInstanceProfile: deleteInstanceProfile,
      AddRoleToInstanceProfile: addRoleToInstanceProfile,
      RemoveRoleFromInstanceProfile: removeRoleFromInstanceProfile,
      TagInstanceProfile: tagInstanceProfile,
      UntagInstanceProfile: untagInstanceProfile,
      ListInstanceProfileTags: listInstanceProfileTags,

      AttachGroupPolicy: attachGroupPolicy,
      AttachRolePolicy: attachRolePolicy,
      AttachUserPolicy: attachUserPolicy,
      DetachGroupPolicy: detachGroupPolicy,
      DetachRolePolicy: detachRolePolicy,
      DetachUserPolicy: detachUserPolicy,

      CreatePolicy: createPolicy,
      DeletePolicy: deletePolicy,

      CreateRole: createRole,

      DeleteRole: deleteRole,

      PutUserPolicy: putUserPolicy,
      PutGroupPolicy: putGroupPolicy,
      PutRolePolicy: putRolePolicy,
      GetUserPolicy: getUserPolicy,
      GetGroupPolicy: getGroupPolicy,
      GetRolePolicy: getRolePolicy,
      DeleteUserPolicy: deleteUserPolicy,
      DeleteGroupPolicy: deleteGroupPolicy,
      DeleteRolePolicy: deleteRolePolicy,
      ListUserPolicies: listUserPolicies,
      ListGroupPolicies: listGroupPolicies,
      ListRolePolicies: listRolePolicies,

      ListAttachedUserPolicies: listAttachedUserPolicies,
      ListAttachedGroupPolicies: listAttachedGroupPolicies,
      ListAttachedRolePolicies: listAttachedRolePolicies,

      PutUserPermissionsBoundary: putUserPermissionsBoundary,
      PutRolePermissionsBoundary: putRolePermissionsBoundary,
      DeleteUserPermissionsBoundary: deleteUserPermissionsBoundary,
      DeleteRolePermissionsBoundary: deleteRolePermissionsBoundary,

      CreatePolicyVersion: createPolicyVersion,
      DeletePolicyVersion: deletePolicyVersion,
      SetDefaultPolicyVersion: setDefaultPolicyVersion,
      GetPolicyVersion: getPolicyVersion,
      ListPolicyVersions: listPolicyVersions,

      GetPolicy: getPolicy,
      ListPolicies: listPolicies,
      ListEntitiesForPolicy: listEntitiesForPolicy,

      GetRole: getRole,
      ListRoles: listRoles,

      CreateServiceLinkedRole: createServiceLinkedRole,
      DeleteServiceLinkedRole: deleteServiceLinkedRole,
      GetServiceLinkedRoleDeletionStatus: getServiceLinkedRoleDeletionStatus,

      TagPolicy: tagPolicy,
      UntagPolicy: untagPolicy,
      ListPolicyTags: listPolicyTags,

      TagRole: tagRole,
      UntagRole: untagRole,
      ListRoleTags: listRoleTags,

      UpdateRole: updateRole,
      UpdateRoleDescription: updateRoleDescription,
      UpdateAssumeRolePolicy: updateAssumeRolePolicy,

      SimulateCustomPolicy: simulateCustomPolicy,
      SimulatePrincipalPolicy: simulatePrincipalPolicy,

      GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy,
      GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy,
      UploadServerCertificate: uploadServerCertificate,
      UpdateServerCertificate: updateServerCertificate,
      DeleteServerCertificate: deleteServerCertificate,
      GetServerCertificate: getServerCertificate,
      ListServerCertificates: listServerCertificates,
      TagServerCertificate: tagServerCertificate,
      UntagServerCertificate: untagServerCertificate,
      ListServerCertificateTags: listServerCertificateTags,
    },
    ports,
    [{ name: 'iam write last uses', everySeconds: 60, run: () => ports.flushUses() }],
    unbuilt,
  );
}
