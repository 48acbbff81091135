/** Key material never leaves: imported canaries are looked for in files, logs, backups, answers and memory. */
import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyPolicyCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { VaultClient } from '../../src/vault/client.ts';
import { filesWith, formsOf, isIn, memoryWith } from '../support/canary.ts';
import { adminKeys, testConfig } from '../support/instance.ts';
import { bytes } from '../support/kms.ts';
import { bailey, type Running, up } from '../support/process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailey-canary-'));
  await writeFile(join(folder, 'config.yaml'), stringify(testConfig));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const wrap = (publicKey: Uint8Array | undefined, material: Uint8Array) =>
  publicEncrypt(
    {
      key: createPublicKey({ key: bytes(publicKey), format: 'der', type: 'spki' }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha256',
    },
    material,
  );

/** Keeps everything that the client is answered, as it came. */
function overhear(kms: KMSClient, answers: Buffer[]): KMSClient {
  kms.middlewareStack.add(
    (next) => async (call) => {
      const answered = await next(call);
      const response = answered.response as { headers: object; body: Readable };
      const chunks: Buffer[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      answers.push(Buffer.from(JSON.stringify(response.headers)), body);
      response.body = Readable.from([body]);
      return answered;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return kms;
}

async function importKey(kms: KMSClient, input: CreateKeyCommandInput, material: Uint8Array): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ ...input, Origin: 'EXTERNAL' }));
  const KeyId = KeyMetadata?.KeyId as string;
  await importInto(kms, KeyId, material);
  return KeyId;
}

async function importInto(kms: KMSClient, KeyId: string, material: Uint8Array, isNew = false): Promise<void> {
  const parameters = await kms.send(
    new GetParametersForImportCommand({ KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_4096' }),
  );
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken: parameters.ImportToken,
      EncryptedKeyMaterial: wrap(parameters.PublicKey, material),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      ...(isNew && { ImportType: 'NEW_KEY_MATERIAL' as const }),
    }),
  );
}

