/** Calls that run again because something changed meanwhile: what was read in the first run is told as it was read. */
import { beforeEach, expect, it } from 'vitest';
import { customerKey } from '../../../../test/support/encrypted-objects.ts';
import { bytes, type S3Bench, s3Bench, textOf } from '../../../../test/support/s3.ts';
import type { Call } from '../../service.ts';
import { copyObject } from './copy-object.ts';
import { putObject } from './put-object.ts';

const Bucket = 'shop';
let s3: S3Bench;
beforeEach(async () => {
  s3 = s3Bench();
  await s3.run('CreateBucket', { Bucket });
});

/** One run after the other of one call, as the gateway makes them. */
function runs(name: string): () => Call {
  const done = new Map<string, Promise<unknown>>();
  const once = <T>(part: string, work: () => Promise<T>): Promise<T> => {
    const result = done.get(part) ?? work();
    done.set(part, result);
    return result as Promise<T>;
  };
  return () => ({ ...s3.bench.call(name, { service: 's3' }), once });
}

it('a source that was overwritten is copied as it was read', async () => {
  await s3.run('PutObject', { Bucket, Key: 'a', Body: bytes('tea'), ContentType: 'text/tea', Tagging: 'kind=tea' });
  const next = runs('CopyObject');
  const input = { Bucket, Key: 'b', CopySource: `${Bucket}/a` };
  await copyObject.handle(input, next(), s3.bench.ports);
  const ChecksumSHA1 = 'RCE/n01ZtVcxT63NIzIy7rysgBI=';
  await s3.run('PutObject', { Bucket, Key: 'a', Body: bytes('coffee'), ContentType: 'text/coffee', ChecksumSHA1 });
  const call = next();
  const { CopyObjectResult } = await copyObject.handle(input, call, s3.bench.ports);
  await s3.bench.store.commit(call.change);
  expect(CopyObjectResult).toHaveProperty('ChecksumCRC64NVME');
  const got = await s3.run('GetObject', { Bucket, Key: 'b' });
  expect([got.ContentType, got.TagCount, await textOf(got.Body)]).toEqual(['text/tea', 1, 'tea']);
});

it('each run tells the record how the object is encrypted', async () => {
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'AES256' } as const;
  const Rules = [{ ApplyServerSideEncryptionByDefault, BlockedEncryptionTypes: { EncryptionType: ['NONE' as const] } }];
  await s3.run('PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules } });
  const next = runs('PutObject');
  for (let run = 1; run <= 2; run += 1) {
    s3.bench.notes.length = 0;
    const call = { ...next(), connection: { ...next().connection, secure: true } };
    await putObject.handle({ Bucket, Key: 'a', Body: bytes('tea'), ...customerKey(7) }, call, s3.bench.ports);
    expect(s3.bench.notes).toEqual([{ additionalEventData: { SSEApplied: 'SSE_C' } }]);
  }
});
