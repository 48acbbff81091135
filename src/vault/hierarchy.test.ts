/** The hierarchy on a real disk: rotation, deletion, rollback, swapped and flipped bytes, and ends in the middle of things. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Hierarchy, type HierarchyOptions } from './hierarchy.ts';
import { keyFile } from './seal-providers/key-file.ts';
import type { SealProvider } from './seal-providers/provider.ts';

const account = '111122223333';
const spec = 'SYMMETRIC_DEFAULT';
const materialId = 'ab'.repeat(32);
const materialOf = (keyId: string): Buffer => Buffer.from(keyId.padEnd(32, '.'));
const flip = (path: string, bit: number): void => {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  writeFileSync(path, bytes);
};

let root: string;
let opened: Hierarchy[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bailey-hierarchy-'));
  mkdirSync(join(root, 'live'));
  opened = [];
});
afterEach(() => {
  for (const one of opened) one.wipe();
  rmSync(root, { recursive: true, force: true });
});

const rootKey = () => join(root, 'live', 'vault.key');
const folder = () => join(root, 'live', 'vault');

async function open(more: Partial<HierarchyOptions> = {}): Promise<Hierarchy> {
  const hierarchy = await Hierarchy.open({
    folder: folder(),
    provider: keyFile(rootKey()),
    anchorPath: `${rootKey()}.anchor`,
    now: Date.now,
    ...more,
  });
  opened.push(hierarchy);
  return hierarchy;
}

/** As a process that ended would leave it: nothing more is written. */
function copyOfDisk(name: string): string {
  const to = join(root, name);
  cpSync(join(root, 'live'), to, { recursive: true });
  return to;
}

async function reopen(at: string): Promise<Hierarchy> {
  return open({
    folder: join(at, 'vault'),
    provider: keyFile(join(at, 'vault.key')),
    anchorPath: join(at, 'vault.key.anchor'),
  });
}

type Kept = ReadonlyMap<string, Buffer>;

async function make(hierarchy: Hierarchy, ...keyIds: string[]): Promise<Kept> {
  const made = await Promise.all(
    keyIds.map(
      async (keyId) => [keyId, await hierarchy.seal({ account, keyId, spec }, materialId, materialOf(keyId))] as const,
    ),
  );
  return new Map(made);
}

const openKey = (hierarchy: Hierarchy, keyId: string, sealed: Buffer) =>
  hierarchy.open({ account, keyId, spec, materialId, sealed });

function expectAll(hierarchy: Hierarchy, kept: Kept): void {
  for (const [keyId, sealed] of kept) expect(openKey(hierarchy, keyId, sealed)).toEqual(materialOf(keyId));
}

const corrupt = expect.objectContaining({ code: 'corrupt' });
const shredded = expect.objectContaining({ code: 'shredded' });

describe('places', () => {
  test('what is sealed for one key opens for no other: key, account, spec, version', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a', 'b');
    const sealed = kept.get('a') as Buffer;
    expectAll(hierarchy, kept);
    await hierarchy.seal({ account: '444455556666', keyId: 'a', spec }, materialId, materialOf('a'));
    for (const other of [
      { keyId: 'b' },
      { account: '444455556666' },
      { spec: 'HMAC_256' },
      { materialId: 'cd'.repeat(32) },
    ]) {
      expect(() => hierarchy.open({ account, keyId: 'a', spec, materialId, sealed, ...other })).toThrow(corrupt);
    }
  });

  test('any flipped bit of a sealed key is refused', async () => {
    const hierarchy = await open();
    const sealed = (await make(hierarchy, 'a')).get('a') as Buffer;
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Buffer.from(sealed);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => openKey(hierarchy, 'a', flipped)).toThrow(corrupt);
    }
  });

  test('swapped records of the keyring, and any flipped bit of the files, are refused or change nothing', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'aa', 'bb', 'cc');
    hierarchy.wipe();
    const disk = copyOfDisk('copy-flip');
    for (const [file, step] of [
      ['vault/domain-keys', 37],
      ['vault/keyring', 11],
      ['vault.key.anchor', 13],
      ['vault.key', 17],
    ] as const) {
      const path = join(disk, file);
      const good = readFileSync(path);
      for (let bit = 0; bit < good.length * 8; bit += step) {
        flip(path, bit);
        await expect(reopen(disk), `${file} bit ${bit}`).rejects.toThrow();
        writeFileSync(path, good);
        rmSync(join(disk, 'vault', 'keyring.torn'), { force: true });
      }
    }
    // The names of two records of one length, exchanged.
    const path = join(disk, 'vault', 'keyring');
    const good = readFileSync(path);
    const text = good.toString('latin1');
    writeFileSync(path, Buffer.from(text.replace('/aa', '/xx').replace('/bb', '/aa').replace('/xx', '/bb'), 'latin1'));
    await expect(reopen(disk)).rejects.toThrow(corrupt);
    writeFileSync(path, good);
    expectAll(await reopen(disk), kept);
  });
});

