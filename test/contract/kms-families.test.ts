/**
 * Whole families in place of single cases: every key spec and usage with every algorithm, message type and odd size. What a
 * key is for works and agrees with OpenSSL; all the rest is refused in the words of AWS.
 */
import { execFileSync } from 'node:child_process';
import { createECDH, createHash, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bytes, kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-families-'));
let instance: TestInstance;
let kms: K.KMSClient;
beforeAll(async () => {
  instance = await startInstance({ ...testConfig, kms: { sm2Everywhere: true } });
  kms = kmsClient(instance);
});
afterAll(async () => {
  await instance.stop();
  rmSync(folder, { recursive: true });
});

/** "Key spec reference", AWS KMS Developer Guide. */
const rsaSigning = ['256', '384', '512'].flatMap((n) => [`RSASSA_PKCS1_V1_5_SHA_${n}`, `RSASSA_PSS_SHA_${n}`]);
const rsa = { ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'], SIGN_VERIFY: rsaSigning };
const mlDsa = { SIGN_VERIFY: ['ML_DSA_SHAKE_256'] };
const mlKem = { ENCAPSULATE_DECAPSULATE: ['ML_KEM'] };
const table: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  SYMMETRIC_DEFAULT: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
  RSA_2048: rsa,
  RSA_3072: rsa,
  RSA_4096: rsa,
  ECC_NIST_P256: { SIGN_VERIFY: ['ECDSA_SHA_256'], KEY_AGREEMENT: ['ECDH'] },
  ECC_NIST_P384: { SIGN_VERIFY: ['ECDSA_SHA_384'], KEY_AGREEMENT: ['ECDH'] },
  ECC_NIST_P521: { SIGN_VERIFY: ['ECDSA_SHA_512'], KEY_AGREEMENT: ['ECDH'] },
  ECC_SECG_P256K1: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
  ECC_NIST_EDWARDS25519: { SIGN_VERIFY: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] },
  ML_DSA_44: mlDsa,
  ML_DSA_65: mlDsa,
  ML_DSA_87: mlDsa,
  ML_KEM_512: mlKem,
  ML_KEM_768: mlKem,
  ML_KEM_1024: mlKem,
  HMAC_224: { GENERATE_VERIFY_MAC: ['HMAC_SHA_224'] },
  HMAC_256: { GENERATE_VERIFY_MAC: ['HMAC_SHA_256'] },
  HMAC_384: { GENERATE_VERIFY_MAC: ['HMAC_SHA_384'] },
  HMAC_512: { GENERATE_VERIFY_MAC: ['HMAC_SHA_512'] },
  SM2: { ENCRYPT_DECRYPT: ['SM2PKE'], SIGN_VERIFY: ['SM2DSA'], KEY_AGREEMENT: ['ECDH'] },
};
const usages = Object.values(K.KeyUsageType);
const signing = Object.values(K.SigningAlgorithmSpec);
const encrypting = Object.values(K.EncryptionAlgorithmSpec);
const macs = Object.values(K.MacAlgorithmSpec);

const made = new Map<string, Promise<MadeKey>>();
function keyOf(KeySpec: string, KeyUsage: string): Promise<MadeKey> {
  const name = `${KeySpec} ${KeyUsage}`;
  const key = made.get(name) ?? makeKey(kms, { KeySpec, KeyUsage } as K.CreateKeyCommandInput);
  made.set(name, key);
  return key;
}

const forUsage = (usage: string) => Object.keys(table).filter((spec) => usage in (table[spec] ?? {}));
const algorithmsOf = (spec: string, usage: string): readonly string[] => table[spec]?.[usage] ?? [];
const text = (size: number) => Buffer.alloc(size, 'the house blend, please. ');

test('the table names every key spec of the API model', () => {
  expect(Object.keys(table).sort()).toEqual(Object.values(K.KeySpec).sort());
});

test.each(Object.keys(table))('%s is made for its usages, and for no other', async (KeySpec) => {
  for (const KeyUsage of usages) {
    if (KeyUsage in (table[KeySpec] ?? {})) {
      const { KeySpec: spec, KeyUsage: usage } = await keyOf(KeySpec, KeyUsage);
      expect([spec, usage]).toEqual([KeySpec, KeyUsage]);
      continue;
    }
    expect(await refusal(keyOf(KeySpec, KeyUsage))).toBe(
      `ValidationException: KeyUsage ${KeyUsage} is not compatible with KeySpec ${KeySpec}`,
    );
  }
});

