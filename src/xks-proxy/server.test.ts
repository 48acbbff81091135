/** The XKS Proxy API as its specification has it, asked by another signer than our own. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  type Hash,
  type Hmac,
  randomBytes,
} from 'node:crypto';
import { request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExternalKeys, ProxyRefusal } from './ports.ts';
import { createXksProxy } from './server.ts';

const credential = { accessKeyId: 'ABCDEFGHIJKLMNOPQRST', secret: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG=' };
const other = { accessKeyId: 'OTHEREFGHIJKLMNOPQRS', secret: 'otherfghijklmnopqrstuvwxyz0123456789ABCDEFG=' };
const arn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const start = '/tenant/kms/xks/v1';

const aes = randomBytes(32);
const asked: unknown[] = [];
let isHealthy = true;
/** A key manager with one key. */
const keys: ExternalKeys = {
  async isEnabled(key, asking) {
    asked.push({ key, ...asking });
    return true;
  },
  async encrypt(_key, plaintext, aad) {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', aes, iv).setAAD(aad);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return { ciphertext, metadata: Buffer.from('key_version=1'), iv, tag: cipher.getAuthTag() };
  },
  async decrypt(_key, { ciphertext, iv, tag }, aad) {
    const decipher = createDecipheriv('aes-256-gcm', aes, iv).setAAD(aad).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch {
      throw new ProxyRefusal('InvalidCiphertextException', 'no');
    }
  },
  isHealthy: async () => isHealthy,
};

const failing: ExternalKeys = {
  ...keys,
  isEnabled: () => Promise.reject(new Error('secret words of the key manager')),
};

const server = createXksProxy({
  stores: [
    { prefix: '/tenant', credentials: [credential, other], keys: new Map([['one', arn]]) },
    { prefix: '', credentials: [other], keys: new Map([['two', arn]]) },
  ],
  keys,
  now: Date.now,
});
const broken = createXksProxy({
  stores: [{ prefix: '/tenant', credentials: [credential], keys: new Map([['one', arn]]) }],
  keys: failing,
  now: Date.now,
});
let port: number;
let brokenPort: number;

beforeAll(async () => {
  for (const one of [server, broken]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  brokenPort = (broken.address() as AddressInfo).port;
});

afterAll(async () => {
  for (const one of [server, broken]) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
});

/** What the signer needs of a hash, keyed or not. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(key as string));
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('used once');
  }
}

interface Asked {
  readonly body?: unknown;
  readonly text?: string;
  readonly method?: string;
  readonly as?: typeof credential;
  readonly at?: number;
  readonly service?: string;
  readonly token?: string;
  /** Changes the request once it is signed. */
  readonly change?: (headers: Record<string, string>) => void;
  readonly sent?: string;
  readonly port?: number;
}

async function signed(path: string, given: Asked): Promise<{ headers: Record<string, string>; text: string }> {
  const text = given.text ?? JSON.stringify(given.body ?? {});
  const { accessKeyId, secret } = given.as ?? credential;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey: secret, ...(given.token && { sessionToken: given.token }) },
    region: 'eu-west-1',
    service: given.service ?? 'kms-xks-proxy',
    sha256: Sha256,
    applyChecksum: false,
  });
  const made = await signer.sign(
    {
      method: given.method ?? 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      headers: { host: 'xks.example.com' },
      body: text,
    },
    { signingDate: new Date(Date.now() + (given.at ?? 0)) },
  );
  const headers = { ...made.headers };
  given.change?.(headers);
  return { headers, text: given.sent ?? text };
}

async function send(path: string, given: Asked = {}) {
  const { headers, text } = await signed(path, given);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Record<string, unknown> }>(
    (resolve, reject) => {
      const request = ask(
        { port: given.port ?? port, host: '127.0.0.1', path, method: given.method ?? 'POST', headers, agent: false },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const body = JSON.parse(Buffer.concat(chunks).toString());
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
          });
        },
      );
      request.on('error', reject);
      request.end(text);
    },
  );
}

