import type { Credentials } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { account, Bench, plainSealer, rootCaller, userCaller } from '../../../../test/support/call.ts';
import { failure } from '../../../../test/support/iam.ts';
import type { Caller, Session } from '../../service.ts';
import type { Role, StsPorts } from '../ports.ts';
import { openSession } from '../session.ts';
import { assumeRole } from './assume-role.ts';
import { assumeRoot } from './assume-root.ts';
import { decodeAuthorizationMessage } from './decode-authorization-message.ts';
import { getAccessKeyInfo } from './get-access-key-info.ts';
import { getCallerIdentity } from './get-caller-identity.ts';
import { getFederationToken } from './get-federation-token.ts';
import { getSessionToken } from './get-session-token.ts';

const RoleArn = `arn:aws:iam::${account}:role/shop/Inventory`;
const role: Role = {
  account,
  name: 'Inventory',
  id: 'AROAEXAMPLEEXAMPLE001',
  arn: RoleArn,
  trust: { document: '{}', principalIds: {} },
  maxSessionSeconds: 7200,
  tags: { team: 'stock' },
  serviceLinked: false,
};
const device = `arn:aws:iam::${account}:mfa/rudy`;
const ports: StsPorts = {
  roles: { find: async (_reader, _account, name) => (name.toLowerCase() === 'inventory' ? role : undefined) },
  accessKeys: {
    temporaryId: (_account, random) => `ASIA${Buffer.from(random.bytes(8)).toString('hex').toUpperCase()}`,
    secret: (random) => Buffer.from(random.bytes(30)).toString('base64'),
    accountOf: async (_reader, id) => (id === 'AKIAKNOWNKNOWNKNOWN1' ? account : undefined),
  },
  codes: {
    attempt: async (_call, _principal, serial, code) => (serial === device ? code === '123456' : 'unknown-device'),
    use: async (_change, _principal, code, _now, serial) => (code === '123456' ? serial : undefined),
  },
  policies: { exists: async (_reader, _account, arn) => arn === 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
};
const bench = new Bench(ports);
const rudy = userCaller('rudy');
const input = { RoleArn, RoleSessionName: 'morning' };

function inSession(session: Partial<Session>, kind: Session['kind'] = 'assumed-role'): Caller {
  return { ...rudy, session: { kind, issuedAt: bench.now, expiresAt: bench.now + 900_000, ...session } };
}

function assume(more: object = {}, caller: Caller = rudy) {
  return bench.run('AssumeRole', assumeRole, { ...input, ...more }, { caller, service: 'sts' });
}

function opened(credentials: Credentials | undefined) {
  const found = openSession(plainSealer, credentials?.SessionToken ?? '', credentials?.AccessKeyId ?? '', bench.now);
  if (typeof found === 'string') throw new Error(found);
  return found.caller;
}

test('AssumeRole gives a session of the role, for an hour unless asked otherwise', async () => {
  const answer = await assume();
  expect(answer.AssumedRoleUser).toEqual({
    AssumedRoleId: 'AROAEXAMPLEEXAMPLE001:morning',
    Arn: `arn:aws:sts::${account}:assumed-role/Inventory/morning`,
  });
  expect(answer.Credentials?.Expiration?.getTime()).toBe(bench.now + 3600_000);
  expect(answer).not.toHaveProperty('PackedPolicySize');
  expect(opened(answer.Credentials)).toMatchObject({
    account,
    principal: { kind: 'assumed-role', roleArn: RoleArn, sessionName: 'morning' },
    session: { kind: 'assumed-role', chain: 1 },
  });
});

test('the checks: trust policy on the resource side, external id, session name, tags and source identity', async () => {
  const more = {
    ExternalId: 'coffee',
    SourceIdentity: 'rudy',
    Tags: [{ Key: 'team', Value: 'till' }],
    TransitiveTagKeys: ['team'],
  };
  const checks = await bench.checks('AssumeRole', assumeRole, { ...input, ...more }, { caller: rudy });
  expect(checks.map((check) => check.action)).toEqual(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']);
  for (const check of checks) {
    expect(check.resource).toMatchObject({ arn: RoleArn, account, policy: { kind: 'trust', document: '{}' } });
    expect(check.context).toEqual({
      'sts:RoleSessionName': 'morning',
      'sts:ExternalId': 'coffee',
      'sts:SourceIdentity': 'rudy',
      'iam:ResourceTag/team': 'stock',
      'aws:TagKeys': ['team'],
      'aws:RequestTag/team': 'till',
      'sts:TransitiveTagKeys': ['team'],
    });
  }
});

test('a role that does not exist is refused as one that trusts somebody else', async () => {
  const missing = { ...input, RoleArn: `arn:aws:iam::${account}:role/Missing` };
  const [check] = await bench.checks('AssumeRole', assumeRole, missing, { caller: rudy });
  expect(check?.resource.policy?.kind).toBe('trust');
  expect(check?.resource.policy?.document).toContain('AROAAAAAAAAAAAAAAAAAA');
  const wrongPath = { ...input, RoleArn: `arn:aws:iam::${account}:role/Inventory` };
  for (const other of [missing, wrongPath]) {
    expect(await failure(bench.run('AssumeRole', assumeRole, other, { caller: rudy }))).toBe(
      `AccessDenied: User: arn:aws:iam::${account}:user/rudy is not authorized to perform: sts:AssumeRole on resource: ${other.RoleArn}`,
    );
  }
  for (const bad of ['arn:aws:iam::1:role/x', 'arn:aws:iam::111122223333:user/role/', 'arn:aws:s3:::role/xxxxxxxx']) {
    const refused = Promise.resolve().then(() =>
      bench.checks('AssumeRole', assumeRole, { ...input, RoleArn: bad }, { caller: rudy }),
    );
    expect(await failure(refused)).toBe(`ValidationError: ${bad} is invalid`);
  }
});

test('root may not assume roles', async () => {
  const refused = Promise.resolve().then(() => bench.checks('AssumeRole', assumeRole, input, { caller: rootCaller() }));
  expect(await failure(refused)).toBe('AccessDenied: Roles may not be assumed by root accounts.');
});

test('policy trap 17: durations, by the role and by chaining', async () => {
  expect(await failure(assume({ DurationSeconds: 7201 }))).toBe(
    'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
  expect((await assume({ DurationSeconds: 7200 })).Credentials?.Expiration?.getTime()).toBe(bench.now + 7200_000);
  const chained = inSession({ chain: 1 });
  expect(await failure(assume({ DurationSeconds: 3601 }, chained))).toBe(
    'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  );
  expect(opened((await assume({}, chained)).Credentials).session?.chain).toBe(2);
  // A GetSessionToken session is no link of a chain.
  expect(
    opened((await assume({ DurationSeconds: 7200 }, inSession({}, 'session-token'))).Credentials).session?.chain,
  ).toBe(1);
});

test('policy trap 17: source identity sticks, and its permission is asked at every step', async () => {
  const caller = inSession({ sourceIdentity: 'rudy' });
  expect((await assume({}, caller)).SourceIdentity).toBe('rudy');
  expect((await assume({ SourceIdentity: 'rudy' }, caller)).SourceIdentity).toBe('rudy');
  expect(await failure(assume({ SourceIdentity: 'blaine' }, caller))).toMatch(/^AccessDenied/);
  const checks = await bench.checks('AssumeRole', assumeRole, input, { caller });
  expect(checks.map((check) => check.action)).toContain('sts:SetSourceIdentity');
});

test('inherited transitive tags are handed on, with the permission to tag', async () => {
  const caller = inSession({ tags: { team: 'till', other: 'x' }, transitiveTagKeys: ['team'] });
  expect(opened((await assume({ Tags: [{ Key: 'site', Value: 'n' }] }, caller)).Credentials).session).toMatchObject({
    tags: { team: 'till', site: 'n' },
    transitiveTagKeys: ['team'],
  });
  const checks = await bench.checks('AssumeRole', assumeRole, input, { caller });
  expect(checks.map((check) => check.action)).toEqual(['sts:AssumeRole', 'sts:TagSession']);
});

test('session policies are checked, counted and carried', async () => {
  const Policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
  const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }];
  const answer = await assume({ Policy, PolicyArns });
  expect(answer.PackedPolicySize).toBeGreaterThan(0);
  expect(answer.PackedPolicySize).toBeLessThanOrEqual(100);
  expect(opened(answer.Credentials).session?.policies).toEqual({ inline: Policy, arns: [PolicyArns[0]?.arn] });
  expect(await failure(assume({ Policy: '{"Version":' }))).toMatch(
    /^MalformedPolicyDocument: .+ \(line 1, column \d+\)/,
  );
  expect(await failure(assume({ PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/Missing' }] }))).toMatch(
    /^MalformedPolicy/,
  );
  expect(await failure(assume({ Policy: Policy + ' '.repeat(2048) }))).toMatch(/^ValidationError: .*2048$/);
  expect(await failure(assume({ PolicyArns: Array(11).fill(PolicyArns[0]) }))).toMatch(/^ValidationError: .*10$/);
});

describe('codes of MFA devices', () => {
  const right = { SerialNumber: device, TokenCode: '123456' };
  const asked = (more: object, caller = rudy) =>
    failure(bench.checks('GetSessionToken', getSessionToken, more, { caller }));
  const askedOfRole = (more: object, caller: Caller = rudy) =>
    bench.checks('AssumeRole', assumeRole, { ...input, ...more }, { caller });

  test.each([
    [{ SerialNumber: device }, 'must provide both'],
    [{ TokenCode: '123456' }, 'must provide both'],
    [{ ...right, TokenCode: '654321' }, 'with invalid MFA one time pass code.'],
    [{ ...right, SerialNumber: `${device}2` }, 'unable to validate MFA code.'],
  ])('%o is refused before the decision: %s', async (given, said) => {
    for (const refusal of [await asked(given), await failure(askedOfRole(given))]) {
      expect(refusal).toMatch(/^AccessDenied: MultiFactorAuthentication failed/);
      expect(refusal).toContain(said);
      expect(refusal).not.toMatch(/\d{6}/);
    }
  });

  test('a role has no device', async () => {
    const principal = { kind: 'assumed-role', account, arn: 'a', id: 'b', roleArn: 'c', roleId: 'd', roleName: 'e' };
    const caller = { ...inSession({}), principal: { ...principal, sessionName: 'f', serviceLinked: false } } as Caller;
    expect(await failure(askedOfRole(right, caller))).toContain('unable to validate');
  });

  test('policies of an AssumeRole see its own code', async () => {
    const [check] = await askedOfRole(right);
    expect(check?.context).toMatchObject({ 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '0' });
    const [without] = await askedOfRole({});
    expect(Object.keys(without?.context ?? {})).not.toContain('aws:MultiFactorAuthPresent');
  });

  test('a session remembers its own code, and not that of the session before it', async () => {
    expect(opened((await assume(right)).Credentials).session?.mfaAuthenticatedAt).toBe(bench.now);
    const token = await bench.run('GetSessionToken', getSessionToken, right, { caller: rudy });
    const caller = opened(token.Credentials);
    expect(caller.session?.mfaAuthenticatedAt).toBe(bench.now);
    expect(opened((await assume({}, caller)).Credentials).session).not.toHaveProperty('mfaAuthenticatedAt');
  });

  test('one that was used between the decision and the session gives none', async () => {
    const used = { ...ports, codes: { attempt: async () => true, use: async () => undefined } };
    const call = bench.call('GetSessionToken', { caller: rudy });
    await expect(getSessionToken.handle(right, call, used)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('guessing meets Throttling', async () => {
    for (const outcome of ['locked', 'busy'] as const) {
      const shut = { ...ports, codes: { ...ports.codes, attempt: async () => outcome } };
      const call = bench.call('GetSessionToken', { caller: rudy });
      await expect(getSessionToken.checks(right, call, shut)).rejects.toMatchObject({ code: 'Throttling' });
    }
  });
});

test('GetSessionToken: long-term keys only, twelve hours by default, root one hour', async () => {
  const seconds = async (caller: Caller, DurationSeconds?: number) => {
    const asked = DurationSeconds === undefined ? {} : { DurationSeconds };
    const { Credentials } = await bench.run('GetSessionToken', getSessionToken, asked, { caller });
    return ((Credentials?.Expiration?.getTime() ?? 0) - bench.now) / 1000;
  };
  expect(await seconds(rudy)).toBe(43_200);
  expect(await seconds(rudy, 129_600)).toBe(129_600);
  expect(await seconds(rootCaller())).toBe(3600);
  expect(await seconds(rootCaller(), 900)).toBe(900);
  expect(await failure(seconds(inSession({})))).toBe(
    'AccessDenied: Cannot call GetSessionToken with session credentials',
  );
  const { Credentials } = await bench.run('GetSessionToken', getSessionToken, {}, { caller: rudy });
  expect(opened(Credentials)).toMatchObject({ principal: rudy.principal, session: { kind: 'session-token' } });
});

test('GetFederationToken: a federated user of the issuer, with its session policy', async () => {
  const ask = { Name: 'visitor', Tags: [{ Key: 'team', Value: 'till' }] };
  const answer = await bench.run('GetFederationToken', getFederationToken, ask, { caller: rudy });
  const Arn = `arn:aws:sts::${account}:federated-user/visitor`;
  expect(answer.FederatedUser).toEqual({ FederatedUserId: `${account}:visitor`, Arn });
  expect(opened(answer.Credentials)).toMatchObject({
    principal: {
      kind: 'federated-user',
      arn: Arn,
      issuer: { kind: 'user', id: rudy.principal.kind === 'user' ? rudy.principal.id : '' },
    },
    session: { kind: 'federated-user', tags: { team: 'till' } },
  });
  expect(opened(answer.Credentials).session).not.toHaveProperty('policies');
  const checks = await bench.checks('GetFederationToken', getFederationToken, ask, { caller: rudy });
  expect(checks.map((check) => [check.action, check.resource.arn])).toEqual([
    ['sts:GetFederationToken', Arn],
    ['sts:TagSession', Arn],
  ]);
  const again = bench.run('GetFederationToken', getFederationToken, ask, { caller: inSession({}) });
  expect(await failure(again)).toBe('AccessDenied: Cannot call GetFederationToken with session credentials');
});

test('GetCallerIdentity needs no permission', async () => {
  expect(await bench.run('GetCallerIdentity', getCallerIdentity, {}, { caller: rootCaller() })).toEqual({
    UserId: account,
    Account: account,
    Arn: `arn:aws:iam::${account}:root`,
  });
  const [check] = await bench.checks('GetCallerIdentity', getCallerIdentity, {}, { caller: rudy });
  expect(check).toMatchObject({ action: 'sts:GetCallerIdentity', unconditional: true });
});

test('GetAccessKeyInfo knows the account of a key, or says that the key is not valid', async () => {
  const info = (AccessKeyId: string) => bench.run('GetAccessKeyInfo', getAccessKeyInfo, { AccessKeyId });
  expect(await info('AKIAKNOWNKNOWNKNOWN1')).toEqual({ Account: account });
  expect(await failure(info('AKIAOTHEROTHEROTHER1'))).toMatch(/^ValidationError/);
});

test('DecodeAuthorizationMessage opens the messages of its own account', async () => {
  const message = JSON.stringify({ allowed: false, context: { principal: { arn: `arn:aws:iam::${account}:user/r` } } });
  const EncodedMessage = plainSealer.seal('authorization-message', message);
  const decode = (text: string, caller: Caller = rudy) =>
    bench.run('DecodeAuthorizationMessage', decodeAuthorizationMessage, { EncodedMessage: text }, { caller });
  expect(await decode(EncodedMessage)).toEqual({ DecodedMessage: message });
  const invalid = 'InvalidAuthorizationMessageException: Message is not valid';
  expect(await failure(decode('made up'))).toBe(invalid);
  expect(await failure(decode(plainSealer.seal('session-token', message)))).toBe(invalid);
  expect(await failure(decode(EncodedMessage, userCaller('x', 'AIDAX', '444455556666')))).toBe(invalid);
});

test('policy trap 4: AssumeRoot is refused to everyone', async () => {
  const ask = {
    TargetPrincipal: '444455556666',
    TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
  };
  const [check] = await bench.checks('AssumeRoot', assumeRoot, ask, { caller: rudy });
  expect(check).toMatchObject({
    action: 'sts:AssumeRoot',
    resource: { arn: 'arn:aws:iam::444455556666:root', account: '444455556666' },
  });
  expect(await failure(bench.run('AssumeRoot', assumeRoot, ask, { caller: rootCaller() }))).toBe(
    `AccessDenied: User: arn:aws:iam::${account}:root is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::444455556666:root`,
  );
});