/** Message types that an algorithm takes, and the size of what is no whole message. */
function typesOf(algorithm: string): Readonly<Record<string, number | undefined>> {
  if (algorithm === 'ED25519_SHA_512') return { RAW: undefined };
  if (algorithm === 'ED25519_PH_SHA_512') return { DIGEST: 64 };
  if (algorithm === 'ML_DSA_SHAKE_256') return { RAW: undefined, EXTERNAL_MU: 64 };
  if (algorithm === 'SM2DSA') return { RAW: undefined, DIGEST: 32 };
  return { RAW: undefined, DIGEST: Number(algorithm.slice(-3)) / 8 };
}

describe.each(forUsage('SIGN_VERIFY'))('%s signs', (spec) => {
  const own = algorithmsOf(spec, 'SIGN_VERIFY');
  const ask = (SigningAlgorithm: string, MessageType: string, Message: Uint8Array) =>
    ({ SigningAlgorithm, MessageType, Message }) as Omit<K.SignCommandInput, 'KeyId'>;

  test.each(own)('%s, messages of every size and type', async (algorithm) => {
    const { KeyId } = await keyOf(spec, 'SIGN_VERIFY');
    const types = typesOf(algorithm);
    for (const MessageType of Object.values(K.MessageType)) {
      const size = types[MessageType];
      if (!(MessageType in types)) {
        for (const odd of [1, 32, 64]) {
          const call = kms.send(new K.SignCommand({ KeyId, ...ask(algorithm, MessageType, text(odd)) }));
          expect(await refusal(call), `${MessageType} ${odd}`).toMatch(/^ValidationException/);
        }
        continue;
      }
      for (const length of size === undefined ? [1, 31, 64, 65, 4096] : [size]) {
        const input = ask(algorithm, MessageType, text(length));
        const { Signature } = await kms.send(new K.SignCommand({ KeyId, ...input }));
        const checked = await kms.send(new K.VerifyCommand({ KeyId, ...input, Signature }));
        expect(checked.SignatureValid).toBe(true);
        const flipped = Buffer.from(bytes(Signature).map((byte, at) => (at === 9 ? byte ^ 4 : byte)));
        for (const wrong of [
          flipped,
          bytes(Signature).subarray(1),
          Buffer.concat([bytes(Signature), Buffer.alloc(1)]),
        ]) {
          const call = kms.send(new K.VerifyCommand({ KeyId, ...input, Signature: wrong }));
          expect(await refusal(call)).toBe('KMSInvalidSignatureException');
        }
      }
      for (const length of size === undefined ? [4097] : [1, size - 1, size + 1]) {
        const input = ask(algorithm, MessageType, text(length));
        for (const said of await Promise.all(
          [
            kms.send(new K.SignCommand({ KeyId, ...input })),
            kms.send(new K.VerifyCommand({ KeyId, ...input, Signature: text(64) })),
          ].map(refusal),
        )) {
          if (MessageType === 'DIGEST') {
            expect(said).toBe(`ValidationException: Digest is invalid length for algorithm ${algorithm}.`);
          } else expect(said).toMatch(/^ValidationException/);
        }
      }
    }
  });

  test('with no other algorithm', async () => {
    const { KeyId } = await keyOf(spec, 'SIGN_VERIFY');
    for (const algorithm of signing.filter((one) => !own.includes(one))) {
      const input = ask(algorithm, 'RAW', text(10));
      for (const said of await Promise.all(
        [
          kms.send(new K.SignCommand({ KeyId, ...input })),
          kms.send(new K.VerifyCommand({ KeyId, ...input, Signature: text(64) })),
        ].map(refusal),
      )) {
        expect(said).toBe(`InvalidKeyUsageException: Algorithm ${algorithm} is incompatible with key spec ${spec}.`);
      }
    }
  });
});