test('imported material is in no file, log, backup, answer or memory of the API process: not after rotations, crashes, a restore, nor once sealed', async () => {
  const dataDir = join(folder, 'data');
  const args = ['--data', dataDir, '--config', join(folder, 'config.yaml'), '--test-api'];
  const printed: Buffer[] = [];
  const listen = (running: Running) => {
    running.child.stdout?.on('data', (chunk) => printed.push(Buffer.from(chunk)));
    running.child.stderr?.on('data', (chunk) => printed.push(Buffer.from(chunk)));
    return running;
  };
  const answers: Buffer[] = [];
  const client = ({ endpoint }: Running) =>
    overhear(new KMSClient({ endpoint, region: 'us-east-1', credentials: adminKeys }), answers);

  const first = randomBytes(32);
  const second = randomBytes(32);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const scalar = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d as string, 'base64url');
  const plaintext = randomBytes(32);
  const forms = [first, second, scalar].flatMap(formsOf);

  let running = listen(await up(args));
  let kms = client(running);
  const KeyId = await importKey(kms, {}, first);
  const signing = await importKey(
    kms,
    { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
    pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
  );
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }));
  await importInto(kms, KeyId, second, true);
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }));

  const useAll = async (): Promise<void> => {
    const { Signature } = await kms.send(
      new SignCommand({ KeyId: signing, Message: Buffer.from('m'), SigningAlgorithm: 'ECDSA_SHA_256' }),
    );
    await kms.send(
      new VerifyCommand({ KeyId: signing, Message: Buffer.from('m'), Signature, SigningAlgorithm: 'ECDSA_SHA_256' }),
    );
    await kms.send(new GetPublicKeyCommand({ KeyId: signing }));
    await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' }));
    await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId }));
    await kms.send(new DescribeKeyCommand({ KeyId }));
    await kms.send(new GetKeyPolicyCommand({ KeyId }));
    await kms.send(new ListKeysCommand({}));
    await kms.send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }));
    await kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('x') })).catch(() => undefined);
  };
  await useAll();
  const inMemory = (pid: number) => {
    const { found, seen } = memoryWith(pid, forms);
    expect(seen).toBeGreaterThan(20_000_000);
    expect(found).toEqual([]);
  };
  inMemory(running.pid);

  expect(await running.end('SIGKILL')).toBe('SIGKILL');
  running = listen(await up(args));
  kms = client(running);
  await useAll();
  inMemory(running.pid);
  const operate = async (...words: string[]): Promise<string> => {
    const { code, output, errors } = await bailey(words);
    printed.push(Buffer.from(output), Buffer.from(errors));
    expect(code, errors).toBe(0);
    return output;
  };
  const vaultOf = async (data: string) => {
    const status = JSON.parse(await operate('status', '--json', '--data', data)) as {
      vault: { pid: number; domainKey: number; keysToRewrap: number };
    };
    return status.vault;
  };

  // The root key and the domain key are replaced, and the vault is killed while wrap keys follow.
  await operate('vault', 'rotate-root', '--data', dataDir);
  const clock = JSON.stringify({ advanceSeconds: 25 * 3600 });
  expect((await fetch(`${running.endpoint}/_bailey/clock`, { method: 'POST', body: clock })).status).toBe(200);
  const before = await vaultOf(dataDir);
  expect(before.domainKey).toBe(2);
  process.kill(before.pid, 'SIGKILL');
  await expect
    .poll(
      () =>
        useAll().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true);
  await expect.poll(async () => (await vaultOf(dataDir)).keysToRewrap, { timeout: 20_000, interval: 200 }).toBe(0);
  inMemory(running.pid);

  const backup = join(folder, 'backup');
  await operate('backup', '--data', dataDir, backup);
  const restored = join(folder, 'restored');
  await operate('restore', '--data', restored, backup);
  const other = listen(await up(['--data', restored, '--config', join(folder, 'config.yaml')]));
  const own = kms;
  kms = client(other);
  await useAll();
  inMemory(other.pid);
  // Sealed, not even the vault has it.
  const { pid } = await vaultOf(restored);
  await operate('seal', '--data', restored);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  inMemory(pid);
  inMemory(other.pid);
  await other.end('SIGTERM');
  kms = own;

  // Answers so far hold no plaintext either: only Decrypt gives it away, and nobody has asked.
  const plain = formsOf(plaintext);
  for (const answer of answers) expect(isIn(answer, [...forms, ...plain])).toBe(false);
  expect(answers.length).toBeGreaterThan(50);
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
  expect(bytes(opened.Plaintext)).toEqual(plaintext);
  expect(isIn(answers.at(-1) as Buffer, plain)).toBe(true);

  await running.end('SIGTERM');
  for (const [place, least] of [
    [dataDir, 5],
    [backup, 2],
    [restored, 5],
  ] as const) {
    const { found, seen } = filesWith(place, [...forms, ...plain]);
    expect(found).toEqual([]);
    expect(seen).toBeGreaterThan(least);
  }
  expect(isIn(Buffer.concat(printed), [...forms, ...plain])).toBe(false);
}, 240_000);

test('one second after sealing, the memory of the vault holds no material', async () => {
  const vault = new VaultClient({ folder: join(folder, 'vault'), keyFile: join(folder, 'vault.key') });
  try {
    const material = randomBytes(32);
    const identity = {
      account: '111122223333',
      keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
      spec: 'SYMMETRIC_DEFAULT',
    };
    const { publicKey, token } = await vault.importParameters(identity, 'RSA_2048', 'RSAES_OAEP_SHA_256');
    const made = await vault.importMaterial(identity, token, 'RSAES_OAEP_SHA_256', wrap(publicKey, material));
    const key = { ...identity, ...made };
    const plaintext = randomBytes(32);
    for (let round = 0; round < 200; round += 1) {
      const how = { key, algorithm: 'SYMMETRIC_DEFAULT' };
      const opened = await vault.decrypt(how, await vault.encrypt(how, plaintext));
      expect(Buffer.from(opened.plaintext ?? [])).toEqual(plaintext);
    }
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const scalar = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d as string, 'base64url');
    const named = { ...identity, keyId: '1234abcd-12ab-34cd-56ef-1234567890ac', spec: 'ECC_NIST_P384' };
    const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
    const parameters = await vault.importParameters(named, 'RSA_4096', 'RSAES_OAEP_SHA_256');
    const wrapped = wrap(parameters.publicKey, pkcs8);
    const signing = {
      ...named,
      ...(await vault.importMaterial(named, parameters.token, 'RSAES_OAEP_SHA_256', wrapped)),
    };
    const message = Buffer.from('m');
    for (let round = 0; round < 20; round += 1) {
      const signature = await vault.sign(signing, 'ECDSA_SHA_384', message, 'RAW');
      expect(verify('sha384', message, pair.publicKey, signature)).toBe(true);
    }
    const { pid = 0 } = await vault.status();
    await vault.seal();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (const [what, secret] of Object.entries({ material, plaintext, scalar })) {
      const { found, seen } = memoryWith(pid, formsOf(secret));
      expect(seen).toBeGreaterThan(20_000_000);
      expect(found, what).toEqual([]);
    }
    await expect(vault.random(1)).rejects.toMatchObject({ code: 'sealed' });
  } finally {
    await vault.close();
  }
});

