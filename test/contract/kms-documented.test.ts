/**
 * The request and response pairs of the AWS KMS API reference: each request is sent as it is documented (with keys of our own in
 * place of the example's), and every member that the documentation shows must come back, with its value or in its form.
 */
import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bytes, kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

const corpus = new URL('../../../shared/corpora/kms/documented-examples.json', import.meta.url);
interface Example {
  readonly title: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
}
const examples: Readonly<Record<string, readonly Example[]>> = existsSync(corpus)
  ? JSON.parse(readFileSync(corpus, 'utf8')).examples
  : {};

const commands = new Map<string, unknown>(Object.entries(K));

const cloudHsm = 'needs a token that stands for a cluster: played in kms-custom-key-stores-hsm.test.ts';
/** Examples that are not played here, by operation or title, each with the reason. */
const elsewhere: Readonly<Record<string, string>> = {
  ConnectCustomKeyStore: cloudHsm,
  CreateCustomKeyStore: cloudHsm,
  DeleteCustomKeyStore: cloudHsm,
  DisconnectCustomKeyStore: cloudHsm,
  UpdateCustomKeyStore: cloudHsm,
  'To create a KMS key in a custom key store': cloudHsm,
  'To get detailed information about a custom key store associated with a CloudHSM cluster.': cloudHsm,
};

/** Documented members that answers no longer have, or that are another's, each with the reason. */
const outdated: Readonly<Record<string, string>> = {
  'ListGrants.Grants.GranteePrincipal': 'services are shown as GranteeServicePrincipal since 2026',
  'ListGrants.Grants.RetiringPrincipal': 'services are shown as RetiringServicePrincipal since 2026',
  'ListAliases.Aliases': 'the example lists the managed keys of services that are not built',
  'ListKeys.Keys': 'the example lists keys of its own',
  'ReplicateKey.ReplicaPolicy': 'the example cuts the policy short',
};

const region = 'us-east-1';
const role = `arn:aws:iam::${accountId}:role/ExampleRole`;
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'sts:AssumeRole' },
});
let instance: TestInstance;
let kms: K.KMSClient;
beforeAll(async () => {
  const [own, ...others] = testConfig.accounts ?? [];
  const roles = ['ExampleRole', 'ExampleAdminRole', 'ExamplePowerUserRole'].map((name) => ({
    name,
    trustPolicy: trust,
  }));
  const users = [...(own?.users ?? []), { name: 'ExampleAdminUser' }, { name: 'ExampleUser' }];
  instance = await startInstance({ ...testConfig, accounts: [{ ...own, id: accountId, users, roles }, ...others] });
  kms = kmsClient(instance);
});
afterAll(() => instance?.stop());

const plain = Buffer.from('Hello World');
const grantTo = (KeyId: string, Operations: K.GrantOperation[] = ['Decrypt', 'Encrypt'], RetiringPrincipal = role) =>
  kms.send(
    new K.CreateGrantCommand({
      KeyId,
      GranteePrincipal: role,
      RetiringPrincipal,
      Operations,
    }),
  );
const tags = ['CostCenter', 'CreatedBy', 'Purpose'].map((TagKey) => ({ TagKey, TagValue: 'x' }));

/** The key of an example, as it must be, and what takes the place of members that the example cannot spell out. */
type Scene = { readonly key: MadeKey; readonly input?: Readonly<Record<string, unknown>> };

const of = (input: Partial<K.CreateKeyCommandInput>) => async (): Promise<Scene> => ({
  key: await makeKey(kms, input as K.CreateKeyCommandInput),
});
const after =
  (more: (key: MadeKey) => Promise<unknown>, input = {}) =>
  async (): Promise<Scene> => {
    const key = await makeKey(kms, input);
    await more(key);
    return { key };
  };
const alias =
  (AliasName: string, input: Partial<K.CreateKeyCommandInput> = {}) =>
  async (): Promise<Scene> => {
    const key = await makeKey(kms, input as K.CreateKeyCommandInput);
    await kms.send(new K.DeleteAliasCommand({ AliasName })).catch(() => undefined);
    await kms.send(new K.CreateAliasCommand({ AliasName, TargetKeyId: key.KeyId }));
    return { key };
  };
const parameters = (KeyId: string) =>
  kms.send(
    new K.GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  );
