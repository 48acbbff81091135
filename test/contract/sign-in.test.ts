/** Signing in on a running instance: what is recorded, what guessing meets, and what a password that must change takes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudTrailClient, type Event, type LookupAttribute, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  GenerateCredentialReportCommand,
  GetCredentialReportCommand,
  GetUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAccountPasswordPolicyCommand,
  UpdateLoginProfileCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callBailey } from '../../src/cli/api.ts';
import {
  accountId,
  adminKeys,
  type Keys,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { rootForm, signIn } from '../support/sign-in.ts';

const Password = 'Espresso-4-Rudy';
const wrongPassword = 'never-Brewed-9';
const rudy = { Account: accountId, UserName: 'rudy', Password };

let instance: TestInstance;
let iam: IAMClient;

beforeEach(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  await iam.send(new CreateUserCommand({ UserName: 'rudy' }));
  await iam.send(new CreateLoginProfileCommand({ UserName: 'rudy', Password }));
});
afterEach(() => instance.stop());

const root = (input: object) => signIn(instance.endpoint, 'SignInRootUser', input);
const user = (input: object) => signIn(instance.endpoint, 'SignInUser', input);

/** Newest first. */
async function lookUp(AttributeKey: LookupAttribute['AttributeKey'], AttributeValue: string, keys?: Keys) {
  const client = new CloudTrailClient(instance.clientOptions(keys));
  const LookupAttributes = [{ AttributeKey, AttributeValue }];
  const { Events } = await client.send(new LookupEventsCommand({ LookupAttributes }));
  return (Events ?? []).map((event: Event) => JSON.parse(event.CloudTrailEvent ?? '{}'));
}

