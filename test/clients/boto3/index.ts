/** boto3 of every Python on the PATH that has one, and of those that BOTO3_PYTHON names (separated by colons). */
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountId, adminKeys, type Keys, nobodyKeys } from '../../support/instance.ts';
import type { Bench } from '../bench.ts';
import type { Client } from '../client.ts';
import { command, plainEnvironment, programs } from '../command.ts';

const pair = (keys: Keys) => `${keys.accessKeyId} ${keys.secretAccessKey}`;

type Line =
  | { readonly passed: string }
  | { readonly failed: string; readonly why: string }
  | { readonly skipped: string; readonly why: string };

async function runScript(python: string, script: string, bench: Bench): Promise<void> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  let lines = 0;
  const { code, stderr } = await command(python, [path], {
    seconds: 120,
    cwd: bench.folder,
    env: {
      ...plainEnvironment(bench.folder),
      BAILEY_ENDPOINT: bench.instance.endpoint,
      BAILEY_ACCOUNT: accountId,
      BAILEY_ADMIN: pair(adminKeys),
      BAILEY_NOBODY: pair(nobodyKeys),
    },
    onLine(text) {
      const line = JSON.parse(text) as Line;
      lines += 1;
      if ('passed' in line) bench.pass(line.passed);
      else if ('failed' in line) bench.fail(line.failed, line.why);
      else bench.skip(line.skipped, line.why);
    },
  });
  if (code !== 0 || lines === 0) bench.fail(script, `ended with ${code}: ${stderr}`);
}

export async function boto3s(): Promise<Client[]> {
  const named = (process.env.BOTO3_PYTHON ?? '').split(delimiter).filter((path) => path !== '');
  const clients = new Map<string, Client>();
  for (const python of [...named, ...(await programs('python3'))]) {
    const question = 'import boto3; print(boto3.__version__)';
    const { code, stdout } = await command(python, ['-c', question], { seconds: 20 });
    const name = `boto3 ${stdout.trim()}`;
    if (code !== 0 || clients.has(name)) continue;
    clients.set(name, {
      name,
      async run(bench) {
        await runScript(python, 'storage.py', bench);
        await runScript(python, 'keys.py', bench);
        await runScript(python, 'firewall.py', bench);
        await runScript(python, 'front_door.py', bench);
        await runScript(python, 'distributions.py', bench);
        // Last, as it moves the instance's clock.
        await runScript(python, 'identity.py', bench);
      },
    });
  }
  if (clients.size > 0) return [...clients.values()];
  return [{ name: 'boto3', missing: 'install it with `pip install boto3`, or name a Python in BOTO3_PYTHON' }];
}
