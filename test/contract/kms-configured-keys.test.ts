/** Keys from the configuration and from seed files of local-kms: the same ids, material and ciphertexts on every start. */
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Config, parseConfig, readConfig } from '../../src/config/config.ts';
import { type Instance, start } from '../../src/main.ts';
import { accountId, adminKeys, testConfig } from '../support/instance.ts';
import { bytes } from '../support/kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-configured-'));
const running: Instance[] = [];

async function begin(config: Config, dataDir?: string): Promise<KMSClient> {
  const instance = await start({ port: 0, config, ...(dataDir !== undefined && { dataDir }) });
  running.push(instance);
  return new KMSClient({ endpoint: instance.endpoint, region: 'us-east-1', credentials: adminKeys, maxAttempts: 1 });
}

const end = async () => {
  for (const instance of running.splice(0)) await instance.close();
};

afterEach(end);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const symmetric = '11111111-2222-4333-8444-555555555555';
const [first, ...others] = testConfig.accounts ?? [];
const withKeys = (keys: NonNullable<NonNullable<Config['accounts']>[number]['keys']>): Config => ({
  ...testConfig,
  accounts: [{ ...first!, keys }, ...others],
});
/** Of `a flat white, please` under the key `symmetric` with the material `hex`. */
const goldenBlob =
  'ugEAGd9mkOUkMTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1qjtt2cIJSf9LYzsZtSPKZWT4hDmk6jkBfFI4vKWa2pR6sK4QbIUDwZdb9SiM2V9ezMK3X0L4xEHPg/bleiRwKKxj+9cDipk6bu8mvYPGNYKsyqD/+5vs8ddL6XFjw8d/';
const hex = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pem = privateKey.export({ format: 'pem', type: 'sec1' }).toString();

describe('accounts[].keys', () => {
  test('have the id, the material, the aliases, the policy and the tags that are written', async () => {
    const kms = await begin(
      withKeys([
        {
          id: symmetric,
          description: 'of the tests',
          material: hex,
          aliases: ['alias/app', 'alias/app/old'],
          tags: { team: 'bar' },
          policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Principal: { AWS: `arn:aws:iam::${accountId}:user/admin` },
              Action: 'kms:*',
              Resource: '*',
            },
          }),
        },
        { id: 'signer', material: pem, usage: 'SIGN_VERIFY' },
        { id: 'mac', spec: 'HMAC_256', material: Buffer.alloc(32, 7).toString('base64') },
        { id: 'mrk-0123456789abcdef0123456789abcdef', region: 'eu-west-1', multiRegion: true },
      ]),
    );
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/app' }));
    expect(KeyMetadata).toMatchObject({
      KeyId: symmetric,
      Description: 'of the tests',
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
      KeyState: 'Enabled',
    });
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: symmetric }));
    expect(Aliases?.map((alias) => alias.AliasName)).toEqual(['alias/app', 'alias/app/old']);
    expect((await kms.send(new ListResourceTagsCommand({ KeyId: symmetric }))).Tags).toEqual([
      { TagKey: 'team', TagValue: 'bar' },
    ]);
    expect((await kms.send(new GetKeyPolicyCommand({ KeyId: symmetric }))).Policy).toContain('user/admin');

    const shown = await kms.send(new GetPublicKeyCommand({ KeyId: 'signer' }));
    expect(bytes(shown.PublicKey)).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    const Message = Buffer.from('espresso');
    const { Signature } = await kms.send(
      new SignCommand({ KeyId: 'signer', Message, SigningAlgorithm: 'ECDSA_SHA_256' }),
    );
    const der = createPublicKey({ key: bytes(shown.PublicKey), format: 'der', type: 'spki' });
    expect(verify('sha256', Message, der, bytes(Signature))).toBe(true);
    const { Mac } = await kms.send(new GenerateMacCommand({ KeyId: 'mac', Message, MacAlgorithm: 'HMAC_SHA_256' }));
    // HMAC-SHA-256 of "espresso" under 32 times 0x07, by OpenSSL.
    const { createHmac } = await import('node:crypto');
    expect(bytes(Mac)).toEqual(createHmac('sha256', Buffer.alloc(32, 7)).update(Message).digest());
  });

  test('read what another instance with the same configuration encrypted, and what was encrypted when the format began', async () => {
    const config = withKeys([{ id: symmetric, material: hex }]);
    const one = await begin(config);
    const encrypted = await one.send(new EncryptCommand({ KeyId: symmetric, Plaintext: Buffer.from('espresso') }));
    await end();
    const two = await begin(config);
    const { Plaintext, KeyId } = await two.send(new DecryptCommand({ CiphertextBlob: encrypted.CiphertextBlob }));
    expect([bytes(Plaintext).toString(), KeyId]).toEqual([
      'espresso',
      `arn:aws:kms:us-east-1:${accountId}:key/${symmetric}`,
    ]);
    const golden = await two.send(
      new DecryptCommand({
        CiphertextBlob: Buffer.from(goldenBlob, 'base64'),
        EncryptionContext: { shop: 'coffee', stage: 'test' },
      }),
    );
    expect(bytes(golden.Plaintext).toString()).toBe('a flat white, please');
  });

  test('keep their state over starts, and refuse other material under the same id', async () => {
    const dataDir = join(folder, 'kept');
    const config = withKeys([
      { id: symmetric, material: hex },
      { id: 'made', aliases: ['alias/made'] },
    ]);
    const kms = await begin(config, dataDir);
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: 'made', Plaintext: Buffer.from('x') }));
    await kms.send(new DisableKeyCommand({ KeyId: symmetric }));
    await end();
    const again = await begin(config, dataDir);
    expect((await again.send(new DescribeKeyCommand({ KeyId: symmetric }))).KeyMetadata?.KeyState).toBe('Disabled');
    expect(bytes((await again.send(new DecryptCommand({ CiphertextBlob }))).Plaintext).toString()).toBe('x');
    await end();
    const changed = withKeys([{ id: symmetric, material: randomBytes(32).toString('hex') }]);
    await expect(begin(changed, dataDir)).rejects.toThrow(
      `key ${symmetric} of account ${accountId}: it exists with other material`,
    );
  });

  test.each([
    [{ id: 'a', material: 'not material!' }, 'neither hex, base64 nor PEM'],
    [{ id: 'a', material: 'abcd' }, 'wrong length'],
    [{ id: 'a', spec: 'RSA_1024' }, 'there is no key spec RSA_1024'],
    [{ id: 'a', spec: 'RSA_2048' }, 'say its usage: ENCRYPT_DECRYPT or SIGN_VERIFY'],
    [{ id: 'a', spec: 'RSA_2048', usage: 'SIGN_VERIFY', material: pem }, 'is not a RSA_2048 key'],
    [{ id: 'a', spec: 'HMAC_256', usage: 'SIGN_VERIFY' }, 'cannot be for SIGN_VERIFY'],
    [{ id: 'a', multiRegion: true }, 'ids that begin with mrk-'],
    [{ id: 'a', policy: '{}' }, 'key a of account'],
  ])('%j stops the start', async (key, message) => {
    await expect(begin(withKeys([key]))).rejects.toThrow(message);
  });

  test('an unknown member stops the start with its line', () => {
    const text = 'accounts:\n  - id: "111122223333"\n    keys:\n      - id: a\n        materials: x\n';
    expect(() => parseConfig(text, 'bailey.yaml')).toThrow(
      'bailey.yaml:5:9: materials is not known in accounts[0].keys[0]; known are id, region, description',
    );
    expect(() => parseConfig(text.replace('materials', 'aliases').replace(': x', ': [alias/aws/s3]'), 'f')).toThrow(
      'f:5:19: accounts[0].keys[0].aliases[0] must be alias/ and a name',
    );
  });
});

