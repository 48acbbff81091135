/** Encrypt as a signed, authorized and recorded call: its cost, the vault's part of it, its latency beside heavy work, and with many keys. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  GenerateDataKeyPairCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { VaultClient } from '../src/vault/client.ts';
import { accountId, adminKeys } from '../test/support/instance.ts';
import { drive, type Measured, type Prepared, type Server, serve } from './door/load.ts';
import { keys } from './door/requests.ts';
import type { BenchResult } from './result.ts';

const rounds = 9;
const count = 1_500;
const warmUp = 10_000;
const manyKeys = 10_000;
const inFlight = 16;
const text = Buffer.alloc(1024, 'x').toString('base64');

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bailey-bench-'));
  const dataDir = join(folder, 'full');
  try {
    // First: after this process has sent the load below, the same question cost it 20 CPU-µs in one run, and 4 to 7 by itself.
    const vault = await roundTrip();
    const bare = await serve('bare');
    const bailey = await serve('bailey', dataDir);
    const results: BenchResult[] = [];
    try {
      const kms = client(bailey);
      const keyId = await makeKey(kms, {});
      const encrypt = keys(bailey.endpoint, 'Encrypt', { KeyId: keyId, Plaintext: text });
      results.push(...(await cost(bare, bailey, encrypt)), await besideHeavyWork(bailey, kms, keyId, encrypt));
      await fill(bailey);
    } finally {
      await bare.stop();
      await bailey.stop();
    }
    results.push(vault, ...(await withManyKeys(dataDir, join(folder, 'empty'))));
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const client = ({ endpoint }: Server) => new KMSClient({ endpoint, region: 'us-east-1', credentials: adminKeys });

async function makeKey(kms: KMSClient, input: CreateKeyCommandInput): Promise<string> {
  return (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId as string;
}

async function cost(bare: Server, bailey: Server, encrypt: Prepared): Promise<BenchResult[]> {
  await bare.measure([encrypt], warmUp);
  await bailey.measure([encrypt], warmUp);
  const base: Measured[] = [];
  const ours: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    base.push(await bare.measure([encrypt], count));
    ours.push(await bailey.measure([encrypt], count));
  }
  const cpu = (all: readonly Measured[]) => median(all.map((one) => one.cpuMicrosPerRequest));
  return [
    {
      name: 'Encrypt 1 KB: CPU per request in the API process against a bare server',
      value: Number((cpu(ours) / cpu(base)).toFixed(2)),
      unit: '×',
      goal: '≤ 4.5',
      baseline: `${cpu(base).toFixed(1)} CPU-µs`,
    },
    { name: 'Encrypt 1 KB: CPU per request in the API process', value: Number(cpu(ours).toFixed(1)), unit: 'CPU-µs' },
    {
      name: 'Encrypt 1 KB: requests per second',
      value: Math.round(median(ours.map((one) => one.requestsPerSecond))),
      unit: '1/s',
      baseline: `${Math.round(median(base.map((one) => one.requestsPerSecond)))} 1/s`,
    },
  ];
}

/** What asking the vault costs the process that asks, with 16 questions under way. */
async function roundTrip(): Promise<BenchResult> {
  const vault = new VaultClient({});
  try {
    const names = { account: accountId, keyId: 'bench', spec: 'SYMMETRIC_DEFAULT' };
    const how = { key: { ...names, ...(await vault.create(names)) }, algorithm: 'SYMMETRIC_DEFAULT' };
    const plaintext = Buffer.alloc(1024, 'x');
    const ask = async (questions: number) => {
      const lane = async () => {
        for (let n = 0; n < questions / inFlight; n += 1) await vault.encrypt(how, plaintext);
      };
      await Promise.all(Array.from({ length: inFlight }, lane));
    };
    await ask(warmUp);
    const costs: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [before, started] = [process.cpuUsage(), performance.now()];
      await ask(10 * count);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / (10 * count));
      rates.push((10 * count * 1000) / (performance.now() - started));
    }
    return {
      name: 'A round trip to the vault, 16 in flight: CPU in the process that asks',
      value: Number(median(costs).toFixed(1)),
      unit: 'CPU-µs',
      goal: '≤ 10',
      baseline: `${Math.round(median(rates))} encryptions of 1 KB per second`,
    };
  } finally {
    await vault.close();
  }
}

