/** Backups of the vault: what a restore needs, what it must not bring back, and what is refused instead of it. */
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { adminKeys, testConfig } from '../support/instance.ts';
import { bailey, type Running, up } from '../support/process.ts';

let folder: string;
let config: string;
const running = new Set<Running>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailey-vault-backup-'));
  config = join(folder, 'config.yaml');
  await writeFile(config, stringify(testConfig), { mode: 0o600 });
});
afterEach(async () => {
  for (const one of running) await one.end('SIGKILL');
  running.clear();
  await rm(folder, { recursive: true, force: true });
});

const place = (name: string) => join(folder, name);

async function begin(dataDir: string, ...more: string[]) {
  const one = await up(['--data', dataDir, '--config', config, '--test-api', ...more]);
  running.add(one);
  const options = { endpoint: one.endpoint, region: 'us-east-1', credentials: adminKeys, maxAttempts: 1 };
  return { ...one, kms: new KMSClient(options) };
}
type Begun = Awaited<ReturnType<typeof begin>>;

async function end(one: Begun): Promise<void> {
  await one.end('SIGTERM');
  running.delete(one);
}

interface Made {
  readonly KeyId: string;
  readonly CiphertextBlob: Uint8Array;
}

async function make({ kms }: Begun, alias: string): Promise<Made> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.KeyId as string;
  await kms.send(new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId: KeyId }));
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(alias) }));
  return { KeyId, CiphertextBlob: CiphertextBlob as Uint8Array };
}

async function decrypt({ kms }: Begun, { CiphertextBlob }: Made): Promise<string> {
  try {
    return Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? []).toString();
  } catch (error) {
    return (error as Error).name;
  }
}

/** Waits out the window of a deletion. */
async function remove(one: Begun, { KeyId }: Made): Promise<void> {
  await one.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  const body = JSON.stringify({ advanceSeconds: 8 * 86_400 });
  expect((await fetch(`${one.endpoint}/_bailey/clock`, { method: 'POST', body })).status).toBe(200);
  await expect(one.kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'NotFoundException' });
}

async function backup(target: string, dataDir: string, ...more: string[]): Promise<void> {
  const { code, errors } = await bailey(['backup', target, '--data', dataDir, ...more]);
  expect(code, errors).toBe(0);
}

async function restore(source: string, dataDir: string, ...more: string[]) {
  return bailey(['restore', source, '--data', dataDir, '--config', config, ...more]);
}

async function expectRestored(source: string, dataDir: string, ...more: string[]): Promise<void> {
  const { code, errors } = await restore(source, dataDir, ...more);
  expect(code, errors).toBe(0);
}

