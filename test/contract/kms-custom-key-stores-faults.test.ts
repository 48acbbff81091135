/** External key stores whose proxy is slow, wrong, redirecting, gone or lying: what each caller learns, and that nothing else gives way. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import {
  ConnectCustomKeyStoreCommand,
  CreateCustomKeyStoreCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteCustomKeyStoreCommand,
  DescribeCustomKeyStoresCommand,
  DisconnectCustomKeyStoreCommand,
  EncryptCommand,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { credential, healthy, served, startToldProxy, type ToldProxy } from '../support/xks.ts';

let instance: TestInstance;
let told: ToldProxy;
let mute: { readonly address: string; stop(): void };
let kms: KMSClient;
let store: string;
let KeyId: string;

/** Longer than a busy machine takes to answer, and short enough to wait for. */
const timeoutMs = 1_500;

/** Takes connections, and says nothing. */
async function startMute() {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, stop: () => server.close() };
}

beforeAll(async () => {
  told = await startToldProxy();
  mute = await startMute();
  instance = await startInstance({
    ...testConfig,
    keyStores: {
      timeoutMs,
      proxies: [
        { endpoint: 'https://told.example', address: told.address },
        { endpoint: 'https://mute.example', address: `http://${mute.address}` },
        { endpoint: 'https://secure.example', address: `https://${told.address.slice('http://'.length)}` },
        { endpoint: 'https://gone.example', address: 'http://127.0.0.1:1' },
      ],
    },
  });
  kms = new KMSClient(instance.clientOptions());
  store = await create('told', '/told');
  await kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: store }));
  const made = await kms.send(
    new CreateKeyCommand({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: store, XksKeyId: 'one' }),
  );
  KeyId = made.KeyMetadata?.KeyId ?? '';
});

afterEach(() => {
  told.answers.clear();
  told.answers.set('health', { body: healthy });
  told.answers.set('metadata', { body: served });
});

afterAll(async () => {
  kms.destroy();
  await instance.stop();
  await told.stop();
  mute.stop();
});

async function create(name: string, prefix: string, XksProxyUriEndpoint = 'https://told.example'): Promise<string> {
  const { CustomKeyStoreId = '' } = await kms.send(
    new CreateCustomKeyStoreCommand({
      CustomKeyStoreName: name,
      CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
      XksProxyConnectivity: 'PUBLIC_ENDPOINT',
      XksProxyUriEndpoint,
      XksProxyUriPath: `${prefix}/kms/xks/v1`,
      XksProxyAuthenticationCredential: credential,
    }),
  );
  return CustomKeyStoreId;
}

const refusal = (errorName: string, status: number) => ({ status, body: { errorName, errorMessage: 'no' } });
const invalid = 'XksProxyInvalidResponseException';
const unreachable = 'XksProxyUriUnreachableException';
const unavailable = { ...healthy, ekmFleetDetails: [{ id: 'one', model: 'Luna', healthStatus: 'UNAVAILABLE' }] };

