import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RootSeal } from './provider.ts';
import { sealedRoot } from './sealed-root.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-sealed-root-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const path = () => join(folder, 'vault.seal');

/** Turns every byte round: enough to see what is written where. */
const mirror = (kind = 'mirror'): RootSeal => ({
  kind,
  wants: undefined,
  close: async (root, before) => ({
    parameters: { seen: Number(before?.seen ?? 0) + 1 },
    sealed: root.map((byte) => ~byte & 255) as Buffer,
  }),
  open: async (sealed) => sealed.map((byte) => ~byte & 255) as Buffer,
  wipe: () => undefined,
});

test('a root key is made when there is none and nothing that it must open', async () => {
  await expect(sealedRoot(path(), mirror()).unseal(true)).rejects.toThrow('is missing');
  const [root] = await sealedRoot(path(), mirror()).unseal(false);
  expect(await sealedRoot(path(), mirror()).unseal(true)).toEqual([root]);
});

test('the parameters of before are given to the seal that writes the next', async () => {
  const provider = sealedRoot(path(), mirror());
  await provider.unseal(false);
  await provider.prepare();
  await provider.adopt();
  expect(JSON.parse(readFileSync(path(), 'utf8'))).toMatchObject({ kind: 'mirror', parameters: { seen: 2 } });
});

test('a file of another seal is told from a broken one', async () => {
  await sealedRoot(path(), mirror()).unseal(false);
  await expect(sealedRoot(path(), mirror('other')).unseal(true)).rejects.toThrow('say vault.seal: mirror');
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"format":2}',
    '{"format":1,"kind":"mirror","parameters":[{}],"sealed":""}',
    'x'.repeat(70_000),
  ]) {
    writeFileSync(path(), text);
    await expect(sealedRoot(path(), mirror()).unseal(true), text.slice(0, 20)).rejects.toThrow(
      'does not hold a sealed root key',
    );
  }
});
