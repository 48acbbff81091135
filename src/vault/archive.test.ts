import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copiesOf, registerCopy, writeArchive } from './archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-archive-'));
  for (const name of ['domain-keys', 'keyring', 'root']) writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const target = (): { sealed: string; keyring: string } => ({
  sealed: join(folder, 'backup', 'vault'),
  keyring: join(folder, 'backup', 'keyring'),
});

test('a root key in the clear is copied only where it is asked for', () => {
  const source = { folder, rootKey: join(folder, 'root'), isClear: true };
  writeArchive(source, target());
  expect(readFileSync(join(folder, 'backup', 'vault', 'domain-keys'), 'utf8')).toBe('domain-keys');
  expect(readFileSync(join(folder, 'backup', 'keyring'), 'utf8')).toBe('keyring');
  expect(existsSync(join(folder, 'backup', 'vault', 'sealed-root'))).toBe(false);
  const clearRootKey = join(folder, 'backup', 'secrets', 'vault.key');
  writeArchive(source, { ...target(), clearRootKey });
  expect(readFileSync(clearRootKey, 'utf8')).toBe('root');
  expect(statSync(clearRootKey).mode & 0o077).toBe(0);
});

test('a sealed root key belongs to the archive', () => {
  const clearRootKey = join(folder, 'backup', 'secrets', 'vault.key');
  writeArchive({ folder, rootKey: join(folder, 'root'), isClear: false }, { ...target(), clearRootKey });
  expect(readFileSync(join(folder, 'backup', 'vault', 'sealed-root'), 'utf8')).toBe('root');
  expect(existsSync(clearRootKey)).toBe(false);
});

test('copies are known once each, and a list that is none is refused', () => {
  expect(copiesOf(folder)).toEqual([]);
  for (const path of ['/a', '/b', '/a']) registerCopy(folder, path);
  expect(copiesOf(folder)).toEqual(['/a', '/b']);
  writeFileSync(join(folder, 'keyring-copies'), '["/a", 1');
  expect(() => copiesOf(folder)).toThrow();
});
