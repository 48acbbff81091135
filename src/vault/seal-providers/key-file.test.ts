import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyFile } from './key-file.ts';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'bailey-key-')), 'root.key');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

test('is made once, for its owner alone, and never where data wait for another', async () => {
  const provider = keyFile(path);
  expect(provider.isInitialized).toBe(false);
  await expect(provider.unseal(true)).rejects.toThrow('is missing');
  expect(existsSync(path)).toBe(false);
  const [made] = await provider.unseal(false);
  expect(made).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await keyFile(path).unseal(true)).toEqual([made]);
});

test('is refused when others can read it, or it has another size', async () => {
  await keyFile(path).unseal(false);
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(path, mode);
    await expect(keyFile(path).unseal(true)).rejects.toThrow('chmod 600');
  }
  chmodSync(path, 0o600);
  writeFileSync(path, Buffer.alloc(31));
  await expect(keyFile(path).unseal(true)).rejects.toThrow('must hold 32 bytes');
});

test('the next one lies beside it until it is adopted or dropped', async () => {
  const provider = keyFile(path);
  const [first] = await provider.unseal(false);
  const next = await provider.prepare();
  expect(await provider.unseal(true)).toEqual([first, next]);
  await provider.drop();
  expect(await provider.unseal(true)).toEqual([first]);
  const last = await provider.prepare();
  await provider.adopt();
  expect(await provider.unseal(true)).toEqual([last]);
  expect(readFileSync(path)).toEqual(last);
});