describe('root rotation', () => {
  test('the keyring is not touched, whatever its size, and the old root key opens nothing', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, ...Array.from({ length: 200 }, (_, at) => `key-${at}`));
    const keyring = readFileSync(join(folder(), 'keyring'));
    const old = readFileSync(rootKey());
    await hierarchy.rotateRootKey();
    expect(readFileSync(join(folder(), 'keyring'))).toEqual(keyring);
    expect(readFileSync(rootKey())).not.toEqual(old);
    expectAll(hierarchy, kept);
    hierarchy.wipe();
    expectAll(await open(), kept);
    const disk = copyOfDisk('copy-old');
    writeFileSync(join(disk, 'vault.key'), old);
    await expect(reopen(disk)).rejects.toThrow(corrupt);
  });

  test('wherever it ends, one of the two root keys opens everything, and the other is forgotten', async () => {
    const kept = await make(await open(), 'a', 'b');
    for (const stop of ['before prepare', 'after prepare', 'before adopt', 'after adopt', 'after all'] as const) {
      for (const one of opened.splice(0)) one.wipe();
      const provider = keyFile(rootKey());
      let disk = '';
      const end = (when: typeof stop): void => {
        if (when === stop) disk = copyOfDisk(`copy-${stop.replace(' ', '-')}`);
      };
      const spy: SealProvider = {
        ...provider,
        kind: provider.kind,
        isInitialized: true,
        unseal: (hasData) => provider.unseal(hasData),
        async prepare() {
          end('before prepare');
          const made = await provider.prepare();
          end('after prepare');
          return made;
        },
        async adopt() {
          end('before adopt');
          await provider.adopt();
          end('after adopt');
        },
      };
      const hierarchy = await open({ provider: spy });
      await hierarchy.rotateRootKey();
      end('after all');
      expect(existsSync(disk), stop).toBe(true);
      const again = await reopen(disk);
      expectAll(again, kept);
      expect(
        readdirSync(disk).filter((name) => name.endsWith('.next')),
        stop,
      ).toEqual([]);
      await again.rotateRootKey();
      again.wipe();
      expectAll(await reopen(disk), kept);
    }
  });

  test('a provider that refuses half-way leaves everything usable, and the next attempt succeeds', async () => {
    const kept = await make(await open(), 'a');
    for (const one of opened.splice(0)) one.wipe();
    const provider = keyFile(rootKey());
    let failures = 3;
    const failing: SealProvider = {
      ...provider,
      kind: provider.kind,
      isInitialized: true,
      async adopt() {
        failures -= 1;
        if (failures === 1) await provider.adopt();
        if (failures >= 0) throw new Error('not now');
        await provider.adopt();
      },
    };
    const hierarchy = await open({ provider: failing });
    for (let round = 0; round < 3; round += 1) {
      await expect(hierarchy.rotateRootKey()).rejects.toThrow('not now');
      expectAll(hierarchy, kept);
      expectAll(await reopen(copyOfDisk(`copy-${round}`)), kept);
    }
    await hierarchy.rotateRootKey();
    hierarchy.wipe();
    expectAll(await open(), kept);
  });

  test('two at once: the second is told so', async () => {
    const hierarchy = await open();
    const first = hierarchy.rotateRootKey();
    await expect(hierarchy.rotateRootKey()).rejects.toMatchObject({ code: 'unavailable' });
    await first;
  });
});

describe('domain rotation', () => {
  test('is lazy: keys stay usable while wrap keys follow, step by step, and only then is the old one forgotten', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, ...Array.from({ length: 25 }, (_, at) => `key-${at}`));
    expect(hierarchy.rotateDomainKey(Date.now(), 3_600_000)).toBe(false);
    expect(hierarchy.rotateDomainKey(Date.now() + 3_600_001, 3_600_000)).toBe(true);
    expect(hierarchy.status).toMatchObject({ domainKey: 2, keysToRewrap: 25 });
    // Not the next one before this one is through.
    expect(hierarchy.rotateDomainKey(Date.now() + 1e9, 0)).toBe(false);
    const fresh = await make(hierarchy, 'new');
    for (let left = 15; left >= 0; left -= 10) {
      expectAll(hierarchy, new Map([...kept, ...fresh]));
      // Whatever is on the disk now is whole.
      expectAll(await reopen(copyOfDisk(`copy-${left}`)), new Map([...kept, ...fresh]));
      expect(hierarchy.rewrap(10)).toBe(Math.max(left, 0));
    }
    expect(hierarchy.rewrap(10)).toBe(0);
    expect(hierarchy.isRotating).toBe(false);
    hierarchy.wipe();
    const again = await open();
    expectAll(again, new Map([...kept, ...fresh]));
    expect(again.status).toMatchObject({ domainKey: 2, keysToRewrap: 0, keys: 26 });
  });

  test('a key that is deleted in the middle of it stays deleted', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a', 'b', 'c');
    hierarchy.rotateDomainKey(Date.now() + 1, 0);
    hierarchy.rewrap(1);
    hierarchy.shred(account, 'a');
    hierarchy.shred(account, 'c');
    while (hierarchy.isRotating) hierarchy.rewrap(1);
    hierarchy.wipe();
    const again = await open();
    expect(() => openKey(again, 'a', kept.get('a') as Buffer)).toThrow(shredded);
    expect(openKey(again, 'b', kept.get('b') as Buffer)).toEqual(materialOf('b'));
    expect(again.missing([`${account}/a`, `${account}/b`, `${account}/c`])).toEqual([`${account}/a`, `${account}/c`]);
  });
});

