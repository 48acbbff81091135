import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasVault, vaultPlaces } from './vault-places.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-places-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keyId = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

test('the root key lies beside the store’s, wherever that is', () => {
  expect(vaultPlaces(folder, {})).toEqual({
    folder: join(folder, 'vault'),
    seal: { kind: 'key-file', file: join(folder, 'vault.key') },
  });
  expect(vaultPlaces(folder, { rootKeyFile: '/safe/root.key' }).seal?.file).toBe('/safe/vault.key');
  const shamir = vaultPlaces(folder, { rootKeyFile: '/safe/root.key', config: { seal: 'shamir' } });
  expect(shamir.seal).toEqual({ kind: 'shamir', file: '/safe/vault.seal' });
});

test('a file with a passphrase means the seal passphrase, if nothing else is configured', () => {
  const passphraseFile = '/run/secrets/passphrase';
  expect(vaultPlaces(folder, { passphraseFile }).seal).toMatchObject({ kind: 'passphrase', passphraseFile });
  expect(vaultPlaces(folder, { passphraseFile, config: { seal: 'shamir' } }).seal?.kind).toBe('shamir');
});

test('a root key of another seal stops the start: no second one is made beside it', () => {
  writeFileSync(join(folder, 'vault.key'), 'x');
  expect(() => vaultPlaces(folder, { config: { seal: 'shamir' } })).toThrow('vault.key, which vault.seal: shamir');
  rmSync(join(folder, 'vault.key'));
  writeFileSync(join(folder, 'vault.seal'), 'x');
  expect(() => vaultPlaces(folder, {})).toThrow('vault.seal, which vault.seal: key-file');
});

test('what a seal needs must be configured', () => {
  expect(() => vaultPlaces(folder, { config: { seal: 'pkcs11' } })).toThrow('vault.pkcs11');
  expect(() => vaultPlaces(folder, { config: { seal: 'kms' } })).toThrow('vault.kms');
});

test('credentials that open the vault do not lie in the data folder, not by a link either', () => {
  const config = (credentialsFile: string) => ({
    seal: 'kms' as const,
    kms: { region: 'us-east-1', keyId, credentialsFile },
  });
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'keys'), '');
  symlinkSync(join(folder, 'data', 'keys'), join(folder, 'link'));
  for (const name of ['data/keys', 'link', 'data/../data/keys']) {
    const place = join(folder, 'data');
    expect(() => vaultPlaces(place, { config: config(`${folder}/${name}`) }), name).toThrow('lies in the data folder');
  }
  const { environment } = vaultPlaces(join(folder, 'data'), { config: config(join(folder, 'elsewhere')) });
  expect(environment).toMatchObject({ AWS_SHARED_CREDENTIALS_FILE: join(folder, 'elsewhere') });
  expect(environment).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
  expect(Object.keys(environment ?? {}).filter((name) => !/^(AWS_|HOME$|NODE_EXTRA_CA_CERTS$)/.test(name))).toEqual([]);
});

test('the process starts with the instance where there is something to open, or somebody to wait for', () => {
  expect(hasVault({})).toBe(false);
  expect(hasVault(vaultPlaces(folder, {}))).toBe(false);
  expect(hasVault(vaultPlaces(folder, { config: { seal: 'shamir' } }))).toBe(true);
  mkdirSync(join(folder, 'vault'));
  writeFileSync(join(folder, 'vault', 'domain-keys'), 'x');
  expect(hasVault(vaultPlaces(folder, {}))).toBe(true);
});
