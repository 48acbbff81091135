import { expect, test } from 'vitest';
import { account, rootCaller, userCaller } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { verifyPassword } from '../passwords.ts';
import { users } from '../state.ts';
import { changePassword } from './change-password.ts';
import { createUser } from './create-user.ts';
import { createLoginProfile, deleteLoginProfile, getLoginProfile, updateLoginProfile } from './login-profiles.ts';
import {
  deleteAccountPasswordPolicy,
  getAccountPasswordPolicy,
  updateAccountPasswordPolicy,
} from './password-policy.ts';

const input = { UserName: 'Rudy' };

async function withUser() {
  const setting = iamBench();
  await setting.bench.run('CreateUser', createUser, input);
  return setting;
}

test('policy trap 24: a login profile keeps no password, only its hash', async () => {
  const { bench, store } = await withUser();
  const created = await bench.run('CreateLoginProfile', createLoginProfile, {
    ...input,
    Password: 'Espresso-2026',
    PasswordResetRequired: true,
  });
  const profile = { UserName: 'Rudy', CreateDate: new Date(bench.now), PasswordResetRequired: true };
  expect(created.LoginProfile).toEqual(profile);
  expect(await bench.run('GetLoginProfile', getLoginProfile, input)).toEqual({ LoginProfile: profile });
  const row = await store.get(users, account, 'rudy');
  expect(JSON.stringify(row)).not.toContain('Espresso');
  expect(await verifyPassword('Espresso-2026', row!.login!.password)).toBe(true);
  expect(await verifyPassword('espresso-2026', row!.login!.password)).toBe(false);
  expect(await failure(bench.run('CreateLoginProfile', createLoginProfile, { ...input, Password: 'Other-2026' }))).toBe(
    'EntityAlreadyExists: Login Profile for user Rudy already exists.',
  );
  await bench.run('DeleteLoginProfile', deleteLoginProfile, input);
  expect(await failure(bench.run('GetLoginProfile', getLoginProfile, input))).toBe(
    'NoSuchEntity: Login Profile for User Rudy cannot be found.',
  );
});

test('root cannot give itself a login profile', async () => {
  const { bench } = await withUser();
  const attempt = bench.run('CreateLoginProfile', createLoginProfile, { Password: 'x' }, { caller: rootCaller() });
  expect(await failure(attempt)).toBe('ValidationError: Must specify userName when calling with non-User credentials');
});

test('without a policy of its own, an account asks for eight characters of three kinds', async () => {
  const { bench } = await withUser();
  const attempt = (Password: string) =>
    failure(bench.run('CreateLoginProfile', createLoginProfile, { ...input, Password }));
  expect(await attempt('Short1!')).toBe('PasswordPolicyViolation: Password should have a minimum length of 8');
  expect(await attempt('onlylowercase')).toMatch(/^PasswordPolicyViolation: Password should include at least three of/);
});

test('a policy of the account is kept whole, shown, enforced and deleted', async () => {
  const { bench } = await withUser();
  const none = `NoSuchEntity: The Password Policy with domain name ${account} cannot be found.`;
  expect(await failure(bench.run('GetAccountPasswordPolicy', getAccountPasswordPolicy, {}))).toBe(none);
  expect(await failure(bench.run('DeleteAccountPasswordPolicy', deleteAccountPasswordPolicy, {}))).toBe(none);
  await bench.run('UpdateAccountPasswordPolicy', updateAccountPasswordPolicy, {
    MinimumPasswordLength: 12,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    MaxPasswordAge: 90,
  });
  expect(await failure(bench.run('CreateLoginProfile', createLoginProfile, { ...input, Password: 'short' }))).toBe(
    'PasswordPolicyViolation: Password should have a minimum length of 12 and have at least one uppercase letter' +
      ' and have at least one number and have at least one symbol',
  );
  // What an update leaves out falls back to AWS's defaults.
  await bench.run('UpdateAccountPasswordPolicy', updateAccountPasswordPolicy, { PasswordReusePrevention: 2 });
  expect(await bench.run('GetAccountPasswordPolicy', getAccountPasswordPolicy, {})).toEqual({
    PasswordPolicy: {
      MinimumPasswordLength: 6,
      RequireSymbols: false,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: false,
      PasswordReusePrevention: 2,
    },
  });
  await bench.run('DeleteAccountPasswordPolicy', deleteAccountPasswordPolicy, {});
  expect(await failure(bench.run('GetAccountPasswordPolicy', getAccountPasswordPolicy, {}))).toBe(none);
});

test('ChangePassword needs the old one, and no recent one as the new one', async () => {
  const { bench, store } = await withUser();
  await bench.run('UpdateAccountPasswordPolicy', updateAccountPasswordPolicy, { PasswordReusePrevention: 2 });
  await bench.run('CreateLoginProfile', createLoginProfile, {
    ...input,
    Password: 'first-1',
    PasswordResetRequired: true,
  });
  const change = (OldPassword: string, NewPassword: string, caller = userCaller('Rudy')) =>
    bench.run('ChangePassword', changePassword, { OldPassword, NewPassword }, { caller });
  expect(await failure(change('wrong', 'second-2'))).toMatch(/^AccessDenied: /);
  await change('first-1', 'second-2');
  expect((await store.get(users, account, 'rudy'))?.login?.resetRequired).toBe(false);
  expect(await failure(change('second-2', 'first-1'))).toBe('PasswordPolicyViolation: Password has been used before');
  expect(await failure(change('second-2', 'second-2'))).toBe('PasswordPolicyViolation: Password has been used before');
  await change('second-2', 'third-3');
  await change('third-3', 'first-1');
  expect(await failure(change('first-1', 'fourth-4', rootCaller()))).toBe(
    'InvalidUserType: Only IAM Users can change their own password',
  );
});

test('UpdateLoginProfile sets a password, or only asks for a reset', async () => {
  const { bench, store } = await withUser();
  expect(await failure(bench.run('UpdateLoginProfile', updateLoginProfile, input))).toBe(
    'NoSuchEntity: Login Profile for User Rudy cannot be found.',
  );
  await bench.run('CreateLoginProfile', createLoginProfile, { ...input, Password: 'Espresso-2026' });
  await bench.run('UpdateLoginProfile', updateLoginProfile, { ...input, PasswordResetRequired: true });
  const reset = (await store.get(users, account, 'rudy'))?.login;
  expect(reset?.resetRequired).toBe(true);
  expect(await verifyPassword('Espresso-2026', reset!.password)).toBe(true);
  await bench.run('UpdateLoginProfile', updateLoginProfile, { ...input, Password: 'Lungo-2027' });
  const row = await store.get(users, account, 'rudy');
  expect(await verifyPassword('Lungo-2027', row!.login!.password)).toBe(true);
});
