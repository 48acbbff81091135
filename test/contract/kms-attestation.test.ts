/** Attested recipients: documents made by a root of our own, answers opened with OpenSSL, and documents that prove nothing. */
import { execFileSync } from 'node:child_process';
import { createECDH, createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateRandomCommand,
  GetPublicKeyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Enclave, issue, makeEnclave, measurements } from '../support/attestation.ts';
import { accountId, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bytes, kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-enclave-'));
const message = Buffer.from('for the enclave alone');
let enclave: Enclave;
let instance: TestInstance;
let kms: KMSClient;
let key: MadeKey;
let CiphertextBlob: Uint8Array | undefined;

beforeAll(async () => {
  enclave = await makeEnclave();
  writeFileSync(join(folder, 'key.pem'), enclave.privateKey, { mode: 0o600 });
  instance = await startInstance({ ...testConfig, kms: { attestationRoots: [enclave.root] } });
  kms = kmsClient(instance);
  key = await makeKey(kms);
  ({ CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: message })));
});
afterAll(async () => {
  await instance.stop();
  rmSync(folder, { recursive: true });
});

const algorithm = { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' as const };
const by = (AttestationDocument: Uint8Array) => ({ ...algorithm, AttestationDocument });

/** What OpenSSL finds in a CMS EnvelopedData with the enclave's private key. */
function opened(envelope: Uint8Array | undefined): Buffer {
  const file = join(folder, 'envelope.der');
  writeFileSync(file, bytes(envelope));
  return execFileSync('openssl', ['cms', '-decrypt', '-inform', 'DER', '-in', file, '-inkey', join(folder, 'key.pem')]);
}

const decrypt = (document: Uint8Array) =>
  kms.send(new DecryptCommand({ CiphertextBlob, KeyId: key.KeyId, Recipient: by(document) }));

describe('an attested recipient', () => {
  test.each([false, true])('alone reads what Decrypt answers (tagged: %s)', async (tagged) => {
    const answer = await decrypt(await enclave.document({}, { tagged }));
    expect(answer.Plaintext).toBeUndefined();
    expect(opened(answer.CiphertextForRecipient)).toEqual(message);
  });

  test('alone reads a data key; the copy under the KMS key is the same', async () => {
    const Recipient = by(await enclave.document());
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: key.KeyId, KeySpec: 'AES_256', Recipient }));
    expect(made.Plaintext).toBeUndefined();
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened(made.CiphertextForRecipient)).toEqual(bytes(Plaintext));
  });

  test('alone reads the private half of a pair', async () => {
    const Recipient = by(await enclave.document());
    const pair = { KeyId: key.KeyId, KeyPairSpec: 'ECC_NIST_P256' as const, Recipient };
    const made = await kms.send(new GenerateDataKeyPairCommand(pair));
    expect(made.PrivateKeyPlaintext).toBeUndefined();
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: made.PrivateKeyCiphertextBlob }));
    expect(opened(made.CiphertextForRecipient)).toEqual(bytes(Plaintext));
  });

  test('alone reads a shared secret', async () => {
    const agreement = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: agreement.KeyId }));
    const ask = { KeyId: agreement.KeyId, KeyAgreementAlgorithm: 'ECDH' as const, PublicKey };
    const made = await kms.send(new DeriveSharedSecretCommand({ ...ask, Recipient: by(await enclave.document()) }));
    expect(made.SharedSecret).toBeUndefined();
    const { SharedSecret } = await kms.send(new DeriveSharedSecretCommand(ask));
    expect(opened(made.CiphertextForRecipient)).toEqual(bytes(SharedSecret));
  });

  test('alone reads random bytes', async () => {
    const made = await kms.send(
      new GenerateRandomCommand({ NumberOfBytes: 77, Recipient: by(await enclave.document()) }),
    );
    expect(made.Plaintext).toBeUndefined();
    expect(opened(made.CiphertextForRecipient)).toHaveLength(77);
  });

  test('is not in the record, nor is what it got', async () => {
    const document = await enclave.document();
    await decrypt(document);
    const trail = new CloudTrailClient(instance.clientOptions());
    const { Events } = await trail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'Decrypt' }] }),
    );
    expect(Events?.length).toBeGreaterThan(0);
    for (const { CloudTrailEvent } of Events ?? []) expect(CloudTrailEvent).not.toContain('attestationDocument');
  });
});

