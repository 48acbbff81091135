/** Delivery against a memory store and a bucket that is a map: files, digests, crashes, refusals, and clocks that jump. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { account, Bench, seededRandom } from '../../../../test/support/call.ts';
import type { CloudTrailRecord } from '../../../events/api-call.ts';
import { recordEntry } from '../../../gateway/record.ts';
import { openMemoryStore } from '../../../store/memory.ts';
import type { Store } from '../../../store/store.ts';
import { AwsError, type Call, type Job, type JobRuntime } from '../../service.ts';
import { CreateTrail } from '../operations/create-trail.ts';
import { DeleteTrail } from '../operations/delete-trail.ts';
import { PutEventSelectors } from '../operations/event-selectors.ts';
import { GetTrailStatus } from '../operations/get-trail-status.ts';
import { ListPublicKeys } from '../operations/list-public-keys.ts';
import { StartLogging, StopLogging } from '../operations/logging.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { chains, delivered, follows, statuses, trails } from '../state.ts';
import { deliveryJob } from './job.ts';

interface Stored {
  readonly body: Buffer;
  readonly metadata: Record<string, string>;
}

interface Digest {
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly previousDigestSignature: string | null;
  readonly previousDigestS3Object: string | null;
  readonly logFiles: readonly { readonly s3Object: string; readonly hashValue: string }[];
}

const hour = 3_600_000;
const seconds = 5;
let store: Store;
let bench: Bench<CloudTrailPorts>;
let bucket: Map<string, Stored>;
/** What the bucket answers instead of taking a file. */
let refusal: string | undefined;
let job: Job;
let now: number;
let count: number;

const actor: Call['actor'] = {
  async call(identity, service, operation, input) {
    expect(identity).toMatchObject({ as: 'service', name: 'cloudtrail.amazonaws.com', sourceAccount: account });
    expect(service).toBe('s3');
    if (refusal) throw new AwsError(refusal, 'refused');
    if (operation === 'GetBucketAcl') return {};
    expect(operation).toBe('PutObject');
    const put = input as {
      Key: string;
      Body: AsyncIterable<Uint8Array>;
      ACL: string;
      Metadata?: Record<string, string>;
    };
    expect(put.ACL).toBe('bucket-owner-full-control');
    const parts: Uint8Array[] = [];
    for await (const part of put.Body) parts.push(part);
    bucket.set(put.Key, { body: Buffer.concat(parts), metadata: put.Metadata ?? {} });
    return {};
  },
  authorize: async () => undefined,
};

const runtime = (): JobRuntime => ({ now, random: bench.random, actor });

