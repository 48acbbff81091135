/** What keys do: encrypt, sign, authenticate, agree, and hand out data keys; checked with node:crypto on the outside. */
import {
  constants,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  publicEncrypt,
  verify,
} from 'node:crypto';
import {
  CreateAliasCommand,
  DecapsulateCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  DisableKeyCommand,
  EncapsulateCommand,
  EncryptCommand,
  type EncryptionAlgorithmSpec,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetPublicKeyCommand,
  type KeySpec,
  ReEncryptCommand,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { bytes, kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let kms: ReturnType<typeof kmsClient>;
let shared: MadeKey;
beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
  shared = await makeKey(kms);
});
afterAll(() => instance.stop());

const text = Buffer.from('two flat whites, please');
const nobody = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const missing = `NotFoundException: Key 'arn:aws:kms:us-east-1:${accountId}:key/${nobody}' does not exist`;

async function publicKeyOf(KeyId: string) {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
}

describe('Encrypt and Decrypt', () => {
  test('give back what they took, under every name of the key', async () => {
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/shared', TargetKeyId: shared.KeyId }));
    const EncryptionContext = { table: '7', order: 'ünïcode' };
    for (const KeyId of [shared.KeyId, shared.Arn, 'alias/shared', shared.Arn.replace(/key\/.*/, 'alias/shared')]) {
      const made = await kms.send(new EncryptCommand({ KeyId, Plaintext: text, EncryptionContext }));
      expect(made).toMatchObject({ KeyId: shared.Arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
      const { CiphertextBlob } = made;
      for (const named of [undefined, KeyId]) {
        const opened = await kms.send(
          new DecryptCommand({ CiphertextBlob, ...(named && { KeyId: named }), EncryptionContext }),
        );
        expect(opened).toMatchObject({
          KeyId: shared.Arn,
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          KeyMaterialId: shared.CurrentKeyMaterialId,
        });
        expect(bytes(opened.Plaintext)).toEqual(text);
      }
    }
  });

  test('the context binds: order is free, all else is not', async () => {
    const encrypt = async (EncryptionContext?: Record<string, string>) =>
      (await kms.send(new EncryptCommand({ KeyId: shared.KeyId, Plaintext: text, EncryptionContext }))).CiphertextBlob;
    const decrypt = (CiphertextBlob: Uint8Array | undefined, EncryptionContext?: Record<string, string>) =>
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    const blob = await encrypt({ a: '1', b: '2' });
    expect(bytes((await decrypt(blob, { b: '2', a: '1' })).Plaintext)).toEqual(text);
    for (const wrong of [
      undefined,
      {},
      { a: '1' },
      { a: '1', b: '2', c: '3' },
      { A: '1', b: '2' },
      { a: '1', b: '2 ' },
    ]) {
      expect(await refusal(decrypt(blob, wrong)), JSON.stringify(wrong)).toBe('InvalidCiphertextException');
    }
    expect(await refusal(decrypt(await encrypt({ a: '1,b' }), { a: '1', b: '' }))).toBe('InvalidCiphertextException');
    // An empty context and none are the same.
    expect(bytes((await decrypt(await encrypt({}))).Plaintext)).toEqual(text);
  });

  test('a plaintext has 1 to 4,096 bytes', async () => {
    for (const size of [1, 4096]) {
      const Plaintext = Buffer.alloc(size, 7);
      const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: shared.KeyId, Plaintext }));
      expect(bytes((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext)).toEqual(Plaintext);
    }
    const none = kms.send(new EncryptCommand({ KeyId: shared.KeyId, Plaintext: Buffer.alloc(0) }));
    expect(await refusal(none)).toMatch(/^ValidationException: 1 validation error detected: Value at 'plaintext'/);
  });

  test.each([
    ['RSA_2048', 'RSAES_OAEP_SHA_1', 'sha1'],
    ['RSA_3072', 'RSAES_OAEP_SHA_256', 'sha256'],
    ['RSA_4096', 'RSAES_OAEP_SHA_256', 'sha256'],
  ] as const)('%s with %s agrees with OpenSSL', async (spec, EncryptionAlgorithm, oaepHash) => {
    const { KeyId, Arn } = await makeKey(kms, { KeySpec: spec, KeyUsage: 'ENCRYPT_DECRYPT' });
    const key = await publicKeyOf(KeyId);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const outside = publicEncrypt({ key, padding, oaepHash }, text);
    const inside = await kms.send(new EncryptCommand({ KeyId, Plaintext: text, EncryptionAlgorithm }));
    for (const CiphertextBlob of [outside, inside.CiphertextBlob]) {
      const opened = await kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
      expect(opened).toMatchObject({ KeyId: Arn, EncryptionAlgorithm });
      expect(bytes(opened.Plaintext)).toEqual(text);
    }
    const decrypt = (more: object) =>
      refusal(kms.send(new DecryptCommand({ KeyId, CiphertextBlob: outside, ...more })));
    const other: EncryptionAlgorithmSpec = oaepHash === 'sha1' ? 'RSAES_OAEP_SHA_256' : 'RSAES_OAEP_SHA_1';
    expect(await decrypt({ EncryptionAlgorithm: other })).toBe('InvalidCiphertextException');
    expect(await decrypt({})).toMatch(/^InvalidKeyUsageException/);
    expect(await decrypt({ EncryptionAlgorithm, EncryptionContext: { a: 'b' } })).toMatch(/^ValidationException/);
  });

  test('refuse the wrong key, the wrong usage and what no key made', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: shared.KeyId, Plaintext: text }));
    const other = await makeKey(kms);
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.KeyId })))).toBe(
      'IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.',
    );
    const signing = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    expect(await refusal(kms.send(new EncryptCommand({ KeyId: signing.KeyId, Plaintext: text })))).toBe(
      `InvalidKeyUsageException: ${signing.Arn} key usage is SIGN_VERIFY which is not valid for Encrypt.`,
    );
    for (const garbage of [Buffer.from('x'), Buffer.alloc(200), bytes(CiphertextBlob).subarray(0, 60)]) {
      expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob: garbage })))).toBe(
        'InvalidCiphertextException',
      );
    }
    expect(await refusal(kms.send(new EncryptCommand({ KeyId: nobody, Plaintext: text })))).toBe(missing);
    const theirs = kmsClient(instance, otherAdminKeys);
    expect(await refusal(theirs.send(new DecryptCommand({ CiphertextBlob })))).toMatch(/^AccessDeniedException/);
  });

  test('DryRun decides and does nothing', async () => {
    const { KeyId } = await makeKey(kms);
    const dry = (more: object) => kms.send(new EncryptCommand({ KeyId, Plaintext: text, DryRun: true, ...more }));
    expect(await refusal(dry({}))).toBe(
      'DryRunOperationException: The request would have succeeded, but the DryRun option is set.',
    );
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await refusal(dry({}))).toMatch(/^DisabledException/);
  });
});

