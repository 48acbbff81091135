/** GetAccountPasswordPolicy, UpdateAccountPasswordPolicy and DeleteAccountPasswordPolicy. */
import type {
  GetAccountPasswordPolicyResponse,
  PasswordPolicy,
  UpdateAccountPasswordPolicyRequest,
} from '@aws-sdk/client-iam';
import { type AwsError, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { accountRow } from '../entities.ts';
import { noSuchEntity } from '../errors.ts';
import type { IamPorts } from '../ports.ts';
import { accountKey, accounts, type PasswordPolicyRow } from '../state.ts';

export const getAccountPasswordPolicy = operation<object, GetAccountPasswordPolicyResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:GetAccountPasswordPolicy')],
  async handle(_input, call) {
    const { account } = call.scope;
    const policy = (await accountRow(call.change, account)).passwordPolicy;
    if (!policy) throw noPolicy(account);
    return { PasswordPolicy: shown(policy) };
  },
});

/** Not an update by parts: "If you do not specify a value for a parameter, its default is used" instead of the present one. */
export const updateAccountPasswordPolicy = operation<UpdateAccountPasswordPolicyRequest, object, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:UpdateAccountPasswordPolicy')],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await accountRow(call.change, account);
    const passwordPolicy: PasswordPolicyRow = {
      minimumLength: input.MinimumPasswordLength ?? 6,
      requireSymbols: input.RequireSymbols ?? false,
      requireNumbers: input.RequireNumbers ?? false,
      requireUppercase: input.RequireUppercaseCharacters ?? false,
      requireLowercase: input.RequireLowercaseCharacters ?? false,
      allowUsersToChange: input.AllowUsersToChangePassword ?? false,
      ...(input.MaxPasswordAge !== undefined && { maxAge: input.MaxPasswordAge }),
      ...(input.PasswordReusePrevention !== undefined && { reusePrevention: input.PasswordReusePrevention }),
      ...(input.HardExpiry !== undefined && { hardExpiry: input.HardExpiry }),
    };
    call.change.put(accounts, account, accountKey, { ...row, passwordPolicy });
    return {};
  },
});

export const deleteAccountPasswordPolicy = operation<object, object, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:DeleteAccountPasswordPolicy')],
  async handle(_input, call) {
    const { account } = call.scope;
    const { passwordPolicy, ...rest } = await accountRow(call.change, account);
    if (!passwordPolicy) throw noPolicy(account);
    call.change.put(accounts, account, accountKey, rest);
    return {};
  },
});

function shown(policy: PasswordPolicyRow): PasswordPolicy {
  return {
    MinimumPasswordLength: policy.minimumLength,
    RequireSymbols: policy.requireSymbols,
    RequireNumbers: policy.requireNumbers,
    RequireUppercaseCharacters: policy.requireUppercase,
    RequireLowercaseCharacters: policy.requireLowercase,
    AllowUsersToChangePassword: policy.allowUsersToChange,
    ExpirePasswords: (policy.maxAge ?? 0) > 0,
    ...(policy.maxAge !== undefined && { MaxPasswordAge: policy.maxAge }),
    ...(policy.reusePrevention !== undefined && { PasswordReusePrevention: policy.reusePrevention }),
    ...(policy.hardExpiry !== undefined && { HardExpiry: policy.hardExpiry }),
  };
}

function noPolicy(account: string): AwsError {
  return noSuchEntity(`The Password Policy with domain name ${account} cannot be found.`);
}
