/** Imported key material over HTTP: every wrapping, expiry, re-import, rotation; and keys in many regions. */
import {
  constants,
  createCipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import {
  type AlgorithmSpec,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyRotationStatusCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type ImportType,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  UpdatePrimaryRegionCommand,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';
import { bytes, kmsClient, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let kms: KMSClient;
beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
});
afterAll(() => instance.stop());

const day = 86_400;
const nobody = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

function oaep(publicKey: Uint8Array, hash: string, plain: Uint8Array): Buffer {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, plain);
}

/** As AWS documents it for its customers ("Encrypt the key material"). */
function wrap(algorithm: AlgorithmSpec, publicKey: Uint8Array, material: Uint8Array): Buffer {
  const hash = algorithm.endsWith('_SHA_1') ? 'sha1' : 'sha256';
  if (algorithm.startsWith('RSAES_OAEP')) return oaep(publicKey, hash, material);
  const key = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', key, Buffer.from('A65959A6', 'hex'));
  return Buffer.concat([oaep(publicKey, hash, key), cipher.update(material), cipher.final()]);
}

interface How {
  readonly algorithm?: AlgorithmSpec;
  readonly wrappingSpec?: WrappingKeySpec;
  readonly client?: KMSClient;
  readonly more?: Partial<ImportKeyMaterialCommandInput>;
}

async function load(KeyId: string, material: Uint8Array, how: How = {}) {
  const { algorithm = 'RSAES_OAEP_SHA_256', wrappingSpec = 'RSA_2048', client = kms, more = {} } = how;
  const given = await client.send(
    new GetParametersForImportCommand({ KeyId, WrappingAlgorithm: algorithm, WrappingKeySpec: wrappingSpec }),
  );
  return client.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken: given.ImportToken,
      EncryptedKeyMaterial: wrap(algorithm, given.PublicKey as Uint8Array, material),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      ...more,
    }),
  );
}

