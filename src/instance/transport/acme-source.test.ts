/** ACME against pebble, the authority that Let's Encrypt made for tests; skipped where it is not installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testConfig } from '../../../test/support/instance.ts';
import { renewalTime, validityOf } from '../../certificates/authority.ts';
import { start } from '../../main.ts';
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

const isMissing = !isInstalled('pebble') || !isInstalled('pebble-challtestsrv');
if (isMissing) console.warn('SKIPPED: certificates by ACME are tried against pebble (Debian package).');

describe.skipIf(isMissing)('with pebble', () => {
  let folder: string;
  let vault: VaultClient;
  let directory: string;
  let httpPort: number;
  let management: number;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-acme-'));
    vault = new VaultClient({ folder: join(folder, 'vault'), keyFile: join(folder, 'vault.key') });
    // Pebble's own certificate comes from our authority.
    const authority = await openAuthority(vault, join(folder, 'ca'), Date.now);
    const leaf = await issueLeaf(authority, 'server', ['localhost', '127.0.0.1'], 1, Date.now());
    writeFileSync(join(folder, 'cert.pem'), leaf.chain);
    writeFileSync(join(folder, 'key.pem'), leaf.key);
    const [port, dns, dnsManagement] = [await freePort(), await freePort(), await freePort()];
    management = await freePort();
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

  const optionsFor = (name: string, more: { names?: string[]; directory?: string } = {}) => ({
    config: {
      directory,
      email: 'owner@coffee.example',
      names: ['shop.coffee.example'],
      httpPort,
      ca: join(folder, 'ca', 'root.pem'),
      ...more,
    },
    vault,
    file: join(folder, 'data', `${name}.json`),
    host: '127.0.0.1',
  });

  test('other names in the configuration are ordered at once', async () => {
    await acmeSource({ ...optionsFor('names'), now: Date.now }).next();
    const names = ['shop.coffee.example', 'www.coffee.example'];
    const { chain } = await acmeSource({ ...optionsFor('names', { names }), now: Date.now }).next();
    expect(new X509Certificate(chain).subjectAltName?.split(', ').sort()).toEqual(names.map((name) => `DNS:${name}`));
  }, 60_000);

  test('while the authority is away, the certificate that still holds is shown, and it is asked again after an hour', async () => {
    let now = Date.now();
    const options = { ...optionsFor('away'), now: () => now };
    const first = await acmeSource(options).next();
    const validity = validityOf(first.chain);
    now = renewalTime(validity) + 1;
    const source = acmeSource({ ...options, config: { ...options.config, ca: join(folder, 'cert.pem') } });
    expect((await source.next()).chain).toBe(first.chain);
    const begun = performance.now();
    expect((await source.next()).chain).toBe(first.chain);
    expect(performance.now() - begun).toBeLessThan(1_000);
    now = validity.to + 1;
    await expect(source.next()).rejects.toThrow('No certificate from');
  }, 60_000);

  test('an instance shows it, and clients that trust the authority need nothing of ours', async () => {
    const { ca, ...acme } = optionsFor('instance').config;
    const config = { ...testConfig, tls: { acme: { ...acme, ca } } };
    const instance = await start({ dataDir: join(folder, 'instance'), port: 0, config, tlsOnly: true });
    try {
      const trust = readFileSync(ca, 'utf8');
      const root = await get(`https://127.0.0.1:${management}/roots/0`, { ca: trust });
      const servername = 'shop.coffee.example';
      expect(await get(`${instance.endpoint}/_bailey/health`, { ca: root, servername })).toContain('"live":true');
      await expect(get(`${instance.endpoint}/_bailey/health`, { ca: trust, servername })).rejects.toThrow();
    } finally {
      await instance.close();
    }
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

function get(url: string, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += String(chunk);
      resolve(text);
    })
      .on('error', reject)
      .end();
  });
}

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