/** Puts the record of a call into the store, as the gateway would. */
async function happens(facts: Partial<Parameters<typeof recordEntry>[0]> = {}): Promise<string> {
  const change = store.begin();
  count += 1;
  const eventId = `event-${count}`;
  change.append(
    recordEntry({
      caller: {
        principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/rudy`, id: 'AIDA1', name: 'rudy' },
        account,
      },
      scope: { account, region: 'us-east-1' },
      connection: { sourceIp: '192.0.2.7', secure: false, userAgent: 'test', host: 'localhost' },
      service: 'iam',
      operation: 'CreateUser',
      now,
      requestId: `request-${count}`,
      eventId,
      ...facts,
    }),
  );
  await store.commit(change);
  return eventId;
}

const putObject = { service: 's3', operation: 'PutObject', data: true, owner: account } as const;
const object = (key: string) => ({ ...putObject, input: { Bucket: 'receipts', Key: key } });

const files = (part: string): string[] => [...bucket.keys()].filter((key) => key.includes(part) && key.endsWith('.gz'));

function delivery(): CloudTrailRecord[] {
  return files('/CloudTrail/').flatMap((key) => {
    const content = JSON.parse(gunzipSync(bucket.get(key)!.body).toString()) as { Records: CloudTrailRecord[] };
    return content.Records;
  });
}

const deliveredIds = (): string[] => delivery().map((record) => record.eventID);
const digests = (): string[] => files('/CloudTrail-Digest/').sort();
const read = (key: string): Digest => JSON.parse(gunzipSync(bucket.get(key)!.body).toString()) as Digest;

async function logging(input: object = {}): Promise<void> {
  const run = { now, region: 'us-east-1' };
  await make('CreateTrail', CreateTrail, {
    Name: 'audit',
    S3BucketName: 'logs',
    EnableLogFileValidation: true,
    ...input,
  });
  await bench.run('StartLogging', StartLogging, { Name: 'audit' }, run);
}

async function make<I, O>(name: string, operation: Parameters<typeof bench.run<I, O>>[1], input: I): Promise<void> {
  const call = { ...bench.call(name, { now }), actor };
  await operation.handle(input as never, call, bench.ports);
  await store.commit(call.change);
}

beforeEach(() => {
  store = openMemoryStore({ clock: () => now });
  bench = new Bench({ store, regions: ['us-east-1', 'eu-west-1'], deliverySeconds: seconds }, store);
  bucket = new Map();
  refusal = undefined;
  job = deliveryJob(bench.ports);
  now = Date.UTC(2026, 10, 22, 10, 0, 0);
  count = 0;
});

describe('log files', () => {
  test('carry each event once, under AWS’s name, in later runs too', async () => {
    await happens();
    now += 1000;
    await logging();
    const first = await happens();
    await job.run(runtime());
    now += 5000;
    const second = await happens();
    await job.run(runtime());
    await job.run(runtime());
    expect(deliveredIds()).toEqual([first, second]);
    expect(files('/CloudTrail/')[0]).toMatch(
      /^AWSLogs\/111122223333\/CloudTrail\/us-east-1\/2026\/11\/22\/111122223333_CloudTrail_us-east-1_20261122T1000Z_[A-Za-z0-9]{16}\.json\.gz$/,
    );
    const status = await bench.run('GetTrailStatus', GetTrailStatus, { Name: 'audit' });
    expect(status).toMatchObject({ IsLogging: true, LatestDeliveryTime: new Date(now) });
  });

  test('are written again under the same key after a crash between writing and remembering', async () => {
    await logging();
    const event = await happens();
    const commit = store.commit.bind(store);
    let commits = 0;
    store.commit = (change) => {
      commits += 1;
      return commits === 2 ? Promise.reject(new Error('power cut')) : commit(change);
    };
    await expect(job.run(runtime())).rejects.toThrow('power cut');
    expect(files('/CloudTrail/')).toHaveLength(1);
    await happens();
    now += 5000;
    await deliveryJob(bench.ports).run(runtime());
    expect(deliveredIds()).toEqual([event, 'event-2']);
    expect(files('/CloudTrail/')).toHaveLength(2);
  });

  test('wait for a bucket that refuses, which the status tells', async () => {
    await logging();
    const event = await happens();
    refusal = 'AccessDenied';
    await job.run(runtime());
    expect(deliveredIds()).toEqual([]);
    expect(await bench.run('GetTrailStatus', GetTrailStatus, { Name: 'audit' })).toMatchObject({
      LatestDeliveryError: 'AccessDenied',
    });
    refusal = undefined;
    await job.run(runtime());
    expect(deliveredIds()).toEqual([]);
    now += 60_000;
    await job.run(runtime());
    expect(deliveredIds()).toEqual([event]);
    expect(await bench.run('GetTrailStatus', GetTrailStatus, { Name: 'audit' })).not.toHaveProperty(
      'LatestDeliveryError',
    );
  });

  test('hold nothing from while logging was stopped', async () => {
    await logging();
    const before = await happens();
    await bench.run('StopLogging', StopLogging, { Name: 'audit' }, { now });
    now += 1000;
    await happens();
    now += 1000;
    await bench.run('StartLogging', StartLogging, { Name: 'audit' }, { now });
    const after = await happens();
    now += 120_000;
    await job.run(runtime());
    expect(deliveredIds()).toEqual([before, after]);
    const [row] = await store.list(trails, '');
    expect(row?.value.logging).toHaveLength(1);
  });

  test('of a multi-region trail come from every region; others stay at home', async () => {
    await logging({ IsMultiRegionTrail: true });
    await happens({ service: 'kms', operation: 'CreateKey', scope: { account, region: 'eu-west-1' } });
    await happens({ service: 'kms', operation: 'CreateKey' });
    await job.run(runtime());
    expect(files('/CloudTrail/eu-west-1/')).toHaveLength(1);
    expect(files('/CloudTrail/us-east-1/')).toHaveLength(1);
  });

  test('leave out global services where the trail does', async () => {
    await logging({ IncludeGlobalServiceEvents: false });
    await happens();
    const kms = await happens({ service: 'kms', operation: 'CreateKey' });
    await job.run(runtime());
    expect(deliveredIds()).toEqual([kms]);
  });

  test('hold data events only where selectors ask, and never CloudTrail’s own deliveries', async () => {
    await logging();
    await happens(object('before'));
    now += 1000;
    await bench.run(
      'PutEventSelectors',
      PutEventSelectors,
      {
        TrailName: 'audit',
        EventSelectors: [{ DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::receipts/'] }] }],
      },
      { now },
    );
    const wanted = await happens(object('a'));
    await happens({ ...putObject, input: { Bucket: 'others', Key: 'b' } });
    await happens({
      ...object('AWSLogs/x'),
      caller: { principal: { kind: 'service', name: 'cloudtrail.amazonaws.com' }, account: '' },
    });
    await job.run(runtime());
    expect(deliveredIds()).toEqual([wanted]);
  });

  test('are cut where there are many events', async () => {
    await logging();
    for (let each = 0; each < 2_100; each++) await happens();
    await job.run(runtime());
    expect(files('/CloudTrail/')).toHaveLength(3);
    expect(new Set(deliveredIds()).size).toBe(2_100);
  });
});

describe('digests', () => {
  async function verified(key: string): Promise<boolean> {
    const digest = read(key);
    const { PublicKeyList: keys = [] } = await bench.run('ListPublicKeys', ListPublicKeys, {
      StartTime: new Date(now - 24 * hour),
      EndTime: new Date(now + 2 * hour),
    });
    const publicKey = keys.find((each) => each.Fingerprint === digest.digestPublicKeyFingerprint);
    const content = gunzipSync(bucket.get(key)!.body);
    const hash = createHash('sha256').update(content).digest('hex');
    const text = `${digest.digestEndTime}\n${digest.digestS3Bucket}/${digest.digestS3Object}\n${hash}\n${digest.previousDigestSignature ?? 'null'}`;
    const loaded = createPublicKey({ key: Buffer.from(publicKey!.Value!), format: 'der', type: 'pkcs1' });
    const { signature = '' } = bucket.get(key)!.metadata;
    return verify('sha256', Buffer.from(text), loaded, Buffer.from(signature, 'hex'));
  }

  test('name, hash and chain what was delivered in each hour', async () => {
    await logging();
    await happens();
    await job.run(runtime());
    now += 5000;
    await job.run(runtime());
    expect(digests()).toEqual([]);
    now += hour;
    await happens();
    await job.run(runtime());
    now += hour;
    await job.run(runtime());
    const [first, second, ...more] = digests();
    expect(more).toEqual([]);
    expect(first).toBe(
      'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/22/111122223333_CloudTrail-Digest_us-east-1_audit_us-east-1_20261122T110000Z.json.gz',
    );
    expect(read(first!)).toMatchObject({
      awsAccountId: account,
      digestStartTime: '2026-11-22T10:00:00Z',
      digestEndTime: '2026-11-22T11:00:00Z',
      previousDigestSignature: null,
    });
    expect(read(second!)).toMatchObject({
      digestStartTime: '2026-11-22T11:00:00Z',
      previousDigestS3Object: first,
      previousDigestSignature: bucket.get(first!)?.metadata.signature,
    });
    const named = [first!, second!].flatMap((key) => read(key).logFiles);
    expect(named.map((file) => file.s3Object).sort()).toEqual(files('/CloudTrail/').sort());
    for (const file of named) {
      const content = gunzipSync(bucket.get(file.s3Object)!.body);
      expect(createHash('sha256').update(content).digest('hex')).toBe(file.hashValue);
    }
    expect(await verified(first!)).toBe(true);
    expect(await verified(second!)).toBe(true);
  });

  test('are made for every hour that a clock jumps over, in bounded runs', async () => {
    await logging();
    await job.run(runtime());
    now += 5 * hour;
    await job.run(runtime());
    expect(digests()).toHaveLength(5);
    now += 500 * hour;
    await job.run(runtime());
    expect(digests()).toHaveLength(205);
    await job.run(runtime());
    await job.run(runtime());
    expect(digests()).toHaveLength(505);
  });

  test('begin a new chain after a pause, and still cover what came before it', async () => {
    await logging();
    await happens();
    await job.run(runtime());
    await bench.run('StopLogging', StopLogging, { Name: 'audit' }, { now: now + 1000 });
    now += 2 * hour;
    await job.run(runtime());
    expect(digests()).toHaveLength(1);
    expect(read(digests()[0]!).logFiles).toHaveLength(1);
    await bench.run('StartLogging', StartLogging, { Name: 'audit' }, { now });
    now += hour;
    await job.run(runtime());
    expect(digests()).toHaveLength(2);
    expect(read(digests()[1]!).previousDigestS3Object).toBeNull();
  });

  test('are not made without log file validation', async () => {
    await logging({ EnableLogFileValidation: false });
    await happens();
    await job.run(runtime());
    now += 3 * hour;
    await job.run(runtime());
    expect(files('/CloudTrail/')).toHaveLength(1);
    expect(digests()).toEqual([]);
  });
});

test('a deleted trail leaves nothing behind but its files', async () => {
  await logging({ IsMultiRegionTrail: true });
  await happens();
  await job.run(runtime());
  const id = `${account}/us-east-1/audit`;
  expect(await store.list(follows, id)).not.toHaveLength(0);
  await bench.run('DeleteTrail', DeleteTrail, { Name: 'audit' }, { now });
  for (const table of [follows, chains, delivered]) expect(await store.list<unknown>(table, id)).toEqual([]);
  expect(await store.get(statuses, '', id)).toBeUndefined();
  expect(files('/CloudTrail/')).toHaveLength(1);
});

test('random file names differ', () => {
  expect(seededRandom(1).bytes(16)).not.toEqual(seededRandom(2).bytes(16));
});
