/** A trail over a restart: no event is delivered twice, none is lost, and the chain of digests goes on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Instance, start } from '../../src/main.ts';
import { accountId, adminKeys, testConfig } from '../support/instance.ts';

const Bucket = 'audit-logs';
let dataDir: string;
let instance: Instance;
/** How far the clock was moved, in seconds: a new instance begins at the machine's time again. */
let moved = 0;

const begin = async () => {
  instance = await start({ dataDir, port: 0, config: testConfig, testApi: true });
  if (moved > 0) await advance(moved);
};

/** Moves the clock and waits for the jobs that are due. */
async function advance(advanceSeconds: number): Promise<void> {
  const body = JSON.stringify({ advanceSeconds });
  const answer = await fetch(`${instance.endpoint}/_bailey/clock`, { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
}

async function later(seconds: number): Promise<void> {
  moved += seconds;
  await advance(seconds);
}

const client = () => ({
  endpoint: instance.endpoint,
  region: 'us-east-1',
  credentials: adminKeys,
  forcePathStyle: true,
  maxAttempts: 1,
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bailey-test-'));
  await begin();
});

afterAll(async () => {
  await instance.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function files<T>(folder: string): Promise<T[]> {
  const s3 = new S3Client(client());
  const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `AWSLogs/${accountId}/${folder}/` }));
  const keys = (listed.Contents ?? []).map((object) => object.Key ?? '').filter((key) => key.endsWith('.gz'));
  const read = await Promise.all(
    keys.sort().map(async (Key) => {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return JSON.parse(gunzipSync(await object.Body!.transformToByteArray()).toString()) as T;
    }),
  );
  s3.destroy();
  return read;
}

const newUser = async (UserName: string) => {
  const iam = new IAMClient(client());
  await iam.send(new CreateUserCommand({ UserName }));
  iam.destroy();
};

test('events and digests go on where they were', async () => {
  const s3 = new S3Client(client());
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Principal = { Service: 'cloudtrail.amazonaws.com' };
  const Statement = [
    { Effect: 'Allow', Principal, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/${accountId}/*` },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  s3.destroy();
  const cloudtrail = new CloudTrailClient(client());
  await cloudtrail.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: Bucket, EnableLogFileValidation: true }));
  await cloudtrail.send(new StartLoggingCommand({ Name: 'audit' }));
  cloudtrail.destroy();
  await newUser('before');
  await later(10);
  await later(3_600);
  await newUser('undelivered');
  await instance.close();

  await begin();
  await newUser('after');
  await later(10);
  await later(3_600);

  const records = (
    await files<{ Records: { eventID: string; requestParameters: { userName?: string } }[] }>('CloudTrail')
  ).flatMap((file) => file.Records);
  expect(new Set(records.map((record) => record.eventID)).size).toBe(records.length);
  const users = records.map((record) => record.requestParameters?.userName).filter((name) => name !== undefined);
  expect(users.sort()).toEqual(['after', 'before', 'undelivered']);
  const digests = await files<{ digestS3Object: string; previousDigestS3Object: string | null }>('CloudTrail-Digest');
  expect(digests).toHaveLength(2);
  expect(digests.map((digest) => digest.previousDigestS3Object)).toEqual([null, digests[0]?.digestS3Object]);
});
