/** IAM: users, groups, roles and policies. The listing of `operations/` is the table of contents. */
import { type Service, service } from '../service.ts';
import { createAccessKey, deleteAccessKey, updateAccessKey } from './operations/access-keys.ts';
import { createAccountAlias, deleteAccountAlias, listAccountAliases } from './operations/account-alias.ts';
import { getAccountAuthorizationDetails } from './operations/account-authorization-details.ts';
import { getAccountSummary } from './operations/account-summary.ts';
import { changePassword } from './operations/change-password.ts';
import { createGroup, deleteGroup } from './operations/create-group.ts';
import { createUser } from './operations/create-user.ts';
import { generateCredentialReport, getCredentialReport } from './operations/credential-report.ts';
import { deleteUser } from './operations/delete-user.ts';
import { addUserToGroup, removeUserFromGroup } from './operations/group-members.ts';
import { addRoleToInstanceProfile, removeRoleFromInstanceProfile } from './operations/instance-profile-role.ts';
import { createInstanceProfile, deleteInstanceProfile } from './operations/instance-profiles.ts';
import {
  createLoginProfile,
  deleteLoginProfile,
  getLoginProfile,
  updateLoginProfile,
} from './operations/login-profiles.ts';
import {
  deleteAccountPasswordPolicy,
  getAccountPasswordPolicy,
  updateAccountPasswordPolicy,
} from './operations/password-policy.ts';
import { getAccessKeyLastUsed, listAccessKeys } from './operations/read-access-keys.ts';
import { getGroup, listGroups, listGroupsForUser } from './operations/read-groups.ts';
import {
  getInstanceProfile,
  listInstanceProfiles,
  listInstanceProfilesForRole,
} from './operations/read-instance-profiles.ts';
import { getUser, listUsers } from './operations/read-users.ts';
import {
  listInstanceProfileTags,
  tagInstanceProfile,
  untagInstanceProfile,
} from './operations/tag-instance-profile.ts';
import { listUserTags, tagUser, untagUser } from './operations/tag-user.ts';
import { updateGroup } from './operations/update-group.ts';
import { updateUser } from './operations/update-user.ts';
import type { IamPorts } from './ports.ts';

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
    },
    ports,
    [{ name: 'iam write last uses', everySeconds: 60, run: () => ports.flushUses() }],
  );
}