describe('deletion', () => {
  test('reaches the keyrings of backups, and leaves an old archive with the root key nothing to open', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a', 'b');
    const backup = join(root, 'copy-backup');
    hierarchy.archive(
      { folder: folder(), rootKey: rootKey(), isClear: true },
      { sealed: join(backup, 'vault'), keyring: join(backup, 'keyring'), clearRootKey: join(backup, 'vault.key') },
    );
    const oldKeyring = readFileSync(join(backup, 'keyring'));
    // Rotations of all kinds come between: the archive has the domain keys of its day.
    hierarchy.rotateDomainKey(Date.now() + 1, 0);
    hierarchy.rewrap(100);
    await hierarchy.rotateRootKey();
    hierarchy.shred(account, 'a');
    expect(hierarchy.status.copiesLeft).toBe(0);
    expect(readFileSync(join(backup, 'keyring')).length).toBeLessThan(oldKeyring.length);

    const assemble = async (keyring: Buffer): Promise<Hierarchy> => {
      writeFileSync(join(backup, 'vault', 'keyring'), keyring);
      return open({
        folder: join(backup, 'vault'),
        provider: keyFile(join(backup, 'vault.key')),
        anchorPath: undefined,
        restored: { keyrings: [], copies: [] },
      });
    };
    const restored = await assemble(readFileSync(join(backup, 'keyring')));
    expect(() => openKey(restored, 'a', kept.get('a') as Buffer)).toThrow(shredded);
    expect(openKey(restored, 'b', kept.get('b') as Buffer)).toEqual(materialOf('b'));
    restored.wipe();
    // What is not covered, as the documentation says: whoever kept the old keyring.
    const thief = await assemble(oldKeyring);
    expect(openKey(thief, 'a', kept.get('a') as Buffer)).toEqual(materialOf('a'));
  });

  test('a copy that cannot be written is counted, and written later', async () => {
    const hierarchy = await open();
    await make(hierarchy, 'a', 'b');
    const copy = join(root, 'copy-keyring');
    const place = { folder: folder(), rootKey: rootKey(), isClear: true };
    hierarchy.archive(place, { sealed: join(root, 'copy-sealed'), keyring: copy });
    const full = readFileSync(copy);
    // Where its new version is to be written, a folder is in the way.
    cpSync(folder(), `${copy}.new`, { recursive: true });
    hierarchy.shred(account, 'a');
    expect(hierarchy.status.copiesLeft).toBe(1);
    expect(readFileSync(copy)).toEqual(full);
    rmSync(`${copy}.new`, { recursive: true });
    expect(hierarchy.rewriteCopies()).toBe(0);
    expect(readFileSync(copy).length).toBeLessThan(full.length);
  });

  test('a copy that was taken away, or is none of ours, is left alone', async () => {
    const hierarchy = await open();
    await make(hierarchy, 'a');
    const place = { folder: folder(), rootKey: rootKey(), isClear: true };
    for (const name of ['copy-gone', 'copy-other']) {
      hierarchy.archive(place, { sealed: join(root, 'copy-sealed'), keyring: join(root, name) });
    }
    rmSync(join(root, 'copy-gone'));
    writeFileSync(join(root, 'copy-other'), 'somebody put something else here');
    hierarchy.shred(account, 'a');
    expect(hierarchy.status.copiesLeft).toBe(0);
    expect(existsSync(join(root, 'copy-gone'))).toBe(false);
    expect(readFileSync(join(root, 'copy-other'), 'utf8')).toContain('something else');
  });
});

