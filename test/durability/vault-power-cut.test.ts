/** Power cuts of the vault, at every operation on the disk: what was told is there, what was deleted is not, nothing is half-rotated. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Hierarchy } from '../../src/vault/hierarchy.ts';
import { readRecords } from '../../src/vault/keyring-file.ts';
import { keyFile } from '../../src/vault/seal-providers/key-file.ts';
import { LossyDisk } from './lossy-disk.ts';
import { hasStrace, trace } from './trace.ts';
import { identityOf, materialId, materialOf, type VaultEvent } from './vault-writes.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-vault-power-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

if (!hasStrace) console.warn('SKIPPED: power cuts of the vault need strace, which is not here');

const writer = new URL('./vault-writer.ts', import.meta.url);

interface Told {
  readonly made: ReadonlyMap<string, Buffer>;
  readonly removing: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  readonly named: Buffer | undefined;
}

function told(events: readonly VaultEvent[]): Told {
  const made = new Map<string, Buffer>();
  const removing = new Set<string>();
  const removed = new Set<string>();
  let named: Buffer | undefined;
  for (const event of events) {
    if ('made' in event) made.set(event.made, Buffer.from(event.sealed, 'base64'));
    else if ('removing' in event) removing.add(event.removing);
    else if ('removed' in event) removed.add(event.removed);
    else if ('named' in event) named = Buffer.from(event.named, 'base64');
  }
  return { made, removing, removed, named };
}

const open = (dir: string): Promise<Hierarchy> =>
  Hierarchy.open({
    folder: join(dir, 'vault'),
    provider: keyFile(join(dir, 'vault.key')),
    anchorPath: join(dir, 'vault.key.anchor'),
    now: Date.now,
  });

function check(hierarchy: Hierarchy, { made, removing, removed, named }: Told): void {
  for (const [keyId, sealed] of made) {
    const use = () => hierarchy.open({ ...identityOf(keyId), materialId, sealed });
    if (removed.has(keyId)) expect(use, keyId).toThrow(expect.objectContaining({ code: 'shredded' }));
    else if (!removing.has(keyId)) expect(use(), keyId).toEqual(materialOf(keyId));
  }
  if (named) expect(hierarchy.namedKey('log')).toEqual(named);
}

it.skipIf(!hasStrace)('keeps its promises through a cut at any operation', { timeout: 120_000 }, async () => {
  const operations = trace(writer, [join(root, 'traced')], join(root, 'traced'));
  const lines = operations.filter((operation) => operation.kind === 'acknowledge').length;
  expect(lines).toBe(25);
  expect(operations.length).toBeGreaterThan(300);
  const disk = new LossyDisk();
  const events: VaultEvent[] = [];
  let deletions = 0;
  let rotations = 0;
  for (const [at, operation] of operations.entries()) {
    disk.run(operation);
    if (operation.kind === 'acknowledge') events.push(JSON.parse(operation.line) as VaultEvent);
    // The folder itself has a name that is not looked after here.
    const dir = join(root, 'cut');
    rmSync(dir, { recursive: true, force: true });
    const chance = [0, 0.5, 1][at % 3] as number;
    disk.powerCut(dir, () => Math.random() < chance);
    try {
      const state = told(events);
      const hierarchy = await open(dir);
      check(hierarchy, state);
      if (hierarchy.isRotating) rotations += 1;
      expect(existsSync(join(dir, 'vault.key.next'))).toBe(false);
      // Goes on as if nothing had been.
      await hierarchy.rotateRootKey();
      while (hierarchy.isRotating) hierarchy.rewrap(2);
      hierarchy.wipe();
      const again = await open(dir);
      check(again, state);
      again.wipe();
    } catch (error) {
      const what = JSON.stringify({ ...operation, bytes: undefined });
      throw new Error(`cut at operation ${at} of ${operations.length} (${what}), keeping ${chance}`, { cause: error });
    }
    deletions = Math.max(deletions, told(events).removed.size);
  }
  expect(deletions).toBe(3);
  expect(rotations).toBeGreaterThan(10);
  // The backup's keyring followed.
  const names = readRecords(readFileSync(join(root, 'traced', 'backup', 'keyring'))).records.map(({ name }) => name);
  expect(names).toEqual(['111122223333/key-3']);
});

it.skipIf(!hasStrace)('syncs a wrap key before the key that it seals is told of', { timeout: 60_000 }, () => {
  const operations = trace(writer, [join(root, 'counted')], join(root, 'counted'));
  let unsynced = 0;
  let acknowledged = 0;
  for (const operation of operations) {
    if (operation.kind === 'write' && operation.path === 'vault/keyring') unsynced += 1;
    if (operation.kind === 'sync-end' && operation.path === 'vault/keyring') unsynced = 0;
    if (operation.kind !== 'acknowledge' || !('made' in (JSON.parse(operation.line) as VaultEvent))) continue;
    acknowledged += 1;
    expect(unsynced).toBe(0);
  }
  expect(acknowledged).toBe(16);
});