/** The deleted key is gone with all that belonged to it; the other works. */
async function expectReplayed(dataDir: string, deleted: Made, kept: Made, text: string): Promise<void> {
  const one = await begin(dataDir);
  expect(await decrypt(one, kept)).toBe(text);
  expect(await decrypt(one, deleted)).not.toBe('doomed');
  await expect(one.kms.send(new DescribeKeyCommand({ KeyId: deleted.KeyId }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
  const { Aliases = [] } = await one.kms.send(new ListAliasesCommand({}));
  expect(Aliases.map(({ AliasName }) => AliasName)).not.toContain('alias/doomed');
  await end(one);
}

describe('deletion reaches backups', () => {
  test('a key that was deleted after the backup is not in what is restored from it, nor is its alias', async () => {
    const one = await begin(place('data'));
    const doomed = await make(one, 'doomed');
    const kept = await make(one, 'kept');
    await backup(place('backup'), place('data'));
    const whole = await readFile(join(place('backup'), 'keyring'));
    // The archive as a thief took it away in time, without its keyring.
    await cp(place('backup'), place('stolen'), { recursive: true });
    await rm(join(place('stolen'), 'keyring'));
    await remove(one, doomed);
    const pruned = await readFile(join(place('backup'), 'keyring'));
    expect(pruned.length).toBeLessThan(whole.length);
    await end(one);

    await expectRestored(place('backup'), place('restored'));
    await expectReplayed(place('restored'), doomed, kept, 'kept');

    // Archive and root key alone open nothing, and with the keyring of today not the deleted key.
    expect((await restore(place('stolen'), place('thief'))).errors).toContain('holds no keyring');
    await expectRestored(place('stolen'), place('thief'), '--keyring', join(place('backup'), 'keyring'));
    await expectReplayed(place('thief'), doomed, kept, 'kept');

    // Not covered, as the documentation says: whoever kept the keyring of that day.
    await writeFile(join(place('stolen'), 'keyring'), whole);
    await expectRestored(place('stolen'), place('covered-not'));
    const thief = await begin(place('covered-not'));
    expect(await decrypt(thief, doomed)).toBe('doomed');
  });

  test('a restore replays deletions that a newer keyring knows of: of another backup, or of the folder it goes to', async () => {
    const one = await begin(place('data'));
    const doomed = await make(one, 'doomed');
    const kept = await make(one, 'kept');
    await backup(place('old'), place('data'), '--keyring', place('old-keyring'));
    expect(existsSync(join(place('old'), 'keyring'))).toBe(false);
    await cp(place('old-keyring'), place('hoarded-keyring'));
    await remove(one, doomed);
    await backup(place('new'), place('data'));
    await end(one);

    await cp(place('old'), place('hoard'), { recursive: true });
    await cp(place('hoarded-keyring'), join(place('hoard'), 'keyring'));
    await expectRestored(place('hoard'), place('restored'), '--keyring', join(place('new'), 'keyring'));
    await expectReplayed(place('restored'), doomed, kept, 'kept');

    // In place: the database is lost, the vault's folder is there.
    for (const name of readdirSync(place('data')).filter((file) => /^(store\.db|blobs|reserve)/.test(file))) {
      await rename(join(place('data'), name), join(folder, `lost-${name}`));
    }
    await expectRestored(place('hoard'), place('data'));
    await expectReplayed(place('data'), doomed, kept, 'kept');
    expect(readdirSync(place('data')).filter((name) => name.includes('replaced'))).toEqual([]);
  });
});

describe('a data folder that was rolled back by hand', () => {
  test('is refused where the root key lies elsewhere, the vault alone too; bailey restore is the way', async () => {
    const rootKey = place('root.key');
    const at = ['--root-key', rootKey];
    let one = await begin(place('data'), ...at);
    const first = await make(one, 'first');
    await backup(place('backup'), place('data'), ...at);
    await end(one);
    await cp(place('data'), place('yesterday'), { recursive: true });
    one = await begin(place('data'), ...at);
    const second = await make(one, 'second');
    await end(one);

    await cp(place('data'), place('today'), { recursive: true });
    await rm(join(place('data'), 'vault'), { recursive: true });
    await cp(join(place('yesterday'), 'vault'), join(place('data'), 'vault'), { recursive: true });
    await expect(begin(place('data'), ...at)).rejects.toThrow(/older than .*vault\.key\.anchor/);
    await rm(place('data'), { recursive: true });
    await cp(place('yesterday'), place('data'), { recursive: true });
    await expect(begin(place('data'), ...at)).rejects.toThrow();
    await rm(place('data'), { recursive: true });
    await rename(place('today'), place('data'));
    one = await begin(place('data'), ...at);
    expect(await decrypt(one, second)).toBe('second');
    await end(one);

    await expectRestored(place('backup'), place('restored'));
    one = await begin(place('restored'));
    expect(await decrypt(one, first)).toBe('first');
  });
});

describe('restore with a root key that something else seals', () => {
  test('needs the quorum; with too few shares nothing is made, and it can be tried again', async () => {
    await writeFile(config, stringify({ ...testConfig, vault: { seal: 'shamir' } }), { mode: 0o600 });
    const one = await begin(place('data'));
    const made = await bailey(['unseal', '--init', '--shares', '3', '--threshold', '2', '--data', place('data')]);
    const shares = made.output.trim().split('\n');
    const kept = await make(one, 'kept');
    await backup(place('backup'), place('data'));
    await end(one);
    const give = (...lines: (string | undefined)[]) =>
      bailey(
        ['restore', place('backup'), '--data', place('restored'), '--config', config],
        {},
        `${lines.join('\n')}\n`,
      );
    expect((await give(shares[0])).code).not.toBe(0);
    expect(existsSync(join(place('restored'), 'store.db'))).toBe(false);
    const restored = await give(shares[2], shares[0]);
    expect(restored.code, restored.errors).toBe(0);
    const again = await begin(place('restored'));
    for (const share of [shares[1], shares[2]]) {
      const given = await bailey(['unseal', '--data', place('restored')], {}, `${share}\n`);
      expect(given.code, given.errors).toBe(0);
    }
    expect(await decrypt(again, kept)).toBe('kept');
  });

  test('a backup of a sealed instance is whole, and opens with its passphrase', async () => {
    await writeFile(config, stringify({ ...testConfig, vault: { seal: 'passphrase' } }), { mode: 0o600 });
    const phrase = place('passphrase');
    await writeFile(phrase, 'correct horse battery staple\n', { mode: 0o600 });
    const one = await begin(place('data'), '--passphrase-file', phrase);
    const doomed = await make(one, 'doomed');
    const kept = await make(one, 'kept');
    expect((await bailey(['seal', '--data', place('data')])).code).toBe(0);
    await backup(place('backup'), place('data'), '--no-secrets');
    expect(existsSync(join(place('backup'), 'secrets'))).toBe(false);
    expect((await bailey(['unseal', '--data', place('data')])).code).toBe(0);
    // It follows deletions all the same.
    await remove(one, doomed);
    await end(one);
    const { errors } = await restore(place('backup'), place('restored'), '--root-key', join(place('data'), 'root.key'));
    expect(errors).toContain('No passphrase was given');
    await expectRestored(
      place('backup'),
      place('restored'),
      '--passphrase-file',
      phrase,
      '--root-key',
      join(place('data'), 'root.key'),
    );
    const again = await begin(place('restored'), '--passphrase-file', phrase);
    expect(await decrypt(again, kept)).toBe('kept');
    expect(await decrypt(again, doomed)).not.toBe('doomed');
  });
});

test('the certificate authority comes back with the rest: clients need not trust another', async () => {
  const one = await begin(place('data'), '--tls', '--tls-port', '0');
  await backup(place('backup'), place('data'));
  await end(one);
  const before = await readFile(join(place('data'), 'ca', 'root.pem'), 'utf8');
  expect((await readFile(join(place('backup'), 'ca', 'authority.json'), 'utf8')).includes('PRIVATE')).toBe(false);
  await expectRestored(place('backup'), place('restored'));
  const again = await begin(place('restored'), '--tls', '--tls-port', '0');
  expect(await readFile(join(place('restored'), 'ca', 'root.pem'), 'utf8')).toBe(before);
  const { Agent } = await import('node:https');
  const { tlsEndpoint } = again as unknown as { tlsEndpoint: string };
  const kms = new KMSClient({
    endpoint: tlsEndpoint,
    region: 'us-east-1',
    credentials: adminKeys,
    requestHandler: { httpsAgent: new Agent({ ca: before }) },
  });
  expect((await kms.send(new ListAliasesCommand({}))).Aliases).toBeDefined();
});
