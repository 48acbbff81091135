/** How long an instance takes to be ready on an existing data folder, and what it and its vault weigh when idle. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GenerateRandomCommand, KMSClient } from '@aws-sdk/client-kms';
import type { BenchResult } from './result.ts';

const bin = fileURLToPath(new URL('../bin/bailey.mjs', import.meta.url));
const rounds = 5;

export async function run(): Promise<BenchResult[]> {
  const dir = await mkdtemp(join(tmpdir(), 'bailey-start-'));
  try {
    await once(dir);
    const times: number[] = [];
    const idle: Weight[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const measured = await once(dir);
      times.push(measured.readyMs);
      idle.push(measured.weight);
    }
    const { weight: withVault } = await once(dir, useKey);
    const empty = await emptyNode();
    times.sort((a, b) => a - b);
    const median = times[Math.floor(rounds / 2)] as number;
    return [
      {
        name: 'ready on an existing data folder',
        value: Math.round(median),
        unit: 'ms',
        goal: '< 1000',
        baseline: `${Math.round(empty)} ms for node -e 0`,
      },
      {
        name: 'resident memory when idle, all processes',
        value: Math.round(Math.max(...idle.map(({ rssMb }) => rssMb))),
        unit: 'MB',
        goal: '< 150',
        baseline: processes(idle[0]),
      },
      {
        name: 'the same once a key was used',
        value: Math.round(withVault.rssMb),
        unit: 'MB',
        baseline: `${processes(withVault)}; ${Math.round(withVault.pssMb)} MB with shared pages counted once`,
      },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Weight {
  readonly processes: number;
  readonly rssMb: number;
  /** Pages that processes share are counted once. */
  readonly pssMb: number;
}

const processes = (weight: Weight | undefined): string =>
  weight?.processes === 1 ? 'one process' : `${weight?.processes ?? 0} processes`;

/** What `--ready-json` prints. */
interface Ready {
  readonly endpoint: string;
  readonly credentialsFile: string;
}

async function once(dir: string, work?: (ready: Ready) => Promise<void>): Promise<{ readyMs: number; weight: Weight }> {
  const started = performance.now();
  const child = spawn(process.execPath, [bin, 'up', '--data', dir, '--port', '0', '--ready-json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve));
  const readyMs = performance.now() - started;
  await work?.(JSON.parse(line.toString()) as Ready);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const weight = await weigh(child.pid ?? 0);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  return { readyMs, weight };
}

/** A process and the processes that it has started. */
async function weigh(pid: number): Promise<Weight> {
  const text = (path: string) => readFile(`/proc/${path}`, 'utf8').catch(() => '');
  const children = (await text(`${pid}/task/${pid}/children`)).split(' ').filter(Boolean);
  let [rssMb, pssMb] = [0, 0];
  for (const one of [pid, ...children]) {
    rssMb += Number((await text(`${one}/status`)).match(/VmRSS:\s+(\d+)/)?.[1] ?? 0) / 1024;
    pssMb += Number((await text(`${one}/smaps_rollup`)).match(/^Pss:\s+(\d+)/m)?.[1] ?? 0) / 1024;
  }
  return { processes: 1 + children.length, rssMb, pssMb };
}

/** The vault is a process of its own, which starts when a key is first needed. */
async function useKey({ endpoint, credentialsFile }: Ready): Promise<void> {
  const text = await readFile(credentialsFile, 'utf8');
  const value = (name: string): string => text.match(new RegExp(`${name}\\s*=\\s*(\\S+)`))?.[1] ?? '';
  const credentials = { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') };
  const kms = new KMSClient({ endpoint, region: 'us-east-1', credentials });
  await kms.send(new GenerateRandomCommand({ NumberOfBytes: 8 }));
  kms.destroy();
}

async function emptyNode(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - started;
}
