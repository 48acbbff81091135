/** How long an instance takes to be ready on an existing data folder, and what it weighs when idle. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from './result.ts';

const bin = fileURLToPath(new URL('../bin/bailey.mjs', import.meta.url));
const rounds = 5;

export async function run(): Promise<BenchResult[]> {
  const dir = await mkdtemp(join(tmpdir(), 'bailey-start-'));
  try {
    await once(dir);
    const times: number[] = [];
    let rss = 0;
    for (let round = 0; round < rounds; round += 1) {
      const measured = await once(dir);
      times.push(measured.readyMs);
      rss = Math.max(rss, measured.rssMb);
    }
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
      { name: 'resident memory when idle', value: Math.round(rss), unit: 'MB', goal: '< 150' },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function once(dir: string): Promise<{ readyMs: number; rssMb: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [bin, 'up', '--data', dir, '--port', '0', '--ready-json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const readyMs = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
  const rssMb = Number(status.match(/VmRSS:\s+(\d+)/)?.[1] ?? 0) / 1024;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  return { readyMs, rssMb };
}

async function emptyNode(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - started;
}