describe('policies see what was measured', () => {
  const hex = (digest: Buffer) => digest.toString('hex');
  const allow = (condition: object) =>
    kms.send(
      new PutKeyPolicyCommand({
        KeyId: key.KeyId,
        BypassPolicyLockoutSafetyCheck: true,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
            {
              Effect: 'Deny',
              Principal: '*',
              Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
              Resource: '*',
              Condition: condition,
            },
          ],
        }),
      }),
    );
  afterAll(() => allow({ Bool: { 'aws:SecureTransport': 'never' } }));

  test.each([
    ['kms:RecipientAttestation:ImageSha384', measurements[0]],
    ['kms:RecipientAttestation:PCR0', measurements[0]],
    ['kms:RecipientAttestation:PCR1', measurements[1]],
    ['kms:RecipientAttestation:PCR8', measurements[8]],
  ])('%s', async (name, digest) => {
    await allow({ StringNotEqualsIgnoreCase: { [name]: hex(digest) } });
    expect(opened((await decrypt(await enclave.document())).CiphertextForRecipient)).toEqual(message);
    // Without a document there is no measurement, and a negated condition holds.
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toContain('AccessDeniedException');
    const others = new Map([0, 1, 8].map((index) => [index, Buffer.alloc(48, 0xff)]));
    expect(await refusal(decrypt(await enclave.document({ pcrs: others })))).toContain('AccessDeniedException');
  });

  test('NitroTPM has registers of its own', async () => {
    await allow({ StringNotEquals: { 'kms:RecipientAttestation:NitroTPMPCR4': hex(measurements[1]) } });
    expect(await refusal(decrypt(await enclave.document()))).toContain('AccessDeniedException');
    const tpm = { pcrs: undefined, nitrotpm_pcrs: new Map([[4, measurements[1]]]) };
    expect(opened((await decrypt(await enclave.document(tpm))).CiphertextForRecipient)).toEqual(message);
  });
});

describe('documents that prove nothing', () => {
  const small = () =>
    generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' });
  const curve = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });

  const cases: readonly (readonly [string, () => Promise<Uint8Array>])[] = [
    ['six minutes old', () => enclave.document({ timestamp: Date.now() - 360_000 })],
    ['six minutes ahead', () => enclave.document({ timestamp: Date.now() + 360_000 })],
    ['no timestamp', () => enclave.document({ timestamp: undefined })],
    ['no public key', () => enclave.document({ public_key: null })],
    ['a small public key', () => enclave.document({ public_key: small() })],
    ['a public key of a curve', () => enclave.document({ public_key: curve() })],
    ['a public key that is none', () => enclave.document({ public_key: Buffer.from('no key') })],
    ['a bare point', () => enclave.document({ public_key: createECDH('prime256v1').generateKeys() })],
    ['another digest', () => enclave.document({ digest: 'SHA256' })],
    ['no measurements', () => enclave.document({ pcrs: new Map() })],
    ['a measurement of five bytes', () => enclave.document({ pcrs: new Map([[0, Buffer.alloc(5)]]) })],
    ['a register beyond 31', () => enclave.document({ pcrs: new Map([[32, Buffer.alloc(48)]]) })],
    ['no module', () => enclave.document({ module_id: undefined })],
    ['no certificates', () => enclave.document({ cabundle: [] })],
    ['certificates of a root that nobody trusts', async () => (await makeEnclave()).document()],
    ['a leaf under nothing', async () => enclave.document({}, { leaf: await issue('enclave', undefined, false) })],
    [
      'a leaf that says who issued it',
      async () => enclave.document({}, { leaf: await issue('enclave', await issue('zone'), false) }),
    ],
    ['another algorithm', () => enclave.document({}, { header: new Map([[1, -7]]) })],
    ['no algorithm', () => enclave.document({}, { header: new Map() })],
    [
      'a signature with a flipped bit',
      () => enclave.document({}, { signature: (s) => Buffer.from(s.map((b, i) => (i === 50 ? b ^ 1 : b))) }),
    ],
    ['no signature', () => enclave.document({}, { signature: () => Buffer.alloc(0) })],
    ['a signature of zeros', () => enclave.document({}, { signature: () => Buffer.alloc(96) })],
    ['bytes after its end', async () => Buffer.concat([await enclave.document(), Buffer.from([0])])],
    ['cut off', async () => (await enclave.document()).subarray(0, 1000)],
    ['a count of items that it has not', async () => Buffer.from('9affffffff', 'hex')],
    ['nested too deep', async () => Buffer.alloc(5000, 0x81)],
    ['of no definite length', async () => Buffer.from('9fff', 'hex')],
    ['text', async () => Buffer.from('attestation')],
  ];

  test.each(cases)('%s', async (_name, make) => {
    expect(await refusal(decrypt(await make()))).toContain('ValidationException');
  });

  test('every byte counts', async () => {
    const right = await enclave.document();
    for (let at = 0; at < right.length; at += 37) {
      const wrong = Buffer.from(right);
      wrong[at] = (wrong[at] as number) ^ 0x10;
      expect(await refusal(decrypt(wrong)), `byte ${at}`).toContain('ValidationException');
    }
  });

  test('without the document, or without its algorithm', async () => {
    const ask = { CiphertextBlob, KeyId: key.KeyId };
    const AttestationDocument = await enclave.document();
    expect(await refusal(kms.send(new DecryptCommand({ ...ask, Recipient: {} })))).toContain('ValidationException');
    expect(await refusal(kms.send(new DecryptCommand({ ...ask, Recipient: algorithm })))).toContain(
      'ValidationException',
    );
    expect(await refusal(kms.send(new DecryptCommand({ ...ask, Recipient: { AttestationDocument } })))).toContain(
      'ValidationException',
    );
  });

  test('the root of AWS Nitro is the one that AWS publishes', async () => {
    const { attestationRoots } = await import('../../src/services/kms/attestation/roots.ts');
    const [root] = attestationRoots();
    expect(
      createHash('sha256')
        .update(root?.raw as Buffer)
        .digest('hex'),
    ).toBe('641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b');
  });
});
