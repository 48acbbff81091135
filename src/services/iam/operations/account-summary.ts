/** GetAccountSummary: what an account has, and may have, of each kind. */
import type { GetAccountSummaryResponse } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { accountRow } from '../entities.ts';
import { mfaDevices } from '../mfa/state.ts';
import type { IamPorts } from '../ports.ts';
import { serverCertificates } from '../server-certificates/state.ts';
import { groups, instanceProfiles, policies, roles, users } from '../state.ts';

/** Kinds that Bailey does not build (signing certificates, identity providers) are truly absent: 0. */
export const getAccountSummary = operation<object, GetAccountSummaryResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:GetAccountSummary')],
  async handle(_input, call, ports) {
    const { account } = call.scope;
    const { quotas } = ports;
    const { root } = await accountRow(call.change, account);
    const devices = await call.change.list(mfaDevices, account);
    const customerPolicies = await call.change.list(policies, account);
    return {
      SummaryMap: {
        Users: await ports.count(users, account),
        UsersQuota: quotas.users,
        Groups: await ports.count(groups, account),
        GroupsQuota: quotas.groups,
        Roles: await ports.count(roles, account),
        RolesQuota: quotas.roles,
        InstanceProfiles: await ports.count(instanceProfiles, account),
        InstanceProfilesQuota: quotas.instanceProfiles,
        Policies: customerPolicies.length,
        PoliciesQuota: quotas.policies,
        PolicyVersionsInUse: customerPolicies.reduce((sum, { value }) => sum + value.versions.length, 0),
        PolicyVersionsInUseQuota: 10_000,
        VersionsPerPolicyQuota: quotas.versionsPerPolicy,
        PolicySizeQuota: quotas.managedPolicySize,
        UserPolicySizeQuota: quotas.userInlineSize,
        GroupPolicySizeQuota: quotas.groupInlineSize,
        RolePolicySizeQuota: quotas.roleInlineSize,
        AssumeRolePolicySizeQuota: quotas.trustPolicySize,
        GroupsPerUserQuota: quotas.groupsPerUser,
        AccessKeysPerUserQuota: quotas.accessKeysPerUser,
        AttachedPoliciesPerUserQuota: quotas.policiesPerUser,
        AttachedPoliciesPerGroupQuota: quotas.policiesPerGroup,
        AttachedPoliciesPerRoleQuota: quotas.policiesPerRole,
        SigningCertificatesPerUserQuota: 2,
        ServerCertificates: (await call.change.list(serverCertificates, account)).length,
        ServerCertificatesQuota: quotas.serverCertificates,
        MFADevices: devices.length,
        MFADevicesInUse: devices.filter(({ value }) => value.holder !== undefined).length,
        Providers: 0,
        AccountMFAEnabled: root.mfaDeviceKeys?.length ? 1 : 0,
        AccountAccessKeysPresent: root.accessKeyIds.length > 0 ? 1 : 0,
        AccountPasswordPresent: root.password ? 1 : 0,
        AccountSigningCertificatesPresent: 0,
        // Version 2: session tokens hold in every region.
        GlobalEndpointTokenVersion: 2,
      },
    };
  },
});
