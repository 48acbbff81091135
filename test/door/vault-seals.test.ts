/** The root of trust as an operator meets it: what a sealed instance still does, and how each kind of seal is opened. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateRandomCommand,
  KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { adminKeys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bailey, type Running, up } from '../support/process.ts';

let folder: string;
const running: Running[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailey-seals-'));
});
afterAll(async () => {
  for (const one of running) await one.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const clientOptions = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: adminKeys,
  maxAttempts: 1,
  forcePathStyle: true,
});

async function begin(name: string, vault: object, env: Record<string, string> = {}, more: string[] = []) {
  const config = join(folder, `${name}.yaml`);
  await writeFile(config, stringify({ ...testConfig, ...(Object.keys(vault).length > 0 && { vault }) }), {
    mode: 0o600,
  });
  const dataDir = join(folder, name);
  const one = await up(['--data', dataDir, '--config', config, ...more], env);
  running.push(one);
  const options = clientOptions(one.endpoint);
  return { ...one, config, kms: new KMSClient(options), iam: new IAMClient(options), s3: new S3Client(options) };
}
type Begun = Awaited<ReturnType<typeof begin>>;

const health = async ({ endpoint }: { endpoint: string }) =>
  (await (await fetch(`${endpoint}/_bailey/health`)).json()) as { live: boolean; ready: boolean; sealed: boolean };

const unseal = (one: { dataDir: string }, secret: string, ...more: string[]) =>
  bailey(['unseal', '--data', one.dataDir, ...more], {}, `${secret}\n`);

async function makeBlob({ kms }: Pick<Begun, 'kms'>): Promise<{ KeyId: string; CiphertextBlob: Uint8Array }> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.KeyId as string;
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('plain') }));
  return { KeyId, CiphertextBlob: CiphertextBlob as Uint8Array };
}

async function decrypt({ kms }: Pick<Begun, 'kms'>, { CiphertextBlob }: { CiphertextBlob: Uint8Array }) {
  return Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? []).toString();
}

const retryable = expect.objectContaining({
  name: 'KMSInternalException',
  $metadata: expect.objectContaining({ httpStatusCode: 500 }),
});

test('sealed, KMS and what it protects answer errors that clients retry; IAM and the rest go on; unsealed, all works', async () => {
  const one = await begin('states', {});
  const blob = await makeBlob(one);
  await one.s3.send(new CreateBucketCommand({ Bucket: 'plain' }));
  await one.s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: 'a' }));
  await one.s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'k', ServerSideEncryption: 'aws:kms' }));
  expect(await health(one)).toEqual({ live: true, ready: true, sealed: false });

  expect((await bailey(['seal', '--data', one.dataDir])).code).toBe(0);
  expect(await health(one)).toEqual({ live: true, ready: true, sealed: true });
  for (const call of [
    () => decrypt(one, blob),
    () => one.kms.send(new EncryptCommand({ KeyId: blob.KeyId, Plaintext: Buffer.from('x') })),
    () => one.kms.send(new CreateKeyCommand({})),
    () => one.kms.send(new GenerateRandomCommand({ NumberOfBytes: 8 })),
  ]) {
    await expect(call()).rejects.toThrow(retryable);
  }
  const object = one.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }));
  await expect(object).rejects.toMatchObject({ $metadata: { httpStatusCode: expect.any(Number) } });
  await expect(object).rejects.toSatisfy(
    (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode >= 500,
  );
  // What needs no key goes on.
  await one.iam.send(new CreateUserCommand({ UserName: 'made-while-sealed' }));
  await one.kms.send(new DescribeKeyCommand({ KeyId: blob.KeyId }));
  await one.kms.send(new ListKeysCommand({}));
  const plain = await one.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a' }));
  expect(await plain.Body?.transformToString()).toBe('a');

  // A client that tries again does not notice a seal that passes.
  const patient = new KMSClient({ ...clientOptions(one.endpoint), maxAttempts: 14, retryMode: 'standard' });
  const later = patient.send(new DecryptCommand({ CiphertextBlob: blob.CiphertextBlob }));
  const opened = await bailey(['unseal', '--data', one.dataDir]);
  expect(opened.code, opened.errors).toBe(0);
  expect(opened.output).toContain('open (key-file)');
  expect(Buffer.from((await later).Plaintext ?? []).toString()).toBe('plain');
  expect(await health(one)).toMatchObject({ sealed: false });
  expect(
    (await (await one.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }))).Body?.transformToString()) ?? '',
  ).toBe('k');
  expect((await bailey(['status', '--data', one.dataDir])).output).toMatch(/vault {6}open \(key-file\), \d+ keys/);
});

test('passphrase: an instance starts sealed and waits; a wrong one is told; a kill asks for it again', async () => {
  const vault = { seal: 'passphrase' };
  let one = await begin('phrase', vault);
  expect(await health(one)).toMatchObject({ live: true, sealed: true });
  await one.iam.send(new CreateUserCommand({ UserName: 'before-the-passphrase' }));
  await expect(one.kms.send(new CreateKeyCommand({}))).rejects.toThrow(retryable);
  expect((await bailey(['status', '--data', one.dataDir])).output).toContain('bailey unseal');
  const short = await unseal(one, 'short');
  expect(short.code).not.toBe(0);
  const opened = await unseal(one, 'correct horse battery staple');
  expect(opened.code, opened.errors).toBe(0);
  const blob = await makeBlob(one);
  expect((await bailey(['vault', 'rotate-root', '--data', one.dataDir])).code).toBe(0);
  expect(await decrypt(one, blob)).toBe('plain');

  await one.end('SIGKILL');
  one = await begin('phrase', vault);
  await expect(decrypt(one, blob)).rejects.toThrow(retryable);
  const wrong = await unseal(one, 'wrong horse battery staple');
  expect(wrong.code).not.toBe(0);
  expect(wrong.errors).toContain('The passphrase is wrong.');
  expect(wrong.errors + wrong.output).not.toContain('wrong horse');
  await expect(decrypt(one, blob)).rejects.toThrow(retryable);
  expect((await unseal(one, 'correct horse battery staple')).code).toBe(0);
  expect(await decrypt(one, blob)).toBe('plain');

  // The same vault with the passphrase in a file opens by itself.
  await one.end('SIGTERM');
  const file = join(folder, 'passphrase');
  await writeFile(file, 'correct horse battery staple\n', { mode: 0o600 });
  one = await begin('phrase', vault, { BAILEY_PASSPHRASE_FILE: file });
  expect(await health(one)).toMatchObject({ sealed: false });
  expect(await decrypt(one, blob)).toBe('plain');
});

test('shares: three of five keepers open it, each on his own, after every start', async () => {
  let one = await begin('shares', { seal: 'shamir' });
  expect(await health(one)).toMatchObject({ sealed: true });
  const made = await bailey(['unseal', '--init', '--shares', '5', '--threshold', '3', '--data', one.dataDir]);
  expect(made.code, made.errors).toBe(0);
  const shares = made.output.trim().split('\n');
  expect(shares).toHaveLength(5);
  expect(made.errors).toContain('Any 3 of them');
  expect(await health(one)).toMatchObject({ sealed: false });
  const blob = await makeBlob(one);
  expect((await bailey(['unseal', '--init', '--data', one.dataDir])).code).not.toBe(0);

  await one.end('SIGTERM');
  one = await begin('shares', { seal: 'shamir' });
  for (const [at, said] of [
    [4, '1 of 3 shares given'],
    [0, '2 of 3 shares given'],
  ] as const) {
    const given = await unseal(one, shares[at] as string);
    expect(given.code, given.errors).toBe(0);
    expect(given.output).toContain(said);
    expect(await health(one)).toMatchObject({ sealed: true });
  }
  const twice = await unseal(one, shares[0] as string);
  expect(twice.errors).toContain('given already');
  const typo = await unseal(one, `${shares[1]?.slice(0, -1)}_`);
  expect(typo.errors).toContain('mistyped');
  expect((await unseal(one, shares[2] as string)).output).toContain('open (shamir)');
  expect(await decrypt(one, blob)).toBe('plain');
  // Two shares and everything on the disk are worth nothing: nothing there opens without the third.
  for (const share of shares)
    expect((await readFile(join(one.dataDir, 'vault.seal'), 'utf8')).includes(share)).toBe(false);
});

test('TLS needs the vault: the listener opens once somebody unsealed it', async () => {
  const file = join(folder, 'tls.yaml');
  await writeFile(file, stringify({ ...testConfig, vault: { seal: 'passphrase' } }), { mode: 0o600 });
  const dataDir = join(folder, 'tls');
  const starting = up(['--data', dataDir, '--config', file, '--tls-only']);
  await expect.poll(() => existsSync(join(dataDir, 'operator.sock')), { timeout: 20_000 }).toBe(true);
  const waiting = await bailey(['status', '--data', dataDir]);
  expect(waiting.output).toContain('not yet: TLS needs the vault');
  expect(waiting.output).toContain('sealed (passphrase)');
  const opened = await unseal({ dataDir }, 'correct horse battery staple');
  expect(opened.code, opened.errors).toBe(0);
  const one = await starting;
  running.push(one);
  expect(one.endpoint).toMatch(/^https:/);
});

describe('another instance as the root of trust', () => {
  let root: TestInstance;
  beforeAll(async () => {
    root = await startInstance(testConfig, { tls: true, tlsPort: 0 });
  });
  afterAll(() => root.stop());

  test('it opens by itself while the other is there, waits while it is not, and the other sees who asked', async () => {
    const kms = new KMSClient(root.clientOptions());
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const credentials = join(folder, 'root-kms-credentials');
    await writeFile(
      credentials,
      `[sealer]\naws_access_key_id = ${adminKeys.accessKeyId}\naws_secret_access_key = ${adminKeys.secretAccessKey}\n`,
      { mode: 0o600 },
    );
    const settings = {
      endpoint: root.endpoint,
      region: 'us-east-1',
      keyId: KeyMetadata?.Arn as string,
      credentialsFile: credentials,
      profile: 'sealer',
    };
    let one = await begin('remote', { seal: 'kms', kms: settings });
    expect(await health(one)).toMatchObject({ sealed: false });
    const blob = await makeBlob(one);
    await one.end('SIGTERM');
    one = await begin('remote', { seal: 'kms', kms: settings });
    expect(await decrypt(one, blob)).toBe('plain');
    await one.end('SIGTERM');
    // Over TLS, whose authority must be named: any other is not believed.
    const secure = { ...settings, endpoint: root.tlsEndpoint as string };
    one = await begin('remote', { seal: 'kms', kms: secure });
    expect(await health(one)).toMatchObject({ sealed: true });
    await one.end('SIGTERM');
    one = await begin('remote', { seal: 'kms', kms: { ...secure, ca: root.caFile } });
    expect(await decrypt(one, blob)).toBe('plain');
    await one.end('SIGTERM');

    // The root key is disabled over there: nothing opens here, and the rest works.
    const { DisableKeyCommand, EnableKeyCommand } = await import('@aws-sdk/client-kms');
    await kms.send(new DisableKeyCommand({ KeyId: settings.keyId }));
    one = await begin('remote', { seal: 'kms', kms: settings });
    expect(await health(one)).toMatchObject({ sealed: true });
    await expect(decrypt(one, blob)).rejects.toThrow(retryable);
    await one.iam.send(new CreateUserCommand({ UserName: 'while-disabled' }));
    expect((await bailey(['status', '--data', one.dataDir])).output).toContain('DisabledException');
    await kms.send(new EnableKeyCommand({ KeyId: settings.keyId }));
    const opened = await bailey(['unseal', '--data', one.dataDir]);
    expect(opened.output, opened.errors).toContain('open (kms)');
    expect(await decrypt(one, blob)).toBe('plain');
    expect((await bailey(['vault', 'rotate-root', '--data', one.dataDir])).code).toBe(0);
    expect(await decrypt(one, blob)).toBe('plain');
  });
});

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(existsSync);
const library = await import('graphene-pk11').catch(() => undefined);
if (module === undefined || library === undefined) {
  console.warn('SKIPPED: the seal pkcs11 needs softhsm2 (Debian package) and the optional dependency graphene-pk11.');
}

test.skipIf(module === undefined || library === undefined)(
  'a token in the configuration opens it at every start',
  async () => {
    const environment = { SOFTHSM2_CONF: join(folder, 'softhsm2.conf') };
    mkdirSync(join(folder, 'tokens'));
    await writeFile(environment.SOFTHSM2_CONF, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
    const args = ['--init-token', '--free', '--label', 'root', '--so-pin', '12345678', '--pin', '1234-pin'];
    execFileSync('softhsm2-util', args, { env: { ...process.env, ...environment }, stdio: 'ignore' });
    await writeFile(join(folder, 'pin'), '1234-pin\n', { mode: 0o600 });
    const vault = { seal: 'pkcs11', pkcs11: { module, token: 'root', pinFile: join(folder, 'pin'), environment } };
    let one = await begin('token', vault);
    const blob = await makeBlob(one);
    await one.end('SIGKILL');
    one = await begin('token', vault);
    expect(await decrypt(one, blob)).toBe('plain');
  },
);

test('another seal in the configuration than the one that sealed it stops the start, and says which', async () => {
  const one = await begin('kinds', { seal: 'passphrase' });
  expect((await unseal(one, 'correct horse battery staple')).code).toBe(0);
  await one.end('SIGTERM');
  await expect(begin('kinds', {})).rejects.toThrow('vault.seal');
  await expect(begin('kinds', { seal: 'shamir' })).rejects.toThrow('passphrase');
});
