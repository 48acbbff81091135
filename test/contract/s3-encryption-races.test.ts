/** What changes while a body is on its way: bytes and the row that tells how to read them stay together. */
import { PassThrough } from 'node:stream';
import type { KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketEncryptionCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let s3: S3Client;
let kms: KMSClient;
const Bucket = 'racing';

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  kms = kmsClient(instance);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => instance.stop());

async function sealByDefault(KMSMasterKeyID: string | undefined): Promise<void> {
  if (KMSMasterKeyID === undefined) await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
  else {
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID } }];
    const ServerSideEncryptionConfiguration = { Rules };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  }
}

test.each(['on', 'off'])('the default encryption that is turned %s during an upload', async (direction) => {
  const { Arn } = await makeKey(kms);
  const [before, after] = direction === 'on' ? [undefined, Arn] : [Arn, undefined];
  await sealByDefault(before);
  const Body = new PassThrough();
  const half = Buffer.alloc(100_000, 'tea ');
  const Key = `turned-${direction}`;
  const sent = s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: 2 * half.length }));
  Body.write(half);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await sealByDefault(after);
  Body.end(half);
  const answer = await sent;
  expect(answer.ServerSideEncryption).toBe(before === undefined ? 'AES256' : 'aws:kms');
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  expect(got.ServerSideEncryption).toBe(answer.ServerSideEncryption);
  expect(Buffer.from(await got.Body!.transformToByteArray()).equals(Buffer.concat([half, half]))).toBe(true);
});
