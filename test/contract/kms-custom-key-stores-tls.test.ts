/** External key stores over TLS: certificates that openssl makes, and which of them are believed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConnectCustomKeyStoreCommand,
  CreateCustomKeyStoreCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '../../src/main.ts';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { credential, holderConfig, makeServed, prefix } from '../support/xks.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-xks-tls-'));
const cert = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
const xksProxy = { ...holderConfig.xksProxy, certificate: cert, privateKey: key } as NonNullable<
  (typeof holderConfig)['xksProxy']
>;
let holder: TestInstance;
let instance: TestInstance;
let kms: KMSClient;

beforeAll(async () => {
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat([
      '-subj',
      '/CN=xks',
      '-addext',
      'subjectAltName=DNS:xks.example',
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { stdio: 'ignore' },
  );
  holder = await startInstance({ ...holderConfig, xksProxy });
  const address = holder.xksProxyEndpoint as string;
  instance = await startInstance({
    ...testConfig,
    keyStores: {
      timeoutMs: 10_000,
      proxies: [
        { endpoint: 'https://xks.example', address, ca: cert },
        { endpoint: 'https://other-name.example', address, ca: cert },
        { endpoint: 'https://XKS.example.', address },
        { endpoint: 'https://plain.example', address: address.replace('https', 'http') },
      ],
    },
  });
  kms = new KMSClient(instance.clientOptions());
}, 60_000);

afterAll(async () => {
  kms.destroy();
  await instance.stop();
  await holder.stop();
  rmSync(folder, { recursive: true, force: true });
});

const create = (XksProxyUriEndpoint: string) =>
  kms.send(
    new CreateCustomKeyStoreCommand({
      CustomKeyStoreName: XksProxyUriEndpoint,
      CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
      XksProxyConnectivity: 'PUBLIC_ENDPOINT',
      XksProxyUriEndpoint,
      XksProxyUriPath: prefix,
      XksProxyAuthenticationCredential: credential,
    }),
  );

test('a key behind TLS, its proxy vouched for by the configuration', async () => {
  const holderKms = new KMSClient(holder.clientOptions());
  await makeServed(holderKms, 'coffee');
  holderKms.destroy();
  expect(holder.xksProxyEndpoint).toMatch(/^https:/);
  const { CustomKeyStoreId } = await create('https://xks.example');
  await kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId }));
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId, XksKeyId: 'coffee' }),
  );
  const Plaintext = Buffer.from('beans');
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }));
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
  expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
});

test.each([
  ['another name than the certificate has', 'https://other-name.example', 'cannot establish a TLS connection'],
  ['a certificate that nobody vouches for', 'https://XKS.example.', 'cannot establish a TLS connection'],
  ['no TLS where there is TLS', 'https://plain.example', ''],
])('%s', async (_name, endpoint, message) => {
  await expect(create(endpoint)).rejects.toMatchObject({
    name: expect.stringMatching(/^XksProxy(?:UriUnreachable|InvalidResponse)Exception$/),
    message: expect.stringContaining(message),
  });
});

test('a proxy that would speak without TLS beyond this machine does not start', async () => {
  const { certificate: _certificate, privateKey: _key, ...plain } = xksProxy;
  for (const proxy of [
    { ...plain, host: '0.0.0.0' },
    { ...plain, certificate: cert },
    { ...plain, stores: [...plain.stores, ...plain.stores] },
  ]) {
    await expect(start({ port: 0, config: { ...testConfig, xksProxy: proxy } })).rejects.toThrow(/xksProxy/);
  }
});