test('ReEncrypt moves a ciphertext to another key and context', async () => {
  const to = await makeKey(kms);
  const from = await kms.send(
    new EncryptCommand({ KeyId: shared.KeyId, Plaintext: text, EncryptionContext: { was: '1' } }),
  );
  const moved = await kms.send(
    new ReEncryptCommand({
      CiphertextBlob: from.CiphertextBlob,
      SourceEncryptionContext: { was: '1' },
      DestinationKeyId: to.KeyId,
      DestinationEncryptionContext: { is: '2' },
    }),
  );
  expect(moved).toMatchObject({
    SourceKeyId: shared.Arn,
    KeyId: to.Arn,
    SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    SourceKeyMaterialId: shared.CurrentKeyMaterialId,
    DestinationKeyMaterialId: to.CurrentKeyMaterialId,
  });
  const opened = await kms.send(
    new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { is: '2' } }),
  );
  expect(bytes(opened.Plaintext)).toEqual(text);
  const rsa = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const crossed = await kms.send(
    new ReEncryptCommand({
      CiphertextBlob: moved.CiphertextBlob,
      SourceEncryptionContext: { is: '2' },
      DestinationKeyId: rsa.KeyId,
      DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    }),
  );
  const plain = await kms.send(
    new DecryptCommand({
      KeyId: rsa.KeyId,
      CiphertextBlob: crossed.CiphertextBlob,
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    }),
  );
  expect(bytes(plain.Plaintext)).toEqual(text);
  const again = (more: object) =>
    refusal(
      kms.send(new ReEncryptCommand({ CiphertextBlob: from.CiphertextBlob, DestinationKeyId: to.KeyId, ...more })),
    );
  expect(await again({})).toBe('InvalidCiphertextException');
  expect(await again({ SourceKeyId: to.KeyId })).toMatch(/^IncorrectKeyException/);
  expect(await again({ DestinationKeyId: nobody })).toBe(missing);
});

