/**
 * The unmodified `aws cloudtrail validate-logs` over delivered files: it accepts them as they are, and names each kind
 * of tampering. Needs an aws CLI that knows AWS_ENDPOINT_URL (1.29, 2.13 or later), and skips loudly without one.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  CloudTrailClient,
  CreateTrailCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, adminKeys, startInstance, type TestInstance } from '../support/instance.ts';

const arn = `arn:aws:cloudtrail:us-east-1:${accountId}:trail/audit`;
const Bucket = 'audit-logs';
const hour = 3_600_000;

function hasClient(): boolean {
  try {
    const text = execFileSync('aws', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const [, major, minor] = /aws-cli\/(\d+)\.(\d+)/.exec(text) ?? [];
    return Number(minor) >= (major === '1' ? 29 : 13);
  } catch {
    return false;
  }
}

const present = hasClient();
if (!present) console.warn('SKIPPED: aws cloudtrail validate-logs, as there is no recent aws CLI on the PATH');

describe.skipIf(!present)('aws cloudtrail validate-logs', { timeout: 120_000 }, () => {
  let instance: TestInstance;
  let s3: S3Client;
  let cloudtrail: CloudTrailClient;
  let iam: IAMClient;
  let started: number;
  let elapsed = 0;

  async function advance(seconds: number): Promise<void> {
    elapsed += seconds * 1000;
    await instance.advance(seconds);
  }

  async function keys(folder: string): Promise<string[]> {
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `AWSLogs/${accountId}/${folder}/` }));
    return (listed.Contents ?? []).map((object) => object.Key ?? '').filter((key) => key.endsWith('.gz'));
  }

  async function validate(): Promise<{ readonly code: number; readonly text: string }> {
    const range = [
      '--start-time',
      new Date(started - hour).toISOString(),
      '--end-time',
      new Date(started + elapsed + hour).toISOString(),
    ];
    const options = {
      env: {
        PATH: process.env.PATH,
        HOME: instance.dataDir,
        AWS_ENDPOINT_URL: instance.endpoint,
        AWS_ACCESS_KEY_ID: adminKeys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: adminKeys.secretAccessKey,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_PAGER: '',
        PYENV_VERSION: process.env.PYENV_VERSION,
      },
    };
    const args = ['cloudtrail', 'validate-logs', '--trail-arn', arn, '--verbose', ...range];
    try {
      const { stdout, stderr } = await promisify(execFile)('aws', args, options);
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      const failed = error as { code: number; stdout: string; stderr: string };
      return { code: failed.code, text: failed.stdout + failed.stderr };
    }
  }

  const put = (Key: string, Body: Buffer, like: GetObjectCommandOutput) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata: like.Metadata, ContentType: like.ContentType }));

  const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key }));

  async function read(Key: string) {
    const original = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const body = Buffer.from(await original.Body!.transformToByteArray());
    return { original, body, content: gunzipSync(body).toString() };
  }

  /** What is said while files are tampered with; afterwards they are as they were. */
  async function whileTampered(files: readonly string[], tamper: () => Promise<void>) {
    const before = await Promise.all(files.map(read));
    await tamper();
    const result = await validate();
    for (const [index, key] of files.entries()) await put(key, before[index]!.body, before[index]!.original);
    return result;
  }

  beforeAll(async () => {
    instance = await startInstance();
    s3 = new S3Client(instance.clientOptions());
    cloudtrail = new CloudTrailClient(instance.clientOptions());
    iam = new IAMClient(instance.clientOptions());
    started = Date.now();
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Principal = { Service: 'cloudtrail.amazonaws.com' };
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
        {
          Effect: 'Allow',
          Principal,
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${Bucket}/AWSLogs/${accountId}/*`,
        },
      ],
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const trail = { Name: 'audit', S3BucketName: Bucket, EnableLogFileValidation: true };
    await cloudtrail.send(new CreateTrailCommand(trail));
    await cloudtrail.send(new StartLoggingCommand({ Name: 'audit' }));
    for (const UserName of ['rudy', 'blaine', 'alice']) {
      await iam.send(new CreateUserCommand({ UserName }));
      await advance(10);
      await advance(3_600);
    }
    await advance(3_600);
  }, 120_000);

  afterAll(async () => {
    for (const client of [s3, cloudtrail, iam]) client.destroy();
    await instance.stop();
  });

  test('accepts what was delivered', async () => {
    const { code, text } = await validate();
    expect(text).not.toContain('INVALID');
    expect(text).toMatch(/4\/4 digest files valid/);
    expect(text).toMatch(/3\/3 log files valid/);
    expect(code).toBe(0);
  });

  test('names a log file that was changed, one that is gone, and one that is no log file', async () => {
    const logs = await keys('CloudTrail');
    const [changed = '', gone = '', broken = ''] = logs;
    const { code, text } = await whileTampered(logs, async () => {
      const { original, content } = await read(changed);
      await put(changed, gzipSync(content.replace('rudy', 'judy')), original);
      await remove(gone);
      await put(broken, Buffer.from('beans'), original);
    });
    expect(text).toContain(`Log file\ts3://${Bucket}/${changed}\tINVALID: hash value doesn't match`);
    expect(text).toContain(`Log file\ts3://${Bucket}/${gone}\tINVALID: not found`);
    expect(text).toContain(`Log file\ts3://${Bucket}/${broken}\tINVALID: invalid format`);
    expect(text).toMatch(/4\/4 digest files valid/);
    expect(code).toBe(1);
  });

  test('names a digest that was changed, one that is gone, and one that is not where it was', async () => {
    const digests = (await keys('CloudTrail-Digest')).sort();
    const [moved = '', gone = '', changed = '', last = ''] = digests;
    const { code, text } = await whileTampered(digests, async () => {
      const { original, content } = await read(changed);
      await put(changed, gzipSync(JSON.stringify({ ...JSON.parse(content), logFiles: [] })), original);
      await remove(gone);
      await s3.send(new CopyObjectCommand({ Bucket, Key: moved, CopySource: `${Bucket}/${last}` }));
    });
    expect(text).toContain(`Digest file\ts3://${Bucket}/${last}\tvalid`);
    expect(text).toContain(`Digest file\ts3://${Bucket}/${changed}\tINVALID: signature verification failed`);
    expect(text).toContain(`Digest file\ts3://${Bucket}/${moved}\tINVALID: has been moved from its original location`);
    expect(code).toBe(1);
    // A digest that is gone is missed by its successor, if that one can be believed.
    const alone = await whileTampered([gone], async () => void (await remove(gone)));
    expect(alone.text).toContain(`Digest file\ts3://${Bucket}/${gone}\tINVALID: not found`);
    expect(alone.code).toBe(1);
  });

  test('tells a pause from a tampering', async () => {
    await cloudtrail.send(new StopLoggingCommand({ Name: 'audit' }));
    await advance(7_200);
    await cloudtrail.send(new StartLoggingCommand({ Name: 'audit' }));
    await advance(10);
    await advance(3_600);
    const { code, text } = await validate();
    expect(text).toContain('No log files were delivered by CloudTrail between');
    expect(text).not.toContain('INVALID');
    expect(code).toBe(0);
  });
});
