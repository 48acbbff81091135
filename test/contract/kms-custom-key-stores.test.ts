/** External key stores with the SDK: one instance's keys lie in another, and neither alone can read what they encrypt. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  ConnectCustomKeyStoreCommand,
  CreateCustomKeyStoreCommand,
  type CreateCustomKeyStoreCommandInput,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteCustomKeyStoreCommand,
  DescribeCustomKeyStoresCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisconnectCustomKeyStoreCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateCustomKeyStoreCommand,
} from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobodyKeys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import {
  credential,
  holderConfig,
  makeServed,
  nextCredential,
  openPolicy,
  prefix,
  startToldProxy,
  type ToldProxy,
} from '../support/xks.ts';

let holder: TestInstance;
let instance: TestInstance;
let told: ToldProxy;
let kms: KMSClient;
let holderKms: KMSClient;
let nobody: KMSClient;

const endpoint = 'https://xks.coffee.example';
const vpcService = 'com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0';

beforeAll(async () => {
  holder = await startInstance(holderConfig);
  told = await startToldProxy();
  instance = await startInstance({
    ...testConfig,
    keyStores: {
      timeoutMs: 10_000,
      proxies: [
        { endpoint, address: holder.xksProxyEndpoint as string },
        { endpoint: 'https://again.example', address: holder.xksProxyEndpoint as string },
        { endpoint: 'https://told.example', address: told.address },
        {
          endpoint: 'https://private.example',
          address: holder.xksProxyEndpoint as string,
          vpcEndpointService: vpcService,
        },
      ],
    },
  });
  kms = new KMSClient(instance.clientOptions());
  holderKms = new KMSClient(holder.clientOptions());
  nobody = new KMSClient(instance.clientOptions(nobodyKeys));
  for (const id of ['coffee', 'tea', 'spare', 'deleted']) await makeServed(holderKms, id);
  const disabled = await makeServed(holderKms, 'disabled');
  await holderKms.send(new DisableKeyCommand({ KeyId: disabled }));
  await makeServed(holderKms, 'asymmetric', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  await makeServed(holderKms, 'closed', { Policy: undefined });
}, 60_000);

afterAll(async () => {
  for (const client of [kms, holderKms, nobody]) client.destroy();
  await instance.stop();
  await holder.stop();
  await told.stop();
});

const storeInput = (name: string, more: Partial<CreateCustomKeyStoreCommandInput> = {}) => ({
  CustomKeyStoreName: name,
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE' as const,
  XksProxyConnectivity: 'PUBLIC_ENDPOINT' as const,
  XksProxyUriEndpoint: endpoint,
  XksProxyUriPath: prefix,
  XksProxyAuthenticationCredential: credential,
  ...more,
});

async function create(name: string, more: Partial<CreateCustomKeyStoreCommandInput> = {}): Promise<string> {
  return (await kms.send(new CreateCustomKeyStoreCommand(storeInput(name, more)))).CustomKeyStoreId ?? '';
}

async function stateOf(CustomKeyStoreId: string) {
  const { CustomKeyStores = [] } = await kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreId }));
  return CustomKeyStores[0];
}

const connect = (CustomKeyStoreId: string) => kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId }));
const disconnect = (CustomKeyStoreId: string) => kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId }));
const remove = (CustomKeyStoreId: string) => kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId }));
const createKey = (CustomKeyStoreId: string, XksKeyId: string, more: Partial<CreateKeyCommandInput> = {}) =>
  kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId, XksKeyId, ...more }));

const text = (value: string) => Buffer.from(value);

describe('a key whose material is in another instance', () => {
  let store: string;
  let KeyId: string;

  beforeAll(async () => {
    store = await create('coffee');
    await connect(store);
    KeyId = (await createKey(store, 'coffee')).KeyMetadata?.KeyId ?? '';
  });

  afterAll(async () => {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  });

  test('the store and the key are described', async () => {
    expect(store).toMatch(/^cks-[0-9a-f]{17}$/);
    expect(await stateOf(store)).toMatchObject({
      CustomKeyStoreId: store,
      CustomKeyStoreName: 'coffee',
      CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
      ConnectionState: 'CONNECTED',
      CreationDate: expect.any(Date),
      XksProxyConfiguration: {
        Connectivity: 'PUBLIC_ENDPOINT',
        AccessKeyId: credential.AccessKeyId,
        UriEndpoint: endpoint,
        UriPath: prefix,
      },
    });
    expect(JSON.stringify(await stateOf(store))).not.toContain(credential.RawSecretAccessKey);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({
      KeyState: 'Enabled',
      Origin: 'EXTERNAL_KEY_STORE',
      CustomKeyStoreId: store,
      XksKeyConfiguration: { Id: 'coffee' },
      MultiRegion: false,
    });
    expect(KeyMetadata).not.toHaveProperty('CurrentKeyMaterialId');
  });

  test('what it encrypts, it decrypts, with the same context only', async () => {
    const EncryptionContext = { shop: 'coffee', shelf: 'ü' };
    const Plaintext = Buffer.alloc(4096, 'espresso');
    const { CiphertextBlob, ...rest } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    expect(rest).toMatchObject({ EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
    expect(opened.KeyId).toBe(rest.KeyId);
    const other = kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { shop: 'tea' } }));
    await expect(other).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
      message:
        'The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid.',
    });
  });

  test('every bit of a ciphertext counts', async () => {
    const { CiphertextBlob = new Uint8Array() } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    for (let at = 0; at < CiphertextBlob.length; at += 7) {
      const changed = Buffer.from(CiphertextBlob);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      await expect(kms.send(new DecryptCommand({ CiphertextBlob: changed, KeyId }))).rejects.toMatchObject({
        name: expect.stringMatching(/^(?:InvalidCiphertext|IncorrectKey|KMSInvalidState)Exception$/),
      });
    }
  });

  test('data keys', async () => {
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.from(made.Plaintext ?? []));
    const hidden = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 64 }));
    const shown = await kms.send(new DecryptCommand({ CiphertextBlob: hidden.CiphertextBlob }));
    expect(shown.Plaintext).toHaveLength(64);
    await expect(
      kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' })),
    ).rejects.toMatchObject({ name: 'UnsupportedOperationException' });
  });

  test('re-encryption into the store, out of it, and within', async () => {
    const plain = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '';
    const SourceEncryptionContext = { from: 'here' };
    const DestinationEncryptionContext = { to: 'there' };
    const first = await kms.send(
      new EncryptCommand({ KeyId: plain, Plaintext: text('beans'), EncryptionContext: SourceEncryptionContext }),
    );
    let CiphertextBlob = first.CiphertextBlob;
    for (const DestinationKeyId of [KeyId, KeyId, plain]) {
      const moved = await kms.send(
        new ReEncryptCommand({
          CiphertextBlob,
          SourceEncryptionContext,
          DestinationEncryptionContext: SourceEncryptionContext,
          DestinationKeyId,
        }),
      );
      CiphertextBlob = moved.CiphertextBlob;
    }
    const last = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext,
        DestinationEncryptionContext,
        DestinationKeyId: KeyId,
      }),
    );
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: last.CiphertextBlob, EncryptionContext: DestinationEncryptionContext }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('beans');
  });

  test('old ciphertexts stay readable when the external key is rotated', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('old') }));
    await holderKms.send(
      new RotateKeyOnDemandCommand({
        KeyId: (await holderKms.send(new DescribeKeyCommand({ KeyId: 'alias/coffee' }))).KeyMetadata?.KeyId,
      }),
    );
    const newer = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('new') }));
    for (const [blob, words] of [
      [CiphertextBlob, 'old'],
      [newer.CiphertextBlob, 'new'],
    ] as const) {
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: blob }));
      expect(Buffer.from(Plaintext ?? []).toString()).toBe(words);
    }
  });

  test('it does not rotate', async () => {
    const refused = { name: 'UnsupportedOperationException' };
    await expect(kms.send(new EnableKeyRotationCommand({ KeyId }))).rejects.toMatchObject(refused);
    await expect(kms.send(new RotateKeyOnDemandCommand({ KeyId }))).rejects.toMatchObject(refused);
  });

  test('it is unavailable while its store is disconnected, and comes back as it was left', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    await disconnect(store);
    const described = async () => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    expect(await described()).toMatchObject({ KeyState: 'Unavailable', Enabled: false });
    const refused = { name: 'KMSInvalidStateException' };
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(refused);
    await expect(kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }))).rejects.toMatchObject(refused);
    await expect(kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_128' }))).rejects.toMatchObject(refused);
    await expect(createKey(store, 'spare')).rejects.toMatchObject({ name: 'CustomKeyStoreInvalidStateException' });
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await described()).toMatchObject({ KeyState: 'Unavailable' });
    await connect(store);
    expect(await described()).toMatchObject({ KeyState: 'Disabled' });
    await kms.send(new EnableKeyCommand({ KeyId }));
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('x');
  });

  test('what S3 keeps under it is unreadable while the store is disconnected, bucket key or not', async () => {
    const s3 = new S3Client(instance.clientOptions());
    const Bucket = 'beans-in-another-house';
    await s3.send(new CreateBucketCommand({ Bucket }));
    const get = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
    for (const BucketKeyEnabled of [false, true]) {
      const SSE = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: KeyId, BucketKeyEnabled };
      await s3.send(new PutObjectCommand({ Bucket, Key: `${BucketKeyEnabled}`, Body: 'beans', ...SSE }));
      expect(await get(`${BucketKeyEnabled}`)).toBe('beans');
    }
    await disconnect(store);
    for (const key of ['false', 'true']) {
      await expect(get(key)).rejects.toMatchObject({ name: 'KMS.KMSInvalidStateException' });
    }
    await connect(store);
    for (const key of ['false', 'true']) expect(await get(key)).toBe('beans');
    s3.destroy();
  });

  test('without the external key nothing opens, and with a policy that forbids it neither', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    const external = (await holderKms.send(new DescribeKeyCommand({ KeyId: 'alias/coffee' }))).KeyMetadata?.KeyId;
    await holderKms.send(new DisableKeyCommand({ KeyId: external }));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
      message: expect.stringContaining('is not enabled in the external key manager'),
    });
    await holderKms.send(new EnableKeyCommand({ KeyId: external }));
    const policy = (Policy: string) => holderKms.send(new PutKeyPolicyCommand({ KeyId: external, Policy }));
    await policy(openPolicy({ ArnEquals: { 'aws:SourceArn': 'arn:aws:kms:us-east-1:999999999999:key/other' } }));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
      message: expect.stringContaining('denied access'),
    });
    const arn = (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn;
    await policy(openPolicy({ ArnEquals: { 'aws:SourceArn': arn } }));
    await kms.send(new DecryptCommand({ CiphertextBlob }));
    await policy(openPolicy());
  });

  test('the credential is replaced without a break, and only by one that the proxy knows', async () => {
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    const update = (XksProxyAuthenticationCredential: typeof credential) =>
      kms.send(new UpdateCustomKeyStoreCommand({ CustomKeyStoreId: store, XksProxyAuthenticationCredential }));
    const wrong = { name: 'XksProxyIncorrectAuthenticationCredentialException' };
    const secret = credential.RawSecretAccessKey;
    await expect(update({ ...nextCredential, RawSecretAccessKey: secret })).rejects.toMatchObject(wrong);
    await expect(update({ ...credential, AccessKeyId: 'STRANGERHIJKLMNOPQRS' })).rejects.toMatchObject(wrong);
    await kms.send(new DecryptCommand({ CiphertextBlob }));
    await update(nextCredential);
    expect((await stateOf(store))?.XksProxyConfiguration?.AccessKeyId).toBe(nextCredential.AccessKeyId);
    await kms.send(new DecryptCommand({ CiphertextBlob }));
    await update(credential);
  });

  test('a store is not made with a wrong credential, or a wrong path', async () => {
    const place = { XksProxyUriEndpoint: 'https://again.example' };
    await expect(
      create('wrong', {
        ...place,
        XksProxyAuthenticationCredential: { ...credential, RawSecretAccessKey: nextCredential.RawSecretAccessKey },
      }),
    ).rejects.toMatchObject({ name: 'XksProxyIncorrectAuthenticationCredentialException' });
    await expect(create('wrong', { ...place, XksProxyUriPath: '/other/kms/xks/v1' })).rejects.toMatchObject({
      name: 'XksProxyInvalidConfigurationException',
    });
  });

  test('both sides have it on record', async () => {
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: text('canary-plaintext-canary') }),
    );
    await kms.send(new DecryptCommand({ CiphertextBlob }));
    const trail = new CloudTrailClient(holder.clientOptions());
    const { Events = [] } = await trail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'Decrypt' }] }),
    );
    trail.destroy();
    const records = Events.map((event) => event.CloudTrailEvent ?? '');
    expect(records.join('')).toContain('cks.kms.us-east-1.amazonaws.com');
    const own = new CloudTrailClient(instance.clientOptions());
    const created = await own.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateCustomKeyStore' }],
      }),
    );
    own.destroy();
    const shown = (created.Events ?? []).map((event) => event.CloudTrailEvent).join('');
    expect(shown).toContain('"customKeyStoreName":"coffee"');
    expect(shown).not.toContain(credential.RawSecretAccessKey);
  });

  test('CreateKey refuses what the store does not have, or does not allow', async () => {
    const refusals: [() => Promise<unknown>, string][] = [
      [() => createKey(store, 'coffee'), 'XksKeyAlreadyInUseException'],
      [() => createKey(store, 'nowhere'), 'XksKeyNotFoundException'],
      [() => createKey(store, 'absent'), 'XksKeyNotFoundException'],
      [() => createKey(store, 'disabled'), 'XksKeyInvalidConfigurationException'],
      [() => createKey(store, 'asymmetric'), 'XksKeyInvalidConfigurationException'],
      [() => createKey(store, 'closed'), 'KMSInvalidStateException'],
      [() => createKey('cks-00000000000000000', 'spare'), 'CustomKeyStoreNotFoundException'],
      [() => createKey(store, 'spare', { MultiRegion: true }), 'UnsupportedOperationException'],
      [
        () => createKey(store, 'spare', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }),
        'UnsupportedOperationException',
      ],
      [() => createKey(store, 'spare', { Origin: 'AWS_CLOUDHSM' }), 'ValidationException'],
      [() => createKey(store, 'spare', { Origin: 'AWS_KMS' }), 'ValidationException'],
      [
        () => kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: store })),
        'ValidationException',
      ],
      [
        () => kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, CustomKeyStoreId: store })),
        'UnsupportedOperationException',
      ],
    ];
    for (const [call, name] of refusals) await expect(call(), name).rejects.toMatchObject({ name });
  });
});

describe('the life of a store', () => {
  const base = { XksProxyUriEndpoint: 'https://told.example' };

  test('create, connect, rename, disconnect, delete', async () => {
    const id = await create('life', { ...base, XksProxyUriPath: '/life/kms/xks/v1' });
    const error = (name: string) => ({ name });
    await expect(disconnect(id)).rejects.toMatchObject(error('CustomKeyStoreInvalidStateException'));
    expect((await stateOf(id))?.ConnectionState).toBe('DISCONNECTED');
    await connect(id);
    await connect(id);
    await expect(remove(id)).rejects.toMatchObject(error('CustomKeyStoreInvalidStateException'));
    const update = (more: object) => kms.send(new UpdateCustomKeyStoreCommand({ CustomKeyStoreId: id, ...more }));
    await update({ NewCustomKeyStoreName: 'lives' });
    await expect(update({ NewCustomKeyStoreName: 'coffee' })).rejects.toMatchObject(
      error('CustomKeyStoreNameInUseException'),
    );
    await expect(update({ XksProxyUriEndpoint: endpoint })).rejects.toMatchObject(
      error('CustomKeyStoreInvalidStateException'),
    );
    await update({ XksProxyUriPath: '/elsewhere/kms/xks/v1' });
    expect(told.seen.at(-1)?.path).toBe('/elsewhere/kms/xks/v1/health');
    expect(told.seen.at(-1)?.body).toMatchObject({ requestMetadata: { kmsOperation: 'UpdateCustomKeyStore' } });
    expect(await stateOf(id)).toMatchObject({ CustomKeyStoreName: 'lives', ConnectionState: 'CONNECTED' });
    await disconnect(id);
    await expect(update({ XksProxyUriEndpoint: endpoint, XksProxyUriPath: prefix })).rejects.toMatchObject(
      error('XksProxyUriInUseException'),
    );
    await expect(update({})).rejects.toMatchObject(error('ValidationException'));
    await expect(update({ KeyStorePassword: 'kmsPswd' })).rejects.toMatchObject(error('ValidationException'));
    await remove(id);
    for (const call of [stateOf, connect, disconnect, remove]) {
      await expect(call(id)).rejects.toMatchObject(error('CustomKeyStoreNotFoundException'));
    }
    await expect(update({ NewCustomKeyStoreName: 'x' })).rejects.toMatchObject(
      error('CustomKeyStoreNotFoundException'),
    );
  });

  test('a store that holds keys stays, until they are gone', async () => {
    const id = await create('keys', { ...base, XksProxyUriPath: '/keys/kms/xks/v1' });
    await connect(id);
    const { KeyMetadata } = await createKey(id, 'one');
    expect(told.seen.at(-1)).toMatchObject({
      path: '/keys/kms/xks/v1/keys/one/metadata',
      body: { requestMetadata: { kmsOperation: 'CreateKey', awsPrincipalArn: expect.stringContaining(':user/admin') } },
    });
    await disconnect(id);
    await expect(remove(id)).rejects.toMatchObject({ name: 'CustomKeyStoreHasCMKsException' });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
    await expect(remove(id)).rejects.toMatchObject({ name: 'CustomKeyStoreHasCMKsException' });
    await connect(id);
    await expect(createKey(id, 'one')).rejects.toMatchObject({ name: 'XksKeyAlreadyInUseException' });
    await instance.advance(8 * 86_400);
    const again = await createKey(id, 'one');
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: again.KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
    await instance.advance(8 * 86_400);
    await disconnect(id);
    await remove(id);
  });

  test('names, addresses and services are used once', async () => {
    const inUse = async (more: Partial<CreateCustomKeyStoreCommandInput>, name: string) =>
      expect(create('other', more)).rejects.toMatchObject({ name });
    await expect(create('coffee')).rejects.toMatchObject({ name: 'CustomKeyStoreNameInUseException' });
    await inUse({}, 'XksProxyUriInUseException');
    const vpc = {
      XksProxyConnectivity: 'VPC_ENDPOINT_SERVICE' as const,
      XksProxyVpcEndpointServiceName: vpcService,
      XksProxyUriEndpoint: 'https://private.example',
    };
    await inUse(
      { ...vpc, XksProxyUriEndpoint: endpoint, XksProxyUriPath: '/v/kms/xks/v1' },
      'XksProxyUriEndpointInUseException',
    );
    await inUse(
      { ...vpc, XksProxyVpcEndpointServiceName: `${vpcService}9` },
      'XksProxyVpcEndpointServiceNotFoundException',
    );
    await inUse(
      { ...vpc, XksProxyUriEndpoint: 'https://unrelated.example' },
      'XksProxyVpcEndpointServiceInvalidConfigurationException',
    );
    const id = await create('vpc', vpc);
    await inUse({ ...vpc, XksProxyUriEndpoint: 'https://more.example' }, 'XksProxyVpcEndpointServiceInUseException');
    await connect(id);
    expect(await stateOf(id)).toMatchObject({
      ConnectionState: 'CONNECTED',
      XksProxyConfiguration: { VpcEndpointServiceName: vpcService, VpcEndpointServiceOwner: '111122223333' },
    });
    await disconnect(id);
    await remove(id);
  });

  test('what is missing, or belongs to another kind of store', async () => {
    for (const member of ['XksProxyUriEndpoint', 'XksProxyUriPath', 'XksProxyAuthenticationCredential'] as const) {
      await expect(create('x', { [member]: undefined })).rejects.toMatchObject({ name: 'ValidationException' });
    }
    for (const more of [
      { CloudHsmClusterId: 'cluster-1a23b4cdefg' },
      { XksProxyVpcEndpointServiceName: vpcService },
      { XksProxyUriEndpoint: 'http://plain.example' },
      { XksProxyUriEndpoint: 'https://host.example:8443' },
      { XksProxyUriPath: '/kms/xks' },
    ]) {
      await expect(create('x', more), JSON.stringify(more)).rejects.toMatchObject({ name: 'ValidationException' });
    }
  });

  test('DescribeCustomKeyStores by name, by id, in pages', async () => {
    const made = [];
    for (const name of ['a', 'b', 'c']) {
      made.push(await create(name, { ...base, XksProxyUriPath: `/${name}/kms/xks/v1` }));
    }
    const named = await kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreName: 'b' }));
    expect(named.CustomKeyStores).toMatchObject([{ CustomKeyStoreId: made[1] }]);
    const seen: unknown[] = [];
    let Marker: string | undefined;
    do {
      const page = await kms.send(new DescribeCustomKeyStoresCommand({ Limit: 2, ...(Marker && { Marker }) }));
      seen.push(...(page.CustomKeyStores ?? []).map((one) => one.CustomKeyStoreId));
      Marker = page.NextMarker;
    } while (Marker);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(expect.arrayContaining(made));
    await expect(kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreName: 'zz' }))).rejects.toMatchObject({
      name: 'CustomKeyStoreNotFoundException',
    });
    await expect(
      kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreName: 'b', CustomKeyStoreId: made[1] })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(kms.send(new DescribeCustomKeyStoresCommand({ Marker: 'forged' }))).rejects.toMatchObject({
      name: 'InvalidMarkerException',
    });
    for (let more = 4; more < 10; more += 1) {
      made.push(await create(`n${more}`, { ...base, XksProxyUriPath: `/n${more}/kms/xks/v1` }));
    }
    await expect(create('eleventh')).rejects.toMatchObject({ name: 'LimitExceededException' });
    for (const id of made) await remove(id);
  });

  test('nobody without permission', async () => {
    const CustomKeyStoreId = 'cks-00000000000000000';
    for (const command of [
      new CreateCustomKeyStoreCommand(storeInput('mine')),
      new UpdateCustomKeyStoreCommand({ CustomKeyStoreId, NewCustomKeyStoreName: 'mine' }),
      new ConnectCustomKeyStoreCommand({ CustomKeyStoreId }),
      new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId }),
      new DeleteCustomKeyStoreCommand({ CustomKeyStoreId }),
      new DescribeCustomKeyStoresCommand({}),
    ]) {
      await expect(nobody.send(command as DescribeCustomKeyStoresCommand)).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    }
  });
});
