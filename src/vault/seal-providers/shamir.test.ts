import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeShare, encodeShare } from '../share.ts';
import type { SealProvider } from './provider.ts';
import { sealedRoot } from './sealed-root.ts';
import { shamirSeal } from './shamir.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-shamir-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sealFile = () => join(folder, 'vault.seal');
const fresh = () => sealedRoot(sealFile(), shamirSeal());
const sealed = (message: string) => ({ code: 'sealed', message: expect.stringContaining(message) });

async function made(shares = 5, threshold = 3): Promise<{ root: Buffer; shares: readonly Buffer[] }> {
  const provider = fresh();
  const parts = (await provider.initialize?.(shares, threshold)) ?? [];
  const [root] = await provider.unseal(false);
  return { root: root as Buffer, shares: parts };
}

async function give(provider: SealProvider, ...shares: (Buffer | undefined)[]): Promise<void> {
  for (const share of shares) await provider.give?.(share as Buffer);
}

test('any three of five open it, in any order; the file has neither the root key nor a share', async () => {
  const { root, shares } = await made();
  for (const [a, b, c] of [
    [0, 1, 2],
    [4, 2, 0],
    [3, 1, 4],
  ] as const) {
    const provider = fresh();
    expect(provider.wants).toBe('share');
    await give(provider, shares[a], shares[b], shares[c]);
    expect(provider.wants).toBeUndefined();
    expect(await provider.unseal(true)).toEqual([root]);
  }
  const text = readFileSync(sealFile());
  for (const secret of [root, ...shares.map((share) => share.subarray(5, 37))]) {
    expect(text.includes(secret) || text.includes(secret.toString('base64'))).toBe(false);
  }
});

test('two of three are not enough, and the same one twice counts once', async () => {
  const { root, shares } = await made();
  const provider = fresh();
  await give(provider, shares[0], shares[1]);
  expect(provider.progress).toEqual({ given: 2, needed: 3 });
  await expect(provider.unseal(true)).rejects.toMatchObject(sealed('1 more'));
  await expect(provider.give?.(shares[1] as Buffer)).rejects.toMatchObject(sealed('given already'));
  await give(provider, shares[4]);
  expect(await provider.unseal(true)).toEqual([root]);
});

test('shares of another vault, mistyped ones, and ones of a vault that has none', async () => {
  await expect(fresh().give?.(Buffer.alloc(42))).rejects.toMatchObject(sealed('no shares yet'));
  const other = await made();
  rmSync(sealFile());
  const { shares } = await made();
  const provider = fresh();
  await expect(provider.give?.(other.shares[0] as Buffer)).rejects.toMatchObject(sealed('another vault'));
  const typo = Buffer.from(shares[0] as Buffer);
  typo.writeUInt8(typo.readUInt8(9) ^ 1, 9);
  await expect(provider.give?.(typo)).rejects.toMatchObject(sealed('mistyped'));
  expect(provider.progress?.given).toBe(0);
});

test('a forged share spoils the attempt, not the vault: it begins again', async () => {
  const { root, shares } = await made();
  const share = decodeShare(shares[2] as Buffer);
  const bytes = Buffer.from(share?.bytes ?? []);
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  const forged = encodeShare({ set: share?.set ?? '', threshold: 3, bytes });
  const provider = fresh();
  await give(provider, shares[0], shares[1], forged);
  await expect(provider.unseal(true)).rejects.toMatchObject(sealed('Begin again'));
  expect(provider.wants).toBe('share');
  await give(provider, shares[0], shares[1], shares[2]);
  expect(await provider.unseal(true)).toEqual([root]);
});

test('they are made once, in sensible numbers', async () => {
  for (const [shares, threshold] of [
    [5, 1],
    [2, 3],
    [33, 2],
    [0, 0],
  ] as const) {
    await expect(fresh().initialize?.(shares, threshold)).rejects.toMatchObject(sealed('Choose 2 to 32'));
  }
  const { root, shares } = await made(2, 2);
  expect(shares).toHaveLength(2);
  await expect(fresh().initialize?.(5, 3)).rejects.toThrow('has its shares already');
  const provider = fresh();
  await give(provider, ...shares);
  expect(await provider.unseal(true)).toEqual([root]);
});

test('without shares nothing is made, and a rotation keeps the shares', async () => {
  await expect(fresh().unseal(false)).rejects.toMatchObject(sealed('--init'));
  const { shares } = await made();
  const provider = fresh();
  await give(provider, ...shares.slice(0, 3));
  await provider.unseal(true);
  const next = await provider.prepare();
  await provider.adopt();
  provider.wipe();
  const again = fresh();
  await give(again, ...shares.slice(2));
  expect(await again.unseal(true)).toEqual([next]);
});