test.each(['RSASSA_PSS_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_256'] as const)(
  '%s: a signature that lost its leading zero is none',
  async (SigningAlgorithm) => {
    const { KeyId } = await keyOf('RSA_2048', 'SIGN_VERIFY');
    for (let attempt = 0; ; attempt += 16) {
      const inputs = Array.from({ length: 16 }, (_, n) => ({
        KeyId,
        Message: Buffer.from(String(attempt + n)),
        SigningAlgorithm,
      }));
      const signed = await Promise.all(inputs.map((one) => kms.send(new K.SignCommand(one))));
      const found = signed.findIndex(({ Signature }) => Signature?.[0] === 0);
      if (found < 0) continue;
      const input = inputs[found] as (typeof inputs)[0];
      const Signature = bytes(signed[found]?.Signature);
      const digest = createHash('sha256').update(input.Message).digest();
      for (const message of [input, { ...input, Message: digest, MessageType: 'DIGEST' as const }]) {
        expect((await kms.send(new K.VerifyCommand({ ...message, Signature }))).SignatureValid).toBe(true);
        const call = kms.send(new K.VerifyCommand({ ...message, Signature: Signature.subarray(1) }));
        expect(await refusal(call)).toBe('KMSInvalidSignatureException');
      }
      break;
    }
  },
  30_000,
);

/** The longest plaintext ("Encrypt", AWS KMS API reference). */
const longest: Readonly<Record<string, number>> = {
  'SYMMETRIC_DEFAULT SYMMETRIC_DEFAULT': 4096,
  'RSA_2048 RSAES_OAEP_SHA_1': 214,
  'RSA_2048 RSAES_OAEP_SHA_256': 190,
  'RSA_3072 RSAES_OAEP_SHA_1': 342,
  'RSA_3072 RSAES_OAEP_SHA_256': 318,
  'RSA_4096 RSAES_OAEP_SHA_1': 470,
  'RSA_4096 RSAES_OAEP_SHA_256': 446,
  'SM2 SM2PKE': 1024,
};

describe.each(forUsage('ENCRYPT_DECRYPT'))('%s encrypts', (spec) => {
  const own = algorithmsOf(spec, 'ENCRYPT_DECRYPT');

  test.each(own)('%s, up to its longest plaintext', async (algorithm) => {
    const { KeyId, Arn } = await keyOf(spec, 'ENCRYPT_DECRYPT');
    const EncryptionAlgorithm = algorithm as K.EncryptionAlgorithmSpec;
    const most = longest[`${spec} ${algorithm}`] as number;
    for (const size of [1, 15, 16, 17, 33, most]) {
      const Plaintext = text(size);
      const { CiphertextBlob } = await kms.send(new K.EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }));
      const opened = await kms.send(new K.DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
      expect(bytes(opened.Plaintext)).toEqual(Plaintext);
      expect(opened).toMatchObject({ KeyId: Arn, EncryptionAlgorithm });
      for (const at of [0, bytes(CiphertextBlob).length >> 1, bytes(CiphertextBlob).length - 1]) {
        const flipped = Buffer.from(bytes(CiphertextBlob));
        flipped[at] = (flipped[at] as number) ^ 1;
        const call = kms.send(new K.DecryptCommand({ KeyId, CiphertextBlob: flipped, EncryptionAlgorithm }));
        expect(await refusal(call)).toBe('InvalidCiphertextException');
      }
    }
    const call = kms.send(new K.EncryptCommand({ KeyId, Plaintext: text(most + 1), EncryptionAlgorithm }));
    expect(await refusal(call)).toMatch(/^ValidationException/);
  });

  test('with no other algorithm', async () => {
    const { KeyId } = await keyOf(spec, 'ENCRYPT_DECRYPT');
    for (const EncryptionAlgorithm of encrypting.filter((one) => !own.includes(one))) {
      for (const said of await Promise.all(
        [
          kms.send(new K.EncryptCommand({ KeyId, Plaintext: text(5), EncryptionAlgorithm })),
          kms.send(new K.DecryptCommand({ KeyId, CiphertextBlob: text(50), EncryptionAlgorithm })),
        ].map(refusal),
      )) {
        expect(said).toBe(
          `InvalidKeyUsageException: Algorithm ${EncryptionAlgorithm} is incompatible with key spec ${spec}.`,
        );
      }
    }
  });
});

