import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { up } from '../support/process.ts';

/** A small file system of its own; undefined where this user may not mount one. */
function smallDisk(dir: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a full disk', () => {
  it('stops writes with a clear error; reads and deletes go on, and nothing is corrupted', async ({ skip }) => {
    const dir = await mkdtemp(join(tmpdir(), 'bailey-full-'));
    if (!smallDisk(dir, 128)) {
      await rm(dir, { recursive: true, force: true });
      console.warn('SKIPPED: a full disk needs the right to mount a small tmpfs.');
      skip();
    }
    const data = join(dir, 'data');
    let instance = await up(['--data', data]);
    try {
      const text = await readFile(instance.credentialsFile, 'utf8');
      const credentials = {
        accessKeyId: text.match(/aws_access_key_id = (\S+)/)?.[1] ?? '',
        secretAccessKey: text.match(/aws_secret_access_key = (\S+)/)?.[1] ?? '',
      };
      const options = () => ({ endpoint: instance.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
      let s3 = new S3Client({ ...options(), forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: 'full' }));
      const kept: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        await s3.send(new PutObjectCommand({ Bucket: 'full', Key: `small-${n}`, Body: `value ${n}` }));
        kept.push(`small-${n}`);
      }
      const big = Buffer.alloc(1_000_000, 'b');
      let refused: Error | undefined;
      for (let n = 0; n < 160 && !refused; n += 1) {
        try {
          await s3.send(new PutObjectCommand({ Bucket: 'full', Key: `big-${n}`, Body: big }));
          kept.push(`big-${n}`);
        } catch (error) {
          refused = error as Error;
        }
      }
      expect(refused?.message).toMatch(/full|space/i);
      // The rest of the disk goes to somebody else.
      await writeFile(join(dir, 'hog'), Buffer.alloc(60_000_000)).catch(() => undefined);
      const sts = new STSClient(options());
      for (let n = 0; n < 20; n += 1) {
        expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe(instance.accountId);
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'full', Key: 'small-1' }));
        expect(await Body?.transformToString()).toBe('value 1');
      }
      const gone = kept.filter((key) => key.startsWith('big-')).slice(0, 40);
      for (const Key of gone) await s3.send(new DeleteObjectCommand({ Bucket: 'full', Key }));
      await rm(join(dir, 'hog'), { force: true });
      await s3.send(new PutObjectCommand({ Bucket: 'full', Key: 'after', Body: 'room again' }));
      await instance.end('SIGTERM');

      instance = await up(['--data', data]);
      s3 = new S3Client({ ...options(), forcePathStyle: true });
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'full' }));
      const names = Contents?.map((object) => object.Key) ?? [];
      expect(names.sort()).toEqual([...kept.filter((key) => !gone.includes(key)), 'after'].sort());
      for (const Key of names) {
        const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket: 'full', Key }));
        expect((await Body?.transformToByteArray())?.length).toBe(ContentLength);
      }
    } finally {
      await instance.end('SIGKILL');
      execFileSync('umount', [dir], { stdio: 'ignore' });
      await rm(dir, { recursive: true, force: true });
    }
  }, 120_000);
});
