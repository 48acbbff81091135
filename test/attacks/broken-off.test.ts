/** Clients that go away in the middle: nothing is stored, nothing is left open, and nobody else notices. */
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let s3: S3Client;
const big = Buffer.alloc(12 * 1024 * 1024, 'a');
const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket: 'victim' }));
  await s3.send(new PutObjectCommand({ Bucket: 'victim', Key: 'big', Body: big }));
});
afterAll(async () => {
  await instance.stop();
  errors.mockRestore();
});

/** Sends the bytes and goes away without a word, after the answer has begun if it is waited for. */
function hit(head: string, body: Buffer | string, waits: boolean): Promise<void> {
  const { hostname, port } = new URL(instance.endpoint);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(head);
      socket.write(body, () => {
        if (!waits) setTimeout(() => socket.resetAndDestroy(), 20);
      });
    });
    socket.once('data', () => {
      if (waits) socket.resetAndDestroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

const head = (method: string, url: string, more: string) => {
  const { pathname, search, host } = new URL(url);
  return `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n\r\n`;
};

/** Where the system tells; elsewhere nothing is seen. */
const openFiles = async () => (process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : 0);

it('attack: uploads that break off leave no object, no file and no complaint', async () => {
  const before = await openFiles();
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'victim', Key: 'torn' }), { expiresIn: 300 });
  const form = 'multipart/form-data; boundary=b';
  for (let round = 0; round < 5; round += 1) {
    await Promise.all([
      hit(head('PUT', put, `Content-Length: ${big.length}`), big.subarray(0, 2_000_000), false),
      hit(head('PUT', put, 'Transfer-Encoding: chunked'), `ffffff\r\n${'a'.repeat(100_000)}`, false),
      hit(
        head('POST', `${instance.endpoint}/victim`, `Content-Type: ${form}\r\nContent-Length: 9999`),
        '--b\r\nContent-Di',
        false,
      ),
      hit(
        head(
          'POST',
          `${instance.endpoint}/`,
          'X-Amz-Target: CloudTrail_20131101.LookupEvents\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAADMINEXAMPLE0001/20261122/us-east-1/cloudtrail/aws4_request, SignedHeaders=host;x-amz-date, Signature=00\r\nContent-Length: 9999',
        ),
        '{',
        false,
      ),
      hit(
        head(
          'POST',
          `${instance.endpoint}/`,
          'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999',
        ),
        'Action=',
        false,
      ),
    ]);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'victim' }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(['big']);
  expect(await readdir(join(instance.dataDir, 'blobs', 'new'))).toEqual([]);
  expect(await openFiles()).toBeLessThanOrEqual(before + 4);
  expect(errors.mock.calls).toEqual([]);
});

it('attack: downloads that break off leave no file open', async () => {
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'victim', Key: 'big' }), { expiresIn: 300 });
  const before = await openFiles();
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(Array.from({ length: 6 }, () => hit(head('GET', get, 'Accept: */*'), '', true)));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await openFiles()).toBeLessThanOrEqual(before + 4);
  const whole = await s3.send(new GetObjectCommand({ Bucket: 'victim', Key: 'big' }));
  expect((await whole.Body?.transformToByteArray())?.length).toBe(big.length);
  expect(errors.mock.calls).toEqual([]);
});
