/** What a client's script is given: an instance of its own, a folder of its own, and somewhere to report to. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConfig } from '../support/instance.ts';
import { type Running, up } from '../support/process.ts';
import type { Ledger } from './ledger.ts';

export interface Bench {
  readonly instance: Running;
  /** For files; also HOME of the client's processes. */
  readonly folder: string;
  check(name: string, run: () => Promise<void>): Promise<void>;
  skip(name: string, why: string): void;
  pass(name: string): void;
  fail(name: string, why: string): void;
  /** Moves the instance's clock. */
  advance(seconds: number): Promise<void>;
}

/** Starts an instance, runs the script with it, and ends it. */
export async function withBench(client: string, ledger: Ledger, script: (bench: Bench) => Promise<void>) {
  const root = await mkdtemp(join(tmpdir(), 'bailey-clients-'));
  const folder = join(root, 'home');
  await mkdir(folder);
  const config = join(root, 'bailey.yaml');
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ ...testConfig, cloudtrail: { deliverySeconds: 1 } }), { mode: 0o600 });
  const instance = await up(['--data', join(root, 'data'), '--config', config, '--test-api']);
  const named = (name: string) => `${client}: ${name}`;
  const bench: Bench = {
    instance,
    folder,
    async check(name, run) {
      try {
        await run();
        ledger.passed(named(name));
      } catch (error) {
        ledger.failed(named(name), error instanceof Error ? error.message : String(error));
      }
    },
    skip: (name, why) => ledger.skipped(named(name), why),
    pass: (name) => ledger.passed(named(name)),
    fail: (name, why) => ledger.failed(named(name), why),
    async advance(seconds) {
      const body = JSON.stringify({ advanceSeconds: seconds });
      const response = await fetch(`${instance.endpoint}/_bailey/clock`, { method: 'POST', body });
      if (!response.ok) throw new Error(await response.text());
    },
  };
  try {
    await script(bench);
  } finally {
    await instance.end('SIGTERM');
    await rm(root, { recursive: true, force: true });
  }
}
