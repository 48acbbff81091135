/** Buckets shared with other accounts and with everybody, and uploads that break off. */
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  IAMClient,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  accountId,
  nobodyKeys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';

let instance: TestInstance;
let admin: S3Client;
let other: S3Client;
let nobody: S3Client;
let iam: IAMClient;
const Bucket = 'shared';

beforeAll(async () => {
  instance = await startInstance();
  admin = new S3Client(instance.clientOptions());
  other = new S3Client(instance.clientOptions(otherAdminKeys));
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  iam = new IAMClient(instance.clientOptions());
  await admin.send(new CreateBucketCommand({ Bucket }));
  await admin.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await admin.send(new PutObjectCommand({ Bucket, Key: 'menu', Body: 'espresso' }));
});

afterAll(async () => {
  await instance.stop();
});

const outcome = (sent: Promise<unknown>) =>
  sent.then(
    () => 'allowed',
    (error) => error.name as string,
  );
const read = (client: S3Client) => outcome(client.send(new GetObjectCommand({ Bucket, Key: 'menu' })));
const object = `arn:aws:s3:::${Bucket}/*`;

function share(...Statement: object[]): Promise<unknown> {
  return admin.send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );
}

const allow = (Principal: unknown, Action: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action,
  Resource: object,
  ...more,
});

describe('M-017 data can be open to', () => {
  beforeEach(() =>
    share({ Effect: 'Deny', Principal: '*', Action: 's3:DeleteBucket', Resource: `arn:aws:s3:::${Bucket}` }),
  );

  test('nobody', async () => {
    expect(await read(nobody)).toBe('AccessDenied');
    expect(await read(other)).toBe('AccessDenied');
    expect((await fetch(`${instance.endpoint}/${Bucket}/menu`)).status).toBe(403);
    await share({ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: object });
    expect(await read(admin)).toBe('AccessDenied');
  });

  test('some: another account, whose own policies still decide', async () => {
    await share(allow({ AWS: otherAccountId }, ['s3:GetObject', 's3:PutObject']));
    expect(await read(other)).toBe('allowed');
    expect(await read(nobody)).toBe('AccessDenied');
    await other.send(new PutObjectCommand({ Bucket, Key: 'theirs', Body: 'x' }));
    expect((await admin.send(new GetObjectCommand({ Bucket, Key: 'theirs' }))).ContentLength).toBe(1);
    expect(await outcome(other.send(new ListObjectsV2Command({ Bucket })))).toBe('AccessDenied');
    // Without s3:ListBucket a stranger cannot tell missing from forbidden.
    expect(await outcome(other.send(new GetObjectCommand({ Bucket, Key: 'missing' })))).toBe('AccessDenied');
  });

  test('one person under conditions', async () => {
    const who = { AWS: `arn:aws:iam::${accountId}:user/nobody` };
    await share(allow(who, 's3:GetObject', { Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } }));
    expect(await read(nobody)).toBe('allowed');
    await share(allow(who, 's3:GetObject', { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }));
    expect(await read(nobody)).toBe('AccessDenied');
  });

  test('all', async () => {
    await share(allow('*', ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']));
    expect(await (await fetch(`${instance.endpoint}/${Bucket}/menu`)).text()).toBe('espresso');
    expect((await fetch(`${instance.endpoint}/${Bucket}/anybody`, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect((await fetch(`${instance.endpoint}/${Bucket}/anybody`, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(`${instance.endpoint}/${Bucket}`)).status).toBe(403);
    expect((await fetch(`${instance.endpoint}/${Bucket}/menu?response-content-type=text/html`)).status).toBe(400);
    expect(await read(nobody)).toBe('allowed');
  });
});

describe('people in policies', () => {
  test('policy trap 16: one who was deleted and created again is somebody else', async () => {
    const newUser = async () => {
      await iam.send(new CreateUserCommand({ UserName: 'temp' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'temp' }));
      return new S3Client(
        instance.clientOptions({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }),
      );
    };
    const first = await newUser();
    await share(allow({ AWS: `arn:aws:iam::${accountId}:user/temp` }, 's3:GetObject'));
    expect(await read(first)).toBe('allowed');
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'temp' }));
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'temp', AccessKeyId: AccessKeyMetadata![0]!.AccessKeyId! }));
    await iam.send(new DeleteUserCommand({ UserName: 'temp' }));
    expect(await read(await newUser())).toBe('AccessDenied');
    const { Policy } = await admin.send(new GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(Policy!).Statement[0].Principal.AWS).toMatch(/^AIDA/);
  });

  test('DeleteObjects is decided key by key', async () => {
    await share(
      allow({ AWS: `arn:aws:iam::${accountId}:user/nobody` }, 's3:DeleteObject', {
        Resource: `arn:aws:s3:::${Bucket}/own/*`,
      }),
    );
    await admin.send(new PutObjectCommand({ Bucket, Key: 'own/a', Body: 'x' }));
    const answer = await nobody.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'own/a' }, { Key: 'menu' }] } }),
    );
    expect(answer.Deleted).toEqual([{ Key: 'own/a' }]);
    expect(answer.Errors?.map((e) => [e.Key, e.Code])).toEqual([['menu', 'AccessDenied']]);
  });
});

describe('an upload that breaks off', () => {
  test('leaves no object and no bytes', async () => {
    const url = new URL(await getSignedUrl(admin, new PutObjectCommand({ Bucket, Key: 'torn' }), { expiresIn: 60 }));
    const before = bytesUnder(instance.dataDir);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => {
        socket.write(
          `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 4000000\r\n\r\n`,
        );
        socket.write(Buffer.alloc(2_000_000, 7), () => setTimeout(() => socket.destroy(), 100));
      });
      socket.on('close', () => resolve());
      socket.on('error', reject);
    });
    await expect.poll(() => bytesUnder(instance.dataDir) - before, { timeout: 5000 }).toBeLessThan(1_000_000);
    expect(await outcome(admin.send(new GetObjectCommand({ Bucket, Key: 'torn' })))).toBe('NoSuchKey');
  });
});

/** Of all files but the database and its log, which keep their size. */
function bytesUnder(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .filter((entry) => !entry.name.includes('.db') && !entry.name.includes('sqlite'))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
