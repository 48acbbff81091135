/** `bailey ca trust` for real, in a mount namespace whose store of roots is thrown away. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Instance, start } from '../../src/main.ts';
import { testConfig } from '../support/instance.ts';
import { bailey } from '../support/process.ts';

const command = fileURLToPath(new URL('../../bin/bailey.mjs', import.meta.url));
const store = '/usr/local/share/ca-certificates';

function mayMount(): boolean {
  try {
    execFileSync(
      'unshare',
      ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt && command -v update-ca-certificates openssl'],
      {
        stdio: 'ignore',
      },
    );
    return process.getuid?.() === 0 && existsSync(store);
  } catch {
    return false;
  }
}
const isPossible = mayMount();
if (!isPossible) {
  console.warn('SKIPPED: bailey ca trust is tried as root, in a mount namespace, with ca-certificates and openssl.');
}

let folder: string;
let instance: Instance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailey-trust-'));
  instance = await start({ dataDir: join(folder, 'data'), port: 0, config: testConfig, tls: true, tlsPort: 0 });
});
afterAll(async () => {
  await instance.close();
  await rm(folder, { recursive: true, force: true });
});

/** Asynchronous, since the instance that answers is in this very process. */
async function run(script: string): Promise<{ code: number; output: string }> {
  const { spawn } = await import('node:child_process');
  const child = spawn('unshare', ['-m', 'sh', '-ec', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, output };
}

test.skipIf(!isPossible)('the machine’s programs trust the listener afterwards, and did not before', async () => {
  await mkdir(join(folder, 'ssl'));
  const { port } = new URL(instance.tlsEndpoint as string);
  const check = `openssl s_client -connect 127.0.0.1:${port} -servername localhost -verify_return_error -CApath /etc/ssl/certs </dev/null`;
  const apart = `mount -t tmpfs tmpfs ${store}; cp -a /etc/ssl/. ${folder}/ssl; mount --bind ${folder}/ssl /etc/ssl`;
  const before = await run(`${apart}; ${check}`);
  expect(before.code, before.output).not.toBe(0);
  const trust = `"${process.execPath}" "${command}" ca trust --data "${instance.dataDir}"`;
  const after = await run(`${apart}; ${trust}; ${check}`);
  expect(after.code, after.output).toBe(0);
  expect(after.output).toContain(`${store}/bailey.crt is trusted now`);
  expect(after.output).toContain('Verify return code: 0 (ok)');
  // Nothing of it is left outside.
  expect(existsSync(join(store, 'bailey.crt'))).toBe(false);
});

test('--dry-run says what would be done, and does nothing', async () => {
  const { output } = await bailey(['ca', 'trust', '--data', instance.dataDir, '--dry-run']);
  expect(output).toMatch(/would write .*bailey\.(crt|pem) and run update-ca-|No store of trusted roots/);
  expect(existsSync(join(store, 'bailey.crt'))).toBe(false);
});
