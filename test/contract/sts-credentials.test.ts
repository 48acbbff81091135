/** STS over HTTP with the real SDK: temporary credentials of every kind, used, refused, expired. */
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRootCommand,
  type Credentials,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountId,
  adminKeys,
  type Keys,
  nobodyKeys,
  otherAccountId,
  otherAdminKeys,
  rootKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';

let instance: TestInstance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.stop());

const sts = (keys: Keys = adminKeys) => new STSClient(instance.clientOptions(keys));
const iam = (keys: Keys = adminKeys) => new IAMClient(instance.clientOptions(keys));
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const roleArn = (name: string, account = accountId) => `arn:aws:iam::${account}:role/${name}`;

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function trusting(principal: object, more: object = {}): string {
  return policy({ Effect: 'Allow', Principal: principal, Action: ['sts:AssumeRole', 'sts:TagSession'], ...more });
}

async function makeRole(RoleName: string, AssumeRolePolicyDocument: string, more: object = {}): Promise<string> {
  await iam().send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, ...more }));
  return roleArn(RoleName);
}

/** A user with an access key, and a policy if one is given. */
async function makeUser(UserName: string, document?: string): Promise<Keys & { readonly arn: string }> {
  const { User } = await iam().send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName }));
  if (document) {
    await iam().send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: document }));
  }
  return {
    arn: User?.Arn ?? '',
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}

type Issued = { Credentials?: Credentials | undefined };

function keysOf({ Credentials }: Issued): Keys & { readonly sessionToken: string } {
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

async function assume(RoleArn: string, keys: Keys = adminKeys, more: Partial<AssumeRoleCommandInput> = {}) {
  return keysOf(await sts(keys).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'morning', ...more })));
}