describe('rollback', () => {
  test('yesterday’s vault folder beside today’s anchor is refused', async () => {
    const hierarchy = await open();
    await make(hierarchy, 'a');
    const yesterday = copyOfDisk('copy-yesterday');
    await make(hierarchy, 'b');
    hierarchy.wipe();
    rmSync(folder(), { recursive: true });
    cpSync(join(yesterday, 'vault'), folder(), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('bailey restore') });
  });

  test('a deletion is not undone by yesterday’s keyring', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a');
    const keyring = readFileSync(join(folder(), 'keyring'));
    hierarchy.shred(account, 'a');
    hierarchy.wipe();
    const today = readFileSync(join(folder(), 'keyring'));
    writeFileSync(join(folder(), 'keyring'), keyring);
    await expect(open()).rejects.toThrow(corrupt);
    writeFileSync(join(folder(), 'keyring'), today);
    expect(() => openKey(opened.at(-1) as Hierarchy, 'a', kept.get('a') as Buffer)).toThrow();
  });

  test('without its anchor a vault that was used does not open, nor with a forged one, nor with the folder gone', async () => {
    const hierarchy = await open();
    await make(hierarchy, 'a');
    hierarchy.wipe();
    const anchor = readFileSync(`${rootKey()}.anchor`);
    rmSync(`${rootKey()}.anchor`);
    await expect(open()).rejects.toThrow('is missing');
    writeFileSync(`${rootKey()}.anchor`, Buffer.alloc(anchor.length));
    await expect(open()).rejects.toThrow(corrupt);
    writeFileSync(`${rootKey()}.anchor`, anchor);
    rmSync(folder(), { recursive: true });
    await expect(open()).rejects.toThrow('restore them');
  });

  test('a restore begins another history: the files of before are refused from then on', async () => {
    const hierarchy = await open();
    await make(hierarchy, 'a');
    hierarchy.wipe();
    const before = copyOfDisk('copy-before');
    (await open({ restored: { keyrings: [], copies: [] } })).wipe();
    rmSync(folder(), { recursive: true });
    cpSync(join(before, 'vault'), folder(), { recursive: true });
    await expect(open()).rejects.toThrow(corrupt);
  });

  test('a restore forgets what newer keyrings do not have, and takes no keyring of another vault', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a', 'b');
    const old = copyOfDisk('copy-old');
    hierarchy.shred(account, 'a');
    hierarchy.wipe();
    const at = {
      folder: join(old, 'vault'),
      provider: keyFile(join(old, 'vault.key')),
      anchorPath: join(old, 'vault.key.anchor'),
    };
    writeFileSync(join(root, 'foreign'), 'no keyring');
    await expect(open({ ...at, restored: { keyrings: [join(root, 'foreign')], copies: [] } })).rejects.toThrow(corrupt);
    const restored = await open({ ...at, restored: { keyrings: [join(folder(), 'keyring')], copies: [] } });
    expect(() => openKey(restored, 'a', kept.get('a') as Buffer)).toThrow(shredded);
    expect(openKey(restored, 'b', kept.get('b') as Buffer)).toEqual(materialOf('b'));
  });
});

describe('a disk that refuses', () => {
  test('nothing that could not be written is used or counted: names, domain keys, deletions', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a', 'b');
    const named = hierarchy.namedKey('known');
    // Folders in the way of the files that are written beside.
    for (const name of ['domain-keys.new', 'keyring.new']) cpSync(folder(), join(root, name), { recursive: true });
    for (const name of ['domain-keys.new', 'keyring.new'])
      cpSync(join(root, name), join(folder(), name), { recursive: true });
    expect(() => hierarchy.namedKey('other')).toThrow();
    expect(() => hierarchy.namedKey('other')).toThrow();
    expect(hierarchy.namedKey('known')).toEqual(named);
    expect(() => hierarchy.rotateDomainKey(Date.now() + 1, 0)).toThrow();
    expect(hierarchy.status.domainKey).toBe(1);
    expect(() => hierarchy.shred(account, 'a')).toThrow();
    expect(() => hierarchy.shred(account, 'a')).toThrow();
    expectAll(hierarchy, kept);
    for (const name of ['domain-keys.new', 'keyring.new']) rmSync(join(folder(), name), { recursive: true });
    hierarchy.wipe();
    const again = await open();
    expectAll(again, kept);
    again.shred(account, 'a');
    expect(() => openKey(again, 'a', kept.get('a') as Buffer)).toThrow(shredded);
  });

  test('what a crash left of an append is cut off and kept aside', async () => {
    const hierarchy = await open();
    const kept = await make(hierarchy, 'a');
    hierarchy.wipe();
    const path = join(folder(), 'keyring');
    for (const tail of [Buffer.from([0, 14]), readFileSync(path).subarray(40, 70), Buffer.alloc(4096)]) {
      const whole = readFileSync(path);
      writeFileSync(path, Buffer.concat([whole, tail]));
      const again = await open();
      expectAll(again, kept);
      await make(again, `key-${tail.length}`);
      again.wipe();
      expectAll(await open(), kept);
      for (const one of opened.splice(0)) one.wipe();
      expect(readFileSync(`${path}.torn`)).toEqual(tail);
    }
  });
});
