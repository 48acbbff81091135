/** Bytes that nobody would send, to every operation that takes bytes: refused by name, never a fault of ours, and the vault goes on. */
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bytes, kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

/** Printed with each failure, and read to play it again. */
const seed = Number(process.env.KEY_INPUTS_SEED ?? Date.now() % 2 ** 31);
const rounds = Number(process.env.KEY_INPUTS_ROUNDS ?? 25);

let instance: TestInstance;
let kms: K.KMSClient;
const keys: Record<string, MadeKey> = {};
const good: Buffer[] = [];

const specs = [
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['RSA_2048', 'ENCRYPT_DECRYPT'],
  ['SM2', 'ENCRYPT_DECRYPT'],
  ['RSA_2048', 'SIGN_VERIFY'],
  ['ECC_NIST_P256', 'SIGN_VERIFY'],
  ['ECC_NIST_P521', 'SIGN_VERIFY'],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
  ['ML_DSA_44', 'SIGN_VERIFY'],
  ['SM2', 'SIGN_VERIFY'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
  ['ECC_NIST_P256', 'KEY_AGREEMENT'],
  ['SM2', 'KEY_AGREEMENT'],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
] as const;
const keyOf = (spec: string, usage: string): string => (keys[`${spec} ${usage}`] as MadeKey).KeyId;

beforeAll(async () => {
  instance = await startInstance({ ...testConfig, kms: { sm2Everywhere: true } });
  kms = kmsClient(instance);
  for (const [KeySpec, KeyUsage] of specs) keys[`${KeySpec} ${KeyUsage}`] = await makeKey(kms, { KeySpec, KeyUsage });
  const KeyId = keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
  good.push(bytes((await kms.send(new K.EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))).CiphertextBlob));
  for (const [spec, usage] of specs.filter(([spec]) => !/SYMM|HMAC/.test(spec))) {
    good.push(bytes((await kms.send(new K.GetPublicKeyCommand({ KeyId: keyOf(spec, usage) }))).PublicKey));
  }
});
afterAll(() => instance.stop());

function random(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
const next = random(seed);
const below = (limit: number): number => Math.floor(next() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

/** Nothing but noise, all of one byte, DER that promises too much, or something good that was bent. */
function strange(most: number): Buffer {
  const size = 1 + below(pick([8, 70, 300, most]));
  switch (below(5)) {
    case 0:
      return Buffer.alloc(size, below(256));
    case 1:
      return Buffer.concat([
        Buffer.from([0x30, 0x84, below(256), below(256), below(256), below(256)]),
        Buffer.alloc(size % 90, 2),
      ]);
    case 2: {
      const bent = Buffer.from(pick(good));
      bent[below(bent.length)] = below(256);
      return bent.subarray(0, Math.min(most, 1 + below(bent.length)));
    }
    case 3: {
      const bent = Buffer.concat([pick(good), pick(good)]);
      for (let n = below(4); n >= 0; n -= 1) bent[below(bent.length)] = below(256);
      return bent.subarray(0, most);
    }
    default:
      return Buffer.from(Array.from({ length: size }, () => below(256)));
  }
}

const signing = Object.values(K.SigningAlgorithmSpec);
const encryption = Object.values(K.EncryptionAlgorithmSpec);
const anyKey = () => keyOf(...(pick(specs) as [string, string]));

const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  Decrypt: () =>
    kms.send(
      new K.DecryptCommand({
        CiphertextBlob: strange(6144),
        ...(below(2) && { KeyId: anyKey(), EncryptionAlgorithm: pick(encryption) }),
      }),
    ),
  ReEncrypt: () =>
    kms.send(
      new K.ReEncryptCommand({
        CiphertextBlob: below(3) ? strange(6144) : good[0],
        DestinationKeyId: anyKey(),
        DestinationEncryptionAlgorithm: pick(encryption),
        ...(below(2) && { SourceKeyId: anyKey(), SourceEncryptionAlgorithm: pick(encryption) }),
      }),
    ),
  Encrypt: () =>
    kms.send(
      new K.EncryptCommand({ KeyId: anyKey(), Plaintext: strange(4096), EncryptionAlgorithm: pick(encryption) }),
    ),
  Sign: () =>
    kms.send(
      new K.SignCommand({
        KeyId: anyKey(),
        Message: below(2) ? strange(4096) : Buffer.alloc(pick([32, 48, 64]), below(256)),
        MessageType: pick(Object.values(K.MessageType)),
        SigningAlgorithm: pick(signing),
      }),
    ),
  Verify: () =>
    kms.send(
      new K.VerifyCommand({
        KeyId: anyKey(),
        Message: below(2) ? strange(4096) : Buffer.alloc(pick([32, 48, 64]), below(256)),
        MessageType: pick(Object.values(K.MessageType)),
        Signature: strange(6144),
        SigningAlgorithm: pick(signing),
      }),
    ),
  VerifyMac: () =>
    kms.send(
      new K.VerifyMacCommand({
        KeyId: anyKey(),
        Message: strange(4096),
        Mac: strange(6144),
        MacAlgorithm: pick(Object.values(K.MacAlgorithmSpec)),
      }),
    ),
  DeriveSharedSecret: () =>
    kms.send(
      new K.DeriveSharedSecretCommand({
        KeyId: pick([keyOf('ECC_NIST_P256', 'KEY_AGREEMENT'), keyOf('SM2', 'KEY_AGREEMENT')]),
        KeyAgreementAlgorithm: 'ECDH',
        PublicKey: below(2) ? strange(8192) : pick(good),
      }),
    ),
  Decapsulate: () =>
    kms.send(
      new K.DecapsulateCommand({
        KeyId: keyOf('ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'),
        EncapsulationAlgorithm: 'ML_KEM',
        SharedSecretCiphertextBlob: below(2) ? strange(6144) : Buffer.alloc(1088, below(256)),
      }),
    ),
  ImportKeyMaterial: () =>
    kms.send(
      new K.ImportKeyMaterialCommand({
        KeyId: anyKey(),
        ImportToken: strange(6144),
        EncryptedKeyMaterial: strange(6144),
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      }),
    ),
  Recipient: () =>
    kms.send(
      new K.GenerateRandomCommand({
        NumberOfBytes: 1,
        Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: strange(6144) },
      }),
    ),
  RetireGrant: () => kms.send(new K.RetireGrantCommand({ GrantToken: strange(2000).toString('base64url') })),
};

test.each(Object.keys(calls))(
  '%s',
  async (operation) => {
    const call = calls[operation] as () => Promise<unknown>;
    for (let round = 0; round < rounds; round += 1) {
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, call));
      for (const one of outcomes) {
        if (one.status === 'fulfilled') continue;
        const { name, message, $metadata } = one.reason as Error & { $metadata: { httpStatusCode: number } };
        expect($metadata.httpStatusCode, `seed ${seed}: ${name} ${message}`).toBe(400);
      }
    }
  },
  60_000,
);

test('and the vault works as before', async () => {
  const { Plaintext } = await kms.send(new K.DecryptCommand({ CiphertextBlob: good[0] }));
  expect(bytes(Plaintext).toString()).toBe('x');
});
