/** ACME against pebble, the authority that Let's Encrypt made for tests; skipped where it is not installed. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/support/certificates.ts';
import { testConfig } from '../../../test/support/instance.ts';
import { get, isInstalled, type Pebble, startNames, startPebble } from '../../../test/support/pebble.ts';
import { freePort } from '../../../test/support/ports.ts';
import { renewalTime, validityOf } from '../../certificates/authority.ts';
import { start } from '../../main.ts';
import { VaultClient } from '../../vault/client.ts';
import { acmeSource } from './acme-source.ts';

const isMissing = !isInstalled('pebble') || !isInstalled('pebble-challtestsrv');
if (isMissing) console.warn('SKIPPED: certificates by ACME are tried against pebble (Debian package).');

describe.skipIf(isMissing)('with pebble', () => {
  let folder: string;
  let vault: VaultClient;
  let directory: string;
  let httpPort: number;
  let pebble: Pebble;
  let names: Awaited<ReturnType<typeof startNames>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-acme-'));
    vault = new VaultClient({ folder: join(folder, 'vault'), keyFile: join(folder, 'vault.key') });
    names = await startNames();
    httpPort = await freePort();
    pebble = await startPebble({ folder, dnsServer: names.at, httpPort });
    ({ directory } = pebble);
  });
  afterAll(async () => {
    pebble?.stop();
    names?.stop();
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
        ca: pebble.ca,
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
      ca: pebble.ca,
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
    const stranger = join(folder, 'stranger.pem');
    writeFileSync(stranger, (await makeCertificate({ name: 'stranger', isAuthority: true })).pem);
    const source = acmeSource({ ...options, config: { ...options.config, ca: stranger } });
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
      const root = await pebble.root();
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
