/**
 * The child of the vault's power cuts: makes keys, deletes some, rotates domain and root keys, backs up, and says on stdout
 * what was done. Argument: a folder for everything.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Hierarchy } from '../../src/vault/hierarchy.ts';
import { keyFile } from '../../src/vault/seal-providers/key-file.ts';
import { identityOf, materialId, materialOf, type VaultEvent } from './vault-writes.ts';

const [dir = ''] = process.argv.slice(2);
const rootKey = join(dir, 'vault.key');
const folder = join(dir, 'vault');
const tell = (event: VaultEvent): void => void writeSync(1, `${JSON.stringify(event)}\n`);

const hierarchy = await Hierarchy.open({
  folder,
  provider: keyFile(rootKey),
  anchorPath: `${rootKey}.anchor`,
  now: Date.now,
});
tell({ opened: true });

let next = 0;
async function make(): Promise<void> {
  const keyId = `key-${next++}`;
  const sealed = await hierarchy.seal(identityOf(keyId), materialId, materialOf(keyId));
  tell({ made: keyId, sealed: sealed.toString('base64') });
}
function remove(keyId: string): void {
  tell({ removing: keyId });
  hierarchy.shred(identityOf(keyId).account, keyId);
  tell({ removed: keyId });
}
const some = (count: number) => Promise.all(Array.from({ length: count }, make));

await some(4);
tell({ named: hierarchy.namedKey('log').toString('base64') });
hierarchy.archive(
  { folder, rootKey, isClear: true },
  { sealed: join(dir, 'backup', 'vault'), keyring: join(dir, 'backup', 'keyring') },
);
tell({ archived: true });
for (let round = 0; round < 3; round += 1) {
  hierarchy.rotateDomainKey(Date.now() + 1, 0);
  await some(2);
  hierarchy.rewrap(2);
  remove(`key-${round}`);
  await Promise.all([hierarchy.rotateRootKey(), some(2)]);
  while (hierarchy.isRotating) hierarchy.rewrap(3);
}
hierarchy.wipe();
