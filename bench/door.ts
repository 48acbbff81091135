/** Signed calls with authorization and a durable record, against a bare node:http server in the same run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { adminKeys } from '../test/support/instance.ts';
import { type Measured, type Prepared, serve } from './door/load.ts';
import { identity, object } from './door/requests.ts';
import type { BenchResult } from './result.ts';

/** Short rounds that take turns: what else the machine does meets both sides alike, and the median leaves it out. */
const rounds = 9;
const count = 1_500;
/** Until little is compiled any more: with fewer, threads of the compiler are a fifth of what is measured. */
const warmUp = 25_000;
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
      ['GetObject 1 KB', [object(bailey.endpoint, 'GET', `/${bucket}/small`)]],
      [
        'PutObject 1 KB',
        Array.from({ length: 512 }, (_, i) => object(bailey.endpoint, 'PUT', `/${bucket}/key-${i}`, payload)),
      ],
    ];
    const results: BenchResult[] = [];
    for (const [name, requests] of cases) {
      await bare.measure(requests, warmUp);
      await bailey.measure(requests, warmUp);
      const base: Measured[] = [];
      const ours: Measured[] = [];
      for (let round = 0; round < rounds; round += 1) {
        base.push(await bare.measure(requests, count));
        ours.push(await bailey.measure(requests, count));
      }
      results.push(...figures(name, middle(base), middle(ours)));
    }
    return results;
  } finally {
    await bare.stop();
    await bailey.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The median of each figure by itself. */
function middle(measured: readonly Measured[]): Measured {
  const of = (figure: keyof Measured): number =>
    measured.map((one) => one[figure]).sort((a, b) => a - b)[Math.floor(measured.length / 2)] as number;
  return {
    requestsPerSecond: of('requestsPerSecond'),
    cpuMicrosPerRequest: of('cpuMicrosPerRequest'),
    lagP99Ms: of('lagP99Ms'),
  };
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
    {
      name: `${name}: event-loop lag p99`,
      value: round(ours.lagP99Ms),
      unit: 'ms',
      goal: '< 20',
      baseline: `${round(base.lagP99Ms)} ms`,
    },
  ];
}