const requestMetadata = {
  awsPrincipalArn: 'arn:aws:iam::123456789012:user/Alice',
  kmsKeyArn: 'arn:aws:kms:us-east-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  kmsOperation: 'Encrypt',
  kmsRequestId: '4112f4d6-db54-4af4-ae30-c55a22a8dfae',
  kmsViaService: 'ebs',
};
const encryption = {
  requestMetadata,
  additionalAuthenticatedData: 'cHJvamVjdD1uaWxlLGRlcGFydG1lbnQ9bWFya2V0aW5n',
  plaintext: 'SGVsbG8gV29ybGQh',
  encryptionAlgorithm: 'AES_GCM',
  ciphertextDataIntegrityValueAlgorithm: 'SHA_256',
};
const encrypt = (body: object = {}) => send(`${start}/keys/one/encrypt`, { body: { ...encryption, ...body } });

/** The body of a Decrypt of what an Encrypt answered. */
const decryption = ({ ciphertextDataIntegrityValue: _, ...made }: Record<string, unknown>) => ({
  requestMetadata: { ...requestMetadata, kmsOperation: 'Decrypt' },
  additionalAuthenticatedData: encryption.additionalAuthenticatedData,
  encryptionAlgorithm: 'AES_GCM',
  ...made,
});
const decrypt = (body: object) => send(`${start}/keys/one/decrypt`, { body });

const refused = (status: number, errorName: string) => ({ status, body: { errorName } });

