import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VaultClient } from '../../vault/client.ts';
import { openAuthority } from './own-authority.ts';

let folder: string;
let vault: VaultClient;
let stranger: VaultClient;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-authority-'));
  vault = new VaultClient({ folder: join(folder, 'vault'), keyFile: join(folder, 'vault.key') });
  stranger = new VaultClient({});
});
afterAll(async () => {
  await Promise.all([vault.close(), stranger.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name, 'authority.json');
type Kept = Record<'root' | 'intermediate', Record<string, string>>;
const read = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as Kept;

test('a root, an intermediate or a key that somebody else put into the file is not shown to anybody', async () => {
  const { root } = await openAuthority(vault, join(folder, 'own'), Date.now);
  await openAuthority(stranger, join(folder, 'other'), Date.now);
  expect((await openAuthority(vault, join(folder, 'own'), Date.now)).root).toBe(root);
  const own = read('own');
  const other = read('other');
  for (const forged of [
    other,
    { ...own, root: { ...own.root, certificate: other.root.certificate } },
    { ...own, root: other.root },
    { ...own, intermediate: { ...own.intermediate, certificate: other.intermediate.certificate } },
    { ...own, root: { ...own.root, sealed: other.root.sealed } },
    { ...own, root: { ...own.root, certificate: 'no certificate' } },
    {},
  ]) {
    writeFileSync(file('own'), JSON.stringify(forged));
    await expect(openAuthority(vault, join(folder, 'own'), Date.now)).rejects.toThrow('was changed');
  }
  writeFileSync(file('own'), JSON.stringify(own));
  expect((await openAuthority(vault, join(folder, 'own'), Date.now)).root).toBe(root);
});

test('a sealed vault is no reason to doubt the file', async () => {
  await openAuthority(vault, join(folder, 'sealed'), Date.now);
  await vault.seal();
  await expect(openAuthority(vault, join(folder, 'sealed'), Date.now)).rejects.toMatchObject({ code: 'sealed' });
  await vault.unseal();
});
