import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { passphraseSeal, readSecretLine } from './passphrase.ts';
import { sealedRoot } from './sealed-root.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-passphrase-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sealFile = () => join(folder, 'vault.seal');
const phrase = Buffer.from('correct horse battery staple');
const fresh = (file?: string) => sealedRoot(sealFile(), passphraseSeal(file));
const sealed = (message: string) => ({ code: 'sealed', message: expect.stringContaining(message) });

async function made(): Promise<Buffer> {
  const provider = fresh();
  await provider.give?.(phrase);
  const [root] = await provider.unseal(false);
  return root as Buffer;
}

test('waits for it, opens with it, and with nothing else', async () => {
  const root = await made();
  const provider = fresh();
  expect(provider.wants).toBe('passphrase');
  await expect(provider.unseal(true)).rejects.toMatchObject(sealed('bailey unseal'));
  await provider.give?.(Buffer.from('correct horse battery stapler'));
  await expect(provider.unseal(true)).rejects.toMatchObject(sealed('wrong'));
  expect(provider.wants).toBe('passphrase');
  await provider.give?.(phrase);
  expect(await provider.unseal(true)).toEqual([root]);
  expect(provider.wants).toBeUndefined();
});

test('the file has neither the passphrase nor the root key, and a salt of its own', async () => {
  const root = await made();
  const text = readFileSync(sealFile());
  expect(text.includes(phrase) || text.includes(root) || text.includes(root.toString('base64'))).toBe(false);
  const { parameters } = JSON.parse(text.toString()) as { parameters: Record<string, unknown> };
  expect(parameters).toMatchObject({ memoryKiB: 65_536, passes: 3, parallelism: 4 });
  rmSync(sealFile());
  await made();
  const other = JSON.parse(readFileSync(sealFile(), 'utf8')) as { parameters: Record<string, unknown> };
  expect(other.parameters.salt).not.toBe(parameters.salt);
});

test('parameters that were changed open nothing, and cannot ask for all the memory of the machine', async () => {
  await made();
  const good = readFileSync(sealFile(), 'utf8');
  for (const [from, to, message] of [
    ['"passes": 3', '"passes": 2', 'wrong'],
    ['"memoryKiB": 65536', '"memoryKiB": 1e9', 'were changed'],
    ['"parallelism": 4', '"parallelism": 0', 'were changed'],
    ['"passes": 3', '"passes": 1.5', 'were changed'],
  ] as const) {
    expect(good).toContain(from);
    writeFileSync(sealFile(), good.replace(from, to));
    const provider = fresh();
    await provider.give?.(phrase);
    await expect(provider.unseal(true), to).rejects.toThrow(message);
  }
});

test('a rotation needs it no second time, and both root keys open after a crash', async () => {
  const root = await made();
  const provider = fresh();
  await provider.give?.(phrase);
  await provider.unseal(true);
  const next = await provider.prepare();
  const other = fresh();
  await other.give?.(phrase);
  expect(await other.unseal(true)).toEqual([root, next]);
  await provider.adopt();
  const last = fresh();
  await last.give?.(phrase);
  expect(await last.unseal(true)).toEqual([next]);
});

test('a file may hold it: its first line, readable by its owner only, with at least eight bytes', async () => {
  const file = join(folder, 'passphrase');
  writeFileSync(file, 'correct horse battery staple\r\nand more\n', { mode: 0o600 });
  expect(readSecretLine(file, 'a passphrase')).toEqual(phrase);
  const root = await made();
  const provider = fresh(file);
  expect(provider.wants).toBeUndefined();
  expect(await provider.unseal(true)).toEqual([root]);
  chmodSync(file, 0o644);
  await expect(fresh(file).unseal(true)).rejects.toThrow('chmod 600');
  chmodSync(file, 0o600);
  writeFileSync(file, 'short\n');
  await expect(fresh(file).unseal(true)).rejects.toThrow('at least 8 bytes');
  writeFileSync(file, 'x'.repeat(5_000));
  await expect(fresh(file).unseal(true)).rejects.toThrow('too long');
});

test('one that is too short or too long is not taken', async () => {
  for (const bytes of [Buffer.from('seven77'), Buffer.alloc(4_097)]) {
    await expect(fresh().give?.(bytes)).rejects.toMatchObject(sealed('8 to 4096 bytes'));
  }
});

test('the key is Argon2id of the passphrase: a root key sealed with the help of another implementation opens', async () => {
  const { argon2id } = await import('@noble/hashes/argon2.js');
  const { createCipheriv, randomBytes } = await import('node:crypto');
  const salt = randomBytes(16);
  const parameters = { salt: salt.toString('base64'), memoryKiB: 1024, passes: 2, parallelism: 2 };
  const key = argon2id(phrase, salt, { m: 1024, t: 2, p: 2, dkLen: 32 });
  const root = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from('root key by passphrase'));
  const body = Buffer.concat([iv, cipher.update(root), cipher.final(), cipher.getAuthTag()]);
  const text = { format: 1, kind: 'passphrase', parameters, sealed: body.toString('base64') };
  writeFileSync(sealFile(), JSON.stringify(text));
  const provider = fresh();
  await provider.give?.(phrase);
  expect(await provider.unseal(true)).toEqual([root]);
});