describe('health', () => {
  const body = { requestMetadata: { kmsRequestId: 'any text', kmsOperation: 'KmsHealthCheck' } };

  test('is told in full', async () => {
    const answer = await send(`${start}/health`, { body });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: {
        xksProxyFleetSize: 1,
        xksProxyVendor: expect.any(String),
        xksProxyModel: expect.any(String),
        ekmVendor: expect.any(String),
        ekmFleetDetails: [{ id: expect.any(String), model: expect.any(String), healthStatus: 'ACTIVE' }],
      },
    });
    isHealthy = false;
    const ill = await send(`${start}/health`, { body });
    isHealthy = true;
    expect(ill.body).toMatchObject({ ekmFleetDetails: [{ healthStatus: 'UNAVAILABLE' }] });
  });

  test('for either credential of a store, and not for one of another', async () => {
    expect(await send(`${start}/health`, { body, as: other })).toMatchObject({ status: 200 });
    expect(await send('/kms/xks/v1/health', { body, as: other })).toMatchObject({ status: 200 });
    expect(await send('/kms/xks/v1/health', { body })).toMatchObject(refused(401, 'AuthenticationFailedException'));
  });

  test('a load balancer may see that somebody listens', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`);
    expect([answer.status, await answer.text()]).toEqual([200, 'pong\n']);
  });
});

test('metadata of a key, and for whom it is asked', async () => {
  const { kmsKeyArn, ...withoutKey } = requestMetadata;
  const path = `${start}/keys/one/metadata`;
  const answer = await send(path, { body: { requestMetadata, more: 'is ignored' } });
  expect(answer).toMatchObject({
    status: 200,
    body: { keySpec: 'AES_256', keyUsage: ['ENCRYPT', 'DECRYPT'], keyStatus: 'ENABLED' },
  });
  expect(asked.at(-1)).toEqual({ key: arn, kmsKeyArn });
  const created = { ...withoutKey, kmsOperation: 'AnOperationOfTomorrow' };
  expect(await send(path, { body: { requestMetadata: created } })).toMatchObject({ status: 200 });
  expect(asked.at(-1)).toEqual({ key: arn, kmsKeyArn: undefined });
});

describe('encryption', () => {
  test('decrypts to what it was', async () => {
    const made = await encrypt();
    expect(made).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    const parts = ['ciphertextMetadata', 'initializationVector', 'ciphertext', 'authenticationTag'];
    const bytes = parts.map((name) => Buffer.from(String(made.body[name]), 'base64'));
    expect(bytes.map((one) => one.length)).toEqual([13, 12, 12, 16]);
    const hash = createHash('sha256').update(Buffer.from(encryption.additionalAuthenticatedData, 'base64'));
    for (const part of bytes) hash.update(part);
    expect(made.body.ciphertextDataIntegrityValue).toBe(hash.digest('base64'));
    expect(await decrypt(decryption(made.body))).toMatchObject({
      status: 200,
      body: { plaintext: encryption.plaintext },
    });
  });

  test('without additional data and integrity value', async () => {
    const made = await encrypt({
      additionalAuthenticatedData: undefined,
      ciphertextDataIntegrityValueAlgorithm: undefined,
    });
    expect(made.body).not.toHaveProperty('ciphertextDataIntegrityValue');
    const back = await decrypt({ ...decryption(made.body), additionalAuthenticatedData: undefined });
    expect(back.body).toEqual({ plaintext: encryption.plaintext });
  });

  test('up to the sizes that every proxy takes, and no further', async () => {
    const sized = (bytes: number) => randomBytes(bytes).toString('base64');
    const most = { plaintext: sized(4300), additionalAuthenticatedData: sized(8192) };
    const made = await encrypt(most);
    expect(made.status).toBe(200);
    const back = await decrypt({
      ...decryption(made.body),
      additionalAuthenticatedData: most.additionalAuthenticatedData,
    });
    expect(back.body).toEqual({ plaintext: most.plaintext });
    const beyond = refused(501, 'UnsupportedOperationException');
    expect(await encrypt({ plaintext: sized(4301) })).toMatchObject(beyond);
    expect(await encrypt({ additionalAuthenticatedData: sized(8193) })).toMatchObject(beyond);
  });

  test('other additional data, or other bits, are refused', async () => {
    const body = decryption((await encrypt()).body);
    const invalid = refused(400, 'InvalidCiphertextException');
    expect(await decrypt({ ...body, additionalAuthenticatedData: 'AAAA' })).toMatchObject(invalid);
    expect(await decrypt({ ...body, additionalAuthenticatedData: undefined })).toMatchObject(invalid);
    for (const name of ['ciphertext', 'initializationVector', 'authenticationTag'] as const) {
      const bytes = Buffer.from(String((body as Record<string, unknown>)[name]), 'base64');
      bytes[3] = (bytes[3] as number) ^ 0x10;
      expect(await decrypt({ ...body, [name]: bytes.toString('base64') }), name).toMatchObject(invalid);
    }
  });

  test.each([
    ['encryptionAlgorithm', 'AES_CBC'],
    ['encryptionAlgorithm', undefined],
    ['plaintext', undefined],
    ['plaintext', 7],
    ['plaintext', 'not base64!'],
    ['plaintext', 'SGVsbG8gV29ybGQ'],
    ['additionalAuthenticatedData', null],
    ['ciphertextDataIntegrityValueAlgorithm', 'MD5'],
    ['requestMetadata', undefined],
    ['requestMetadata', []],
    ['requestMetadata', { ...requestMetadata, kmsOperation: undefined }],
    ['requestMetadata', { ...requestMetadata, kmsRequestId: 1 }],
    ['requestMetadata', { ...requestMetadata, awsPrincipalArn: undefined }],
    ['requestMetadata', { ...requestMetadata, kmsKeyArn: 'a'.repeat(2049) }],
  ])('Encrypt with %s %j', async (name, value) => {
    expect(await encrypt({ [name]: value })).toMatchObject(refused(400, 'ValidationException'));
  });

  test.each([
    ['initializationVector', 'AAAA'],
    ['initializationVector', undefined],
    ['authenticationTag', 'AAAAAAAAAAAAAAAA'],
    ['ciphertext', undefined],
    ['ciphertextMetadata', Buffer.alloc(21).toString('base64')],
  ])('Decrypt with %s %j', async (name, value) => {
    const body = decryption((await encrypt()).body);
    expect(await decrypt({ ...body, [name]: value })).toMatchObject(refused(400, 'ValidationException'));
  });
});

describe('who may not ask', () => {
  const path = `${start}/keys/one/encrypt`;
  const minutes = 60_000;
  const cases: [string, Asked][] = [
    ['without a signature', { change: (headers) => delete headers.authorization }],
    ['with another secret', { as: { ...credential, secret: other.secret } }],
    ['with an unknown access key', { as: { ...credential, accessKeyId: 'UNKNOWNFGHIJKLMNOPQR' } }],
    ['for another service', { service: 'kms' }],
    ['with a session token', { token: 'token' }],
    ['six minutes late', { at: -6 * minutes }],
    ['six minutes early', { at: 6 * minutes }],
    ['with another body', { sent: JSON.stringify({ ...encryption, plaintext: 'AAAA' }) }],
    ['with another host', { change: (headers) => Object.assign(headers, { host: 'evil.example' }) }],
    ['with another date', { change: (headers) => Object.assign(headers, { 'x-amz-date': '20260101T000000Z' }) }],
    ['with a header more', { change: (headers) => Object.assign(headers, { 'x-amz-security-token': 't' }) }],
    ['with half a signature', { change: (h) => Object.assign(h, { authorization: h.authorization?.slice(0, -8) }) }],
  ];
  test.each(cases)('%s', async (_name, given) => {
    const answer = await send(path, { body: encryption, ...given });
    expect(answer).toMatchObject(refused(401, 'AuthenticationFailedException'));
    expect(JSON.stringify(answer.body)).not.toContain('AWS4-HMAC');
  });

  test('four minutes are near enough', async () => {
    for (const at of [-4 * minutes, 4 * minutes]) {
      expect(await send(path, { body: encryption, at })).toMatchObject({ status: 200 });
    }
  });
});

describe('what is not there', () => {
  test.each([
    '/',
    '/kms/xks/v2/health',
    `${start}`,
    `${start}/`,
    `${start}/healthy`,
    `${start}/health/`,
    `${start}/keys`,
    `${start}/keys/one`,
    `${start}/keys/one/sign`,
    `${start}/keys//encrypt`,
    `${start}/keys/one/../one/encrypt`,
    `${start}/keys/a%2Fb/encrypt`,
    `${start}/keys/${'x'.repeat(129)}/encrypt`,
    `/other${start}/health`,
  ])('%s', async (path) => {
    expect(await send(path, { body: encryption })).toMatchObject(refused(404, 'InvalidUriPathException'));
  });

  test('a key of another store', async () => {
    for (const key of ['two', 'none', 'constructor', '__proto__']) {
      expect(await send(`${start}/keys/${key}/encrypt`, { body: encryption })).toMatchObject(
        refused(404, 'KeyNotFoundException'),
      );
    }
  });

  test('other methods', async () => {
    for (const path of [`${start}/health`, `${start}/keys/one/metadata`]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await send(path, { method, text: '' });
        expect(answer.status, method).toBe(405);
      }
    }
  });
});

describe('bodies', () => {
  test.each(['', 'text', '[]', 'null', '1', '{"requestMetadata":', '{}'])('%j', async (text) => {
    expect(await send(`${start}/keys/one/encrypt`, { text })).toMatchObject(refused(400, 'ValidationException'));
  });

  test('a long one is refused before it is read, and the connection ends', async () => {
    const answer = await send(`${start}/health`, { text: 'x'.repeat(65 * 1024) });
    expect(answer).toMatchObject({ ...refused(400, 'ValidationException'), headers: { connection: 'close' } });
  });
});

test('what goes wrong behind the proxy is not told', async () => {
  const answer = await send(`${start}/keys/one/metadata`, { body: { requestMetadata }, port: brokenPort });
  expect(answer).toMatchObject(refused(500, 'InternalException'));
  expect(JSON.stringify(answer.body)).not.toContain('secret');
});
