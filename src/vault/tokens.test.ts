/** Tokens through the vault process: what it answers when something is missing, and that it finds its way back. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenLogin } from '../services/kms/ports.ts';
import { VaultClient } from './client.ts';

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(existsSync);
const library = await import('graphene-pk11').catch(() => undefined);
const isMissing = module === undefined || library === undefined;
if (isMissing) {
  console.warn('SKIPPED: tokens need softhsm2 (Debian package) and the optional dependency graphene-pk11.');
}

describe.skipIf(isMissing)('tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bailey-tokens-'));
  const environment = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
  const pin = '1234-pin';
  const aad = Buffer.from('aad');
  let vault: VaultClient;

  beforeAll(() => {
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(environment.SOFTHSM2_CONF, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
    for (const [label, userPin] of [
      ['plain', pin],
      ['named', `kmsuser:${pin}`],
    ] as const) {
      const args = ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', userPin];
      execFileSync('softhsm2-util', args, { env: { ...process.env, ...environment }, stdio: 'ignore' });
    }
    const place = { module: module as string, environment };
    vault = new VaultClient({
      folder: join(folder, 'vault'),
      keyFile: join(folder, 'root.key'),
      tokens: {
        plain: { ...place, token: 'plain' },
        named: { ...place, token: 'named', user: 'kmsuser' },
        absent: { ...place, token: 'absent' },
        broken: { module: join(folder, 'no-library.so'), token: 'plain' },
      },
    });
  });

  afterAll(async () => {
    await vault.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function login(clusterId: string, password = pin): Promise<TokenLogin> {
    const names = { account: '111122223333', keyId: `cks-${clusterId}`, spec: 'SYMMETRIC_DEFAULT' };
    const key = { ...names, ...(await vault.create(names)) };
    const how = { key, algorithm: 'SYMMETRIC_DEFAULT' };
    return { clusterId, password: { how, ciphertext: await vault.encrypt(how, Buffer.from(password)) } };
  }
  const refused = (message: string) => ({ code: 'token-refused', message });

  test('what is not there', async () => {
    await expect(vault.checkToken('absent')).rejects.toMatchObject(refused('slot-missing'));
    await expect(vault.checkToken('broken')).rejects.toMatchObject(refused('module-unavailable'));
    await expect(vault.checkToken('constructor')).rejects.toMatchObject(refused('cluster-unknown'));
    await vault.checkToken('plain');
  });

  test('whose password is wrong, whoever is logged in', async () => {
    const [right, wrong] = [await login('plain'), await login('plain', 'other-pin')];
    await expect(vault.checkToken('plain', wrong)).rejects.toMatchObject(refused('CKR_PIN_INCORRECT'));
    await vault.checkToken('plain', right);
    await expect(vault.checkToken('plain', wrong)).rejects.toMatchObject(refused('CKR_PIN_INCORRECT'));
    await vault.makeTokenKey(right, 'still works');
    await vault.checkToken('named', await login('named'));
  });

  test('a key encrypts for itself alone', async () => {
    const one = await login('plain');
    for (const label of ['first', 'second']) await vault.makeTokenKey(one, label);
    await expect(vault.makeTokenKey(one, 'first')).rejects.toMatchObject(refused('label-taken'));
    const made = await vault.encryptInToken(one, 'first', Buffer.from('beans'), aad);
    expect(Buffer.from(await vault.decryptInToken(one, 'first', made, aad)).toString()).toBe('beans');
    const invalid = { code: 'invalid-ciphertext' };
    await expect(vault.decryptInToken(one, 'second', made, aad)).rejects.toMatchObject(invalid);
    await expect(vault.decryptInToken(one, 'first', made, Buffer.from('other'))).rejects.toMatchObject(invalid);
    const tag = Buffer.from(made.tag);
    tag[0] = (tag[0] as number) ^ 1;
    await expect(vault.decryptInToken(one, 'first', { ...made, tag }, aad)).rejects.toMatchObject(invalid);
    for (const _again of [1, 2]) await vault.destroyTokenKey(one, 'first');
    await expect(vault.decryptInToken(one, 'first', made, aad)).rejects.toMatchObject(refused('key-missing'));
  });

  test('after the process died, and after it was sealed', async () => {
    const one = await login('plain');
    await vault.makeTokenKey(one, 'lasting');
    const made = await vault.encryptInToken(one, 'lasting', Buffer.from('beans'), aad);
    const read = async () => Buffer.from(await vault.decryptInToken(one, 'lasting', made, aad)).toString();
    process.kill((await vault.status()).pid as number, 'SIGKILL');
    let text = '';
    for (let round = 0; text === '' && round < 100; round += 1) {
      text = await read().catch((error) => {
        expect(error.code).toBe('unavailable');
        return new Promise<string>((resolve) => setTimeout(() => resolve(''), 50));
      });
    }
    expect(text).toBe('beans');
    await vault.seal();
    await expect(read()).rejects.toMatchObject({ code: 'sealed' });
    await vault.unseal();
    expect(await read()).toBe('beans');
  });
});
