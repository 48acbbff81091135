/** Encryption contexts that look alike: every pair of different ones must be kept apart, whatever its characters. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let KeyId: string;
beforeAll(async () => {
  instance = await startInstance();
  KeyId = (await makeKey(kmsClient(instance))).KeyId;
});
afterAll(() => instance.stop());

/** SHA-256, with a key or without, as the signer wants it. */
class Hash {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Buffer };
  constructor(secret?: Uint8Array | string) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

/** The body as it is, signed: SDKs would not send everything that JSON can say. */
async function send(operation: string, body: string): Promise<{ status: number; answer: Record<string, string> }> {
  const { hostname, port } = new URL(instance.endpoint);
  const signer = new SignatureV4({
    service: 'kms',
    region: 'us-east-1',
    credentials: adminKeys,
    sha256: Hash as never,
  });
  const request = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: {
      host: `${hostname}:${port}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    },
    body,
  });
  const response = await fetch(instance.endpoint, { method: 'POST', headers: request.headers, body });
  return { status: response.status, answer: (await response.json()) as Record<string, string> };
}

const plaintext = Buffer.from('apart').toString('base64');
const encrypt = (context: string | undefined) =>
  send(
    'Encrypt',
    `{"KeyId":"${KeyId}","Plaintext":"${plaintext}"${context === undefined ? '' : `,"EncryptionContext":${context}`}}`,
  );
const decrypt = (blob: string, context: string | undefined) =>
  send('Decrypt', `{"CiphertextBlob":"${blob}"${context === undefined ? '' : `,"EncryptionContext":${context}`}}`);

/** JSON texts that mean different things. */
const different: readonly (readonly [string, string])[] = [
  ['{"a":"1","b":"2"}', '{"a":"1,\\"b\\":\\"2"}'],
  ['{"a":"b"}', '{"ab":""}'],
  ['{"a":""}', '{}'],
  ['{"a":"1"}', '{"A":"1"}'],
  ['{"a":"1"}', '{"a":"1 "}'],
  ['{"a":"1"}', '{" a":"1"}'],
  ['{"a":"b","c":"d"}', '{"a":"d","c":"b"}'],
  ['{"a":"bc","d":"e"}', '{"a":"b","cd":"e"}'],
  ['{"\\u00e9":"1"}', '{"e\\u0301":"1"}'],
  ['{"a":"\\u00e9"}', '{"a":"e\\u0301"}'],
  ['{"__proto__":"1"}', '{}'],
  ['{"__proto__":"1"}', '{"__proto__":"2"}'],
  ['{"constructor":"1"}', '{}'],
  ['{"toString":"1"}', '{"toString":"2"}'],
  ['{"a":"\\u0000"}', '{"a":""}'],
  ['{"a\\u0000b":"c"}', '{"a":"b\\u0000c"}'],
  ['{"1":"a","2":"b"}', '{"1":"b","2":"a"}'],
  ['{"a":"\\ud83d\\ude00"}', '{"a":"\\ufffd"}'],
];

describe('different contexts', () => {
  test.each(different)('%s is not %s', async (one, other) => {
    for (const [made, asked] of [
      [one, other],
      [other, one],
    ] as const) {
      const { status, answer } = await encrypt(made);
      expect(status).toBe(200);
      expect((await decrypt(answer.CiphertextBlob as string, made)).answer.Plaintext).toBe(plaintext);
      expect((await decrypt(answer.CiphertextBlob as string, asked)).answer.__type).toBe('InvalidCiphertextException');
    }
  });

  test.each(['{"a":"\\ud800"}', '{"\\udfff":"a"}', '{"a":"x\\ud800y"}'])(
    '%s is no text, and is refused before two of them could be one',
    async (context) => {
      const { status, answer } = await encrypt(context);
      expect([status, answer.__type]).toEqual([400, 'SerializationException']);
    },
  );

  test.each(['{"a":1}', '{"a":["b"]}', '["a"]', '"a"', '{"a":{"b":"c"}}', '{"a":true}'])(
    '%s is no context',
    async (context) => {
      const { status, answer } = await encrypt(context);
      expect(status, JSON.stringify(answer)).toBe(400);
      expect(['SerializationException', 'ValidationException']).toContain(answer.__type);
    },
  );
});

test('the order is free, an empty context is none, and a name said twice is its last', async () => {
  for (const [made, asked] of [
    ['{"a":"1","b":"2"}', '{"b":"2","a":"1"}'],
    ['{"10":"a","9":"b","x":"c"}', '{"x":"c","9":"b","10":"a"}'],
    ['{}', undefined],
    [undefined, '{}'],
    ['{"\\u0061":"1"}', '{"a":"1"}'],
    ['{"a":"1","a":"2"}', '{"a":"2"}'],
    // A member that is null is none, as everywhere in this protocol.
    ['{"a":null}', '{}'],
  ] as const) {
    const { answer } = await encrypt(made);
    expect((await decrypt(answer.CiphertextBlob as string, asked)).answer.Plaintext, `${made} ${asked}`).toBe(
      plaintext,
    );
  }
});
