/** Bodies stream: the memory of the process stays bounded however large an object is. BYTES=5368709120 takes the largest. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminKeys } from '../support/instance.ts';
import { type Running, up } from '../support/process.ts';

const size = Number(process.env.BYTES ?? 320 * 1024 * 1024);
const mostMb = 300;
const Bucket = 'large-things';
const timeout = 60_000 + size / 10_000;

/** The highest resident memory of a process so far, in MB. */
function peakMb(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)?.[1]) / 1024;
}

describe.skipIf(process.platform !== 'linux')(`wire trap: a body of ${Math.round(size / 1024 / 1024)} MiB`, () => {
  let folder: string;
  let running: Running;
  let s3: S3Client;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-large-'));
    const { accessKeyId: id, secretAccessKey: secret } = adminKeys;
    const admin = {
      name: 'admin',
      policies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
      accessKeys: [{ id, secret }],
    };
    const config = join(folder, 'bailey.yaml');
    await writeFile(config, JSON.stringify({ accounts: [{ id: '111122223333', users: [admin] }] }));
    running = await up(['--data', join(folder, 'data'), '--config', config]);
    s3 = new S3Client({
      endpoint: running.endpoint,
      region: 'us-east-1',
      credentials: adminKeys,
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(async () => {
    await running.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  it(
    `comes and goes whole with less than ${mostMb} MB of memory`,
    async () => {
      const block = randomBytes(1024 * 1024);
      const sent = createHash('sha256');
      function* blocks(): Generator<Uint8Array> {
        for (let left = size; left > 0; left -= block.length) {
          const piece = left < block.length ? block.subarray(0, left) : block;
          sent.update(piece);
          yield piece;
        }
      }
      const to = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'large' }));
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const put = request(to, { method: 'PUT', headers: { 'content-length': size } }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode));
        });
        put.on('error', reject);
        pipeline(Readable.from(blocks()), put).catch(reject);
      });
      expect(status).toBe(200);
      const afterUpload = peakMb(running.pid);

      const received = createHash('sha256');
      const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
      for await (const chunk of Body as Readable) received.update(chunk as Uint8Array);
      expect(ContentLength).toBe(size);
      expect(received.digest('hex')).toBe(sent.digest('hex'));
      const afterDownload = peakMb(running.pid);
      console.info(
        `peak memory: ${Math.round(afterUpload)} MB after the upload, ${Math.round(afterDownload)} MB after the download`,
      );
      expect(afterUpload).toBeLessThan(mostMb);
      expect(afterDownload).toBeLessThan(mostMb);
    },
    timeout,
  );
});
