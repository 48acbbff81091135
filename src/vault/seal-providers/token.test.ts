/** A root key in a PKCS #11 token, with softhsm2 in the token's place; skipped where it is not installed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VaultClient } from '../client.ts';

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(existsSync);
const library = await import('graphene-pk11').catch(() => undefined);
const isMissing = module === undefined || library === undefined;
if (isMissing) {
  console.warn('SKIPPED: the seal pkcs11 needs softhsm2 (Debian package) and the optional dependency graphene-pk11.');
}

const names = { account: '111122223333', keyId: '1234abcd-12ab-34cd-56ef-1234567890ab', spec: 'SYMMETRIC_DEFAULT' };

describe.skipIf(isMissing)('the seal pkcs11', () => {
  let folder: string;
  let environment: Record<string, string>;
  const opened: VaultClient[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailey-root-token-'));
    environment = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(
      join(folder, 'softhsm2.conf'),
      `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`,
    );
    for (const label of ['root', 'other']) {
      const args = ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', '1234-pin'];
      execFileSync('softhsm2-util', args, { env: { ...process.env, ...environment }, stdio: 'ignore' });
    }
    writeFileSync(join(folder, 'pin'), '1234-pin\n', { mode: 0o600 });
    writeFileSync(join(folder, 'wrong-pin'), '1234-nip\n', { mode: 0o600 });
  });
  afterAll(async () => {
    await Promise.all(opened.map((vault) => vault.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  function vaultWith(more: { token?: string; pinFile?: string; module?: string } = {}): VaultClient {
    const { token = 'root', pinFile = join(folder, 'pin') } = more;
    const place = { module: more.module ?? (module as string), token, pinFile, environment };
    const vault = new VaultClient({
      folder: join(folder, 'vault'),
      seal: { kind: 'pkcs11', file: join(folder, 'vault.seal'), token: place },
    });
    opened.push(vault);
    return vault;
  }

  test('the token alone opens it: after a restart, after a seal, after a root rotation', async () => {
    const first = vaultWith();
    await first.start();
    const key = { ...names, ...(await first.create(names)) };
    const how = { key, algorithm: 'SYMMETRIC_DEFAULT' };
    const blob = await first.encrypt(how, Buffer.from('x'));
    await first.seal();
    await expect(first.decrypt(how, blob)).rejects.toMatchObject({ code: 'sealed' });
    expect(await first.unseal()).toMatchObject({ isSealed: false, provider: 'pkcs11' });
    await first.rotateRootKey();
    await first.close();
    const second = vaultWith();
    expect(Buffer.from((await second.decrypt(how, blob)).plaintext ?? []).toString()).toBe('x');
    await second.close();
    // What lies on the disk is what the token made of it.
    const { sealed } = JSON.parse(readFileSync(join(folder, 'vault.seal'), 'utf8')) as { sealed: string };
    expect(Buffer.from(sealed, 'base64')).toHaveLength(12 + 32 + 16);
  });

  test.each([
    ['a wrong PIN', { pinFile: 'wrong-pin' }, 'CKR_PIN_INCORRECT'],
    ['no such token', { token: 'absent' }, 'slot-missing'],
    ['another token', { token: 'other' }, 'refused'],
    ['no such library', { module: '/nonexistent.so' }, 'module-unavailable'],
  ])('with %s it stays sealed and says why', async (_what, more, reason) => {
    const vault = vaultWith({ ...more, ...('pinFile' in more && { pinFile: join(folder, more.pinFile as string) }) });
    const status = await vault.status();
    expect(status.isSealed).toBe(true);
    expect(status.reason).toContain(reason);
    expect(status.reason).not.toContain('1234-');
    await expect(vault.random(1)).rejects.toMatchObject({ code: 'sealed' });
  });
});
