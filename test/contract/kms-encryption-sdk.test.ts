/** The AWS Encryption SDK for JavaScript, unmodified: envelopes under several keys, streams, discovery, and what must not open. */
import { randomBytes } from 'node:crypto';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  KmsKeyringNode,
  NodeCachingMaterialsManager,
} from '@aws-crypto/client-node';
import { DisableKeyCommand, KMS, type KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountId,
  type Keys,
  nobodyKeys,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

const { encrypt, decrypt, encryptStream, decryptUnsignedMessageStream } = buildClient(
  CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
);
let instance: TestInstance;
let kms: KMSClient;
const keys: MadeKey[] = [];
beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
  for (let n = 0; n < 3; n += 1) keys.push(await makeKey(kms));
});
afterAll(() => instance.stop());

const clientProvider = (by?: Keys) => () => new KMS(instance.clientOptions(by)) as never;
const arn = (n: number) => (keys[n] as MadeKey).Arn;
const secret = randomBytes(100_000);
const encryptionContext = { shop: 'coffee', stage: 'test', 'ü ': 'é' };

test('several keys: each of them opens it, and none of others', async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: arn(0), keyIds: [arn(1)], clientProvider: clientProvider() });
  const { result, messageHeader } = await encrypt(keyring, secret, { encryptionContext });
  expect(messageHeader.encryptedDataKeys).toHaveLength(2);
  for (const n of [0, 1]) {
    const one = new KmsKeyringNode({ keyIds: [arn(n)], clientProvider: clientProvider() });
    const opened = await decrypt(one, result);
    expect(opened.plaintext.equals(secret)).toBe(true);
    expect(opened.messageHeader.encryptionContext).toMatchObject(encryptionContext);
  }
  const other = new KmsKeyringNode({ keyIds: [arn(2)], clientProvider: clientProvider() });
  await expect(decrypt(other, result)).rejects.toThrow();
  // While one key is off, the other opens it.
  await kms.send(new DisableKeyCommand({ KeyId: arn(0) }));
  expect((await decrypt(keyring, result)).plaintext.equals(secret)).toBe(true);
  keys[0] = await makeKey(kms);
});

test('discovery finds the key in the message, of the accounts that are trusted', async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: arn(1), clientProvider: clientProvider() });
  const { result } = await encrypt(keyring, secret);
  const discovery = (accountIDs: string[]) =>
    new KmsKeyringNode({
      discovery: true,
      discoveryFilter: { accountIDs, partition: 'aws' },
      clientProvider: clientProvider(),
    });
  expect((await decrypt(discovery([accountId]), result)).plaintext.equals(secret)).toBe(true);
  await expect(decrypt(discovery(['999999999999']), result)).rejects.toThrow();
});

test('whoever may not use the key opens nothing: nobody here, and another account until the policy names it', async () => {
  const key = await makeKey(kms);
  const keyring = new KmsKeyringNode({ generatorKeyId: key.Arn, clientProvider: clientProvider() });
  const { result } = await encrypt(keyring, secret, { encryptionContext });
  const as = (by: Keys) => new KmsKeyringNode({ keyIds: [key.Arn], clientProvider: clientProvider(by) });
  await expect(decrypt(as(nobodyKeys), result)).rejects.toThrow(/not authorized|AccessDenied/);
  await expect(decrypt(as(otherAdminKeys), result)).rejects.toThrow(/not authorized|AccessDenied/);
  const own = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' };
  const theirs = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::444455556666:root' },
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: { StringEquals: { 'kms:EncryptionContext:shop': 'coffee' } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [own, theirs] });
  await kms.send(new PutKeyPolicyCommand({ KeyId: key.KeyId, Policy }));
  expect((await decrypt(as(otherAdminKeys), result)).plaintext.equals(secret)).toBe(true);
});

test('a stream, without signatures', async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: arn(1), clientProvider: clientProvider() });
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  const sealing = encryptStream(keyring, { suiteId, encryptionContext, frameLength: 4096 });
  sealing.end(secret);
  const opened: Buffer[] = [];
  for await (const chunk of sealing.pipe(decryptUnsignedMessageStream(keyring))) opened.push(chunk as Buffer);
  expect(Buffer.concat(opened).equals(secret)).toBe(true);
});

test('any flipped bit of the message is refused', async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: arn(1), clientProvider: clientProvider() });
  const { result } = await encrypt(keyring, Buffer.from('short'), { encryptionContext });
  for (let at = 0; at < result.length; at += 23) {
    const wrong = Buffer.from(result);
    wrong[at] = (wrong[at] as number) ^ 1;
    await expect(decrypt(keyring, wrong), `byte ${at}`).rejects.toThrow();
  }
});

test('cached data keys spare KMS calls', async () => {
  const backingMaterials = new KmsKeyringNode({ generatorKeyId: arn(1), clientProvider: clientProvider() });
  const cache = getLocalCryptographicMaterialsCache(10);
  const cmm = new NodeCachingMaterialsManager({
    backingMaterials,
    cache,
    maxAge: 60_000,
    maxMessagesEncrypted: 5,
    partition: 'p',
  });
  const plaintextLength = 5;
  const sealed = await Promise.all(
    [1, 2, 3].map(() => encrypt(cmm, Buffer.from('short'), { plaintextLength, encryptionContext })),
  );
  for (const { result } of sealed) expect((await decrypt(cmm, result)).plaintext.toString()).toBe('short');
});
