/** The vault process from its parent's side: its states, its deaths at bad moments, and the parent's own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Encryption, VaultKey } from '../services/kms/ports.ts';
import { VaultClient, type VaultOptions } from './client.ts';
import { openLetterbox, sealLetter } from './letter.ts';

const spec = 'SYMMETRIC_DEFAULT';
const names = (keyId: string) => ({ account: '111122223333', keyId, spec });
const how = (key: VaultKey): Encryption => ({ key, algorithm: spec });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let folder: string;
let opened: VaultClient[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-client-'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((vault) => vault.close()));
  rmSync(folder, { recursive: true, force: true });
});

function vaultWith(more: VaultOptions = { keyFile: join(folder, 'vault.key') }): VaultClient {
  const vault = new VaultClient({ folder: join(folder, 'vault'), ...more });
  opened.push(vault);
  return vault;
}

async function make(vault: VaultClient, keyId: string): Promise<VaultKey> {
  return { ...names(keyId), ...(await vault.create(names(keyId))) };
}

const opens = async (vault: VaultClient, key: VaultKey, blob: Uint8Array): Promise<string> =>
  Buffer.from((await vault.decrypt(how(key), blob)).plaintext ?? []).toString();

const letterTo = (address: string, secret: string | Uint8Array): Buffer =>
  sealLetter(Buffer.from(address, 'base64'), Buffer.from(secret));

const sealed = expect.objectContaining({ code: 'sealed' });

describe('sealed and unsealed', () => {
  test('sealing answers `sealed` to everything, until an operator unseals it', async () => {
    const vault = vaultWith();
    const key = await make(vault, 'a');
    const blob = await vault.encrypt(how(key), Buffer.from('x'));
    await vault.seal();
    expect(vault.isSealed).toBe(true);
    const calls = [
      () => vault.decrypt(how(key), blob),
      () => vault.encrypt(how(key), Buffer.from('x')),
      () => vault.create(names('b')),
      () => vault.random(32),
      () => vault.shred('111122223333', 'a'),
      () => vault.namedKey('log'),
      () => vault.rotateRootKey(),
      () => vault.rotateDomainKey(Date.now(), 0),
      () => vault.missing([]),
      () => vault.archive({ sealed: join(folder, 'x'), keyring: join(folder, 'y') }),
      () => vault.sign(key, 'ECDSA_SHA_256', Buffer.from('m'), 'RAW'),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(sealed);
    expect(await vault.status()).toMatchObject({ isSealed: true, provider: 'key-file', isInitialized: true });
    let told = 0;
    vault.onOpened = () => {
      told += 1;
    };
    expect(await vault.unseal()).toMatchObject({ isSealed: false, keys: 1 });
    expect(told).toBe(1);
    expect(await opens(vault, key, blob)).toBe('x');
  });

  test('sealed by hand it stays sealed when its process dies', async () => {
    const vault = vaultWith();
    await make(vault, 'a');
    await vault.seal();
    const { pid } = await vault.status();
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() =>
        vault.status().then(
          (status) => status.pid !== pid,
          () => false,
        ),
      )
      .toBe(true);
    await expect(vault.random(1)).rejects.toThrow(sealed);
    expect((await vault.unseal()).isSealed).toBe(false);
  });

  test('a passphrase arrives in a letter: a wrong one is told, the right one opens, a death asks for it again', async () => {
    const seal = { kind: 'passphrase', file: join(folder, 'vault.seal') } as const;
    const vault = vaultWith({ seal });
    let status = await vault.status();
    expect(status).toMatchObject({ isSealed: true, isInitialized: false, wants: 'passphrase' });
    await vault.unseal(letterTo(status.address, 'correct horse'));
    const key = await make(vault, 'a');
    const blob = await vault.encrypt(how(key), Buffer.from('x'));
    // A rotation needs nobody.
    await vault.rotateRootKey();
    process.kill((await vault.status()).pid, 'SIGKILL');
    await expect
      .poll(() =>
        vault.status().then(
          (one) => one.isSealed,
          () => false,
        ),
      )
      .toBe(true);
    await expect(vault.decrypt(how(key), blob)).rejects.toThrow(sealed);
    status = await vault.status();
    await expect(vault.unseal(letterTo(status.address, 'wrong horse'))).rejects.toThrow('wrong');
    // Letters to somebody else, and no letters.
    await expect(vault.unseal(letterTo(openLetterbox().address.toString('base64'), 'correct horse'))).rejects.toThrow();
    await expect(vault.unseal(Buffer.from('no letter'))).rejects.toThrow();
    await vault.unseal(letterTo(status.address, 'correct horse'));
    expect(await opens(vault, key, blob)).toBe('x');
  });

  test('shares: made once, given one by one, asked for again after sealing', async () => {
    const seal = { kind: 'shamir', file: join(folder, 'vault.seal') } as const;
    const vault = vaultWith({ seal });
    expect(await vault.status()).toMatchObject({
      isSealed: true,
      wants: 'share',
      reason: expect.stringContaining('--init'),
    });
    await expect(vault.random(1)).rejects.toThrow(sealed);
    const box = openLetterbox();
    const shares = (await vault.initialize(3, 2, box.address)).map((letter) => box.open(letter));
    await expect(vault.initialize(3, 2, box.address)).rejects.toThrow();
    const key = await make(vault, 'a');
    const blob = await vault.encrypt(how(key), Buffer.from('x'));
    await vault.seal();
    let status = await vault.unseal();
    expect(status).toMatchObject({ isSealed: true, wants: 'share', progress: { given: 0, needed: 2 } });
    status = await vault.unseal(letterTo(status.address, shares[2] as Buffer));
    expect(status).toMatchObject({ isSealed: true, progress: { given: 1, needed: 2 } });
    await expect(vault.unseal(letterTo(status.address, shares[2] as Buffer))).rejects.toThrow('given already');
    expect(await vault.unseal(letterTo(status.address, shares[0] as Buffer))).toMatchObject({ isSealed: false });
    expect(await opens(vault, key, blob)).toBe('x');
    // Nothing is asked for now.
    await expect(vault.unseal(letterTo(status.address, shares[0] as Buffer))).rejects.toThrow('asks for nothing');
  });

  test('one vault on one folder: files that another changed are noticed at the next start', async () => {
    const first = vaultWith();
    await make(first, 'a');
    await first.close();
    writeFileSync(join(folder, 'vault', 'keyring'), 'x', { flag: 'a' });
    const second = vaultWith();
    await second.start();
    expect(readdirSync(join(folder, 'vault'))).toContain('keyring.torn');
    writeFileSync(join(folder, 'vault', 'domain-keys'), 'x', { flag: 'a' });
    await second.close();
    const third = vaultWith();
    await third.start();
    await third.close();
    writeFileSync(join(folder, 'vault', 'domain-keys'), Buffer.alloc(500));
    await expect(vaultWith().start()).rejects.toThrow('does not open');
  });
});

describe('apart from the rest', () => {
  test('the process has no network, no core dumps, no inspector, and of the environment nothing', async (context) => {
    process.env.BAILEY_TEST_SECRET = 'kept away';
    const vault = vaultWith();
    const { pid, hasNetwork } = await vault.status();
    const { readFileSync } = await import('node:fs');
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    expect(environment).not.toContain('kept away');
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max core file size +0 +0/);
    const { execFileSync } = await import('node:child_process');
    const isAllowed = ['-n', '-cn'].some((how) => {
      try {
        execFileSync('unshare', [how, 'true'], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    });
    if (!isAllowed) {
      console.warn(
        'SKIPPED: this system allows no network namespaces, so the vault keeps the network it was born with.',
      );
      context.skip();
    }
    expect(hasNetwork).toBe(false);
    expect(readlinkSync(`/proc/${pid}/ns/net`)).not.toBe(readlinkSync('/proc/self/ns/net'));
  });
});

describe('deaths', () => {
  test('killed at random points of use and of both rotations, it returns, and nothing is half-rotated', async () => {
    const seed = Number(process.env.BAILEY_SEED ?? Math.floor(Math.random() * 1e9));
    console.log(`BAILEY_SEED=${seed}`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const vault = vaultWith();
    const keys: { key: VaultKey; blob: Uint8Array; text: string }[] = [];
    const shredded = new Set<string>();
    const refusals = new Set<string>();
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        refusals.add((error as { code?: string }).code ?? String(error));
      }
    };
    const works: (() => Promise<void>)[] = [
      async () => {
        const key = await make(vault, `key-${keys.length}-${random(1e9)}`);
        const text = `text of ${key.keyId}`;
        keys.push({ key, blob: await vault.encrypt(how(key), Buffer.from(text)), text });
      },
      async () => {
        const one = keys[random(keys.length || 1)];
        if (one && !shredded.has(one.key.keyId)) expect(await opens(vault, one.key, one.blob)).toBe(one.text);
      },
      async () => void (await vault.rotateDomainKey(Date.now() + 1e12, 0)),
      () => vault.rotateRootKey(),
      async () => {
        if (keys.length < 20 || shredded.size > 10) return;
        const { keyId } = keys[random(keys.length)]?.key ?? { keyId: '' };
        // Asked for, it may or may not have come so far.
        shredded.add(keyId);
        await vault.shred('111122223333', keyId);
      },
    ];
    for (let death = 0; death < 15; death += 1) {
      const alive = () => vault.status().catch(() => undefined);
      const { pid } = ((await alive()) ?? (await alive())) as { pid: number };
      const isOver = pause(random(30)).then(() => process.kill(pid, 'SIGKILL'));
      // As many as fit into its life, twelve at a time.
      const busy = Array.from({ length: 12 }, async () => {
        for (let round = 0; round < 8; round += 1) await attempt(works[random(works.length)] as () => Promise<void>);
      });
      await isOver;
      await Promise.all(busy);
    }
    expect(keys.length).toBeGreaterThan(50);
    expect(shredded.size).toBeGreaterThan(2);
    // Two rotations at once, or a death: passes with time. Nothing else was answered.
    expect([...refusals].filter((code) => code !== 'unavailable')).toEqual([]);
    await expect
      .poll(() =>
        vault.status().then(
          ({ isSealed }) => isSealed,
          () => true,
        ),
      )
      .toBe(false);
    for (const { key, blob, text } of keys) {
      const found = await opens(vault, key, blob).catch((error: { code: string }) => error.code);
      if (shredded.has(key.keyId)) expect(['shredded', text]).toContain(found);
      else expect(found, `BAILEY_SEED=${seed}`).toBe(text);
    }
    // And as a new parent finds it.
    await vault.close();
    const again = vaultWith();
    for (const { key, blob, text } of keys.filter((one) => !shredded.has(one.key.keyId))) {
      expect(await opens(again, key, blob)).toBe(text);
    }
    expect(readdirSync(folder).filter((name) => name.includes('.next'))).toEqual([]);
  }, 60_000);

  /** A parent of its own that opens a vault, prints the vault's process id, and does nothing any more. */
  function parent(): { pid: number; vaultPid: Promise<number> } {
    const script = `
      import { VaultClient } from ${JSON.stringify(new URL('./client.ts', import.meta.url).href)};
      const vault = new VaultClient({ folder: process.argv[1], keyFile: process.argv[2], silenceSeconds: 1 });
      await vault.create({ account: '111122223333', keyId: 'a', spec: 'SYMMETRIC_DEFAULT' });
      console.log((await vault.status()).pid);
      setInterval(() => undefined, 1000);
    `;
    const args = ['--input-type=module', '-e', script, join(folder, 'vault'), join(folder, 'vault.key')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const vaultPid = new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
    return { pid: child.pid as number, vaultPid };
  }

  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test('the parent is killed: the vault ends', async () => {
    const { pid, vaultPid } = parent();
    const vault = await vaultPid;
    expect(isAlive(vault)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(vault), { timeout: 10_000 }).toBe(false);
  });

  test('the parent falls silent: the vault seals itself, and its memory holds no domain key any more', async () => {
    const { memoryWith, formsOf } = await import('../../test/support/canary.ts');
    const { pid, vaultPid } = parent();
    const vaultProcess = await vaultPid;
    try {
      const { readFileSync } = await import('node:fs');
      const root = readFileSync(join(folder, 'vault.key'));
      expect(memoryWith(vaultProcess, formsOf(root)).found.length).toBeGreaterThan(0);
      process.kill(pid, 'SIGSTOP');
      await expect.poll(() => memoryWith(vaultProcess, formsOf(root)).found, { timeout: 15_000 }).toEqual([]);
      expect(isAlive(vaultProcess)).toBe(true);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await expect.poll(() => isAlive(vaultProcess), { timeout: 10_000 }).toBe(false);
  }, 40_000);
});

test('keys with names that could run into others are refused', async () => {
  const vault = vaultWith();
  for (const other of [
    { account: '11112222333' },
    { account: '1111222233334' },
    { account: '111122223333/a' },
    { keyId: 'a/b' },
    { keyId: 'a b' },
    { keyId: '' },
    { keyId: 'x'.repeat(251) },
    { spec: 'SYMMETRIC DEFAULT' },
  ]) {
    await expect(vault.create({ ...names('a'), ...other }), JSON.stringify(other)).rejects.toMatchObject({
      code: 'unsupported',
    });
  }
});
