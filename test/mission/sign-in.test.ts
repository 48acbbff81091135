/** Signing in with a password: root users by their email, IAM users by account and name, and neither the other's way. */
import {
  CreateAccountAliasCommand,
  CreateLoginProfileCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, type Keys, startInstance, type TestInstance } from '../support/instance.ts';
import { rootForm, signIn } from '../support/sign-in.ts';

const Password = 'Espresso-4-Rudy';

describe('signing in with a password', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance();
    const iam = new IAMClient(instance.clientOptions());
    await iam.send(new CreateLoginProfileCommand({ UserName: 'admin', Password }));
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'coffee-shop' }));
  });
  afterAll(() => instance.stop());

  const whoIs = (keys: Keys) => new STSClient(instance.clientOptions(keys)).send(new GetCallerIdentityCommand({}));
  const root = (input: object) => signIn(instance.endpoint, 'SignInRootUser', input);
  const user = (input: object) => signIn(instance.endpoint, 'SignInUser', input);

  it('M-023 M-024: the email and password of an account make its root user', async () => {
    const { status, keys, expiration } = await root(rootForm);
    expect(status).toBe(200);
    expect(keys.accessKeyId).toMatch(/^ASIA/);
    expect(await whoIs(keys)).toMatchObject({
      Arn: `arn:aws:iam::${accountId}:root`,
      UserId: accountId,
      Account: accountId,
    });
    const hours = (expiration - Date.now() / 1000) / 3600;
    expect(hours).toBeGreaterThan(11.9);
    expect(hours).toBeLessThanOrEqual(12);
    // Not a session of GetSessionToken, which could call nothing of IAM: root is root.
    const iam = new IAMClient(instance.clientOptions(keys));
    expect((await iam.send(new ListUsersCommand({}))).Users).toHaveLength(2);
    expect((await iam.send(new GetUserCommand({}))).User?.PasswordLastUsed).toBeInstanceOf(Date);
  });

  it('M-024: email in any case; the name of an IAM user fails there, and the root email as a user', async () => {
    expect((await root({ ...rootForm, Email: 'Owner@Coffee.EXAMPLE' })).status).toBe(200);
    const asRoot = await root({ Email: 'admin', Password });
    expect(asRoot).toMatchObject({ status: 400, code: 'AccessDeniedException' });
    for (const UserName of [rootForm.Email, 'root', '<root_account>']) {
      const asUser = await user({ Account: accountId, UserName, Password: rootForm.Password });
      expect(asUser).toMatchObject({ status: 400, code: 'AccessDeniedException', message: asRoot.message });
    }
    expect((await user({ Account: accountId, UserName: 'admin', Password })).status).toBe(200);
  });

  it('an IAM user signs in with account id or alias, name and password', async () => {
    await instance.advance(600);
    for (const Account of [accountId, 'coffee-shop']) {
      const { keys } = await user({ Account, UserName: 'admin', Password });
      expect((await whoIs(keys)).Arn).toBe(`arn:aws:iam::${accountId}:user/admin`);
    }
    const iam = new IAMClient(instance.clientOptions());
    const { User } = await iam.send(new GetUserCommand({ UserName: 'admin' }));
    expect(User?.PasswordLastUsed).toBeInstanceOf(Date);
  });

  it('M-048: a user without a password, one that is not there and a wrong password are told the same', async () => {
    await instance.advance(600);
    const noPassword = await user({ Account: accountId, UserName: 'nobody', Password });
    const noUser = await user({ Account: accountId, UserName: 'no-such-user', Password });
    const noAccount = await user({ Account: '999988887777', UserName: 'admin', Password });
    const wrong = await user({ Account: accountId, UserName: 'admin', Password: `${Password}!` });
    for (const one of [noPassword, noUser, noAccount]) expect(one.text).toBe(wrong.text);
    expect(wrong).toMatchObject({
      code: 'AccessDeniedException',
      message: 'Your authentication information is incorrect. Please try again.',
    });
  });
});