/** Everything that lies in the data folder, and what the security log counted. */
async function written(): Promise<string> {
  const names = await readdir(instance.dataDir, { recursive: true, withFileTypes: true });
  const texts = names.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

describe('records', () => {
  test('a success, as the account concerned reads it', async () => {
    const { requestId } = await user(rudy);
    const [record] = await lookUp('EventName', 'ConsoleLogin');
    expect(record).toMatchObject({
      userIdentity: {
        type: 'IAMUser',
        arn: `arn:aws:iam::${accountId}:user/rudy`,
        accountId,
        userName: 'rudy',
      },
      eventSource: 'signin.amazonaws.com',
      eventName: 'ConsoleLogin',
      eventType: 'AwsConsoleSignIn',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      requestParameters: null,
      responseElements: { ConsoleLogin: 'Success' },
      additionalEventData: { LoginTo: `${instance.endpoint}/`, MobileVersion: 'No', MFAUsed: 'No' },
      readOnly: false,
      managementEvent: true,
      recipientAccountId: accountId,
      eventCategory: 'Management',
    });
    expect(record).not.toHaveProperty('errorCode');
    expect(record).not.toHaveProperty('requestID');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await lookUp('Username', 'rudy')).toHaveLength(1);
    expect(await lookUp('EventSource', 'signin.amazonaws.com')).toHaveLength(1);
    const profile = { endpoint: instance.endpoint, region: 'us-east-1', ...adminKeys };
    const { Text } = await callBailey<{ Text: string }>(profile, 'Explain', { RequestId: requestId });
    expect(Text).toContain('called  signin:ConsoleLogin');
    // The sign-in and nothing beside it: no call of anybody's by the operation's name.
    expect(await lookUp('EventName', 'SignInUser')).toEqual([]);
    expect(await lookUp('EventName', 'ConsoleLogin', otherAdminKeys)).toEqual([]);
  });

  test('failures, with a name that nobody has hidden', async () => {
    await user({ ...rudy, Password: wrongPassword });
    await user({ ...rudy, UserName: 'my-password-by-mistake' });
    await root({ ...rootForm, Password: wrongPassword });
    const [asRoot, unknown, known] = await lookUp('EventName', 'ConsoleLogin');
    const failure = { responseElements: { ConsoleLogin: 'Failure' }, errorMessage: 'Failed authentication' };
    expect(known).toMatchObject({ ...failure, userIdentity: { type: 'IAMUser', accountId, userName: 'rudy' } });
    expect(unknown).toMatchObject({
      ...failure,
      errorMessage: 'No username found in supplied account',
      userIdentity: { type: 'IAMUser', accountId, accessKeyId: '', userName: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
    expect(asRoot).toMatchObject({
      ...failure,
      userIdentity: { type: 'Root', arn: `arn:aws:iam::${accountId}:root`, principalId: accountId },
    });
    expect(JSON.stringify([asRoot, unknown, known])).not.toContain('my-password-by-mistake');
  });

  test('no password lies anywhere: not in answers, records, logs or rows', async () => {
    const answers = [
      await user({ ...rudy, Password: wrongPassword }),
      await user(rudy),
      await user({ ...rudy, NewPassword: `${wrongPassword}-new` }),
      await user({ ...rudy, UserName: '', Password: wrongPassword }),
      await user({ ...rudy, Password: wrongPassword.repeat(200) }),
      await user({ ...rudy, Password: [wrongPassword] }),
      await root({ ...rootForm, Email: 'x' }),
    ];
    expect(answers.map(({ code }) => code)).toEqual([
      'AccessDeniedException',
      undefined,
      'ValidationException',
      'ValidationException',
      'ValidationException',
      'SerializationException',
      'AccessDeniedException',
    ]);
    const everything = answers.map(({ text }) => text).join('\n') + (await written());
    for (const secret of [Password, wrongPassword, rootForm.Password]) expect(everything).not.toContain(secret);
  });

  test('the security log counts what was refused', async () => {
    await user({ ...rudy, Password: wrongPassword });
    await user({ ...rudy, Account: '999988887777' });
    await expect
      .poll(() => readFile(join(instance.dataDir, 'security.log'), 'utf8').catch(() => ''))
      .toMatch(/sign-in-failed.*\n.*sign-in-failed/);
  });
});

describe('guessing', () => {
  test('shuts out the identity after five failures in five minutes, the right password included', async () => {
    for (let each = 0; each < 5; each += 1) {
      expect((await user({ ...rudy, Password: wrongPassword })).code).toBe('AccessDeniedException');
      await instance.advance(10);
    }
    expect(await user(rudy)).toMatchObject({ status: 429, code: 'TooManyRequestsException' });
    // The source address as well: trying somebody else's password is no way on.
    expect((await root(rootForm)).code).toBe('TooManyRequestsException');
    expect(await lookUp('EventName', 'ConsoleLogin')).toHaveLength(5);
    await instance.advance(240);
    expect((await user(rudy)).code).toBe('TooManyRequestsException');
    // The first failure has left the window: there is one try again.
    await instance.advance(10);
    expect((await user({ ...rudy, Password: wrongPassword })).code).toBe('AccessDeniedException');
    expect((await user(rudy)).code).toBe('TooManyRequestsException');
    await instance.advance(300);
    expect((await user(rudy)).status).toBe(200);
  });

  test('in many requests at once gets no more tries than one after the other', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => user({ ...rudy, Password: wrongPassword })));
    expect(answers.filter(({ code }) => code === 'AccessDeniedException')).toHaveLength(5);
    expect(answers.filter(({ code }) => code === 'TooManyRequestsException')).toHaveLength(7);
  });

  test('one’s own right password in between buys no further guesses', async () => {
    for (let each = 0; each < 5; each += 1) {
      await root({ ...rootForm, Password: wrongPassword });
      if (each < 4) expect((await user(rudy)).status).toBe(200);
    }
    expect((await user(rudy)).code).toBe('TooManyRequestsException');
  });

  test('honest people at once all get in', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => user(rudy)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await lookUp('EventName', 'ConsoleLogin')).toHaveLength(10);
  });
});

