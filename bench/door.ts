/** Signed calls with authorization and a durable record, against a bare node:http server in the same run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { sign } from '../src/wire/signing/index.ts';
import { adminKeys } from '../test/support/instance.ts';
import { type Measured, type Prepared, serve } from './door/load.ts';
import type { BenchResult } from './result.ts';

const count = 12_000;
const bucket = 'bench';
const payload = Buffer.alloc(1024, 'x');

export async function run(): Promise<BenchResult[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bailey-bench-'));
  const bare = await serve('bare');
  const bailey = await serve('bailey', dataDir);
  try {
    const s3 = new S3Client({
      endpoint: bailey.endpoint,
      region: 'us-east-1',
      credentials: adminKeys,
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'small', Body: payload }));
    const cases: readonly [name: string, requests: Prepared[]][] = [
      ['GetCallerIdentity', [identity(bailey.endpoint)]],
      ['GetObject 1 KB', [object(bailey.endpoint, 'GET', 'small')]],
      ['PutObject 1 KB', Array.from({ length: 512 }, (_, i) => object(bailey.endpoint, 'PUT', `key-${i}`, payload))],
    ];
    const results: BenchResult[] = [];
    for (const [name, requests] of cases) {
      const base = await bare.measure(requests, count);
      const ours = await bailey.measure(requests, count);
      results.push(...figures(name, base, ours));
    }
    return results;
  } finally {
    await bare.stop();
    await bailey.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function figures(name: string, base: Measured, ours: Measured): BenchResult[] {
  const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
  return [
    {
      name: `${name}: CPU per request against a bare server`,
      value: round(ours.cpuMicrosPerRequest / base.cpuMicrosPerRequest, 2),
      unit: '×',
      goal: '≤ 4',
      baseline: `${round(base.cpuMicrosPerRequest)} CPU-µs`,
    },
    { name: `${name}: CPU per request`, value: round(ours.cpuMicrosPerRequest), unit: 'CPU-µs' },
    {
      name: `${name}: requests per second`,
      value: Math.round(ours.requestsPerSecond),
      unit: '1/s',
      baseline: `${Math.round(base.requestsPerSecond)} 1/s`,
    },
    { name: `${name}: event-loop lag p99`, value: round(ours.lagP99Ms), unit: 'ms', goal: '< 20' },
  ];
}

/** As the SDK sends it: a form, signed with the usual headers. */
function identity(endpoint: string): Prepared {
  const body = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
  return prepare(endpoint, 'sts', 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, body);
}

function object(endpoint: string, method: string, key: string, body?: Uint8Array): Prepared {
  const headers: Record<string, string> = body ? { 'content-type': 'application/octet-stream' } : {};
  return prepare(endpoint, 's3', method, `/${bucket}/${key}`, headers, body);
}

function prepare(
  endpoint: string,
  service: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Prepared {
  const all = {
    host: new URL(endpoint).host,
    'user-agent': 'aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#24.21.0 api/bench#3.1169.0',
    'amz-sdk-invocation-id': '5a9f9a3e-1c1c-4d53-b1c1-2f8f0f3b7a11',
    'amz-sdk-request': 'attempt=1; max=3',
    ...(body ? { 'content-length': String(body.length) } : {}),
    ...headers,
  };
  const request = { method, path, query: '', headers: all, repeated: [] };
  const credentials = { accessKeyId: adminKeys.accessKeyId, secret: adminKeys.secretAccessKey };
  const signed = sign(request, credentials, {
    service,
    region: 'us-east-1',
    time: Date.now(),
    ...(body ? { body } : {}),
  });
  const sent = Object.entries(signed.headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { method, path, headers: Object.fromEntries(sent), ...(body ? { body } : {}) };
}