/** How long the slowest percent of Encrypt takes while 20 RSA-4096 pairs and 50 ML-DSA signatures are made. */
async function besideHeavyWork(bailey: Server, kms: KMSClient, keyId: string, encrypt: Prepared): Promise<BenchResult> {
  const signing = await makeKey(kms, { KeySpec: 'ML_DSA_65', KeyUsage: 'SIGN_VERIFY' });
  const quiet: number[] = [];
  await drive(bailey.endpoint, [encrypt], 500, (ms) => quiet.push(ms), 1);
  const pair = new GenerateDataKeyPairCommand({ KeyId: keyId, KeyPairSpec: 'RSA_4096' });
  const sign = new SignCommand({ KeyId: signing, Message: Buffer.alloc(64), SigningAlgorithm: 'ML_DSA_SHAKE_256' });
  let isDone = false;
  const heavy = Promise.all([
    ...Array.from({ length: 20 }, () => kms.send(pair)),
    ...Array.from({ length: 50 }, () => kms.send(sign)),
  ]).finally(() => {
    isDone = true;
  });
  const times: number[] = [];
  while (!isDone) await drive(bailey.endpoint, [encrypt], 50, (ms) => times.push(ms), 1);
  await heavy;
  return {
    name: 'Encrypt 1 KB beside 20 RSA-4096 pairs and 50 ML-DSA signatures: p99',
    value: Number(percentile(times, 0.99).toFixed(1)),
    unit: 'ms',
    goal: '< 50',
    baseline: `${percentile(quiet, 0.99).toFixed(1)} ms alone, ${times.length} calls measured`,
  };
}

async function fill({ endpoint }: Server): Promise<void> {
  await drive(endpoint, [keys(endpoint, 'CreateKey', {})], manyKeys);
}

async function withManyKeys(dataDir: string, emptyDir: string): Promise<BenchResult[]> {
  const started = performance.now();
  const full = await serve('bailey', dataDir);
  const readyMs = performance.now() - started;
  const again = performance.now();
  const empty = await serve('bailey', emptyDir);
  const emptyMs = performance.now() - again;
  try {
    const first = performance.now();
    const keyId = await makeKey(client(full), {});
    const firstMs = performance.now() - first;
    const of = async (server: Server, id: string) => {
      const describe = keys(server.endpoint, 'DescribeKey', { KeyId: id });
      await server.measure([describe], warmUp);
      return { server, describe };
    };
    const sides = [await of(full, keyId), await of(empty, await makeKey(client(empty), {}))];
    const cpu: number[][] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, { server, describe }] of sides.entries()) {
        cpu[index]?.push((await server.measure([describe], count)).cpuMicrosPerRequest);
      }
    }
    const [many = 0, one = 1] = cpu.map(median);
    return [
      {
        name: `${manyKeys} keys: ready`,
        value: Math.round(readyMs),
        unit: 'ms',
        goal: '≤ 1500',
        baseline: `${Math.round(emptyMs)} ms without any; the first key made ${Math.round(firstMs)} ms later`,
      },
      {
        name: `${manyKeys} keys: DescribeKey against an instance with one`,
        value: Number((many / one).toFixed(2)),
        unit: '×',
        goal: '≈ 1',
        baseline: `${one.toFixed(1)} CPU-µs`,
      },
    ];
  } finally {
    await full.stop();
    await empty.stop();
  }
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const percentile = (values: readonly number[], part: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * part))] as number;
const median = (values: readonly number[]) => percentile(values, 0.5);
