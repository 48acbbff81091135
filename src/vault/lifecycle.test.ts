import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLetterbox, sealLetter } from './letter.ts';
import { Lifecycle, type OpenOptions } from './lifecycle.ts';

let folder: string;
let opened: Lifecycle[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-lifecycle-'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.seal()));
  rmSync(folder, { recursive: true, force: true });
});

function fresh(): Lifecycle {
  const one = new Lifecycle();
  opened.push(one);
  return one;
}
const options = (kind: 'key-file' | 'passphrase' | 'shamir'): OpenOptions => ({
  folder: join(folder, 'vault'),
  seal: { kind, file: join(folder, 'root') },
});
const letter = (lifecycle: Lifecycle, text: string) =>
  sealLetter(Buffer.from(lifecycle.status.address, 'base64'), Buffer.from(text));
const sealed = expect.objectContaining({ code: 'sealed' });

test('before it is opened nothing works, and its status says so', async () => {
  const one = fresh();
  expect(one.status).toMatchObject({ isSealed: true, isInitialized: false, provider: 'none' });
  expect(() => one.vault).toThrow(sealed);
  expect(() => one.archive(JSON.stringify({ sealed: folder, keyring: join(folder, 'k') }))).toThrow(sealed);
  await expect(one.give(letter(one, 'correct horse'))).rejects.toMatchObject({ code: 'unsupported' });
  await expect(one.initialize(3, 2, openLetterbox().address)).rejects.toMatchObject({ code: 'unsupported' });
});

test('opened twice it is opened once', async () => {
  const one = fresh();
  await Promise.all([one.open(options('key-file')), one.open(options('key-file'))]);
  const { vault } = one;
  await one.open(options('key-file'));
  expect(one.vault).toBe(vault);
});

test('what comes at once is done one after the other', async () => {
  const one = fresh();
  // The address is that of before the seal: a letter to it is void afterwards.
  const opening = one.open(options('passphrase'));
  const early = letter(one, 'correct horse');
  const given = one.give(early);
  const closing = one.seal();
  await Promise.all([opening, given, closing]);
  expect(one.isSealed).toBe(true);
  await one.open(options('passphrase'));
  await expect(one.give(early)).rejects.toThrow();
  await one.give(letter(one, 'correct horse'));
  expect(one.isSealed).toBe(false);
});

test('files that do not open are told at once, and may be put right', async () => {
  const first = fresh();
  await first.open(options('key-file'));
  await first.seal();
  const path = join(folder, 'vault', 'domain-keys');
  const good = readFileSync(path);
  writeFileSync(path, 'something else');
  const second = fresh();
  await expect(second.open(options('key-file'))).rejects.toThrow('does not open');
  expect(second.status).toMatchObject({ isSealed: true, reason: expect.stringContaining('does not open') });
  expect(() => second.vault).toThrow('does not open');
  writeFileSync(path, good);
  await second.open(options('key-file'));
  expect(second.status).toMatchObject({ isSealed: false, keys: 0, domainKey: 1, keysToRewrap: 0, copiesLeft: 0 });
});

test('shares that nobody received yet open nothing, and their vault is not there before they are made', async () => {
  const one = fresh();
  await one.open(options('shamir'));
  expect(one.status).toMatchObject({ isSealed: true, isInitialized: false, wants: 'share' });
  await expect(one.give(letter(one, 'no share'))).rejects.toThrow(sealed);
  await expect(one.initialize(3, 2, Buffer.from('no address'))).rejects.toThrow();
  // That attempt told nobody a share, so it made no vault.
  expect(one.status.isInitialized).toBe(false);
  const box = openLetterbox();
  expect(await one.initialize(3, 2, box.address)).toHaveLength(3);
  expect(one.status).toMatchObject({ isSealed: false, isInitialized: true });
});
