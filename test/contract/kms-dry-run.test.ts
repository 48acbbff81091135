/** DryRun: every operation that has it decides as always, says so, and does nothing. */
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let admin: K.KMSClient;
let nobody: K.KMSClient;
const made: Record<string, MadeKey> = {};
const plain = Buffer.from('x');
let blob: Uint8Array | undefined;
let grantId: string | undefined;

beforeAll(async () => {
  instance = await startInstance();
  admin = kmsClient(instance);
  nobody = kmsClient(instance, nobodyKeys);
  made.symmetric = await makeKey(admin);
  made.signing = await makeKey(admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  made.mac = await makeKey(admin, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  made.agreement = await makeKey(admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
  made.kem = await makeKey(admin, { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' });
  ({ CiphertextBlob: blob } = await admin.send(new K.EncryptCommand({ KeyId: id('symmetric'), Plaintext: plain })));
  ({ GrantId: grantId } = await admin.send(
    new K.CreateGrantCommand({ KeyId: id('symmetric'), GranteePrincipal: adminArn, Operations: ['Encrypt'] }),
  ));
});
afterAll(() => instance.stop());

const id = (name: string): string => (made[name] as MadeKey).Arn;
const adminArn = `arn:aws:iam::${accountId}:user/admin`;
const DryRun = true;

type Call = (kms: K.KMSClient) => Promise<unknown>;
const calls: Readonly<Record<string, Call>> = {
  CreateGrant: (kms) =>
    kms.send(
      new K.CreateGrantCommand({ KeyId: id('symmetric'), GranteePrincipal: adminArn, Operations: ['Decrypt'], DryRun }),
    ),
  Decapsulate: (kms) =>
    kms.send(
      new K.DecapsulateCommand({
        KeyId: id('kem'),
        EncapsulationAlgorithm: 'ML_KEM',
        SharedSecretCiphertextBlob: Buffer.alloc(1088),
        DryRun,
      }),
    ),
  Decrypt: (kms) => kms.send(new K.DecryptCommand({ CiphertextBlob: blob, DryRun })),
  DeriveSharedSecret: async (kms) => {
    const { PublicKey } = await admin.send(new K.GetPublicKeyCommand({ KeyId: id('agreement') }));
    const KeyAgreementAlgorithm = 'ECDH' as const;
    return kms.send(
      new K.DeriveSharedSecretCommand({ KeyId: id('agreement'), KeyAgreementAlgorithm, PublicKey, DryRun }),
    );
  },
  Encapsulate: (kms) =>
    kms.send(new K.EncapsulateCommand({ KeyId: id('kem'), EncapsulationAlgorithm: 'ML_KEM', DryRun })),
  Encrypt: (kms) => kms.send(new K.EncryptCommand({ KeyId: id('symmetric'), Plaintext: plain, DryRun })),
  GenerateDataKey: (kms) =>
    kms.send(new K.GenerateDataKeyCommand({ KeyId: id('symmetric'), KeySpec: 'AES_256', DryRun })),
  GenerateDataKeyPair: (kms) =>
    kms.send(new K.GenerateDataKeyPairCommand({ KeyId: id('symmetric'), KeyPairSpec: 'RSA_2048', DryRun })),
  GenerateDataKeyPairWithoutPlaintext: (kms) =>
    kms.send(
      new K.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: id('symmetric'), KeyPairSpec: 'RSA_2048', DryRun }),
    ),
  GenerateDataKeyWithoutPlaintext: (kms) =>
    kms.send(new K.GenerateDataKeyWithoutPlaintextCommand({ KeyId: id('symmetric'), NumberOfBytes: 5, DryRun })),
  GenerateMac: (kms) =>
    kms.send(new K.GenerateMacCommand({ KeyId: id('mac'), MacAlgorithm: 'HMAC_SHA_256', Message: plain, DryRun })),
  ReEncrypt: (kms) =>
    kms.send(new K.ReEncryptCommand({ CiphertextBlob: blob, DestinationKeyId: id('symmetric'), DryRun })),
  RetireGrant: (kms) => kms.send(new K.RetireGrantCommand({ KeyId: id('symmetric'), GrantId: grantId, DryRun })),
  RevokeGrant: (kms) => kms.send(new K.RevokeGrantCommand({ KeyId: id('symmetric'), GrantId: grantId, DryRun })),
  Sign: (kms) =>
    kms.send(new K.SignCommand({ KeyId: id('signing'), Message: plain, SigningAlgorithm: 'ECDSA_SHA_256', DryRun })),
  Verify: (kms) =>
    kms.send(
      new K.VerifyCommand({
        KeyId: id('signing'),
        Message: plain,
        Signature: plain,
        SigningAlgorithm: 'ECDSA_SHA_256',
        DryRun,
      }),
    ),
  VerifyMac: (kms) =>
    kms.send(
      new K.VerifyMacCommand({ KeyId: id('mac'), MacAlgorithm: 'HMAC_SHA_256', Message: plain, Mac: plain, DryRun }),
    ),
};

const wouldWork = 'DryRunOperationException: The request would have succeeded, but the DryRun option is set.';

describe.each(Object.keys(calls))('%s', (name) => {
  const call = calls[name] as Call;

  test('would have succeeded', async () => {
    expect(await refusal(call(admin))).toBe(wouldWork);
  });

  test('would have been refused to somebody without permission', async () => {
    expect(await refusal(call(nobody))).toMatch(/^AccessDeniedException/);
  });
});

test('nothing has happened', async () => {
  const { Grants } = await admin.send(new K.ListGrantsCommand({ KeyId: id('symmetric') }));
  expect(Grants?.map((one) => one.GrantId)).toEqual([grantId]);
  expect((await admin.send(new K.GetKeyLastUsageCommand({ KeyId: id('mac') }))).KeyLastUsage).toEqual({});
});

test('what would fail says why: states, algorithms, keys that are not there', async () => {
  const off = await makeKey(admin);
  await admin.send(new K.DisableKeyCommand({ KeyId: off.KeyId }));
  const said = (input: Partial<K.EncryptCommandInput>) =>
    refusal(admin.send(new K.EncryptCommand({ KeyId: id('symmetric'), Plaintext: plain, DryRun, ...input })));
  expect(await said({ KeyId: off.KeyId })).toBe(`DisabledException: ${off.Arn} is disabled.`);
  expect(await said({ EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })).toMatch(/^InvalidKeyUsageException/);
  expect(await said({ KeyId: 'alias/none' })).toMatch(/^NotFoundException/);
  const foreign = new K.DecryptCommand({ CiphertextBlob: Buffer.from('no ciphertext'), DryRun });
  expect(await refusal(admin.send(foreign))).toBe('InvalidCiphertextException');
});

describe('IGNORE_CIPHERTEXT: permission alone is tried', () => {
  const DryRunModifiers: K.DryRunModifierType[] = ['IGNORE_CIPHERTEXT'];
  const decrypt = (input: Partial<K.DecryptCommandInput>, kms = admin) =>
    refusal(kms.send(new K.DecryptCommand({ DryRun, DryRunModifiers, ...input } as K.DecryptCommandInput)));
  const reEncrypt = (input: Partial<K.ReEncryptCommandInput>, kms = admin) =>
    refusal(
      kms.send(
        new K.ReEncryptCommand({
          DryRun,
          DryRunModifiers,
          DestinationKeyId: id('symmetric'),
          ...input,
        } as K.ReEncryptCommandInput),
      ),
    );

  test('without a ciphertext, or with any', async () => {
    for (const CiphertextBlob of [undefined, Buffer.from('anything')]) {
      expect(await decrypt({ KeyId: id('symmetric'), CiphertextBlob })).toBe(wouldWork);
      expect(await reEncrypt({ SourceKeyId: id('symmetric'), CiphertextBlob })).toBe(wouldWork);
    }
  });

  test('and denied as always', async () => {
    expect(await decrypt({ KeyId: id('symmetric') }, nobody)).toMatch(/^AccessDeniedException/);
    expect(await reEncrypt({ SourceKeyId: id('symmetric') }, nobody)).toMatch(/^AccessDeniedException/);
    expect(await decrypt({ KeyId: id('signing') })).toMatch(/^InvalidKeyUsageException/);
  });

  test('needs the key, and DryRun', async () => {
    expect(await decrypt({})).toMatch(/^ValidationException/);
    expect(await reEncrypt({})).toMatch(/^ValidationException/);
    expect(await decrypt({ KeyId: id('symmetric'), DryRun: false })).toMatch(/^ValidationException/);
    expect(await decrypt({ KeyId: id('symmetric'), DryRunModifiers: ['SOMETHING' as never] })).toMatch(
      /^ValidationException/,
    );
    // No way to decrypt: without the modifier a ciphertext must be there.
    expect(await decrypt({ KeyId: id('symmetric'), DryRunModifiers: [] })).toMatch(/^ValidationException/);
  });
});