describe('data keys', () => {
  test('come plain and encrypted, or encrypted only', async () => {
    const EncryptionContext = { bucket: 'beans' };
    for (const [how, size] of [
      [{ KeySpec: 'AES_256' }, 32],
      [{ KeySpec: 'AES_128' }, 16],
      [{ NumberOfBytes: 1 }, 1],
      [{ NumberOfBytes: 1024 }, 1024],
    ] as const) {
      const input = { KeyId: shared.KeyId, EncryptionContext, ...how };
      const made = await kms.send(new GenerateDataKeyCommand(input));
      expect(made).toMatchObject({ KeyId: shared.Arn, KeyMaterialId: shared.CurrentKeyMaterialId });
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }));
      expect(bytes(opened.Plaintext)).toEqual(bytes(made.Plaintext));
      expect(made.Plaintext).toHaveLength(size);
      const hidden = await kms.send(new GenerateDataKeyWithoutPlaintextCommand(input));
      expect(hidden).not.toHaveProperty('Plaintext');
      const known = await kms.send(new DecryptCommand({ CiphertextBlob: hidden.CiphertextBlob, EncryptionContext }));
      expect(known.Plaintext).toHaveLength(size);
    }
  });

  test.each([
    [{}, /^ValidationException: Please specify either number of bytes or key spec\.$/],
    [{ KeySpec: 'AES_256', NumberOfBytes: 32 }, /^ValidationException: Please specify either/],
    [{ NumberOfBytes: 1025 }, /^ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes'/],
    [{ KeyId: nobody, NumberOfBytes: 1 }, /^NotFoundException/],
  ])('are refused for %j', async (how, text) => {
    const input = { KeyId: shared.KeyId, ...how } as { KeyId: string; NumberOfBytes: number };
    expect(await refusal(kms.send(new GenerateDataKeyCommand(input)))).toMatch(text);
    expect(await refusal(kms.send(new GenerateDataKeyWithoutPlaintextCommand(input)))).toMatch(text);
  });

  test.each([
    'RSA_2048',
    'RSA_3072',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
  ] as const)('pairs: %s', async (KeyPairSpec) => {
    const EncryptionContext = { for: 'roaster' };
    const input = { KeyId: shared.KeyId, KeyPairSpec, EncryptionContext };
    const made = await kms.send(new GenerateDataKeyPairCommand(input));
    expect(made).toMatchObject({ KeyId: shared.Arn, KeyPairSpec, KeyMaterialId: shared.CurrentKeyMaterialId });
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: made.PrivateKeyCiphertextBlob, EncryptionContext }),
    );
    expect(bytes(opened.Plaintext)).toEqual(bytes(made.PrivateKeyPlaintext));
    const key = createPrivateKey({ key: bytes(made.PrivateKeyPlaintext), format: 'der', type: 'pkcs8' });
    expect(createPublicKey(key).export({ format: 'der', type: 'spki' })).toEqual(bytes(made.PublicKey));
    const hidden = await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(input));
    expect(hidden).not.toHaveProperty('PrivateKeyPlaintext');
    expect(hidden.PublicKey).not.toEqual(made.PublicKey);
  });

  test('pairs are refused under keys that cannot hold them', async () => {
    const input = { KeyId: nobody, KeyPairSpec: 'RSA_2048' } as const;
    expect(await refusal(kms.send(new GenerateDataKeyPairCommand(input)))).toBe(missing);
    expect(await refusal(kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(input)))).toBe(missing);
    const rsa = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    const call = kms.send(new GenerateDataKeyPairCommand({ ...input, KeyId: rsa.KeyId }));
    expect(await refusal(call)).toMatch(/^InvalidKeyUsageException/);
  });
});