describe('kms.seedFile', () => {
  const file = (name: string, text: string) => {
    const config = join(folder, `${name}.yaml`);
    writeFileSync(join(folder, `${name}-seed.yaml`), text);
    writeFileSync(config, `kms:\n  seedFile: ${name}-seed.yaml\n`);
    return { ...testConfig, ...readConfig(config) };
  };
  const indented = pem.replaceAll('\n', '\n          ').trim();

  test('the first version: rotated, external and asymmetric keys, and aliases', async () => {
    const config = file(
      'first',
      `Keys:
  Symmetric:
    Aes:
      - Metadata:
          KeyId: ${symmetric}
          Description: rotated twice
        NextKeyRotation: "2099-09-12T15:19:21+00:00"
        BackingKeys:
          - ${'34'.repeat(32)}
          - ${'61'.repeat(32)}
      - Metadata:
          KeyId: 5d05267f-bb87-4d0b-8594-295a4371d414
          Origin: EXTERNAL
  Asymmetric:
    Ecc:
      - Metadata:
          KeyId: 800d5768-3fd7-4edd-a4b8-4c81c3e4c147
          KeyUsage: SIGN_VERIFY
        PrivateKeyPem: |
          ${indented}
Aliases:
  - AliasName: alias/testing
    TargetKeyId: ${symmetric}
`,
    );
    const kms = await begin(config);
    const describeKey = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    expect(await describeKey('alias/testing')).toMatchObject({ KeyId: symmetric, Description: 'rotated twice' });
    const { NextRotationDate } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: symmetric }));
    expect(NextRotationDate?.toISOString()).toBe('2099-09-12T15:19:21.000Z');
    const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: symmetric }));
    expect(Rotations?.length).toBe(1);
    expect(await describeKey('5d05267f-bb87-4d0b-8594-295a4371d414')).toMatchObject({
      Origin: 'EXTERNAL',
      KeyState: 'PendingImport',
    });
    expect(await describeKey('800d5768-3fd7-4edd-a4b8-4c81c3e4c147')).toMatchObject({ KeySpec: 'ECC_NIST_P256' });
  });

  test('the second version', async () => {
    const kms = await begin(
      file(
        'second',
        `Version: 2
Keys:
  - KeyId: ${symmetric}
    Metadata: { KeySpec: SYMMETRIC_DEFAULT }
    Material:
      BackingKeys: ["${hex}"]
  - KeyId: hmac
    Metadata: { KeySpec: HMAC_384, KeyUsage: GENERATE_VERIFY_MAC }
    Material:
      BackingKeys: ["${'ab'.repeat(48)}"]
Aliases:
  - { AliasName: alias/second, TargetKeyId: hmac }
`,
      ),
    );
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/second' }));
    expect(KeyMetadata).toMatchObject({ KeyId: 'hmac', KeySpec: 'HMAC_384' });
    await kms.send(new EncryptCommand({ KeyId: symmetric, Plaintext: Buffer.from('x') }));
  });

  test.each([
    ['Keys:\n  Symmetrical: {}\n', ':2:3: Symmetrical is not known in Keys; known are Symmetric, Asymmetric'],
    ['Aliases:\n  - AliasName: alias/a\n    TargetKeyId: gone\n', 'alias/a: there is no key gone in the seed file'],
    ['Keys:\n  Symmetric:\n    Aes:\n      - Metadata: { KeyId: a }\n        BackingKeys: [xyz]\n', ':5:23: '],
  ])('%j stops the start', async (text, message) => {
    await expect(begin(file('broken', text))).rejects.toThrow(message);
  });
});