test('passphrases and shares are in no file and no memory: not of the API process, nor of the vault a second later', async () => {
  const printed: Buffer[] = [];
  const give = async (data: string, secret: string): Promise<void> => {
    const { code, output, errors } = await bailey(['unseal', '--data', data], {}, `${secret}\n`);
    printed.push(Buffer.from(output), Buffer.from(errors));
    expect(code, errors).toBe(0);
  };
  const expectNone = async (running: Running, data: string, secrets: readonly Buffer[]): Promise<void> => {
    const { output } = await bailey(['status', '--json', '--data', data]);
    const { vault } = JSON.parse(output) as { vault: { pid: number; isSealed: boolean } };
    expect(vault.isSealed).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (const secret of secrets) {
      const forms = formsOf(secret);
      for (const pid of [running.pid, vault.pid]) {
        const { found, seen } = memoryWith(pid, forms);
        expect(seen).toBeGreaterThan(20_000_000);
        expect(found, pid === vault.pid ? 'vault' : 'API process').toEqual([]);
      }
      expect(filesWith(data, forms).found).toEqual([]);
      expect(isIn(Buffer.concat(printed), forms)).toBe(false);
    }
  };
  const begin = async (name: string, seal: string) => {
    const config = join(folder, `${name}.yaml`);
    await writeFile(config, stringify({ ...testConfig, vault: { seal } }));
    return up(['--data', join(folder, name), '--config', config]);
  };

  const phrase = randomBytes(24).toString('base64url');
  const one = await begin('phrase', 'passphrase');
  try {
    await give(join(folder, 'phrase'), phrase);
    await expectNone(one, join(folder, 'phrase'), [Buffer.from(phrase)]);
  } finally {
    await one.end('SIGTERM');
  }

  const data = join(folder, 'shares');
  let other = await begin('shares', 'shamir');
  try {
    const made = await bailey(['unseal', '--init', '--shares', '3', '--threshold', '2', '--data', data]);
    const lines = made.output.trim().split('\n');
    // Of a share what is secret: its bytes without the head that says whose it is.
    // One stands for all: each search goes through all memory.
    const secrets = lines
      .slice(1, 2)
      .map((line) => Buffer.from(line.slice('bailey-share-1-'.length), 'base64url').subarray(5, 37));
    await expectNone(other, data, secrets);
    await other.end('SIGTERM');
    other = await begin('shares', 'shamir');
    for (const line of lines.slice(1)) await give(data, line);
    await expectNone(other, data, secrets);
  } finally {
    await other.end('SIGTERM');
  }
}, 120_000);

test('the search finds what is there', () => {
  const secret = randomBytes(32);
  const kept = [Buffer.concat([Buffer.from('k'), secret]), `x${secret.toString('base64')}`];
  const { found } = memoryWith(process.pid, formsOf(secret));
  expect(found.length).toBeGreaterThan(0);
  for (const encode of [
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => Buffer.from(bytes.toString('hex')),
    (bytes: Buffer) => Buffer.from(Buffer.concat([Buffer.from('a'), bytes, Buffer.from('zz')]).toString('base64')),
    (bytes: Buffer) => Buffer.from(Buffer.concat([Buffer.from('ab'), bytes]).toString('base64url')),
    (bytes: Buffer) => Buffer.from(JSON.stringify({ d: bytes.toString('base64url') }), 'utf16le'),
  ]) {
    expect(isIn(encode(secret), formsOf(secret))).toBe(true);
  }
  expect(kept).toHaveLength(2);
});