describe('Sign and Verify', () => {
  const digestOf = (algorithm: SigningAlgorithmSpec) => `sha${algorithm.slice(-3)}`;
  const outside = (algorithm: SigningAlgorithmSpec) =>
    algorithm.startsWith('RSASSA_PSS')
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : algorithm.startsWith('RSASSA')
        ? { padding: constants.RSA_PKCS1_PADDING }
        : {};

  const rsa = ['256', '384', '512'].flatMap((size) => [`RSASSA_PSS_SHA_${size}`, `RSASSA_PKCS1_V1_5_SHA_${size}`]);
  const cases: [KeySpec, SigningAlgorithmSpec[]][] = [
    ['RSA_2048', rsa as SigningAlgorithmSpec[]],
    ['RSA_3072', ['RSASSA_PSS_SHA_256']],
    ['RSA_4096', ['RSASSA_PKCS1_V1_5_SHA_512']],
    ['ECC_NIST_P256', ['ECDSA_SHA_256']],
    ['ECC_NIST_P384', ['ECDSA_SHA_384']],
    ['ECC_NIST_P521', ['ECDSA_SHA_512']],
    ['ECC_SECG_P256K1', ['ECDSA_SHA_256']],
  ];
  test.each(cases)('%s agrees with OpenSSL, message or digest', async (KeySpec, algorithms) => {
    const { KeyId, Arn } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const key = await publicKeyOf(KeyId);
    for (const SigningAlgorithm of algorithms) {
      const hash = digestOf(SigningAlgorithm);
      const digest = createHash(hash).update(text).digest();
      for (const [MessageType, Message] of [
        ['RAW', text],
        ['DIGEST', digest],
      ] as const) {
        const made = await kms.send(new SignCommand({ KeyId, Message, MessageType, SigningAlgorithm }));
        expect(made).toMatchObject({ KeyId: Arn, SigningAlgorithm });
        expect(verify(hash, text, { key, ...outside(SigningAlgorithm) }, bytes(made.Signature))).toBe(true);
        // A digest and its message are the same to whoever verifies.
        for (const [kind, value] of [
          ['RAW', text],
          ['DIGEST', digest],
        ] as const) {
          const checked = await kms.send(
            new VerifyCommand({
              KeyId,
              Message: value,
              MessageType: kind,
              SigningAlgorithm,
              Signature: made.Signature,
            }),
          );
          expect(checked).toMatchObject({ KeyId: Arn, SigningAlgorithm, SignatureValid: true });
        }
        const call = kms.send(
          new VerifyCommand({ KeyId, Message: Buffer.from('no'), SigningAlgorithm, Signature: made.Signature }),
        );
        expect(await refusal(call)).toBe('KMSInvalidSignatureException');
      }
      const short = kms.send(
        new SignCommand({ KeyId, Message: digest.subarray(1), MessageType: 'DIGEST', SigningAlgorithm }),
      );
      expect(await refusal(short)).toBe(
        `ValidationException: Digest is invalid length for algorithm ${SigningAlgorithm}.`,
      );
    }
  });

  test('Ed25519 and its prehashed form', async () => {
    const { KeyId } = await makeKey(kms, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
    const key = await publicKeyOf(KeyId);
    const pure = await kms.send(new SignCommand({ KeyId, Message: text, SigningAlgorithm: 'ED25519_SHA_512' }));
    expect(verify(null, text, key, bytes(pure.Signature))).toBe(true);
    const digest = createHash('sha512').update(text).digest();
    const hashed = await kms.send(
      new SignCommand({ KeyId, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ED25519_PH_SHA_512' }),
    );
    expect(verify(null, text, key, bytes(hashed.Signature))).toBe(false);
    const { ed25519ph } = await import('@noble/curves/ed25519.js');
    const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(ed25519ph.verify(bytes(hashed.Signature), text, raw)).toBe(true);
  });

  test('ML-DSA: message and external mu', async () => {
    for (const KeySpec of ['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const) {
      const { KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const key = await publicKeyOf(KeyId);
      const SigningAlgorithm = 'ML_DSA_SHAKE_256';
      const raw = await kms.send(new SignCommand({ KeyId, Message: text, SigningAlgorithm }));
      expect(verify(null, text, key, bytes(raw.Signature))).toBe(true);
      // FIPS 204: tr = SHAKE256(pk, 64), mu = SHAKE256(tr || 0 || |ctx| || ctx || M, 64)
      const shake = (...parts: Uint8Array[]) => {
        const hash = createHash('shake256', { outputLength: 64 });
        for (const part of parts) hash.update(part);
        return hash.digest();
      };
      const length = { ML_DSA_44: 1312, ML_DSA_65: 1952, ML_DSA_87: 2592 }[KeySpec];
      const tr = shake(key.export({ format: 'der', type: 'spki' }).subarray(-length));
      const mu = shake(tr, Buffer.from([0, 0]), text);
      const external = await kms.send(
        new SignCommand({ KeyId, Message: mu, MessageType: 'EXTERNAL_MU', SigningAlgorithm }),
      );
      expect(verify(null, text, key, bytes(external.Signature))).toBe(true);
      const checked = await kms.send(
        new VerifyCommand({
          KeyId,
          Message: mu,
          MessageType: 'EXTERNAL_MU',
          SigningAlgorithm,
          Signature: raw.Signature,
        }),
      );
      expect(checked.SignatureValid).toBe(true);
    }
  });

  test('refuse what the key cannot do', async () => {
    const { KeyId } = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const sign256 = { KeyId, Message: text, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    expect(await refusal(kms.send(new SignCommand({ ...sign256, SigningAlgorithm: 'ECDSA_SHA_384' })))).toBe(
      'InvalidKeyUsageException: Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.',
    );
    expect(await refusal(kms.send(new SignCommand({ ...sign256, KeyId: nobody })))).toBe(missing);
    expect(await refusal(kms.send(new SignCommand({ ...sign256, Message: Buffer.alloc(4097) })))).toMatch(
      /^ValidationException/,
    );
    const wrong = kms.send(new SignCommand({ ...sign256, KeyId: shared.KeyId }));
    expect(await refusal(wrong)).toBe(
      `InvalidKeyUsageException: ${shared.Arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.`,
    );
    const garbage = kms.send(new VerifyCommand({ ...sign256, Signature: Buffer.from('garbage') }));
    expect(await refusal(garbage)).toBe('KMSInvalidSignatureException');
  });
});

test('GenerateMac and VerifyMac agree with OpenSSL', async () => {
  for (const size of [224, 256, 384, 512] as const) {
    const { KeyId, Arn } = await makeKey(kms, { KeySpec: `HMAC_${size}`, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const MacAlgorithm = `HMAC_SHA_${size}` as const;
    const { Mac, ...made } = await kms.send(new GenerateMacCommand({ KeyId, Message: text, MacAlgorithm }));
    expect(made).toMatchObject({ KeyId: Arn, MacAlgorithm });
    expect(Mac).toHaveLength(size / 8);
    const check = (message: Uint8Array, mac: Uint8Array) =>
      kms.send(new VerifyMacCommand({ KeyId, Message: message, MacAlgorithm, Mac: mac }));
    expect(await check(text, bytes(Mac))).toMatchObject({ KeyId: Arn, MacAlgorithm, MacValid: true });
    const flipped = bytes(Mac);
    flipped[0] = (flipped[0] as number) ^ 1;
    for (const wrong of [
      check(text, flipped),
      check(Buffer.from('no'), bytes(Mac)),
      check(text, bytes(Mac).subarray(1)),
    ]) {
      expect(await refusal(wrong)).toBe('KMSInvalidMacException');
    }
  }
  const input = { KeyId: nobody, Message: text, MacAlgorithm: 'HMAC_SHA_256' } as const;
  expect(await refusal(kms.send(new GenerateMacCommand(input)))).toBe(missing);
  expect(await refusal(kms.send(new VerifyMacCommand({ ...input, Mac: text })))).toBe(missing);
});

test('DeriveSharedSecret: both sides come to the same', async () => {
  for (const [KeySpec, curve] of [
    ['ECC_NIST_P256', 'P-256'],
    ['ECC_NIST_P384', 'P-384'],
    ['ECC_NIST_P521', 'P-521'],
  ] as const) {
    const { KeyId, Arn } = await makeKey(kms, { KeySpec, KeyUsage: 'KEY_AGREEMENT' });
    const mine = generateKeyPairSync('ec', { namedCurve: curve });
    const PublicKey = mine.publicKey.export({ format: 'der', type: 'spki' });
    const derive = (key: Uint8Array) =>
      kms.send(new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: key }));
    const made = await derive(PublicKey);
    expect(made).toMatchObject({ KeyId: Arn, KeyAgreementAlgorithm: 'ECDH', KeyOrigin: 'AWS_KMS' });
    const expected = diffieHellman({ privateKey: mine.privateKey, publicKey: await publicKeyOf(KeyId) });
    expect(bytes(made.SharedSecret)).toEqual(expected);
    const strange = createECDH('secp256k1').generateKeys();
    for (const bad of [Buffer.concat([PublicKey.subarray(0, -1), Buffer.from([PublicKey.at(-1)! ^ 1])]), strange]) {
      expect(await refusal(derive(bad))).toMatch(/^ValidationException/);
    }
  }
  const call = new DeriveSharedSecretCommand({
    KeyId: shared.KeyId,
    KeyAgreementAlgorithm: 'ECDH',
    PublicKey: text,
  });
  expect(await refusal(kms.send(call))).toMatch(/^InvalidKeyUsageException/);
});

test('Encapsulate and Decapsulate: ML-KEM, from inside and from outside', async () => {
  const EncapsulationAlgorithm = 'ML_KEM';
  for (const KeySpec of ['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'] as const) {
    const { KeyId, Arn } = await makeKey(kms, { KeySpec, KeyUsage: 'ENCAPSULATE_DECAPSULATE' });
    const decapsulate = (SharedSecretCiphertextBlob: Uint8Array | undefined) =>
      kms.send(new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob }));
    const made = await kms.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm }));
    expect(made).toMatchObject({ KeyId: Arn, EncapsulationAlgorithm });
    const opened = await decapsulate(made.SharedSecretCiphertextBlob);
    expect(opened).toMatchObject({ KeyId: Arn, EncapsulationAlgorithm });
    expect(bytes(opened.SharedSecret)).toEqual(bytes(made.SharedSecret));
    const outside = encapsulate(await publicKeyOf(KeyId));
    expect(bytes((await decapsulate(outside.ciphertext)).SharedSecret)).toEqual(outside.sharedKey);
    expect(await refusal(decapsulate(outside.ciphertext.subarray(1)))).toMatch(
      /^(InvalidCiphertext|Validation)Exception/,
    );
  }
  const input = { KeyId: shared.KeyId, EncapsulationAlgorithm } as const;
  expect(await refusal(kms.send(new EncapsulateCommand(input)))).toMatch(/^InvalidKeyUsageException/);
  expect(
    await refusal(kms.send(new DecapsulateCommand({ ...input, SharedSecretCiphertextBlob: Buffer.alloc(1088) }))),
  ).toMatch(/^InvalidKeyUsageException/);
});

test('GenerateRandom', async () => {
  const seen = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    const { Plaintext } = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }));
    seen.add(bytes(Plaintext).toString('hex'));
  }
  expect(seen.size).toBe(20);
  expect(await refusal(kms.send(new GenerateRandomCommand({})))).toBe(
    'ValidationException: NumberOfBytes is required.',
  );
});

test('GetPublicKey tells what the key is for', async () => {
  const key = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const shown = await kms.send(new GetPublicKeyCommand({ KeyId: key.KeyId }));
  expect(shown).toMatchObject({
    KeyId: key.Arn,
    KeySpec: 'RSA_2048',
    CustomerMasterKeySpec: 'RSA_2048',
    KeyUsage: 'ENCRYPT_DECRYPT',
    EncryptionAlgorithms: expect.arrayContaining(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']),
  });
  expect(await refusal(kms.send(new GetPublicKeyCommand({ KeyId: shared.KeyId })))).toMatch(
    /^UnsupportedOperationException/,
  );
  expect(await refusal(kms.send(new GetPublicKeyCommand({ KeyId: nobody })))).toBe(missing);
});
