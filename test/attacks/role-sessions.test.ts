/** Sessions: chained, tagged, revoked, outlived by nothing, and shut out of IAM. */
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  ListUsersCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminKeys, type Keys, startInstance, type TestInstance } from '../support/instance.ts';
import { allow, keysOf, outcome, Principals, policy } from '../support/principals.ts';

let instance: TestInstance;
let principals: Principals;
beforeAll(async () => {
  instance = await startInstance();
  principals = new Principals(instance);
});
afterAll(() => instance.stop());

const listUsers = (keys: Keys) => outcome(new IAMClient(instance.clientOptions(keys)).send(new ListUsersCommand({})));
const listBuckets = (keys: Keys) =>
  outcome(new S3Client(instance.clientOptions(keys)).send(new ListBucketsCommand({})));
const assume = (RoleArn: string, keys: Keys, more = {}) => outcome(principals.session(RoleArn, more, keys));

describe('policy trap 17: sessions', () => {
  it('of chained roles last an hour at most, keep transitive tags and never change their source identity', async () => {
    const team = { StringEquals: { 'aws:PrincipalTag/team': 'beans' }, Null: { 'aws:PrincipalTag/shift': 'true' } };
    const may = [allow('sts:*'), allow('s3:ListAllMyBuckets', { Condition: team })];
    const [one, two, three] = await Promise.all(
      ['one', 'two', 'three'].map((name) => principals.role(`chain-${name}`, { may, hours: 12 })),
    );
    const Tags = [
      { Key: 'team', Value: 'beans' },
      { Key: 'shift', Value: 'morning' },
    ];
    const given = { Tags, TransitiveTagKeys: ['team'], SourceIdentity: 'rudy', DurationSeconds: 43_200 };
    const first = await principals.session(one ?? '', given);
    expect(await assume(two ?? '', first, { DurationSeconds: 3_601 })).toBe('ValidationError');
    const second = await principals.session(two ?? '', { DurationSeconds: 3_600 }, first);
    expect(await listBuckets(second)).toBe('allowed');
    expect(await assume(three ?? '', second, { SourceIdentity: 'blaine' })).toBe('AccessDenied');
    expect(await assume(three ?? '', second, { Tags: [{ Key: 'Team', Value: 'milk' }] })).toBe('InvalidParameterValue');
    const third = await principals.session(three ?? '', { SourceIdentity: 'rudy' }, second);
    expect(await listBuckets(third)).toBe('allowed');
    await instance.advance(3_601);
    expect(await listBuckets(third)).toBe('ExpiredToken');
    expect(await listBuckets(second)).toBe('ExpiredToken');
    // The first was no chained one: it has its twelve hours.
    expect(await assume(two ?? '', first)).toBe('allowed');
  });

  it('end with their role, see changes of its policies, and are revoked by their time of issue', async () => {
    const RoleName = 'lived';
    const role = await principals.role(RoleName);
    const session = await principals.session(role);
    expect(await listBuckets(session)).toBe('AccessDenied');
    await principals.roleMay(RoleName, allow('s3:ListAllMyBuckets'));
    expect(await listBuckets(session)).toBe('allowed');
    // The instance's clock decides when a session was issued.
    const issuedBefore = new Date(Date.now() + 3_601_000 + 5_000).toISOString();
    const revoke = {
      ...allow('*', { Condition: { DateLessThan: { 'aws:TokenIssueTime': issuedBefore } } }),
      Effect: 'Deny',
    };
    await principals.roleMay(RoleName, allow('s3:ListAllMyBuckets'), revoke);
    expect(await listBuckets(session)).toBe('AccessDenied');
    await instance.advance(10);
    const later = await principals.session(role);
    expect(await listBuckets(later)).toBe('allowed');
    // A trust policy that changed ends no session, a role that is gone ends all.
    const PolicyDocument = policy({ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
    await principals.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    expect(await assume(role, adminKeys)).toBe('AccessDenied');
    expect(await listBuckets(later)).toBe('allowed');
    await principals.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }));
    await principals.iam.send(new DeleteRoleCommand({ RoleName }));
    expect(await listBuckets(later)).not.toBe('allowed');
  });
});

describe('policy trap 18', () => {
  const whoAmI = (keys: Keys) => outcome(principals.sts(keys).send(new GetCallerIdentityCommand({})));

  it('GetCallerIdentity answers against Denies at every level', async () => {
    const no = [{ ...allow('*'), Effect: 'Deny' }];
    const user = await principals.user('denied', { may: no, within: no });
    const role = await principals.role('denied-role', { may: no, within: no });
    expect(await whoAmI(user)).toBe('allowed');
    expect(await whoAmI(await principals.session(role, { Policy: policy(...no) }))).toBe('allowed');
  });

  it('sessions of GetFederationToken and of GetSessionToken without MFA call no IAM and little of STS', async () => {
    const user = await principals.user('sessions', { may: [allow('*')] });
    const federated = await principals.federated('visitor', policy(allow('*')), user);
    const session = keysOf(await principals.sts(user).send(new GetSessionTokenCommand({})));
    const role = await principals.role('for-sessions');
    for (const keys of [federated, session]) {
      expect(await whoAmI(keys)).toBe('allowed');
      expect(await listBuckets(keys)).toBe('allowed');
      expect(await listUsers(keys)).toBe('InvalidClientTokenId');
      expect(await outcome(principals.sts(keys).send(new GetSessionTokenCommand({})))).toBe('AccessDenied');
      expect(await outcome(principals.federated('another', policy(allow('*')), keys))).toBe('AccessDenied');
    }
    expect(await assume(role, session)).toBe('allowed');
    expect(await assume(role, federated)).toBe('AccessDenied');
    expect(await listUsers(user)).toBe('allowed');
  });
});
