/** What callers without a name, or of another account, must not get, learn or do. */
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callBailey } from '../../src/cli/api.ts';
import { start } from '../../src/main.ts';
import {
  accountId,
  adminKeys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';

let instance: TestInstance;
let owner: S3Client;
beforeAll(async () => {
  instance = await startInstance();
  owner = new S3Client(instance.clientOptions());
  await owner.send(new CreateBucketCommand({ Bucket: 'victim' }));
  await owner.send(new PutObjectCommand({ Bucket: 'victim', Key: 'shared', Body: 'x' }));
});
afterAll(() => instance.stop());

const statements = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function share(bucket: string, ...given: object[]): Promise<void> {
  await owner.send(
    new PutPublicAccessBlockCommand({
      Bucket: bucket,
      PublicAccessBlockConfiguration: { BlockPublicPolicy: false, RestrictPublicBuckets: false },
    }),
  );
  await owner.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: statements(...given) }));
}

const profile = (keys: typeof adminKeys) => ({ endpoint: instance.endpoint, region: 'us-east-1', ...keys });
const explained = (keys: typeof adminKeys, RequestId: string) =>
  callBailey<{ Explanation: string; Text: string }>(profile(keys), 'Explain', { RequestId });

describe('attack: to learn about another account', () => {
  it('by explaining a call that touched both: parameters, policies and names of the other stay its own', async () => {
    await share('victim', {
      Effect: 'Allow',
      Principal: { AWS: otherAccountId },
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::victim/*',
    });
    const others = new IAMClient(instance.clientOptions(otherAdminKeys));
    const PolicyDocument = statements({ Effect: 'Deny', Action: 's3:PutObject', Resource: '*' });
    const { Policy } = await others.send(new CreatePolicyCommand({ PolicyName: 'their-secret-rule', PolicyDocument }));
    await others.send(new AttachUserPolicyCommand({ UserName: 'admin', PolicyArn: Policy?.Arn }));
    const outsider = new S3Client(instance.clientOptions(otherAdminKeys));
    await outsider.send(new CreateBucketCommand({ Bucket: 'their-secret-bucket' }));
    const refused = await outsider
      .send(new CopyObjectCommand({ Bucket: 'their-secret-bucket', Key: 'k', CopySource: 'victim/shared' }))
      .catch((error: Error & { $metadata: { requestId?: string } }) => error);
    if (!(refused instanceof Error)) throw new Error('the copy was allowed');
    expect(refused.message).toContain('their-secret-rule');
    const id = refused.$metadata.requestId ?? '';
    const { Explanation, Text } = await explained(adminKeys, id);
    expect(Text).toContain('s3:GetObject');
    for (const told of [Explanation, Text]) {
      expect(told).not.toContain('their-secret');
      expect(told).not.toContain('user/admin');
      expect(told).not.toContain(otherAdminKeys.accessKeyId);
    }
    expect((await explained(otherAdminKeys, id)).Text).toContain('their-secret-rule');
  });

  it('by explaining one’s own call: the policies and tags of the owner stay the owner’s, and the other way round', async () => {
    const others = new IAMClient(instance.clientOptions(otherAdminKeys));
    const condition = { StringEquals: { 's3:ExistingObjectTag/class': 'guessed' } };
    const PolicyDocument = statements({ Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: condition });
    await others.send(new CreateUserCommand({ UserName: 'curious', Tags: [{ Key: 'team', Value: 'their-own-team' }] }));
    await others.send(new PutUserPolicyCommand({ UserName: 'curious', PolicyName: 'p', PolicyDocument }));
    await others.send(
      new PutUserPolicyCommand({
        UserName: 'curious',
        PolicyName: 'explain',
        PolicyDocument: statements({ Effect: 'Allow', Action: 'bailey:Explain', Resource: '*' }),
      }),
    );
    const { AccessKey } = await others.send(new CreateAccessKeyCommand({ UserName: 'curious' }));
    const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    await owner.send(
      new PutObjectCommand({ Bucket: 'victim', Key: 'tagged', Body: 'x', Tagging: 'class=our-own-class' }),
    );
    await share('victim', {
      Sid: 'OurOwnSid',
      Effect: 'Allow',
      Principal: { AWS: otherAccountId },
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::victim/*',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'our-own-wish' } },
    });
    const refused = await new S3Client(instance.clientOptions(keys))
      .send(new GetObjectCommand({ Bucket: 'victim', Key: 'tagged' }))
      .catch((error: Error & { $metadata: { requestId?: string } }) => error);
    if (!(refused instanceof Error)) throw new Error('the read was allowed');
    const id = refused.$metadata.requestId ?? '';
    const [theirs, ours] = await Promise.all([explained(keys, id), explained(adminKeys, id)]);
    expect(theirs.Explanation).toContain('user/curious');
    expect(theirs.Explanation).not.toMatch(/our-own|OurOwn/);
    expect(ours.Explanation).toContain('our-own-wish');
    expect(ours.Explanation).not.toMatch(/their-own|guessed|curious/);
  });

  it('by simulating as its users: their ids and tags have no say', async () => {
    const others = new IAMClient(instance.clientOptions(otherAdminKeys));
    await others.send(new CreateUserCommand({ UserName: 'tagged', Tags: [{ Key: 'team', Value: 'secret' }] }));
    const simulate = async (keys: typeof adminKeys) => {
      const { EvaluationResults } = await new IAMClient(instance.clientOptions(keys)).send(
        new SimulateCustomPolicyCommand({
          PolicyInputList: [
            statements({
              Effect: 'Allow',
              Action: 's3:GetObject',
              Resource: '*',
              Condition: { StringEquals: { 'aws:PrincipalTag/team': 'secret' } },
            }),
          ],
          ActionNames: ['s3:GetObject'],
          CallerArn: `arn:aws:iam::${otherAccountId}:user/tagged`,
          ResourceArns: ['arn:aws:s3:::victim/shared'],
          ResourceOwner: `arn:aws:iam::${otherAccountId}:root`,
        }),
      );
      return EvaluationResults?.[0]?.EvalDecision;
    };
    expect(await simulate(otherAdminKeys)).toBe('allowed');
    expect(await simulate(adminKeys)).toBe('implicitDeny');
  });
});

describe('attack: to delete from the bucket of another account', () => {
  it('unseen, by a list of keys: its owner has the call on record, with the reason of each key', async () => {
    await share('victim', {
      Effect: 'Allow',
      Principal: { AWS: otherAccountId },
      Action: 's3:DeleteObject',
      Resource: 'arn:aws:s3:::victim/open/*',
    });
    const outsider = new S3Client(instance.clientOptions(otherAdminKeys));
    const Objects = [{ Key: 'open/1' }, { Key: 'shut/2' }];
    const answer = await outsider.send(new DeleteObjectsCommand({ Bucket: 'victim', Delete: { Objects } }));
    expect(answer.Errors).toMatchObject([{ Key: 'shut/2', Code: 'AccessDenied' }]);
    const { Text } = await explained(adminKeys, answer.$metadata.requestId ?? '');
    expect(Text).toContain('arn:aws:s3:::victim/open/1');
    expect(Text).toContain('arn:aws:s3:::victim/shut/2');
  });
});

describe('attack: without a name', () => {
  it('to fill the records of an account with refused calls: it gets a sample', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const answer = await fetch(`${instance.endpoint}/victim/flood`);
        await answer.text();
        expect(answer.status).toBe(403);
        return answer.headers.get('x-amz-request-id') ?? '';
      }),
    );
    const found = await Promise.all(ids.map((id) => explained(adminKeys, id).catch(() => undefined)));
    const kept = found.filter((one) => one !== undefined).length;
    // Ten a second, and sixty take less than four.
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(40);
  });

  it.each(['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'])('%s is said not to be built', async (name) => {
    const answer = await fetch(instance.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `Action=${name}&Version=2011-06-15&RoleArn=arn:aws:iam::${accountId}:role/any&RoleSessionName=x`,
    });
    expect(answer.status).toBe(501);
    expect(await answer.text()).toContain('<Code>NotImplemented</Code>');
  });

  it('nothing else of STS is said', async () => {
    for (const name of ['AssumeRole', 'GetCallerIdentity', 'NoSuchAction', 'AssumeRoleWithSaml']) {
      const answer = await fetch(`${instance.endpoint}/?Action=${name}&Version=2011-06-15`);
      expect(`${name} ${answer.status} ${await answer.text()}`).toMatch(/ 403 .*MissingAuthenticationToken/s);
    }
  });

  it('a form stores no object that cannot be read again', async () => {
    await owner.send(new CreateBucketCommand({ Bucket: 'dropbox' }));
    await share('dropbox', { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::dropbox/*' });
    const post = async (fields: Record<string, string>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob(['x']), 'x');
      return (await fetch(`${instance.endpoint}/dropbox`, { method: 'POST', body: form })).status;
    };
    expect(await post({ key: 'named', 'x-amz-meta-a b': 'c' })).toBe(400);
    expect(await post({ key: 'named', 'x-amz-meta-é': 'c' })).toBe(400);
    expect(
      await post({
        key: 'poison',
        'Content-Type': 'a\r\nset-cookie: b=\u0001\u007f',
        'x-amz-meta-a': '\u0002\u{1f4a3}',
      }),
    ).toBe(204);
    const read = await fetch(`${instance.endpoint}/dropbox/poison`);
    expect(read.status).toBe(200);
    expect(read.headers.get('set-cookie')).toBeNull();
    expect(await read.text()).toBe('x');
  });
});

describe('attack: on the machine of the operator', () => {
  it('a data folder too deep for its socket is refused before anything is written', async () => {
    const dir = join(tmpdir(), 'x'.repeat(110));
    await expect(start({ dataDir: dir, port: 0, config: testConfig })).rejects.toThrow(/too long/);
    await expect(stat(dir)).rejects.toThrow(/ENOENT/);
  });

  it('files that lie in wait for secrets with open modes are replaced', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'bailey-modes-'));
    await mkdir(join(dir, 'aws'));
    await writeFile(join(dir, 'aws', 'credentials'), '', { mode: 0o666 });
    await chmod(join(dir, 'aws', 'credentials'), 0o666);
    const one = await start({ dataDir: dir, port: 0, config: testConfig });
    await one.close();
    for (const name of ['aws/credentials', 'lock.db', 'store.db', 'root.key']) {
      expect((await stat(join(dir, name))).mode & 0o077, name).toBe(0);
    }
    await rm(dir, { recursive: true });
  });
});
