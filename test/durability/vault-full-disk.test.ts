/** A disk that is full while the vault works: it refuses, changes nothing, and goes on when there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Hierarchy } from '../../src/vault/hierarchy.ts';
import { keyFile } from '../../src/vault/seal-providers/key-file.ts';
import { identityOf, materialId, materialOf } from './vault-writes.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-vault-full-'));
const disk = join(root, 'disk');
let isMounted = false;
try {
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' });
  isMounted = true;
} catch {
  console.warn('SKIPPED: a full disk for the vault needs the right to mount one.');
}

const open = (): Promise<Hierarchy> =>
  Hierarchy.open({
    folder: join(disk, 'vault'),
    provider: keyFile(join(disk, 'vault.key')),
    anchorPath: join(disk, 'vault.key.anchor'),
    now: Date.now,
  });

const filler = join(disk, 'filler');
/** Leaves so much room, in whole pages. */
function fill(pages: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail - pages) * bsize));
}

let hierarchy: Hierarchy;
const made = new Map<string, Buffer>();
beforeAll(async () => {
  if (isMounted) hierarchy = await open();
});
afterAll(() => {
  hierarchy?.wipe();
  if (isMounted) execFileSync('umount', [disk]);
  rmSync(root, { recursive: true, force: true });
});

async function make(keyId: string): Promise<boolean> {
  try {
    made.set(keyId, await hierarchy.seal(identityOf(keyId), materialId, materialOf(keyId)));
    return true;
  } catch (error) {
    expect((error as { code?: string }).code).toBe('ENOSPC');
    return false;
  }
}

function expectAll(): void {
  for (const [keyId, sealed] of made) {
    expect(hierarchy.open({ ...identityOf(keyId), materialId, sealed })).toEqual(materialOf(keyId));
  }
}

it.skipIf(!isMounted)('new keys, rotations and deletions fail whole, and succeed later', async () => {
  for (let n = 0; n < 20; n += 1) expect(await make(`key-${n}`)).toBe(true);
  let refused = 0;
  for (let round = 0; round < 4; round += 1) {
    fill(0);
    // The last page of the file has room for some; a record that does not fit is not left there in part.
    for (let n = 0; n < 80; n += 1) if (!(await make(`full-${round}-${n}`))) refused += 1;
    expect(() => hierarchy.rotateDomainKey(Date.now() + 1e12, 0)).toThrow('ENOSPC');
    await expect(hierarchy.rotateRootKey()).rejects.toThrow('ENOSPC');
    expect(() => hierarchy.shred(identityOf('key-0').account, 'key-0')).toThrow('ENOSPC');
    expectAll();
    // As a process that is started again in the middle of it finds it.
    hierarchy.wipe();
    hierarchy = await open();
    expectAll();
    fill(16);
    expect(await make(`room-${round}`)).toBe(true);
    await hierarchy.rotateRootKey();
    hierarchy.rotateDomainKey(Date.now() + 1e12, 0);
    while (hierarchy.isRotating) hierarchy.rewrap(7);
    expectAll();
    hierarchy.wipe();
    hierarchy = await open();
    expectAll();
  }
  expect(refused).toBeGreaterThan(40);
  hierarchy.shred(identityOf('key-0').account, 'key-0');
  made.delete('key-0');
  expect(hierarchy.missing(['111122223333/key-0'])).toHaveLength(1);
});
