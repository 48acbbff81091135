/** Multi-factor authentication: a password is not enough, a code is good once, and policies see the difference. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetAccountSummaryCommand,
  GetUserCommand,
  IAMClient,
  ListMFADevicesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authenticator, enableDevice, MovedClock } from '../support/authenticator.ts';
import { accountId, type Keys, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { rootForm, signIn } from '../support/sign-in.ts';

const Password = 'Espresso-4-Rudy';
const rudy = { Account: accountId, UserName: 'rudy', Password };
const incorrect = {
  status: 400,
  code: 'AccessDeniedException',
  message: 'Your authentication information is incorrect. Please try again.',
};
const challenge = { status: 400, code: 'MfaRequiredException' };

let instance: TestInstance;
let clock: MovedClock;
let iam: IAMClient;

async function open() {
  instance = await startInstance();
  clock = new MovedClock(instance.advance);
  iam = new IAMClient(instance.clientOptions());
  await iam.send(new CreateUserCommand({ UserName: 'rudy' }));
  await iam.send(new CreateLoginProfileCommand({ UserName: 'rudy', Password }));
}

const root = (more: object = {}) => signIn(instance.endpoint, 'SignInRootUser', { ...rootForm, ...more });
const user = (more: object = {}) => signIn(instance.endpoint, 'SignInUser', { ...rudy, ...more });
const events = async (name: string) => {
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: name }];
  const client = new CloudTrailClient(instance.clientOptions());
  const { Events } = await client.send(new LookupEventsCommand({ LookupAttributes }));
  return (Events ?? []).map((event) => JSON.parse(event.CloudTrailEvent ?? '{}'));
};

describe('signing in with an enabled device', () => {
  beforeEach(open);
  afterEach(() => instance.stop());

  it('M-029 M-043, policy trap 24: the root user needs email, password and code; the same code is refused the second time', async () => {
    expect((await root()).status).toBe(200);
    const { app } = await enableDevice(new IAMClient(instance.clientOptions(rootKeys)), 'root', clock.now);
    expect(await root()).toMatchObject(challenge);
    await clock.nextCode();
    expect(await root({ MfaCode: app.wrong(clock.now()) })).toMatchObject(incorrect);
    const MfaCode = app.code(clock.now());
    // A code without the password is nothing, and is not used up by it.
    expect(await root({ Password: 'wrong', MfaCode })).toMatchObject(incorrect);
    const { status, keys } = await root({ MfaCode });
    expect(status).toBe(200);
    const sts = new STSClient(instance.clientOptions(keys));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:root`);
    expect(await root({ MfaCode })).toMatchObject(incorrect);
    await clock.nextCode();
    expect((await root({ MfaCode: app.code(clock.now()) })).status).toBe(200);
  });

  it('M-030: devices of root and of IAM users are listed, and the summary knows of root’s', async () => {
    const owner = new IAMClient(instance.clientOptions(rootKeys));
    const ofRoot = await enableDevice(owner, accountId, clock.now, 'root-account-mfa-device');
    const ofRudy = await enableDevice(iam, 'rudy', clock.now);
    expect((await owner.send(new ListMFADevicesCommand({}))).MFADevices).toMatchObject([
      { SerialNumber: ofRoot.serial },
    ]);
    expect((await iam.send(new ListMFADevicesCommand({ UserName: 'rudy' }))).MFADevices).toMatchObject([
      { UserName: 'rudy', SerialNumber: ofRudy.serial },
    ]);
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ AccountMFAEnabled: 1, MFADevices: 2, MFADevicesInUse: 2 });
  });

  it('M-032 M-033: account, user name and password first; no session before the device has answered', async () => {
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'coffee-shop' }));
    const { app, serial } = await enableDevice(iam, 'rudy', clock.now);
    for (const Account of [accountId, 'coffee-shop']) {
      const answer = await user({ Account });
      expect(answer).toMatchObject(challenge);
      expect(answer.text).not.toMatch(/AccessKeyId|SessionToken|ASIA/);
    }
    await clock.nextCode();
    const { keys } = await user({ Account: 'coffee-shop', MfaCode: app.code(clock.now()) });
    const { User } = await new IAMClient(instance.clientOptions(keys)).send(new GetUserCommand({})).catch(() => ({
      User: undefined,
    }));
    // Signed in, though without permissions.
    expect(User).toBeUndefined();
    expect((await new STSClient(instance.clientOptions(keys)).send(new GetCallerIdentityCommand({}))).Arn).toBe(
      `arn:aws:iam::${accountId}:user/rudy`,
    );
    expect(await events('CheckMfa')).toMatchObject([
      { responseElements: { CheckMfa: 'Success' }, additionalEventData: { MfaType: 'Virtual MFA' } },
      { eventType: 'AwsConsoleSignIn', userIdentity: { userName: 'rudy' } },
    ]);
    expect((await events('ConsoleLogin'))[0]).toMatchObject({
      additionalEventData: { MFAUsed: 'Yes', MFAIdentifier: serial },
      responseElements: { ConsoleLogin: 'Success' },
    });
  });

  it('M-033, policy trap 24: clocks may differ by one step, not by two', async () => {
    const { app } = await enableDevice(iam, 'rudy', clock.now);
    await clock.nextCode(5);
    for (const ahead of [-2, 2]) expect(await user({ MfaCode: app.code(clock.now(), ahead) })).toMatchObject(incorrect);
    for (const ahead of [-1, 0, 1]) expect((await user({ MfaCode: app.code(clock.now(), ahead) })).status).toBe(200);
    // Those that were passed over are gone as well.
    expect(await user({ MfaCode: app.code(clock.now()) })).toMatchObject(incorrect);
  });

  it('M-033, policy trap 24: of many sign-ins at once with one code, one succeeds', async () => {
    const { app } = await enableDevice(iam, 'rudy', clock.now);
    await clock.nextCode();
    const MfaCode = app.code(clock.now());
    const answers = await Promise.all(Array.from({ length: 5 }, () => user({ MfaCode })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('M-035, policy trap 24: of many calls of STS at once with one code, one gets a session', async () => {
    const { app, serial: SerialNumber } = await enableDevice(iam, 'rudy', clock.now);
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
    const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    const sts = new STSClient(instance.clientOptions(keys));
    await clock.nextCode();
    const TokenCode = app.code(clock.now());
    const calls = Array.from({ length: 5 }, () => sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode })));
    const outcomes = await Promise.allSettled([...calls, user({ MfaCode: TokenCode }).then(({ status }) => status)]);
    const sessions = outcomes.filter((one) => one.status === 'fulfilled' && one.value !== 400 && one.value !== 429);
    expect(sessions).toHaveLength(1);
  });

  it('M-036: whoever has the password replays it and guesses codes: shut out after five, on record', async () => {
    const { app, serial: SerialNumber } = await enableDevice(iam, 'rudy', clock.now);
    await clock.nextCode();
    for (let each = 0; each < 5; each += 1) {
      expect(await user()).toMatchObject(challenge);
      expect(await user({ MfaCode: app.wrong(clock.now()) })).toMatchObject(incorrect);
    }
    const shut = { status: 429, code: 'TooManyRequestsException' };
    expect(await user()).toMatchObject(shut);
    expect(await user({ MfaCode: app.code(clock.now()) })).toMatchObject(shut);
    const failures = (await events('ConsoleLogin')).filter(
      (record) => record.responseElements.ConsoleLogin === 'Failure',
    );
    expect(failures).toHaveLength(5);
    expect(failures[0]).toMatchObject({
      errorMessage: 'Failed authentication',
      additionalEventData: { MFAUsed: 'Yes' },
      userIdentity: { userName: 'rudy' },
    });
    // A stolen access key gets no guesses beside these.
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
    const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    const sts = new STSClient(instance.clientOptions(keys));
    const TokenCode = app.code(clock.now());
    await expect(sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode }))).rejects.toMatchObject({
      name: 'Throttling',
    });
    await clock.nextCode(11);
    expect((await user({ MfaCode: app.code(clock.now()) })).status).toBe(200);
  });

  it('M-036, policy trap 24: neither seeds nor codes lie anywhere in the data folder', async () => {
    const { app, serial: SerialNumber } = await enableDevice(iam, 'rudy', clock.now);
    const used = app.code(clock.now());
    await clock.nextCode();
    const MfaCode = app.code(clock.now());
    const wrong = app.wrong(clock.now());
    await user({ MfaCode });
    await user({ MfaCode: wrong });
    for (const name of ['EnableMFADevice', 'CreateVirtualMFADevice', 'ConsoleLogin']) {
      const text = JSON.stringify(await events(name));
      expect(text.length).toBeGreaterThan(500);
      for (const secret of [used, MfaCode, wrong]) expect(text).not.toContain(`"${secret}"`);
      expect(text).not.toMatch(/[A-Z2-7]{64}/);
      expect(text).not.toMatch(/authenticationCode|seed|qRCode|mfaCode/i);
    }
    expect((await events('EnableMFADevice'))[0].requestParameters).toEqual({
      userName: 'rudy',
      serialNumber: SerialNumber,
    });
    const names = await readdir(instance.dataDir, { recursive: true, withFileTypes: true });
    const files = names
      .filter((one) => one.isFile())
      .map((one) =>
        // What the instance has deleted since holds nothing.
        readFile(join(one.parentPath, one.name), 'latin1').catch(() => ''),
      );
    const all = (await Promise.all(files)).join('\n');
    expect(all).not.toContain(app.seed);
    expect(all).not.toContain(Buffer.from(app.key).toString('base64'));
  });
});

describe('M-035: policies and the devices of callers', () => {
  let app: Authenticator;
  let SerialNumber: string;
  let longTerm: Keys;
  const toKeys = (credentials: Credentials | undefined): Keys => ({
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
  });
  const sts = (keys: Keys) => new STSClient(instance.clientOptions(keys));
  const buckets = (keys: Keys) => new S3Client(instance.clientOptions(keys)).send(new ListBucketsCommand({}));
  const denied = { name: 'AccessDenied' };
  const TokenCode = async () => {
    await clock.nextCode();
    return app.code(clock.now());
  };
  const session = async () =>
    toKeys(
      (await sts(longTerm).send(new GetSessionTokenCommand({ SerialNumber, TokenCode: await TokenCode() })))
        .Credentials,
    );
  const plainSession = async () => toKeys((await sts(longTerm).send(new GetSessionTokenCommand({}))).Credentials);
  const may = (Condition: object | undefined, ...more: object[]) => {
    const statement = { Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 'iam:ListUsers'], Resource: '*' };
    const assume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
    const Statement = [Condition ? { ...statement, Condition } : statement, assume, ...more];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return iam.send(new PutUserPolicyCommand({ UserName: 'rudy', PolicyName: 'shop', PolicyDocument }));
  };
  const present = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };

  beforeAll(async () => {
    await open();
    ({ app, serial: SerialNumber } = await enableDevice(iam, 'rudy', clock.now));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
    longTerm = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  });
  afterAll(() => instance.stop());

  it('a condition on MFA flips from denied to allowed by a session with a code, from STS or from signing in', async () => {
    await may(present);
    await expect(buckets(longTerm)).rejects.toMatchObject(denied);
    await expect(buckets(await plainSession())).rejects.toMatchObject(denied);
    await buckets(await session());
    const { keys } = await user({ MfaCode: await TokenCode() });
    await buckets(keys);
  });

  it('the key is absent for long-term keys: BoolIfExists denies them, Bool "false" does not', async () => {
    const deny = (operator: string) => ({
      Effect: 'Deny',
      Action: 's3:*',
      Resource: '*',
      Condition: { [operator]: { 'aws:MultiFactorAuthPresent': 'false' } },
    });
    await may(undefined, deny('Bool'));
    await buckets(longTerm);
    await expect(buckets(await plainSession())).rejects.toMatchObject(denied);
    await may(undefined, deny('BoolIfExists'));
    await expect(buckets(longTerm)).rejects.toMatchObject(denied);
    await buckets(await session());
    await may({ Null: { 'aws:MultiFactorAuthAge': 'true' } });
    await buckets(longTerm);
  });

  it('the age of a session counts: NumericLessThan lets it in for an hour', async () => {
    await may({ NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } });
    const keys = await session();
    await buckets(keys);
    await expect(buckets(longTerm)).rejects.toMatchObject(denied);
    await clock.advance(3_500);
    await buckets(keys);
    await clock.advance(200);
    await expect(buckets(keys)).rejects.toMatchObject(denied);
  });

  it('policy trap 18: a session of GetSessionToken calls IAM with a code only', async () => {
    await may(undefined);
    const list = (keys: Keys) => new IAMClient(instance.clientOptions(keys)).send(new ListUsersCommand({}));
    // IAM does not know such a session.
    await expect(list(await plainSession())).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    expect((await list(await session())).Users?.length).toBeGreaterThan(0);
  });

  it('a role whose trust policy demands MFA is assumed with a code of the call, or of the session', async () => {
    await may(undefined);
    const trusted = async (RoleName: string, Condition?: object) => {
      const Principal = { AWS: `arn:aws:iam::${accountId}:root` };
      const Statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...(Condition && { Condition }) };
      const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
      const allowed = [
        { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*', Condition: present },
        { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
      ];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: allowed });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'buckets', PolicyDocument }));
    };
    await trusted('guarded', { ...present, NumericLessThan: { 'aws:MultiFactorAuthAge': '60' } });
    await trusted('next');
    const assume = async (keys: Keys, name: string, more: object = {}) => {
      const RoleArn = `arn:aws:iam::${accountId}:role/${name}`;
      const { Credentials } = await sts(keys).send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shift', ...more }),
      );
      return toKeys(Credentials);
    };
    await expect(assume(longTerm, 'guarded')).rejects.toMatchObject(denied);
    await expect(assume(await plainSession(), 'guarded')).rejects.toMatchObject(denied);
    await assume(await session(), 'guarded');

    const code = await TokenCode();
    const withCode = await assume(longTerm, 'guarded', { SerialNumber, TokenCode: code });
    await buckets(withCode);
    await expect(assume(longTerm, 'guarded', { SerialNumber, TokenCode: code })).rejects.toMatchObject({
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
    });
    // Chained: the next role's session has no MFA, and a role has no device.
    await expect(buckets(await assume(withCode, 'next'))).rejects.toMatchObject(denied);
    await expect(assume(withCode, 'next', { SerialNumber, TokenCode: await TokenCode() })).rejects.toMatchObject(
      denied,
    );
    // Nor is the calling session's handed on.
    await expect(buckets(await assume(await session(), 'next'))).rejects.toMatchObject(denied);
  });

  it('a code that signed in is refused by STS, and a serial number of somebody else is unknown', async () => {
    const code = await TokenCode();
    expect((await user({ MfaCode: code })).status).toBe(200);
    const ask = (given: object) => sts(longTerm).send(new GetSessionTokenCommand(given));
    await expect(ask({ SerialNumber, TokenCode: code })).rejects.toMatchObject({
      ...denied,
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
    });
    const others = await enableDevice(iam, 'admin', clock.now, 'admins');
    await clock.nextCode();
    for (const given of [
      { SerialNumber: others.serial, TokenCode: others.app.code(clock.now()) },
      { SerialNumber: `arn:aws:iam::444455556666:mfa/rudy`, TokenCode: app.code(clock.now()) },
    ]) {
      await expect(ask(given)).rejects.toMatchObject({
        ...denied,
        message:
          'MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.',
      });
    }
    for (const half of [{ SerialNumber }, { TokenCode: app.code(clock.now()) }]) {
      await expect(ask(half)).rejects.toMatchObject({
        ...denied,
        message: 'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
      });
    }
  });

  it('records tell which sessions have MFA', async () => {
    await may(undefined);
    await buckets(await session());
    const [record] = await events('ListBuckets');
    expect(record.userIdentity.sessionContext.attributes.mfaAuthenticated).toBe('true');
  });
});