const external = (input: CreateKeyCommandInput = {}, client = kms) => makeKey(client, { ...input, Origin: 'EXTERNAL' });
const describeKey = async (KeyId: string, client = kms) =>
  (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
const text = Buffer.from('x');

describe('every way to wrap', () => {
  const algorithms = [
    'RSAES_OAEP_SHA_1',
    'RSAES_OAEP_SHA_256',
    'RSA_AES_KEY_WRAP_SHA_1',
    'RSA_AES_KEY_WRAP_SHA_256',
  ] as const;
  test.each(
    algorithms.flatMap((algorithm) =>
      (['RSA_2048', 'RSA_3072', 'RSA_4096'] as const).map((spec) => [algorithm, spec] as const),
    ),
  )('%s under %s', async (algorithm, wrappingSpec) => {
    const secret = randomBytes(32);
    const { KeyId, Arn } = await external({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const answer = await load(KeyId, secret, { algorithm, wrappingSpec });
    expect(answer).toMatchObject({ KeyId: Arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const made = await kms.send(new GenerateMacCommand({ KeyId, Message: text, MacAlgorithm: 'HMAC_SHA_256' }));
    expect(bytes(made.Mac)).toEqual(createHmac('sha256', secret).update(text).digest());
  });

  test('private keys of every kind: their signatures are those of the imported key', async () => {
    const kinds = [
      ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
      ['ECC_NIST_P256', 'ECDSA_SHA_256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
      ['ECC_NIST_P521', 'ECDSA_SHA_512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
      ['ECC_SECG_P256K1', 'ECDSA_SHA_256', generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
      ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', generateKeyPairSync('ed25519')],
    ] as const;
    for (const [KeySpec, SigningAlgorithm, pair] of kinds) {
      const { KeyId } = await external({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
      await load(KeyId, pkcs8, { algorithm: 'RSA_AES_KEY_WRAP_SHA_256', wrappingSpec: 'RSA_4096' });
      const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
      expect(bytes(PublicKey), KeySpec).toEqual(pair.publicKey.export({ format: 'der', type: 'spki' }));
      const made = await kms.send(new SignCommand({ KeyId, Message: text, SigningAlgorithm }));
      const hash = KeySpec === 'ECC_NIST_EDWARDS25519' ? null : `sha${SigningAlgorithm.slice(-3)}`;
      expect(verify(hash, text, pair.publicKey, bytes(made.Signature)), KeySpec).toBe(true);
      expect(sign(hash, text, pair.privateKey).length).toBeGreaterThan(0);
    }
  });

  test('RSA private keys take RSA_AES only; PKCS #1 v1.5 is no longer taken; SM2 needs the China Regions', async () => {
    const ask = (KeyId: string, WrappingAlgorithm: AlgorithmSpec, WrappingKeySpec: WrappingKeySpec = 'RSA_4096') =>
      refusal(kms.send(new GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec })));
    const rsa = await external({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    expect(await ask(rsa.KeyId, 'RSAES_OAEP_SHA_256')).toMatch(/^(Validation|UnsupportedOperation)Exception/);
    const p521 = await external({ KeySpec: 'ECC_NIST_P521', KeyUsage: 'SIGN_VERIFY' });
    expect(await ask(p521.KeyId, 'RSAES_OAEP_SHA_256', 'RSA_2048')).toMatch(/Exception/);
    const symmetric = await external();
    expect(await ask(symmetric.KeyId, 'RSAES_PKCS1_V1_5')).toMatch(/Exception/);
    expect(await ask(symmetric.KeyId, 'SM2PKE', 'SM2')).toMatch(/Exception/);
    expect(await ask(nobody, 'RSAES_OAEP_SHA_256')).toMatch(/^NotFoundException/);
    const own = await makeKey(kms);
    expect(await ask(own.KeyId, 'RSAES_OAEP_SHA_256')).toMatch(/^UnsupportedOperationException/);
  });
});

describe('what is refused', () => {
  test('material that is not what the key needs', async () => {
    const { KeyId } = await external();
    expect(await refusal(load(KeyId, randomBytes(16)))).toMatch(/^IncorrectKeyMaterialException/);
    const ec = await external({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({
      format: 'der',
      type: 'pkcs8',
    });
    expect(await refusal(load(ec.KeyId, other, { algorithm: 'RSA_AES_KEY_WRAP_SHA_256' }))).toMatch(
      /^IncorrectKeyMaterialException/,
    );
    expect((await describeKey(KeyId))?.KeyState).toBe('PendingImport');
  });

  test('tokens of other keys, of other wrappings, forged and expired ones', async () => {
    const one = await external();
    const two = await external();
    const parameters = await kms.send(
      new GetParametersForImportCommand({
        KeyId: one.KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
    );
    expect((parameters.ParametersValidTo as Date).getTime()).toBeGreaterThan(Date.now() + 23 * 3600_000);
    const EncryptedKeyMaterial = wrap('RSAES_OAEP_SHA_256', parameters.PublicKey as Uint8Array, randomBytes(32));
    const send = (KeyId: string, ImportToken: Uint8Array | undefined) =>
      refusal(
        kms.send(
          new ImportKeyMaterialCommand({
            KeyId,
            ImportToken,
            EncryptedKeyMaterial,
            ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
          }),
        ),
      );
    expect(await send(two.KeyId, parameters.ImportToken)).toMatch(/^InvalidImportTokenException/);
    const forged = bytes(parameters.ImportToken);
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    expect(await send(one.KeyId, forged)).toMatch(/^InvalidImportTokenException/);
    expect(await send(one.KeyId, Buffer.from('x'))).toMatch(/^InvalidImportTokenException/);
    const wrong = kms.send(
      new ImportKeyMaterialCommand({
        KeyId: one.KeyId,
        ImportToken: parameters.ImportToken,
        EncryptedKeyMaterial: randomBytes(256),
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      }),
    );
    expect(await refusal(wrong)).toMatch(/^(InvalidCiphertext|IncorrectKeyMaterial)Exception/);
    await instance.advance(day + 60);
    expect(await send(one.KeyId, parameters.ImportToken)).toMatch(/^ExpiredImportTokenException/);
  });

  test('other material than before', async () => {
    const { KeyId } = await external();
    const material = randomBytes(32);
    const first = await load(KeyId, material);
    await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }));
    expect(await refusal(load(KeyId, randomBytes(32)))).toMatch(/^IncorrectKeyMaterialException/);
    expect((await load(KeyId, material)).KeyMaterialId).toBe(first.KeyMaterialId);
    expect(await refusal(kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: nobody })))).toMatch(/^NotFound/);
    const own = await makeKey(kms);
    expect(await refusal(kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: own.KeyId })))).toMatch(
      /^UnsupportedOperationException/,
    );
  });
});

test('material expires by itself, and the same may come again', async () => {
  const { KeyId, CreationDate } = await external();
  const material = randomBytes(32);
  const now = (CreationDate as Date).getTime();
  const ValidTo = new Date(now + 3600_000);
  await load(KeyId, material, { more: { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo } });
  expect(await describeKey(KeyId)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', KeyState: 'Enabled' });
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text }));
  await instance.advance(3700);
  expect((await describeKey(KeyId))?.KeyState).toBe('PendingImport');
  expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toMatch(
    /^KMSInvalidStateException.*pending import/,
  );
  await load(KeyId, material);
  expect(bytes((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext)).toEqual(text);
  const missing = load(KeyId, material, { more: { ExpirationModel: 'KEY_MATERIAL_EXPIRES' } });
  expect(await refusal(missing)).toMatch(/^ValidationException/);
});

describe('rotation', () => {
  test('on demand, 25 times, and every old ciphertext opens', async () => {
    const { KeyId, Arn } = await makeKey(kms);
    const blobs: Uint8Array[] = [];
    const seal = async () =>
      blobs.push((await kms.send(new EncryptCommand({ KeyId, Plaintext: text }))).CiphertextBlob as Uint8Array);
    await seal();
    for (let n = 0; n < 25; n += 1) {
      expect((await kms.send(new RotateKeyOnDemandCommand({ KeyId }))).KeyId).toBe(Arn);
      await seal();
    }
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toMatch(/^LimitExceededException/);
    const used = new Set<string | undefined>();
    for (const CiphertextBlob of blobs) {
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
      expect(bytes(opened.Plaintext)).toEqual(text);
      used.add(opened.KeyMaterialId);
    }
    expect(used.size).toBe(26);
    const rotations: unknown[] = [];
    let Marker: string | undefined;
    do {
      const page = await kms.send(new ListKeyRotationsCommand({ KeyId, Limit: 10, Marker }));
      rotations.push(...(page.Rotations ?? []));
      Marker = page.NextMarker;
    } while (Marker);
    expect(rotations).toHaveLength(25);
    expect(rotations[0]).toMatchObject({ KeyId: Arn, RotationType: 'ON_DEMAND', RotationDate: expect.any(Date) });
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: nobody })))).toMatch(/^NotFound/);
    expect(await refusal(kms.send(new ListKeyRotationsCommand({ KeyId: nobody })))).toMatch(/^NotFound/);
  });

  test('by itself, when its time comes', async () => {
    const { KeyId, Arn, CurrentKeyMaterialId } = await makeKey(kms);
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text }));
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    const before = await status();
    expect(before).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
    await instance.advance(91 * day);
    const { Rotations = [] } = await kms.send(new ListKeyRotationsCommand({ KeyId }));
    expect(Rotations).toMatchObject([{ KeyId: Arn, RotationType: 'AUTOMATIC' }]);
    expect((await describeKey(KeyId))?.CurrentKeyMaterialId).not.toBe(CurrentKeyMaterialId);
    expect((await status()).NextRotationDate).not.toEqual(before.NextRotationDate);
    expect(bytes((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext)).toEqual(text);
    await kms.send(new DisableKeyRotationCommand({ KeyId }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: false });
    await instance.advance(200 * day);
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations).toHaveLength(1);
  });

  test('is refused for keys that do not rotate, and for strange periods', async () => {
    const { KeyId } = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(await refusal(kms.send(new EnableKeyRotationCommand({ KeyId })))).toMatch(/^UnsupportedOperationException/);
    expect(await refusal(kms.send(new DisableKeyRotationCommand({ KeyId })))).toMatch(/^UnsupportedOperationException/);
    const symmetric = await makeKey(kms);
    for (const RotationPeriodInDays of [89, 2561]) {
      const call = kms.send(new EnableKeyRotationCommand({ KeyId: symmetric.KeyId, RotationPeriodInDays }));
      expect(await refusal(call)).toMatch(/^ValidationException/);
    }
    expect(await refusal(kms.send(new GetKeyRotationStatusCommand({ KeyId: nobody })))).toMatch(/^NotFound/);
  });
});

