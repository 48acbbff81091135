/** IAM's own condition keys, each read back through a policy on a live call: the same call with another value is denied. */
import {
  AddRoleToInstanceProfileCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetInstanceProfileCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
  TagInstanceProfileCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
const clients: IAMClient[] = [];
let made = 0;

beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  clients.push(iam);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await instance?.stop();
});

/** A client for a new user whose only policy is these statements. */
async function userWho(...statements: object[]): Promise<{ name: string; client: IAMClient }> {
  const name = `caller${++made}`;
  await iam.send(new CreateUserCommand({ UserName: name }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'Only', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  const client = new IAMClient(instance.clientOptions(keys));
  clients.push(client);
  return { name, client };
}

const allow = (Action: string | string[], Condition?: object, Resource = '*'): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const denied = { name: 'AccessDenied' };
const user = (name: string, path = '/') => `arn:aws:iam::${accountId}:user${path}${name}`;
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

test('aws:RequestTag and aws:TagKeys of creation and tagging', async () => {
  const { client } = await userWho(
    allow(['iam:CreateUser', 'iam:TagUser'], {
      StringEquals: { 'aws:RequestTag/team': 'till' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'shop'] },
    }),
    allow('iam:UntagUser', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['shop'] } }),
  );
  const team = { Key: 'team', Value: 'till' };
  const make = (UserName: string, Tags: { Key: string; Value: string }[]) =>
    client.send(new CreateUserCommand({ UserName, Tags }));
  await expect(make('t1', [{ Key: 'team', Value: 'stock' }])).rejects.toMatchObject(denied);
  await expect(make('t1', [team, { Key: 'cost', Value: '1' }])).rejects.toMatchObject(denied);
  await expect(make('t1', [])).rejects.toMatchObject(denied);
  await make('t1', [team]);
  await client.send(new TagUserCommand({ UserName: 't1', Tags: [team, { Key: 'shop', Value: 'north' }] }));
  await expect(client.send(new UntagUserCommand({ UserName: 't1', TagKeys: ['team'] }))).rejects.toMatchObject(denied);
  await client.send(new UntagUserCommand({ UserName: 't1', TagKeys: ['shop'] }));
});

test('creating with tags needs iam:TagUser beside iam:CreateUser', async () => {
  const { client } = await userWho(allow('iam:CreateUser'));
  await client.send(new CreateUserCommand({ UserName: 'plain' }));
  const tagged = client.send(new CreateUserCommand({ UserName: 'tagged', Tags: [{ Key: 'a', Value: 'b' }] }));
  await expect(tagged).rejects.toThrow('is not authorized to perform: iam:TagUser');
});

test('aws:ResourceTag and iam:ResourceTag of the user acted upon', async () => {
  for (const key of ['aws:ResourceTag/team', 'iam:ResourceTag/team']) {
    const { client, name } = await userWho(allow('iam:DeleteUser', { StringEquals: { [key]: 'till' } }));
    for (const team of ['till', 'stock']) {
      const UserName = `${name}-${team}`;
      await iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: 'team', Value: team }] }));
    }
    await expect(client.send(new DeleteUserCommand({ UserName: `${name}-stock` }))).rejects.toMatchObject(denied);
    await client.send(new DeleteUserCommand({ UserName: `${name}-till` }));
    // What is not there has no tags: it is denied, not told to be absent.
    await expect(client.send(new DeleteUserCommand({ UserName: 'nobody-at-all' }))).rejects.toMatchObject(denied);
  }
});

test('aws:ResourceTag of an instance profile', async () => {
  const { client } = await userWho(
    allow('iam:GetInstanceProfile', { StringEquals: { 'aws:ResourceTag/team': 'web' } }),
  );
  const InstanceProfileName = 'Tagged';
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  const get = () => client.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  await expect(get()).rejects.toMatchObject(denied);
  await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: [{ Key: 'team', Value: 'web' }] }));
  expect((await get()).InstanceProfile?.InstanceProfileName).toBe(InstanceProfileName);
});