describe.each(forUsage('GENERATE_VERIFY_MAC'))('%s authenticates', (spec) => {
  test('messages of every size, with its algorithm only', async () => {
    const { KeyId } = await keyOf(spec, 'GENERATE_VERIFY_MAC');
    for (const MacAlgorithm of macs) {
      const generate = (size: number) =>
        kms.send(new K.GenerateMacCommand({ KeyId, MacAlgorithm, Message: text(size) }));
      if (!algorithmsOf(spec, 'GENERATE_VERIFY_MAC').includes(MacAlgorithm)) {
        expect(await refusal(generate(5))).toBe(
          `InvalidKeyUsageException: Algorithm ${MacAlgorithm} is incompatible with key spec ${spec}.`,
        );
        continue;
      }
      for (const size of [1, 63, 64, 65, 128, 4096]) {
        const { Mac } = await generate(size);
        expect(Mac).toHaveLength(Number(spec.slice(-3)) / 8);
        const verify = (Message: Uint8Array, mac: Uint8Array) =>
          kms.send(new K.VerifyMacCommand({ KeyId, MacAlgorithm, Message, Mac: mac }));
        expect((await verify(text(size), bytes(Mac))).MacValid).toBe(true);
        expect(await refusal(verify(Buffer.concat([text(size - 1), Buffer.from('!')]), bytes(Mac)))).toBe(
          'KMSInvalidMacException',
        );
        expect(await refusal(verify(text(size), bytes(Mac).subarray(1)))).toBe('KMSInvalidMacException');
      }
      expect(await refusal(generate(4097))).toMatch(/^ValidationException/);
    }
  });
});