describe('keys in many regions', () => {
  const there = () => kmsClient(instance, undefined, 'eu-west-1');

  test('a replica opens what the primary sealed, and the other way round', async () => {
    const primary = await makeKey(kms, { MultiRegion: true });
    const { KeyId } = primary;
    expect(KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    const made = await kms.send(
      new ReplicateKeyCommand({
        KeyId,
        ReplicaRegion: 'eu-west-1',
        Description: 'there',
        Tags: [{ TagKey: 'a', TagValue: 'b' }],
      }),
    );
    expect(made.ReplicaKeyMetadata).toMatchObject({
      KeyId,
      Arn: `arn:aws:kms:eu-west-1:${accountId}:key/${KeyId}`,
      Description: 'there',
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: 'REPLICA',
        PrimaryKey: { Arn: primary.Arn, Region: 'us-east-1' },
        ReplicaKeys: [{ Arn: `arn:aws:kms:eu-west-1:${accountId}:key/${KeyId}`, Region: 'eu-west-1' }],
      },
    });
    expect(made.ReplicaTags).toEqual([{ TagKey: 'a', TagValue: 'b' }]);
    for (const [from, to] of [
      [kms, there()],
      [there(), kms],
    ] as const) {
      const { CiphertextBlob } = await from.send(new EncryptCommand({ KeyId, Plaintext: text }));
      const opened = await to.send(new DecryptCommand({ CiphertextBlob }));
      expect(bytes(opened.Plaintext)).toEqual(text);
    }
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text }));
    expect(bytes((await there().send(new DecryptCommand({ CiphertextBlob }))).Plaintext)).toEqual(text);
    expect(await refusal(there().send(new RotateKeyOnDemandCommand({ KeyId })))).toMatch(/^UnsupportedOperation/);
    const again = kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }));
    expect(await refusal(again)).toMatch(/^AlreadyExistsException/);
  });

  test('the primary moves, and goes only after its replicas', async () => {
    const { KeyId } = await makeKey(kms, { MultiRegion: true });
    await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }));
    await kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'eu-west-1' }));
    const config = async (client: KMSClient) => (await describeKey(KeyId, client))?.MultiRegionConfiguration;
    expect(await config(kms)).toMatchObject({ MultiRegionKeyType: 'REPLICA', PrimaryKey: { Region: 'eu-west-1' } });
    expect(await config(there())).toMatchObject({
      MultiRegionKeyType: 'PRIMARY',
      ReplicaKeys: [{ Region: 'us-east-1' }],
    });
    const scheduled = await there().send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyState: 'PendingReplicaDeletion' });
    expect(scheduled.DeletionDate).toBeUndefined();
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await instance.advance(7 * day + 3600);
    expect(await refusal(describeKey(KeyId))).toMatch(/^NotFoundException/);
    expect((await describeKey(KeyId, there()))?.KeyState).toBe('PendingDeletion');
    await instance.advance(7 * day + 3600);
    expect(await refusal(describeKey(KeyId, there()))).toMatch(/^NotFoundException/);
  });

  test('imported material is brought to each Region by itself, and rotates once all have it', async () => {
    const importInto = async (client: KMSClient, KeyId: string, material: Uint8Array, ImportType?: ImportType) => {
      const { PublicKey, ImportToken } = await client.send(
        new GetParametersForImportCommand({
          KeyId,
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        }),
      );
      const key = { key: bytes(PublicKey), format: 'der', type: 'spki' } as const;
      const how = { ...key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
      const EncryptedKeyMaterial = publicEncrypt(how as never, material);
      const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const;
      return client.send(
        new ImportKeyMaterialCommand({
          KeyId,
          ImportToken,
          EncryptedKeyMaterial,
          ExpirationModel,
          ...(ImportType && { ImportType }),
        }),
      );
    };
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const { KeyId } = await makeKey(kms, { MultiRegion: true, Origin: 'EXTERNAL' });
    await importInto(kms, KeyId, first);
    const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext: text }));
    const made = await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }));
    expect(made.ReplicaKeyMetadata?.KeyState).toBe('PendingImport');
    const open = (client: KMSClient, CiphertextBlob = sealed.CiphertextBlob) =>
      client.send(new DecryptCommand({ CiphertextBlob }));
    expect(await refusal(open(there()))).toMatch(/^KMSInvalidStateException/);
    expect(await refusal(importInto(there(), KeyId, second))).toMatch(/^IncorrectKeyMaterialException/);
    expect(await refusal(importInto(there(), KeyId, second, 'NEW_KEY_MATERIAL'))).toMatch(/^ValidationException/);
    await importInto(there(), KeyId, first);
    expect(bytes((await open(there())).Plaintext)).toEqual(text);
    // The next material: here first, then there, then the rotation.
    const states = async (client: KMSClient) =>
      (
        await client.send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }))
      ).Rotations?.map(({ KeyMaterialState, ImportState }) => `${KeyMaterialState} ${ImportState}`);
    await importInto(kms, KeyId, second, 'NEW_KEY_MATERIAL');
    const pending = 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION';
    expect(await states(kms)).toEqual(['CURRENT IMPORTED', `${pending} IMPORTED`]);
    expect(await states(there())).toEqual(['CURRENT IMPORTED', `${pending} PENDING_IMPORT`]);
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toMatch(/^KMSInvalidStateException/);
    // Taken away where it waits, it is awaited again, and the key works on.
    const { KeyMaterialId } = await importInto(there(), KeyId, second);
    await there().send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }));
    expect(await states(kms)).toEqual(['CURRENT IMPORTED', `${pending} IMPORTED`]);
    expect(bytes((await open(there())).Plaintext)).toEqual(text);
    await importInto(there(), KeyId, second);
    expect(await states(kms)).toEqual(['CURRENT IMPORTED', 'PENDING_ROTATION IMPORTED']);
    expect(await states(there())).toEqual(['CURRENT IMPORTED', 'PENDING_ROTATION IMPORTED']);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    expect(await states(there())).toEqual(['NON_CURRENT IMPORTED', 'CURRENT IMPORTED']);
    const later = await there().send(new EncryptCommand({ KeyId, Plaintext: text }));
    expect(bytes((await open(kms, later.CiphertextBlob)).Plaintext)).toEqual(text);
    expect(bytes((await open(kms)).Plaintext)).toEqual(text);
    // Taken away in one Region it stays in the other.
    await there().send(new DeleteImportedKeyMaterialCommand({ KeyId }));
    expect((await describeKey(KeyId, there()))?.KeyState).toBe('PendingImport');
    expect((await describeKey(KeyId))?.KeyState).toBe('Enabled');
    expect(bytes((await open(kms, later.CiphertextBlob)).Plaintext)).toEqual(text);
    await importInto(there(), KeyId, second);
    expect(bytes((await open(there(), later.CiphertextBlob)).Plaintext)).toEqual(text);
  });

  test('are refused for keys of one region', async () => {
    const { KeyId } = await makeKey(kms);
    expect(await refusal(kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' })))).toMatch(
      /^UnsupportedOperationException/,
    );
    expect(await refusal(kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'eu-west-1' })))).toMatch(
      /^UnsupportedOperationException/,
    );
    expect(await refusal(kms.send(new ReplicateKeyCommand({ KeyId: nobody, ReplicaRegion: 'eu-west-1' })))).toMatch(
      /^NotFoundException/,
    );
  });
});