describe('a password that must change', () => {
  const NewPassword = 'Macchiato-5-Rudy';
  const short = 'Ab3!';

  test('M-077 lets nobody in until it has, under the password policy', async () => {
    await iam.send(new UpdateLoginProfileCommand({ UserName: 'rudy', PasswordResetRequired: true }));
    expect((await user({ ...rudy, Password: wrongPassword, NewPassword })).code).toBe('AccessDeniedException');
    expect(await user(rudy)).toMatchObject({ status: 400, code: 'PasswordResetRequiredException' });
    expect((await user({ ...rudy, NewPassword: short })).code).toBe('PasswordPolicyViolation');
    expect((await user({ ...rudy, NewPassword: Password })).code).toBe('PasswordPolicyViolation');
    const { keys, status } = await user({ ...rudy, NewPassword });
    expect(status).toBe(200);
    const { Arn } = await new STSClient(instance.clientOptions(keys)).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:iam::${accountId}:user/rudy`);
    expect((await user(rudy)).code).toBe('AccessDeniedException');
    expect((await user({ ...rudy, Password: NewPassword })).status).toBe(200);
    const [updated, ...others] = await lookUp('EventName', 'PasswordUpdated');
    expect(others).toEqual([]);
    expect(updated).toMatchObject({
      userIdentity: { userName: 'rudy' },
      responseElements: { PasswordUpdated: 'Success' },
      eventType: 'AwsConsoleSignIn',
    });
  });

  test('because it is too old: by oneself, or by an administrator where the policy says so', async () => {
    const policy = { MinimumPasswordLength: 8, MaxPasswordAge: 30 };
    await iam.send(new UpdateAccountPasswordPolicyCommand(policy));
    expect((await user(rudy)).status).toBe(200);
    await instance.advance(31 * 86_400);
    expect((await user(rudy)).code).toBe('PasswordResetRequiredException');
    await iam.send(new UpdateAccountPasswordPolicyCommand({ ...policy, HardExpiry: true }));
    expect((await user({ ...rudy, NewPassword })).code).toBe('PasswordResetRequiredException');
    expect((await user(rudy)).message).toContain('expired');
    await iam.send(new UpdateLoginProfileCommand({ UserName: 'rudy', Password: NewPassword }));
    expect((await user({ ...rudy, Password: NewPassword })).status).toBe(200);
  });

  test('is no way round iam:ChangePassword for one that need not', async () => {
    expect((await user({ ...rudy, NewPassword })).code).toBe('ValidationException');
    expect((await user(rudy)).status).toBe(200);
  });
});

describe('the session', () => {
  test('has what the user’s policies give, and no MFA', async () => {
    const { keys } = await user(rudy);
    const mine = new IAMClient(instance.clientOptions(keys));
    await expect(mine.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    const allow = (value: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'iam:GetUser',
          Resource: '*',
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': value } },
        },
      });
    const put = (value: string) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'rudy', PolicyName: 'own', PolicyDocument: allow(value) }));
    await put('true');
    await expect(mine.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    await put('false');
    expect((await mine.send(new GetUserCommand({}))).User?.UserName).toBe('rudy');
    const [record] = await lookUp('EventName', 'GetUser');
    expect(record.userIdentity).toMatchObject({
      type: 'IAMUser',
      accessKeyId: keys.accessKeyId,
      sessionContext: { attributes: { mfaAuthenticated: 'false' } },
    });
  });

  test('gives no further sessions of its kind, ends after twelve hours, and with its user', async () => {
    const { keys } = await user(rudy);
    const sts = new STSClient(instance.clientOptions(keys));
    await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    await instance.advance(12 * 3_600 - 60);
    await sts.send(new GetCallerIdentityCommand({}));
    await instance.advance(61);
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' });

    const again = new STSClient(instance.clientOptions((await user(rudy)).keys));
    await again.send(new GetCallerIdentityCommand({}));
    await iam.send(new DeleteLoginProfileCommand({ UserName: 'rudy' }));
    expect((await user(rudy)).code).toBe('AccessDeniedException');
    await iam.send(new DeleteUserCommand({ UserName: 'rudy' }));
    await expect(again.send(new GetCallerIdentityCommand({}))).rejects.toThrow();
  });

  test('is told by PasswordLastUsed, every five minutes at most', async () => {
    const lastUsed = async () => (await iam.send(new GetUserCommand({ UserName: 'rudy' }))).User?.PasswordLastUsed;
    expect(await lastUsed()).toBeUndefined();
    await user(rudy);
    const first = await lastUsed();
    expect(first).toBeInstanceOf(Date);
    await instance.advance(240);
    await user(rudy);
    expect(await lastUsed()).toEqual(first);
    await instance.advance(60);
    await user(rudy);
    expect((await lastUsed())?.getTime()).toBeGreaterThan(first?.getTime() ?? 0);
    await root(rootForm);
    await iam.send(new GenerateCredentialReportCommand({}));
    const { Content } = await iam.send(new GetCredentialReportCommand({}));
    const line = Buffer.from(Content ?? [])
      .toString()
      .split('\n')
      .find((one) => one.startsWith('<root_account>'));
    expect(line?.split(',')[4]).toMatch(/^\d{4}-/);
  });
});