test('iam:PermissionsBoundary and iam:PolicyARN: delegation that cannot escape', async () => {
  const { client } = await userWho(
    allow('iam:CreateUser', { StringEquals: { 'iam:PermissionsBoundary': readOnly } }),
    allow('iam:AttachUserPolicy', {
      StringEquals: { 'iam:PermissionsBoundary': readOnly },
      ArnLike: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/IAM*' },
    }),
  );
  await expect(client.send(new CreateUserCommand({ UserName: 'free' }))).rejects.toMatchObject(denied);
  await client.send(new CreateUserCommand({ UserName: 'bound', PermissionsBoundary: readOnly }));
  const attach = (UserName: string, policy: string) =>
    client.send(new AttachUserPolicyCommand({ UserName, PolicyArn: `arn:aws:iam::aws:policy/${policy}` }));
  await expect(attach('bound', 'AdministratorAccess')).rejects.toMatchObject(denied);
  await attach('bound', 'IAMFullAccess');
  await iam.send(new CreateUserCommand({ UserName: 'free' }));
  await expect(attach('free', 'IAMFullAccess')).rejects.toMatchObject(denied);
});

test('iam:PassedToService, and iam:PassRole at all, when a machine is given a role', async () => {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  await iam.send(new CreateRoleCommand({ RoleName: 'Passed', AssumeRolePolicyDocument }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'Machine' }));
  const add = new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'Machine', RoleName: 'Passed' });
  const profiles = allow('iam:AddRoleToInstanceProfile');
  const pass = (service: string) => allow('iam:PassRole', { StringEquals: { 'iam:PassedToService': service } });
  await expect((await userWho(profiles)).client.send(add)).rejects.toThrow(
    'is not authorized to perform: iam:PassRole',
  );
  await expect((await userWho(profiles, pass('lambda.amazonaws.com'))).client.send(add)).rejects.toMatchObject(denied);
  await (await userWho(profiles, pass('ec2.amazonaws.com'))).client.send(add);
});

test('aws:username and aws:PrincipalTag: everyone’s own keys, by name and by tag', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable.
  const own = await userWho(allow('iam:ListAccessKeys', undefined, user('${aws:username}')));
  expect((await own.client.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toHaveLength(1);
  await expect(own.client.send(new ListAccessKeysCommand({ UserName: 'admin' }))).rejects.toMatchObject(denied);
  // The policy follows the user to its new name at once.
  await iam.send(new UpdateUserCommand({ UserName: own.name, NewUserName: 'renamed' }));
  expect((await own.client.send(new ListAccessKeysCommand({ UserName: 'renamed' }))).AccessKeyMetadata).toHaveLength(1);

  const tagged = await userWho(allow('iam:GetUser', { StringEquals: { 'aws:PrincipalTag/team': 'till' } }));
  await expect(tagged.client.send(new GetUserCommand({}))).rejects.toMatchObject(denied);
  const Tags = [{ Key: 'Team', Value: 'till' }];
  await iam.send(new TagUserCommand({ UserName: tagged.name, Tags }));
  expect((await tagged.client.send(new GetUserCommand({}))).User?.UserName).toBe(tagged.name);
});

test('a renaming is allowed on both names or not at all', async () => {
  const { client } = await userWho(allow('iam:UpdateUser', undefined, user('*', '/till/')));
  await iam.send(new CreateUserCommand({ UserName: 'mover', Path: '/till/' }));
  const away = new UpdateUserCommand({ UserName: 'mover', NewPath: '/office/' });
  await expect(client.send(away)).rejects.toMatchObject(denied);
  await client.send(new UpdateUserCommand({ UserName: 'mover', NewUserName: 'moved' }));
  await iam.send(new UpdateUserCommand({ UserName: 'moved', NewPath: '/office/' }));
  await expect(client.send(new UpdateUserCommand({ UserName: 'moved', NewPath: '/till/' }))).rejects.toMatchObject(
    denied,
  );
});