/** `Code status: message` of what a promise rejects with. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata?: { httpStatusCode?: number };
    };
    return `${name} ${$metadata?.httpStatusCode}: ${message}`;
  }
  throw new Error('expected a refusal');
}

test('GetCallerIdentity tells who everyone is', async () => {
  const identity = async (keys: Keys) => {
    const { UserId, Account, Arn } = await sts(keys).send(new GetCallerIdentityCommand({}));
    return { UserId, Account, Arn };
  };
  expect(await identity(rootKeys)).toEqual({
    UserId: accountId,
    Account: accountId,
    Arn: `arn:aws:iam::${accountId}:root`,
  });
  expect(await identity(nobodyKeys)).toEqual({
    UserId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/),
    Account: accountId,
    Arn: `arn:aws:iam::${accountId}:user/nobody`,
  });
  const role = await makeRole('identity', trusting({ AWS: accountId }));
  expect(await identity(await assume(role))).toEqual({
    UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:morning$/),
    Account: accountId,
    Arn: `arn:aws:sts::${accountId}:assumed-role/identity/morning`,
  });
});

test('policy trap 18: GetCallerIdentity answers even against an explicit Deny', async () => {
  const keys = await makeUser('denied-all', policy({ Effect: 'Deny', Action: '*', Resource: '*' }));
  expect((await sts(keys).send(new GetCallerIdentityCommand({}))).Arn).toBe(keys.arn);
  expect(await refusal(sts(keys).send(new GetSessionTokenCommand({})))).toMatch(/^AccessDenied 403: .*explicit deny/);
});

test('M-078, M-082: a role gives its own permissions, and those of before are gone', async () => {
  const rudy = await makeUser(
    'm082',
    policy({ Effect: 'Allow', Action: ['iam:ListUsers', 'sts:AssumeRole'], Resource: '*' }),
  );
  const role = await makeRole('m082-role', trusting({ AWS: accountId }));
  await iam(rudy).send(new ListUsersCommand({}));
  const session = await assume(role, rudy);
  expect(session.accessKeyId).toMatch(/^ASIA/);
  expect(await refusal(iam(session).send(new ListUsersCommand({})))).toBe(
    `AccessDenied 403: User: arn:aws:sts::${accountId}:assumed-role/m082-role/morning is not authorized to perform: iam:ListUsers on resource: * because no identity-based policy allows the iam:ListUsers action`,
  );
  // Trap 17: a change of policy is visible to live sessions.
  await iam().send(new AttachRolePolicyCommand({ RoleName: 'm082-role', PolicyArn: administrator }));
  await iam(session).send(new ListUsersCommand({}));
  await iam().send(new DetachRolePolicyCommand({ RoleName: 'm082-role', PolicyArn: administrator }));
  expect(await refusal(iam(session).send(new ListUsersCommand({})))).toMatch(/^AccessDenied/);
});

test('policy trap 7: trust in the account only delegates, trust in the user is enough', async () => {
  const user = await makeUser('trap7');
  const byAccount = await makeRole('trap7-account', trusting({ AWS: accountId }));
  const byUser = await makeRole('trap7-user', trusting({ AWS: user.arn }));
  expect(await refusal(assume(byAccount, user))).toBe(
    `AccessDenied 403: User: ${user.arn} is not authorized to perform: sts:AssumeRole on resource: ${byAccount} because no identity-based policy allows the sts:AssumeRole action`,
  );
  await assume(byUser, user);
  const byOther = await makeRole('trap7-other', trusting({ AWS: otherAccountId }));
  expect(await refusal(assume(byOther))).toBe(
    `AccessDenied 403: User: arn:aws:iam::${accountId}:user/admin is not authorized to perform: sts:AssumeRole on resource: ${byOther}`,
  );
});

test('policy trap 6: across accounts both sides must allow', async () => {
  const role = await makeRole('trap6', trusting({ AWS: otherAccountId }));
  await assume(role, otherAdminKeys);
  const closed = await makeRole('trap6-closed', trusting({ AWS: accountId }));
  expect(await refusal(assume(closed, otherAdminKeys))).toMatch(/^AccessDenied 403/);
});

test('a role that does not exist is refused in the same words as one that trusts somebody else', async () => {
  const stranger = await makeRole('trusts-another', trusting({ AWS: otherAccountId }));
  const words = async (arn: string, keys: Keys) => (await refusal(assume(arn, keys))).replace(arn, 'ARN');
  for (const keys of [adminKeys, nobodyKeys]) {
    expect(await words(roleArn('no-such-role'), keys)).toBe(await words(stranger, keys));
  }
  const theirs = await makeRole('trusts-us', trusting({ AWS: accountId }));
  expect(await words(roleArn('no-such-role'), otherAdminKeys)).toBe(await words(theirs, otherAdminKeys));
});

test('policy trap 4: the external id is held against the trust policy', async () => {
  const Condition = { StringEquals: { 'sts:ExternalId': 'coffee' } };
  const role = await makeRole('external', trusting({ AWS: accountId }, { Condition }));
  expect(await refusal(assume(role))).toMatch(/^AccessDenied 403/);
  expect(await refusal(assume(role, adminKeys, { ExternalId: 'tea' }))).toMatch(/^AccessDenied 403/);
  await assume(role, adminKeys, { ExternalId: 'coffee' });
});

test('the session name, too, can be demanded', async () => {
  const Condition = { StringEquals: { 'sts:RoleSessionName': `\${aws:username}` } };
  const role = await makeRole('own-name', trusting({ AWS: accountId }, { Condition }));
  expect(await refusal(assume(role))).toMatch(/^AccessDenied/);
  await assume(role, adminKeys, { RoleSessionName: 'admin' });
});

test('policy trap 3: a role that is called like a service is not the service', async () => {
  const service = await makeRole('lambda.amazonaws.com', trusting({ AWS: accountId }));
  await iam().send(new AttachRolePolicyCommand({ RoleName: 'lambda.amazonaws.com', PolicyArn: administrator }));
  const target = await makeRole('for-lambda', trusting({ Service: 'lambda.amazonaws.com' }));
  const session = await assume(service, adminKeys, { RoleSessionName: 'lambda.amazonaws.com' });
  expect(await refusal(assume(target, session))).toMatch(/^AccessDenied 403/);
});

test('policy trap 16: a re-created user or role is not the one that was trusted', async () => {
  const { DeleteAccessKeyCommand, DeleteUserCommand } = await import('@aws-sdk/client-iam');
  const first = await makeUser('reborn');
  const role = await makeRole('trusts-reborn', trusting({ AWS: first.arn }));
  await assume(role, first);
  await iam().send(new DeleteAccessKeyCommand({ UserName: 'reborn', AccessKeyId: first.accessKeyId }));
  await iam().send(new DeleteUserCommand({ UserName: 'reborn' }));
  const second = await makeUser('reborn');
  expect(await refusal(assume(role, second))).toMatch(/^AccessDenied 403/);
  await iam().send(
    new UpdateAssumeRolePolicyCommand({ RoleName: 'trusts-reborn', PolicyDocument: trusting({ AWS: second.arn }) }),
  );
  await assume(role, second);
});

test('M-083, policy trap 17: chaining drops the first role, and lasts an hour at most', async () => {
  const first = await makeRole('chain-1', trusting({ AWS: accountId }), { MaxSessionDuration: 43200 });
  const second = await makeRole('chain-2', trusting({ AWS: first }), { MaxSessionDuration: 43200 });
  await iam().send(
    new PutRolePolicyCommand({
      RoleName: 'chain-1',
      PolicyName: 'lists',
      PolicyDocument: policy({ Effect: 'Allow', Action: ['iam:ListUsers', 'sts:AssumeRole'], Resource: '*' }),
    }),
  );
  const one = await assume(first, adminKeys, { DurationSeconds: 43200 });
  await iam(one).send(new ListUsersCommand({}));
  expect(await refusal(assume(second, one, { DurationSeconds: 3601 }))).toBe(
    'ValidationError 400: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  );
  const two = await assume(second, one);
  expect(await refusal(iam(two).send(new ListUsersCommand({})))).toMatch(/^AccessDenied 403/);
});

test('session tags: principal tags, transitive keys, and the permission to tag', async () => {
  const tagged = policy({
    Effect: 'Allow',
    Action: 'iam:ListUsers',
    Resource: '*',
    Condition: { StringEquals: { 'aws:PrincipalTag/team': 'till' } },
  });
  const role = await makeRole('tags-1', trusting({ AWS: accountId }));
  const next = await makeRole('tags-2', trusting({ AWS: role }));
  for (const RoleName of ['tags-1', 'tags-2']) {
    await iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: 'tagged', PolicyDocument: tagged }));
  }
  const Tags = [{ Key: 'team', Value: 'till' }];
  const plain = await assume(role);
  expect(await refusal(iam(plain).send(new ListUsersCommand({})))).toMatch(/^AccessDenied/);
  const session = await assume(role, adminKeys, { Tags, TransitiveTagKeys: ['team'] });
  await iam(session).send(new ListUsersCommand({}));
  const chained = await assume(next, session);
  await iam(chained).send(new ListUsersCommand({}));
  expect(await refusal(assume(next, session, { Tags: [{ Key: 'TEAM', Value: 'owner' }] }))).toMatch(
    /^InvalidParameterValue 400: One of the specified transitive tag keys can't be set/,
  );
  const untagged = await makeRole('no-tags', trusting({ AWS: accountId }).replace(',"sts:TagSession"', ''));
  expect(await refusal(assume(untagged, adminKeys, { Tags }))).toMatch(/^AccessDenied 403: .*sts:TagSession/);
});

test('source identity needs its permission, and shows in policies', async () => {
  const role = await makeRole('source', trusting({ AWS: accountId }));
  expect(await refusal(assume(role, adminKeys, { SourceIdentity: 'rudy' }))).toMatch(
    /^AccessDenied 403: .*sts:SetSourceIdentity/,
  );
  await iam().send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: 'source',
      PolicyDocument: policy({
        Effect: 'Allow',
        Principal: { AWS: accountId },
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
        Condition: { StringLike: { 'sts:SourceIdentity': 'ru*' } },
      }),
    }),
  );
  await assume(role, adminKeys, { SourceIdentity: 'rudy' });
  expect(await refusal(assume(role, adminKeys, { SourceIdentity: 'blaine' }))).toMatch(/^AccessDenied/);
});

test('a session policy narrows the role, and cannot widen it', async () => {
  const role = await makeRole('narrow', trusting({ AWS: accountId }));
  await iam().send(new AttachRolePolicyCommand({ RoleName: 'narrow', PolicyArn: administrator }));
  const Policy = policy({ Effect: 'Allow', Action: 'iam:ListUsers', Resource: '*' });
  const { PackedPolicySize, ...answer } = await sts().send(
    new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'narrow', Policy }),
  );
  expect(PackedPolicySize).toBeGreaterThan(0);
  const session = keysOf(answer);
  await iam(session).send(new ListUsersCommand({}));
  expect(await refusal(iam(session).send(new CreateUserCommand({ UserName: 'x' })))).toMatch(
    /because no session policy allows the iam:CreateUser action$/,
  );
  const byArn = await assume(role, adminKeys, { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }] });
  await iam(byArn).send(new ListUsersCommand({}));
  expect(await refusal(iam(byArn).send(new CreateUserCommand({ UserName: 'x' })))).toMatch(/^AccessDenied/);
  expect(await refusal(assume(role, adminKeys, { Policy: '{' }))).toMatch(/^MalformedPolicyDocument/);
});

test('root may not assume a role', async () => {
  const role = await makeRole('not-for-root', trusting({ AWS: accountId }));
  expect(await refusal(assume(role, rootKeys))).toBe('AccessDenied 403: Roles may not be assumed by root accounts.');
});

test('GetSessionToken works for anyone, and its session calls neither IAM nor most of STS', async () => {
  const session = keysOf(await sts(nobodyKeys).send(new GetSessionTokenCommand({ DurationSeconds: 900 })));
  expect((await sts(session).send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:user/nobody`);
  const admin = keysOf(await sts().send(new GetSessionTokenCommand({})));
  const unknown = 'InvalidClientTokenId 403: The security token included in the request is invalid';
  expect(await refusal(iam(admin).send(new ListUsersCommand({})))).toBe(unknown);
  expect(await refusal(sts(admin).send(new GetSessionTokenCommand({})))).toBe(
    'AccessDenied 403: Cannot call GetSessionToken with session credentials',
  );
  expect(await refusal(sts(admin).send(new GetFederationTokenCommand({ Name: 'visitor' })))).toBe(
    'AccessDenied 403: Cannot call GetFederationToken with session credentials',
  );
  await assume(await makeRole('from-session', trusting({ AWS: accountId })), admin);
});

test('GetFederationToken: without a session policy nothing, with one the intersection, and never IAM', async () => {
  const none = keysOf(await sts().send(new GetFederationTokenCommand({ Name: 'visitor' })));
  expect((await sts(none).send(new GetCallerIdentityCommand({}))).Arn).toBe(
    `arn:aws:sts::${accountId}:federated-user/visitor`,
  );
  const Policy = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
  const all = keysOf(await sts().send(new GetFederationTokenCommand({ Name: 'visitor', Policy })));
  expect(await refusal(iam(all).send(new ListUsersCommand({})))).toMatch(/^InvalidClientTokenId 403/);
  expect(await refusal(assume(roleArn('identity'), all))).toMatch(/^AccessDenied 403/);
  expect(await refusal(sts(nobodyKeys).send(new GetFederationTokenCommand({ Name: 'visitor' })))).toMatch(
    /^AccessDenied 403: .*sts:GetFederationToken on resource: arn:aws:sts::111122223333:federated-user\/visitor/,
  );
});

test('a token is good for its own key only, and only as it was made', async () => {
  const role = await makeRole('tokens', trusting({ AWS: accountId }));
  const one = await assume(role);
  const two = await assume(role);
  const whoAmI = (keys: Keys) => refusal(sts(keys).send(new GetCallerIdentityCommand({})));
  expect(await whoAmI({ ...one, sessionToken: two.sessionToken })).toMatch(/^InvalidClientTokenId 403/);
  expect(await whoAmI({ ...one, sessionToken: `${one.sessionToken}A` })).toMatch(/^InvalidClientTokenId 403/);
  const { sessionToken: _gone, ...without } = one;
  expect(await whoAmI(without)).toMatch(/^InvalidClientTokenId 403/);
  expect(await whoAmI({ ...adminKeys, sessionToken: one.sessionToken })).toMatch(/^InvalidClientTokenId 403/);
  expect(await whoAmI({ ...one, secretAccessKey: two.secretAccessKey })).toMatch(/^SignatureDoesNotMatch 403/);
});

test('tokens tell their size, and are filled up to the least size asked for', async () => {
  const role = await makeRole('sizes', trusting({ AWS: accountId }));
  const ask = { RoleArn: role, RoleSessionName: 'sizes' };
  const plain = await sts().send(new AssumeRoleCommand(ask));
  expect(plain.SessionTokenSize).toBe(plain.Credentials?.SessionToken?.length);
  expect(plain.SessionTokenUtilization).toBe(Math.ceil(((plain.SessionTokenSize ?? 0) * 100) / 4096));
  for (const MinimumSessionTokenSize of [1000, 4095, 4096]) {
    const filled = await sts().send(new AssumeRoleCommand({ ...ask, MinimumSessionTokenSize }));
    expect(filled.SessionTokenSize).toBeGreaterThanOrEqual(MinimumSessionTokenSize);
    expect(filled.SessionTokenSize).toBeLessThanOrEqual(4096);
    await sts(keysOf(filled)).send(new GetCallerIdentityCommand({}));
  }
  expect(await refusal(sts().send(new AssumeRoleCommand({ ...ask, MinimumSessionTokenSize: 4097 })))).toMatch(
    /^ValidationError 400/,
  );
  const large = Array.from({ length: 50 }, (_, at) => ({
    Key: `key-${at}`,
    Value: `${at * 7919}-${at * 104729}-${at}`,
  }));
  expect(await refusal(assume(role, adminKeys, { Tags: [...large, { Key: 'one-more', Value: 'x' }] }))).toMatch(
    /^ValidationError 400/,
  );
  await assume(role, adminKeys, { Tags: large });
});

test('policy trap 17: a session ends with its role', async () => {
  const role = await makeRole('short-lived', trusting({ AWS: accountId }));
  const session = await assume(role);
  await iam().send(new DeleteRoleCommand({ RoleName: 'short-lived' }));
  expect(await refusal(sts(session).send(new GetCallerIdentityCommand({})))).toMatch(/^InvalidClientTokenId 403/);
  await makeRole('short-lived', trusting({ AWS: accountId }));
  expect(await refusal(sts(session).send(new GetCallerIdentityCommand({})))).toMatch(/^InvalidClientTokenId 403/);
});

test('GetAccessKeyInfo tells the account of long-term, temporary and configured keys', async () => {
  const role = await makeRole('key-info', trusting({ AWS: accountId }));
  const info = async (AccessKeyId: string) => (await sts().send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account;
  expect(await info(adminKeys.accessKeyId)).toBe(accountId);
  expect(await info(otherAdminKeys.accessKeyId)).toBe(otherAccountId);
  expect(await info((await assume(role)).accessKeyId)).toBe(accountId);
  expect(await refusal(info('AKIA0000000000000000'))).toMatch(/^ValidationError 400/);
});

test("DecodeAuthorizationMessage opens EC2's encoded denials for the account of who was denied", async () => {
  const { EC2Client, RunInstancesCommand } = await import('@aws-sdk/client-ec2');
  const run = new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, DryRun: true });
  const text = await refusal(new EC2Client(instance.clientOptions(nobodyKeys)).send(run));
  expect(text).toMatch(/^UnauthorizedOperation 403/);
  const EncodedMessage = text.slice(text.indexOf('message: ', text.indexOf('Encoded')) + 'message: '.length);
  const decode = new DecodeAuthorizationMessageCommand({ EncodedMessage });
  const { DecodedMessage } = await sts().send(decode);
  expect(JSON.parse(DecodedMessage ?? '')).toMatchObject({
    allowed: false,
    explicitDeny: false,
    context: { principal: { arn: `arn:aws:iam::${accountId}:user/nobody` }, action: 'ec2:RunInstances' },
  });
  expect(await refusal(sts(otherAdminKeys).send(decode))).toMatch(/^InvalidAuthorizationMessageException 400/);
});

test('DecodeAuthorizationMessage and AssumeRoot refuse what they must', async () => {
  const decode = new DecodeAuthorizationMessageCommand({ EncodedMessage: 'made-up' });
  expect(await refusal(sts().send(decode))).toMatch(/^InvalidAuthorizationMessageException 400/);
  expect(await refusal(sts(nobodyKeys).send(decode))).toMatch(/^AccessDenied 403/);
  const assumeRoot = new AssumeRootCommand({
    TargetPrincipal: otherAccountId,
    TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
  });
  for (const keys of [adminKeys, rootKeys, otherAdminKeys]) {
    expect(await refusal(sts(keys).send(assumeRoot))).toMatch(/^AccessDenied 403: .*sts:AssumeRoot/);
  }
});

test('M-088, M-093: sessions expire, and older ones can be revoked by aws:TokenIssueTime', async () => {
  const role = await makeRole('yesterday', trusting({ AWS: accountId }));
  await iam().send(new AttachRolePolicyCommand({ RoleName: 'yesterday', PolicyArn: administrator }));
  expect(await refusal(assume(role, adminKeys, { DurationSeconds: 899 }))).toMatch(/^ValidationError 400/);
  const short = await assume(role, adminKeys, { DurationSeconds: 900 });
  const old = await assume(role);
  await instance.advance(901);
  expect(await refusal(sts(short).send(new GetCallerIdentityCommand({})))).toMatch(/^ExpiredToken 40[03]/);
  const young = await assume(role);
  const { Expiration } = (await sts().send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'now' })))
    .Credentials ?? { Expiration: new Date(0) };
  const revokedBefore = new Date((Expiration?.getTime() ?? 0) - 3600_000 - 60_000).toISOString();
  await iam().send(
    new PutRolePolicyCommand({
      RoleName: 'yesterday',
      PolicyName: 'RevokeOlderSessions',
      PolicyDocument: policy({
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:TokenIssueTime': revokedBefore } },
      }),
    }),
  );
  expect(await refusal(iam(old).send(new ListUsersCommand({})))).toMatch(/^AccessDenied 403: .*explicit deny/);
  await iam(young).send(new ListUsersCommand({}));
});
