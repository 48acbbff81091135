/** First accounts: nobody can look up a secret again, so it is kept before the account exists. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { accounts } from '../services/account/state.ts';
import { openMemoryStore } from '../store/memory.ts';
import { writeRootCredentials } from './credentials-files.ts';
import { makeAccount, seedFirstAccount } from './seed.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-seed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() };
const root = { accountId: '111122223333', email: 'owner@coffee.example', password: 'correct horse' };

it('an account whose credentials could not be kept is not made', async () => {
  const store = openMemoryStore();
  const parts = { store, random, now: () => 0 };
  const full = async () => {
    expect(await store.list(accounts, '')).toEqual([]);
    throw new Error('ENOSPC');
  };
  await expect(seedFirstAccount(parts, full)).rejects.toThrow('ENOSPC');
  await expect(makeAccount(parts, { id: root.accountId, email: root.email }, full)).rejects.toThrow('ENOSPC');
  expect(await store.list(accounts, '')).toEqual([]);
});

it('what is kept is what the account has', async () => {
  const store = openMemoryStore();
  let kept = '';
  await seedFirstAccount({ store, random, now: () => 0 }, async (made) => {
    kept = made.root.accountId;
  });
  expect((await store.list(accounts, '')).map(({ id }) => id)).toEqual([kept]);
});

it('an account is not made over another', async () => {
  const parts = { store: openMemoryStore(), random, now: () => 0 };
  const make = () => makeAccount(parts, { id: root.accountId, email: root.email }, async () => undefined);
  await make();
  await expect(make()).rejects.toThrow('There is an account 111122223333 already.');
});

it('the file of secrets is new: neither one that others may read, nor one elsewhere', async () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'theirs', { mode: 0o644 });
  const path = join(folder, 'root-credentials');
  for (const place of [path, `${path}.new`]) symlinkSync(elsewhere, place);
  expect(await writeRootCredentials(folder, root)).toBe(path);
  expect(readFileSync(path, 'utf8')).toContain('password = correct horse');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect([readFileSync(elsewhere, 'utf8'), existsSync(`${path}.new`)]).toEqual(['theirs', false]);
});
