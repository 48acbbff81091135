import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type Running, up } from '../support/process.ts';

const rounds = Number(process.env.CRASH_ROUNDS ?? 4);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

/** mulberry32: small, and the same everywhere. */
function generator(state: number): () => number {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

async function clients(instance: Running) {
  const text = await readFile(instance.credentialsFile, 'utf8');
  const credentials = {
    accessKeyId: text.match(/aws_access_key_id = (\S+)/)?.[1] ?? '',
    secretAccessKey: text.match(/aws_secret_access_key = (\S+)/)?.[1] ?? '',
  };
  const options = { endpoint: instance.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  return {
    iam: new IAMClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    trail: new CloudTrailClient(options),
  };
}

describe(`kill -9 (SEED=${seed})`, () => {
  it(`loses nothing that was acknowledged, in ${rounds} rounds`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'bailey-crash-'));
    const random = generator(seed);
    const users = new Set<string>();
    const objects = new Map<string, string>();
    try {
      for (let round = 0; round < rounds; round += 1) {
        const instance = await up(['--data', dir]);
        const { iam, s3 } = await clients(instance);
        if (round === 0) await s3.send(new CreateBucketCommand({ Bucket: 'crash' }));
        let over = false;
        const write = async (lane: number): Promise<void> => {
          for (let n = 0; !over; n += 1) {
            const name = `r${round}-l${lane}-n${n}`;
            try {
              if (lane % 2 === 0) {
                await iam.send(new CreateUserCommand({ UserName: name }));
                users.add(name);
              } else {
                // Small ones lie in the database, large ones in files.
                const body = Buffer.alloc(random() < 0.5 ? 2_000 : 300_000, name);
                await s3.send(new PutObjectCommand({ Bucket: 'crash', Key: name, Body: body }));
                objects.set(name, createHash('sha256').update(body).digest('hex'));
              }
            } catch {
              return;
            }
          }
        };
        const lanes = [0, 1, 2, 3].map(write);
        const goal = users.size + objects.size + 8;
        while (users.size + objects.size < goal) await new Promise((resolve) => setTimeout(resolve, 10));
        await new Promise((resolve) => setTimeout(resolve, random() * 300));
        expect(await instance.end('SIGKILL')).toBe('SIGKILL');
        over = true;
        await Promise.all(lanes);
      }
      const instance = await up(['--data', dir]);
      try {
        const { iam, s3, trail } = await clients(instance);
        const { Users } = await iam.send(new ListUsersCommand({ MaxItems: 1000 }));
        const present = new Set(Users?.map((user) => user.UserName));
        expect([...users].filter((name) => !present.has(name))).toEqual([]);
        expect(users.size + objects.size).toBeGreaterThan(rounds * 4);
        // What is listed is whole, acknowledged or not.
        const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'crash' }));
        const listed = new Set(Contents?.map((object) => object.Key ?? ''));
        expect([...objects.keys()].filter((key) => !listed.has(key))).toEqual([]);
        for (const key of listed) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'crash', Key: key }));
          const hash = createHash('sha256')
            .update((await Body?.transformToByteArray()) ?? '')
            .digest('hex');
          const whole = [2_000, 300_000].map((size) =>
            createHash('sha256').update(Buffer.alloc(size, key)).digest('hex'),
          );
          expect(whole).toContain(hash);
        }
        const { Events } = await trail.send(
          new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateUser' }] }),
        );
        expect(Events?.length).toBeGreaterThan(0);
      } finally {
        await instance.end('SIGTERM');
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }, 120_000);
});