describe('a health check that does not succeed', () => {
  test.each([
    [
      'bad signature',
      refusal('AuthenticationFailedException', 401),
      'XksProxyIncorrectAuthenticationCredentialException',
      'INVALID_CREDENTIALS',
    ],
    [
      'wrong path',
      refusal('InvalidUriPathException', 404),
      'XksProxyInvalidConfigurationException',
      'XKS_PROXY_INVALID_CONFIGURATION',
    ],
    ['access denied', refusal('AccessDeniedException', 403), invalid, 'XKS_PROXY_ACCESS_DENIED'],
    ['internal error', refusal('InternalException', 500), invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['throttling', refusal('ThrottlingException', 429), unreachable, 'XKS_PROXY_NOT_REACHABLE'],
    ['slow dependency', refusal('DependencyTimeoutException', 503), unreachable, 'XKS_PROXY_TIMED_OUT'],
    ['unknown error', refusal('constructor', 400), invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['page of a web server', { status: 502, body: '<html>' }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    [
      'redirect',
      { status: 307, headers: { location: '/told/kms/xks/v1/keys/one/metadata' }, body: healthy },
      invalid,
      'XKS_PROXY_INVALID_RESPONSE',
    ],
    ['text', { body: 'fine' }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['null', { body: 'null' }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['list', { body: '[]' }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['bytes that are no UTF-8', { body: '{"xksProxyVendor":"\u{fffd}' }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['too few members', { body: { xksProxyFleetSize: 1 } }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['no key manager', { body: { ...healthy, ekmFleetDetails: [] } }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    [
      'null for a key manager',
      { body: { ...healthy, ekmFleetDetails: [null] } },
      invalid,
      'XKS_PROXY_INVALID_RESPONSE',
    ],
    ['huge answer', { body: `{"x":"${'x'.repeat(1_000_000)}"}` }, invalid, 'XKS_PROXY_INVALID_RESPONSE'],
    ['no working key manager', { body: unavailable }, unreachable, 'XKS_PROXY_NOT_REACHABLE'],
    ['no answer in time', { body: healthy, waitMs: timeoutMs + 1_000 }, unreachable, 'XKS_PROXY_TIMED_OUT'],
  ])('%s', async (_name, answer, error, connection) => {
    const id = await create('unlucky', '/unlucky');
    told.answers.set('health', answer);
    const before = told.seen.length;
    await expect(create('never', '/never')).rejects.toMatchObject({ name: error });
    await kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: id }));
    const { CustomKeyStores = [] } = await kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreId: id }));
    expect(CustomKeyStores).toMatchObject([{ ConnectionState: 'FAILED', ConnectionErrorCode: connection }]);
    // Nobody followed a redirect, nobody tried again.
    expect(told.seen.slice(before).map(({ path }) => path)).toEqual([
      '/never/kms/xks/v1/health',
      '/unlucky/kms/xks/v1/health',
    ]);
    await expect(kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: id }))).rejects.toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
    await expect(kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId: id }))).rejects.toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
    await kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId: id }));
    told.answers.set('health', { body: healthy });
    await kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId: id }));
    await kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId: id }));
    await kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId: id }));
  });

  test.each([
    ['https://gone.example', 'cannot communicate'],
    ['https://mute.example', 'did not respond in time'],
    ['https://secure.example', 'cannot establish a TLS connection'],
    // Names and addresses of the operator's own machines, which no configuration opens.
    ['https://localhost', 'cannot communicate'],
    ['https://127.0.0.1', 'cannot communicate'],
    ['https://169.254.169.254', 'cannot communicate'],
    ['https://10.0.0.1', 'cannot communicate'],
    ['https://2130706433', 'cannot communicate'],
  ])('%s', async (endpoint, message) => {
    await expect(create('nowhere', '/x', endpoint)).rejects.toMatchObject({
      name: unreachable,
      message: expect.stringContaining(message),
    });
  });
});

const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** What a right answer to the last Encrypt would have been: "encrypted" by turning the bytes round. */
function rightAnswer(): Record<string, string> {
  const { body = {} } = told.seen.findLast(({ path }) => path.endsWith('/encrypt')) ?? {};
  const of = (name: string) => Buffer.from(String((body as Record<string, unknown>)[name]), 'base64');
  const ciphertext = of('plaintext').reverse();
  const [iv, tag] = [Buffer.alloc(12, 1), Buffer.alloc(16, 2)];
  const hash = createHash('sha256').update(of('additionalAuthenticatedData')).update(iv).update(ciphertext).update(tag);
  return {
    ciphertext: b64(ciphertext),
    initializationVector: b64(iv),
    authenticationTag: b64(tag),
    ciphertextDataIntegrityValue: hash.digest('base64'),
  };
}