async function wrapped(KeyId: string) {
  const { PublicKey, ImportToken } = await parameters(KeyId);
  const key = { key: bytes(PublicKey), format: 'der', type: 'spki' } as const;
  const how = { ...key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return { ImportToken, EncryptedKeyMaterial: publicEncrypt(how as never, randomBytes(32)) };
}

const signing = { KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' } as const;
const mac = { KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' } as const;
const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  CancelKeyDeletion: after(({ KeyId }) => kms.send(new K.ScheduleKeyDeletionCommand({ KeyId }))),
  DeleteAlias: alias('alias/ExampleAlias'),
  UpdateAlias: alias('alias/ExampleAlias'),
  GenerateDataKey: alias('alias/ExampleAlias'),
  GenerateDataKeyWithoutPlaintext: alias('alias/ExampleAlias'),
  Decrypt: async () => {
    const key = await makeKey(kms);
    const { CiphertextBlob } = await kms.send(new K.EncryptCommand({ KeyId: key.KeyId, Plaintext: plain }));
    return { key, input: { CiphertextBlob } };
  },
  Encrypt: async () => ({ key: await makeKey(kms), input: { Plaintext: plain } }),
  ReEncrypt: async () => {
    const [source, key] = [await makeKey(kms), await makeKey(kms)];
    const { CiphertextBlob } = await kms.send(new K.EncryptCommand({ KeyId: source.KeyId, Plaintext: plain }));
    return { key, input: { CiphertextBlob } };
  },
  DeleteImportedKeyMaterial: async () => {
    const key = await makeKey(kms, { Origin: 'EXTERNAL' });
    const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const;
    const material = await wrapped(key.KeyId);
    await kms.send(new K.ImportKeyMaterialCommand({ KeyId: key.KeyId, ExpirationModel, ...material }));
    return { key };
  },
  ImportKeyMaterial: async () => {
    const key = await makeKey(kms, { Origin: 'EXTERNAL' });
    return { key, input: await wrapped(key.KeyId) };
  },
  GetParametersForImport: of({ Origin: 'EXTERNAL' }),
  'To get details about an RSA asymmetric KMS key': after(({ KeyId }) => kms.send(new K.DisableKeyCommand({ KeyId })), {
    KeySpec: 'RSA_2048',
    KeyUsage: 'SIGN_VERIFY',
  }),
  'To get details about a multi-Region key': async () => {
    const key = await makeKey(kms, { MultiRegion: true });
    await kms.send(new K.ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }));
    await kms.send(new K.ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'ap-northeast-1' }));
    await kms.send(new K.ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'sa-east-1' }));
    return { key };
  },
  'To get details about an HMAC KMS key': of({
    KeySpec: 'HMAC_256',
    KeyUsage: 'GENERATE_VERIFY_MAC',
    Description: 'Development test key',
  }),
  ReplicateKey: of({ MultiRegion: true }),
  EnableKey: after(({ KeyId }) => kms.send(new K.DisableKeyCommand({ KeyId }))),
  DisableKeyRotation: after(({ KeyId }) => kms.send(new K.EnableKeyRotationCommand({ KeyId }))),
  GetKeyRotationStatus: after(({ KeyId }) => kms.send(new K.EnableKeyRotationCommand({ KeyId }))),
  GetPublicKey: of({ KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' }),
  GenerateMac: async () => ({ key: await makeKey(kms, mac), input: { Message: plain } }),
  VerifyMac: async () => {
    const key = await makeKey(kms, mac);
    const ask = { KeyId: key.KeyId, Message: plain, MacAlgorithm: 'HMAC_SHA_384' as const };
    return { key, input: { Message: plain, Mac: (await kms.send(new K.GenerateMacCommand(ask))).Mac } };
  },
  Sign: async () => ({ ...(await alias('alias/ECC_signing_key', signing)()), input: { Message: plain } }),
  Verify: async () => {
    const { key } = await alias('alias/ECC_signing_key', signing)();
    const ask = { KeyId: key.KeyId, Message: plain, SigningAlgorithm: 'ECDSA_SHA_384' as const };
    return { key, input: { Message: plain, Signature: (await kms.send(new K.SignCommand(ask))).Signature } };
  },
  // One more than a page.
  ListGrants: after(({ KeyId }) =>
    Promise.all(
      Array.from({ length: 51 }, () =>
        grantTo(KeyId, ['Encrypt', 'ReEncryptFrom', 'ReEncryptTo'], role.replace('Role', 'AdminRole')),
      ),
    ),
  ),
  ListRetirableGrants: after(({ KeyId }) => grantTo(KeyId)),
  ListResourceTags: of({
    Tags: ['CostCenter', 'CreatedBy', 'Purpose'].map((TagKey, n) => ({
      TagKey,
      TagValue: ['87654', 'ExampleUser', 'Test'][n],
    })),
  }),
  UntagResource: of({ Tags: tags }),
  RetireGrant: async () => {
    const key = await makeKey(kms);
    return { key, input: { GrantId: (await grantTo(key.KeyId)).GrantId } };
  },
  RevokeGrant: async () => {
    const key = await makeKey(kms);
    return { key, input: { GrantId: (await grantTo(key.KeyId)).GrantId } };
  },
};

/** The example's words for keys, accounts and regions in ours. */
function spoken(value: unknown, key: MadeKey): unknown {
  const text = JSON.stringify(value)
    .replace(/arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-z-]+/g, key.Arn)
    .replace(/"(?:1234abcd|0987dcba)-[0-9a-f-]{27}"/g, JSON.stringify(key.KeyId))
    .replace(/arn:aws:iam::\d{12}:/g, `arn:aws:iam::${accountId}:`);
  return JSON.parse(text);
}

