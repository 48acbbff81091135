/** IAM under concurrent calls: names stay unique, quotas hold, nothing that was acknowledged is lost; secrets stay out of records. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetGroupCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListUsersCommand,
  TagUserCommand,
  UpdateLoginProfileCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;

beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
});
afterAll(async () => {
  iam?.destroy();
  await instance?.stop();
});

/** How many fulfilled, and the names of the errors of the others. */
async function outcomes(calls: Promise<unknown>[]): Promise<{ done: number; errors: string[] }> {
  const results = await Promise.allSettled(calls);
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as Error).name] : []));
  return { done: results.length - errors.length, errors: [...new Set(errors)] };
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

test('of many who take one name, one gets it', async () => {
  const calls = times(20, (i) => iam.send(new CreateUserCommand({ UserName: i % 2 ? 'Once' : 'ONCE' })));
  expect(await outcomes(calls)).toEqual({ done: 1, errors: ['EntityAlreadyExistsException'] });
});

test('many different users are made at the same time', async () => {
  const calls = times(60, (i) => iam.send(new CreateUserCommand({ UserName: `many${i}`, Path: '/many/' })));
  expect(await outcomes(calls)).toEqual({ done: 60, errors: [] });
  const { Users } = await iam.send(new ListUsersCommand({ PathPrefix: '/many/' }));
  expect(Users).toHaveLength(60);
  await iam.send(new CreateGroupCommand({ GroupName: 'Many' }));
  const joining = times(60, (i) => iam.send(new AddUserToGroupCommand({ UserName: `many${i}`, GroupName: 'Many' })));
  expect(await outcomes(joining)).toEqual({ done: 60, errors: [] });
  expect((await iam.send(new GetGroupCommand({ GroupName: 'Many' }))).Users).toHaveLength(60);
});

test('a quota is not passed by asking for all at once', async () => {
  const UserName = 'Keys';
  await iam.send(new CreateUserCommand({ UserName }));
  const calls = times(10, () => iam.send(new CreateAccessKeyCommand({ UserName })));
  expect(await outcomes(calls)).toEqual({ done: 2, errors: ['LimitExceededException'] });
  expect((await iam.send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata).toHaveLength(2);
});

test('changes to one user do not overwrite each other', async () => {
  const UserName = 'Busy';
  await iam.send(new CreateUserCommand({ UserName }));
  const policies = ['ReadOnlyAccess', 'IAMReadOnlyAccess', 'AmazonS3ReadOnlyAccess', 'AmazonEC2ReadOnlyAccess'];
  const arn = (name: string) => `arn:aws:iam::aws:policy/${name}`;
  const calls: Promise<unknown>[] = [
    ...policies.map((name) => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: arn(name) }))),
    ...times(8, (i) => iam.send(new TagUserCommand({ UserName, Tags: [{ Key: `tag${i}`, Value: '1' }] }))),
  ];
  expect(await outcomes(calls)).toEqual({ done: 12, errors: [] });
  const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName }));
  expect(AttachedPolicies?.map((policy) => policy.PolicyName).sort()).toEqual(policies.sort());
  const details = await iam.send(new ListUsersCommand({}));
  expect(details.Users?.some((user) => user.UserName === UserName)).toBe(true);
});

test('a user is deleted, or joins a group, but not both', async () => {
  await iam.send(new CreateGroupCommand({ GroupName: 'Race' }));
  for (let round = 0; round < 5; round++) {
    const UserName = `racer${round}`;
    await iam.send(new CreateUserCommand({ UserName }));
    const { done } = await outcomes([
      iam.send(new DeleteUserCommand({ UserName })),
      iam.send(new AddUserToGroupCommand({ UserName, GroupName: 'Race' })),
    ]);
    expect(done).toBe(1);
  }
  const { Users } = await iam.send(new GetGroupCommand({ GroupName: 'Race' }));
  const all = (await iam.send(new ListUsersCommand({}))).Users?.map((user) => user.UserName);
  for (const member of Users ?? []) expect(all).toContain(member.UserName);
});

test('neither secrets nor passwords reach a record', async () => {
  const UserName = 'Secret';
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  await iam.send(new CreateLoginProfileCommand({ UserName, Password: 'Espresso-2026' }));
  await iam.send(new UpdateLoginProfileCommand({ UserName, Password: 'Lungo-2027' }));
  await expect(iam.send(new CreateLoginProfileCommand({ UserName, Password: 'Doppio-2028' }))).rejects.toThrow();
  const cloudtrail = new CloudTrailClient(instance.clientOptions());
  const records: string[] = [];
  for (const AttributeValue of ['CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile']) {
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue }];
    const { Events } = await cloudtrail.send(new LookupEventsCommand({ LookupAttributes }));
    records.push(...(Events ?? []).flatMap((event) => event.CloudTrailEvent ?? []));
  }
  cloudtrail.destroy();
  const text = records.join('\n');
  expect(text).toContain(AccessKey?.AccessKeyId);
  expect(text).toContain('"errorCode":"EntityAlreadyExists');
  for (const secret of [AccessKey?.SecretAccessKey ?? '?', 'Espresso-2026', 'Lungo-2027', 'Doppio-2028']) {
    expect(text).not.toContain(secret);
  }
});