describe('using a key', () => {
  const encrypt = () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('beans') }));

  test.each([
    ['ValidationException', 400, 'cannot interpret the response'],
    ['InvalidStateException', 400, 'is not enabled in the external key manager'],
    ['InvalidCiphertextException', 400, 'is corrupted, missing, or otherwise invalid'],
    ['InvalidKeyUsageException', 400, 'does not support the requested operation'],
    ['AuthenticationFailedException', 401, 'could not authenticate AWS KMS'],
    ['AccessDeniedException', 403, 'denied access to the operation'],
    ['KeyNotFoundException', 404, 'was not found in its external key manager'],
    ['InvalidUriPathException', 404, 'because of an invalid URI path'],
    ['ThrottlingException', 429, 'due to a very high request rate'],
    ['UnsupportedOperationException', 501, 'does not support the requested operation'],
    ['DependencyTimeoutException', 503, 'did not respond to the request in the time allotted'],
    ['InternalException', 500, 'cannot communicate with the external key manager'],
  ])('%s', async (name, status, message) => {
    told.answers.set('encrypt', refusal(name, status));
    const failed = { name: 'KMSInvalidStateException', message: expect.stringContaining(message) };
    await expect(encrypt()).rejects.toMatchObject(failed);
    const last = told.seen.at(-1)?.body;
    expect(last).toMatchObject({
      encryptionAlgorithm: 'AES_GCM',
      ciphertextDataIntegrityValueAlgorithm: 'SHA_256',
      requestMetadata: { kmsOperation: 'Encrypt', kmsKeyArn: expect.stringContaining(`key/${KeyId}`) },
    });
    // The proxy sees what the vault encrypted, never the plaintext.
    expect(Buffer.from(String(last?.plaintext), 'base64').includes('beans')).toBe(false);
  });

  test.each<[string, (right: Record<string, string>) => Record<string, unknown>]>([
    ['no integrity value', ({ ciphertextDataIntegrityValue: _, ...rest }) => rest],
    ['a wrong one', (right) => ({ ...right, ciphertextDataIntegrityValue: b64(Buffer.alloc(32)) })],
    ['a shorter ciphertext', (right) => ({ ...right, ciphertext: right.ciphertext?.slice(4) })],
    ['an odd vector', (right) => ({ ...right, initializationVector: b64(Buffer.alloc(13)) })],
    ['a short tag', (right) => ({ ...right, authenticationTag: b64(Buffer.alloc(12)) })],
    ['much metadata', (right) => ({ ...right, ciphertextMetadata: b64(Buffer.alloc(21)) })],
    ['sloppy base64', (right) => ({ ...right, authenticationTag: right.authenticationTag?.replace('==', '') })],
    ['a number', (right) => ({ ...right, ciphertext: 7 })],
  ])('an answer with %s', async (_name, change) => {
    const cannot = { name: 'KMSInvalidStateException', message: expect.stringContaining('cannot interpret') };
    await expect(encrypt()).rejects.toMatchObject(cannot);
    told.answers.set('encrypt', { body: change(rightAnswer()) });
    await expect(encrypt()).rejects.toMatchObject(cannot);
  });

  test('a proxy that gives back something else than it was given', async () => {
    const { CiphertextBlob } = await honest(() => encrypt());
    told.answers.set('decrypt', { body: { plaintext: b64(Buffer.alloc(126)) } });
    for (const call of [
      () => kms.send(new DecryptCommand({ CiphertextBlob })),
      () => kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId })),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
    }
  });

  test('what the vault encrypted does not open without the store', async () => {
    await honest(() => encrypt());
    const inner = told.seen.findLast(({ path }) => path.endsWith('/encrypt'))?.body.plaintext;
    const CiphertextBlob = Buffer.from(String(inner), 'base64');
    for (const named of [{}, { KeyId }]) {
      await expect(kms.send(new DecryptCommand({ CiphertextBlob, ...named }))).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
  });
});

/** Lets one Encrypt succeed: the answer is made when the request has come. */
async function honest<T>(work: () => Promise<T>): Promise<T> {
  told.answers.set('encrypt', { body: rightAnswer });
  return work();
}