describe('a key that is for something else', () => {
  const pairs = Object.entries(table).flatMap(([spec, own]) => Object.keys(own).map((usage) => [spec, usage] as const));
  test.each(pairs)('%s for %s', async (spec, usage) => {
    const { KeyId, Arn } = await keyOf(spec, usage);
    const Message = text(10);
    const calls: Readonly<Record<string, readonly [usage: string, call: () => Promise<unknown>]>> = {
      Encrypt: ['ENCRYPT_DECRYPT', () => kms.send(new K.EncryptCommand({ KeyId, Plaintext: Message }))],
      Decrypt: ['ENCRYPT_DECRYPT', () => kms.send(new K.DecryptCommand({ KeyId, CiphertextBlob: text(50) }))],
      GenerateDataKey: ['ENCRYPT_DECRYPT', () => kms.send(new K.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))],
      GenerateDataKeyWithoutPlaintext: [
        'ENCRYPT_DECRYPT',
        () => kms.send(new K.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' })),
      ],
      GenerateDataKeyPair: [
        'ENCRYPT_DECRYPT',
        () => kms.send(new K.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' })),
      ],
      Sign: ['SIGN_VERIFY', () => kms.send(new K.SignCommand({ KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256' }))],
      Verify: [
        'SIGN_VERIFY',
        () => kms.send(new K.VerifyCommand({ KeyId, Message, Signature: Message, SigningAlgorithm: 'ECDSA_SHA_256' })),
      ],
      GenerateMac: [
        'GENERATE_VERIFY_MAC',
        () => kms.send(new K.GenerateMacCommand({ KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' })),
      ],
      VerifyMac: [
        'GENERATE_VERIFY_MAC',
        () => kms.send(new K.VerifyMacCommand({ KeyId, Message, Mac: Message, MacAlgorithm: 'HMAC_SHA_256' })),
      ],
      DeriveSharedSecret: [
        'KEY_AGREEMENT',
        () => kms.send(new K.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: Message })),
      ],
      Encapsulate: [
        'ENCAPSULATE_DECAPSULATE',
        () => kms.send(new K.EncapsulateCommand({ KeyId, EncapsulationAlgorithm: 'ML_KEM' })),
      ],
      Decapsulate: [
        'ENCAPSULATE_DECAPSULATE',
        () =>
          kms.send(
            new K.DecapsulateCommand({ KeyId, EncapsulationAlgorithm: 'ML_KEM', SharedSecretCiphertextBlob: Message }),
          ),
      ],
    };
    for (const [name, [wanted, call]] of Object.entries(calls)) {
      if (wanted === usage) continue;
      expect(await refusal(call()), name).toBe(
        `InvalidKeyUsageException: ${Arn} key usage is ${usage} which is not valid for ${name}.`,
      );
    }
  });
});

test('ReEncrypt from every kind of key to every kind, with the algorithms of both', async () => {
  const kinds = ['SYMMETRIC_DEFAULT', 'RSA_2048', 'SM2'].flatMap((spec) =>
    algorithmsOf(spec, 'ENCRYPT_DECRYPT').map((algorithm) => [spec, algorithm as K.EncryptionAlgorithmSpec] as const),
  );
  const Plaintext = text(100);
  for (const [from, SourceEncryptionAlgorithm] of kinds) {
    const source = await keyOf(from, 'ENCRYPT_DECRYPT');
    const EncryptionAlgorithm = SourceEncryptionAlgorithm;
    const sealed = await kms.send(new K.EncryptCommand({ KeyId: source.KeyId, Plaintext, EncryptionAlgorithm }));
    for (const [to, DestinationEncryptionAlgorithm] of kinds) {
      const destination = await keyOf(to, 'ENCRYPT_DECRYPT');
      const ask = {
        CiphertextBlob: sealed.CiphertextBlob,
        SourceKeyId: source.KeyId,
        SourceEncryptionAlgorithm,
        DestinationKeyId: destination.KeyId,
        DestinationEncryptionAlgorithm,
      };
      const moved = await kms.send(new K.ReEncryptCommand(ask));
      expect(moved).toMatchObject({
        SourceKeyId: source.Arn,
        KeyId: destination.Arn,
        SourceEncryptionAlgorithm,
        DestinationEncryptionAlgorithm,
      });
      const opened = await kms.send(
        new K.DecryptCommand({
          KeyId: destination.KeyId,
          CiphertextBlob: moved.CiphertextBlob,
          EncryptionAlgorithm: DestinationEncryptionAlgorithm,
        }),
      );
      expect(bytes(opened.Plaintext)).toEqual(Plaintext);
      // Only symmetric keys know contexts.
      for (const context of [
        { spec: from, SourceEncryptionContext: { a: 'b' } },
        { spec: to, DestinationEncryptionContext: { a: 'b' } },
      ]) {
        if (context.spec === 'SYMMETRIC_DEFAULT') continue;
        expect(await refusal(kms.send(new K.ReEncryptCommand({ ...ask, ...context })))).toMatch(/^ValidationException/);
      }
    }
  }
  // What does not fit into the destination is refused as Encrypt refuses it.
  const symmetric = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
  for (const [spec, DestinationEncryptionAlgorithm, size] of [
    ['RSA_2048', 'RSAES_OAEP_SHA_256', 191],
    ['RSA_2048', 'RSAES_OAEP_SHA_1', 215],
    ['SM2', 'SM2PKE', 1025],
  ] as const) {
    const { KeyId } = await keyOf(spec, 'ENCRYPT_DECRYPT');
    const { CiphertextBlob } = await kms.send(new K.EncryptCommand({ KeyId: symmetric.KeyId, Plaintext: text(size) }));
    const call = new K.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId, DestinationEncryptionAlgorithm });
    expect(await refusal(kms.send(call))).toMatch(/^ValidationException: .* larger than/);
  }
});

test('SM2 agrees with OpenSSL: signatures, encryption, agreement', async () => {
  const file = (name: string, content: Uint8Array | string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const publicKey = async (usage: string) => {
    const { KeyId } = await keyOf('SM2', usage);
    const { PublicKey } = await kms.send(new K.GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
    return { KeyId, key, pem: file(`${usage}.pem`, key.export({ format: 'pem', type: 'spki' })) };
  };
  const { KeyId, pem } = await publicKey('SIGN_VERIFY');
  const { Signature } = await kms.send(
    new K.SignCommand({ KeyId, Message: text(77), SigningAlgorithm: 'SM2DSA', MessageType: 'RAW' }),
  );
  const said = execFileSync('openssl', [
    ...['pkeyutl', '-verify', '-pubin', '-inkey', pem, '-rawin', '-digest', 'sm3'],
    ...['-pkeyopt', 'distid:1234567812345678'],
    ...['-in', file('message', text(77)), '-sigfile', file('signature', bytes(Signature))],
  ]);
  expect(said.toString()).toContain('Signature Verified Successfully');

  const box = await publicKey('ENCRYPT_DECRYPT');
  const CiphertextBlob = execFileSync('openssl', [
    ...['pkeyutl', '-encrypt', '-pubin', '-inkey', box.pem, '-in', file('plain', text(99))],
  ]);
  const opened = await kms.send(
    new K.DecryptCommand({ KeyId: box.KeyId, CiphertextBlob, EncryptionAlgorithm: 'SM2PKE' }),
  );
  expect(bytes(opened.Plaintext)).toEqual(text(99));

  const agreement = await publicKey('KEY_AGREEMENT');
  const mine = createECDH('SM2');
  const spki = agreement.key.export({ format: 'der', type: 'spki' });
  const { SharedSecret } = await kms.send(
    new K.DeriveSharedSecretCommand({
      KeyId: agreement.KeyId,
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: Buffer.concat([spki.subarray(0, -65), mine.generateKeys()]),
    }),
  );
  expect(bytes(SharedSecret)).toEqual(sharedX(mine.getPrivateKey(), spki.subarray(-64)));
});

/** The x coordinate of a multiple of a point on SM2, by the schoolbook: OpenSSL does not agree on such keys. */
function sharedX(scalar: Uint8Array, point: Uint8Array): Buffer {
  const number = (part: Uint8Array) => BigInt(`0x${Buffer.from(part).toString('hex')}`);
  const p = 2n ** 256n - 2n ** 224n - 2n ** 96n + 2n ** 64n - 1n;
  const mod = (value: bigint) => ((value % p) + p) % p;
  const power = (base: bigint, exponent: bigint): bigint => {
    if (exponent === 0n) return 1n;
    const half = power(base, exponent >> 1n);
    return exponent & 1n ? mod(half * half * base) : mod(half * half);
  };
  type Point = readonly [bigint, bigint];
  const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
    const isSame = x1 === x2 && y1 === y2;
    // The curve's a is -3.
    const slope = isSame ? (3n * x1 * x1 - 3n) * power(mod(2n * y1), p - 2n) : (y2 - y1) * power(mod(x2 - x1), p - 2n);
    const x = mod(slope * slope - x1 - x2);
    return [x, mod(slope * (x1 - x) - y1)];
  };
  let sum: Point | undefined;
  let doubled: Point = [number(point.subarray(0, 32)), number(point.subarray(32))];
  for (let rest = number(scalar); rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = sum ? add(sum, doubled) : doubled;
    doubled = add(doubled, doubled);
  }
  return Buffer.from((sum?.[0] ?? 0n).toString(16).padStart(64, '0'), 'hex');
}

test.each(Object.values(K.DataKeyPairSpec))(
  'data key pair %s: both halves fit, and the encrypted one is the plain one',
  async (KeyPairSpec) => {
    const { KeyId } = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
    const pair = await kms.send(
      new K.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec, EncryptionContext: { a: 'b' } }),
    );
    const opened = await kms.send(
      new K.DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob, EncryptionContext: { a: 'b' } }),
    );
    expect(bytes(opened.Plaintext)).toEqual(bytes(pair.PrivateKeyPlaintext));
    const { createPrivateKey } = await import('node:crypto');
    const key = createPrivateKey({ key: bytes(pair.PrivateKeyPlaintext), format: 'der', type: 'pkcs8' });
    expect(createPublicKey(key).export({ format: 'der', type: 'spki' })).toEqual(bytes(pair.PublicKey));
    const hidden = await kms.send(new K.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec }));
    expect(hidden).not.toHaveProperty('PrivateKeyPlaintext');
    expect(createHash('sha256').update(bytes(hidden.PublicKey)).digest('hex')).not.toBe(
      createHash('sha256').update(bytes(pair.PublicKey)).digest('hex'),
    );
  },
);
