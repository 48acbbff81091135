/** ACME against pebble, the authority that Let's Encrypt made for tests; skipped where it is not installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renewalTime, validityOf } from '../../certificates/authority.ts';
import { VaultClient } from '../../vault/client.ts';
import { acmeSource } from './acme-source.ts';
import { issueLeaf } from './leaf.ts';
import { openAuthority } from './own-authority.ts';

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe.skipIf(!isInstalled('pebble') || !isInstalled('pebble-challtestsrv'))('with pebble', () => {
  let folder: string;
  let vault: VaultClient;
  let directory: string;
  let httpPort: number;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-acme-'));
    vault = new VaultClient({ folder: join(folder, 'vault'), keyFile: join(folder, 'vault.key') });
    // Pebble's own certificate comes from our authority.
    const authority = await openAuthority(vault, join(folder, 'ca'), Date.now);
    const leaf = await issueLeaf(authority, 'server', ['localhost', '127.0.0.1'], 1, Date.now());
    writeFileSync(join(folder, 'cert.pem'), leaf.chain);
    writeFileSync(join(folder, 'key.pem'), leaf.key);
    const [port, management, dns, dnsManagement] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    httpPort = await freePort();
    directory = `https://127.0.0.1:${port}/dir`;
    const pebble = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: join(folder, 'cert.pem'),
      privateKey: join(folder, 'key.pem'),
      httpPort,
      tlsPort: await freePort(),
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
    };
    writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble }));
    const run = (program: string, args: string[]) => {
      const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' } });
      children.push(child);
    };
    const none = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''];
    run('pebble-challtestsrv', [
      '-defaultIPv4',
      '127.0.0.1',
      '-defaultIPv6',
      '',
      '-dns01',
      `127.0.0.1:${dns}`,
      '-management',
      `127.0.0.1:${dnsManagement}`,
      ...none.slice(0, 6),
    ]);
    run('pebble', ['-config', join(folder, 'pebble.json'), '-dnsserver', `127.0.0.1:${dns}`]);
    await waitFor(port);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await vault.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('a certificate is ordered once, kept over a restart, and renewed after two thirds of its life', async () => {
    let now = Date.now();
    const options = {
      config: {
        directory,
        email: 'owner@coffee.example',
        names: ['shop.coffee.example'],
        httpPort,
        ca: join(folder, 'ca', 'root.pem'),
      },
      vault,
      file: join(folder, 'data', 'acme.json'),
      host: '127.0.0.1',
      now: () => now,
    };
    const first = await acmeSource(options).next();
    const certificate = new X509Certificate(first.chain);
    expect(certificate.subjectAltName).toBe('DNS:shop.coffee.example');
    expect((await acmeSource(options).next()).chain).toBe(first.chain);
    expect(readFileSync(options.file, 'utf8')).not.toContain('PRIVATE KEY');
    now = renewalTime(validityOf(first.chain)) + 1;
    const second = await acmeSource(options).next();
    expect(second.chain).not.toBe(first.chain);
  }, 60_000);

  test('an authority that is not vouched for is not asked', async () => {
    const source = acmeSource({
      config: { directory, email: 'a@b.example', names: ['x.example'], httpPort },
      vault,
      file: undefined,
      host: '127.0.0.1',
      now: Date.now,
    });
    await expect(source.next()).rejects.toThrow('nobody vouches for it');
  }, 60_000);
});

async function waitFor(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (let round = 0; round < 100; round += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('pebble does not listen');
}