const isForm = (value: unknown): boolean => typeof value === 'string' && /^<.*>$/.test(value);

/** Every documented member is there: with its value, or (ids, dates, bytes) in its form. */
function compare(ours: unknown, theirs: unknown, path: string): void {
  if (path in outdated) return;
  if (Array.isArray(theirs)) {
    expect(Array.isArray(ours), path).toBe(true);
    const mine = ours as unknown[];
    if (theirs.every((one) => typeof one === 'string')) expect([...mine].sort(), path).toEqual([...theirs].sort());
    else if (theirs.length > 0) compare(mine[0], theirs[0], path);
    return;
  }
  if (theirs !== null && typeof theirs === 'object') {
    for (const [name, value] of Object.entries(theirs)) compare((ours as never)?.[name], value, `${path}.${name}`);
    return;
  }
  expect(ours, path).toBeDefined();
  const name = path.split('.').at(-1) ?? '';
  if (/Date$|ValidTo$/.test(name)) expect(ours, path).toBeInstanceOf(Date);
  else if (name === 'Policy') expect(ours, path).toBe(theirs);
  else if (isForm(theirs)) expect(ours, path).toBeInstanceOf(Uint8Array);
  else if (name === 'GrantToken') expect(ours, path).toBeTypeOf('string');
  else if (typeof theirs === 'string' && /^arn:aws:kms:/.test(theirs)) {
    expect(String(ours).replace(/:[a-z0-9-]+:\d{12}:.*/, ''), path).toBe('arn:aws:kms');
  } else if (/^(?:AWSAccountId|KeyId|GrantId|IssuingAccount|Region|TargetKeyId)$/.test(name)) {
    expect(ours, path).toBeTypeOf('string');
  } else expect(ours, path).toEqual(theirs);
}

describe.skipIf(Object.keys(examples).length === 0)('documented examples', () => {
  test('there are as many as expected, and every operation of the model that has one is played', () => {
    expect(Object.values(examples).flat().length).toBeGreaterThan(55);
  });

  for (const [operation, list] of Object.entries(examples)) {
    for (const { title, input = {}, output = {} } of list) {
      if (operation in elsewhere || title in elsewhere) continue;
      test(`${operation}: ${title}`, async () => {
        const { key, input: more } = await (scenes[title] ?? scenes[operation] ?? of({}))();
        const Command = commands.get(`${operation}Command`) as typeof K.EncryptCommand;
        const asked = { ...(spoken(input, key) as object), ...more };
        if (operation === 'CreateAlias') {
          await kms.send(new K.DeleteAliasCommand({ AliasName: 'alias/ExampleAlias' })).catch(() => undefined);
        }
        const { $metadata, ...answer } = await kms.send(new Command(asked as never));
        expect($metadata.httpStatusCode).toBe(200);
        compare(answer, output, operation);
        expect(key.Arn).toContain(region);
      });
    }
  }
});
