/** The signers of the JavaScript SDK as oracle: whatever they sign verifies here, SigV4, SigV4A and presigned. */
import { createHash, createHmac } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import { SignatureV4a } from '@smithy/signature-v4a';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../types.ts';
import { readPostClaim } from './post-claim.ts';
import { verifyPostPolicy } from './post-policy.ts';
import { SignatureRefusal } from './refusal.ts';
import { credentials, httpRequest, outcome, time, withHeaders } from './requests.fixture.ts';
import { sign } from './sign.ts';

class Sha256 {
  readonly #secret: unknown;
  readonly #parts: Uint8Array[] = [];
  constructor(secret?: unknown) {
    this.#secret = secret;
  }
  update(data: Uint8Array | string): void {
    this.#parts.push(Buffer.from(data as string));
  }
  async digest(): Promise<Uint8Array> {
    const data = Buffer.concat(this.#parts);
    return this.#secret === undefined
      ? createHash('sha256').update(data).digest()
      : createHmac('sha256', Buffer.from(this.#secret as string))
          .update(data)
          .digest();
  }
  reset(): void {
    this.#parts.length = 0;
  }
}

const signer = (service: string, token?: string) => ({
  credentials: {
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secret,
    ...(token === undefined ? {} : { sessionToken: token }),
  },
  region: 'eu-central-1',
  service,
  sha256: Sha256 as never,
  uriEscapePath: service !== 's3',
  applyChecksum: true,
});
type Query = Record<string, string | string[]>;

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function received(request: {
  method: string;
  path: string;
  query?: unknown;
  headers: Record<string, string>;
}): HttpRequest {
  const query = Object.entries((request.query ?? {}) as Query)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${encode(name)}=${encode(one)}`))
    .join('&');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return httpRequest({ method: request.method, path: request.path, query, headers });
}

const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const requests = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
  segments: fc.array(
    word.filter((text) => text !== '.' && text !== '..'),
    { minLength: 1, maxLength: 4 },
  ),
  query: fc.dictionary(
    // The signer keeps its query in plain objects, where __proto__ is no key.
    word.filter((text) => !/^(x-amz|aws|sig|exp|__proto__$)/i.test(text)),
    fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })),
    { maxKeys: 5, noNullPrototype: true },
  ),
  meta: fc.string({ maxLength: 30, unit: fc.constantFrom(...'ab  ,;="\t') }),
  body: fc.string({ maxLength: 40 }),
  token: fc.option(fc.constant('FwoGZXIvYXdzEBY//+=='), { nil: undefined }),
});

describe.each(['s3', 'iam'])('requests to %s', (service) => {
  it('that SignatureV4 signs verify, and with another body or service they do not', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, segments, query, meta, body, token }) => {
        const made = {
          method,
          protocol: 'http:',
          hostname: 'h',
          path: `/${segments.map(encode).join('/')}`,
          query,
          headers: { host: 'h:1', 'x-amz-meta-a': meta },
          body,
        };
        const signed = received(
          (await new SignatureV4(signer(service, token)).sign(made as never, { signingDate: new Date(time) })) as never,
        );
        expect(outcome(signed, { body: Buffer.from(body) })).toBe('verified');
        expect(outcome(withHeaders(signed, { host: 'h:2' }), { body: Buffer.from(body) })).toBe('mismatch');
        if (service !== 's3') expect(outcome(signed, { body: Buffer.from(`${body}x`) })).toBe('mismatch');
      }),
      { numRuns: 150 },
    );
  });

  it('that SignatureV4 presigns verify', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, segments, query, body, token }) => {
        const payload: Record<string, string> = service === 's3' ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : {};
        const made = {
          method,
          protocol: 'http:',
          hostname: 'h',
          path: `/${segments.map(encode).join('/')}`,
          query,
          headers: { host: 'h:1', ...payload },
          body,
        };
        const options = { signingDate: new Date(time), expiresIn: 60 };
        const signed = received(await new SignatureV4(signer(service, token)).presign(made as never, options));
        expect(outcome(signed, { body: Buffer.from(body) })).toBe('verified');
        expect(outcome({ ...signed, path: `${signed.path}x` }, { body: Buffer.from(body) })).toBe('mismatch');
      }),
      { numRuns: 100 },
    );
  });
});

describe('SigV4A', () => {
  it('verifies what SignatureV4a signs, for its regions, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.uuid(), async ({ method, segments, query, body, token }, secret) => {
        const init = signer('s3', token);
        const made = {
          method,
          protocol: 'http:',
          hostname: 'h',
          path: `/${segments.map(encode).join('/')}`,
          query,
          headers: { host: 'h:1' },
          body,
        };
        const keyed = { ...init, region: '*', credentials: { ...init.credentials, secretAccessKey: secret } };
        const signed = received(
          (await new SignatureV4a(keyed).sign(made as never, { signingDate: new Date(time) })) as never,
        );
        expect(outcome(signed, { secret })).toBe('verified');
        expect(outcome(signed, { secret: `${secret}x` })).toBe('mismatch');
        expect(outcome(withHeaders(signed, { 'x-amz-region-set': 'us-*' }), { secret })).toBe('mismatch');
        expect(outcome({ ...signed, method: 'HEAD' }, { secret })).toBe('mismatch');
      }),
      { numRuns: 25 },
    );
  });

  it('takes its own signatures, and no other DER', () => {
    const options = { region: 'us-east-1', service: 's3', time, asymmetric: true };
    const request = sign(httpRequest({ path: '/k' }), credentials, options);
    expect(outcome(request)).toBe('verified');
    const authorization = request.headers.authorization ?? '';
    for (const change of [
      `${authorization}00`,
      authorization.slice(0, -2),
      `${authorization.slice(0, -2)}zz`,
      authorization.replace(/Signature=3/, 'Signature=4'),
    ]) {
      expect(outcome(withHeaders(request, { authorization: change }))).toBe('mismatch');
    }
  });
});

describe('the S3 client', () => {
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: 'http://localhost:4566',
    forcePathStyle: true,
    credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secret },
  });
  const at = { signingDate: new Date(time), expiresIn: 300 };
  const link = (url: string, method: string, headers: Record<string, string> = {}) => {
    const { pathname, search } = new URL(url);
    return httpRequest({ method, path: pathname, query: search.slice(1), headers });
  };

  it('presigns GET and PUT', async () => {
    const get = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'b', Key: "a b/ü+'(1).txt" }), at);
    expect(outcome(link(get, 'GET'))).toBe('verified');
    expect(outcome(link(get, 'PUT'))).toBe('mismatch');
    expect(outcome(link(get.replace('.txt', '.tx'), 'GET'))).toBe('mismatch');
    const put = await getSignedUrl(client, new PutObjectCommand({ Bucket: 'b', Key: 'k', Metadata: { a: '1' } }), at);
    expect(outcome(link(put, 'PUT'))).toBe('verified');
    expect(outcome(link(put.replace('x-amz-meta-a=1', 'x-amz-meta-a=2'), 'PUT'))).toBe('mismatch');
  });

  it('presigns POST, and the form cannot be changed', async () => {
    const post = await createPresignedPost(client, {
      Bucket: 'b',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: S3 puts the file's name there.
      Key: 'up/${filename}',
      Conditions: [
        ['content-length-range', 1, 10],
        ['starts-with', '$Content-Type', 'image/'],
      ],
      Fields: { acl: 'private' },
      Expires: 60,
    });
    const fields = new Map(Object.entries(post.fields).map(([name, value]) => [name.toLowerCase(), value]));
    fields.set('content-type', 'image/png');
    const check = (changed: ReadonlyMap<string, string>, options = {}): string => {
      try {
        const claim = readPostClaim(changed);
        if (!claim) return 'anonymous';
        // The library signs with the machine's clock.
        const now = Date.now();
        const limits = verifyPostPolicy(claim, changed, credentials, {
          now,
          wallClock: now,
          bucket: 'b',
          key: 'up/a.png',
          ...options,
        });
        return `${limits.least}-${limits.most}`;
      } catch (error) {
        if (error instanceof SignatureRefusal) return error.reason;
        throw error;
      }
    };
    expect(check(fields)).toBe('1-10');
    expect(check(fields, { key: 'other/a.png' })).toBe('post-condition');
    expect(check(fields, { bucket: 'c' })).toBe('post-condition');
    expect(check(fields, { size: 11 })).toBe('post-too-large');
    expect(check(fields, { size: 0 })).toBe('post-too-small');
    expect(check(new Map([...fields, ['acl', 'public-read']]))).toBe('post-condition');
    expect(check(new Map([...fields, ['content-type', 'text/html']]))).toBe('post-condition');
    expect(check(new Map([...fields, ['success_action_redirect', 'http://e']]))).toBe('post-condition');
    expect(check(new Map([...fields, ['x-ignore-me', '1']]))).toBe('1-10');
    expect(check(fields, { now: Date.now() + 61_000 })).toBe('post-expired');
    expect(check(fields, { wallClock: Date.now() + 8 * 86_400_000 })).toBe('post-expired');
    expect(check(new Map([...fields, ['policy', `${fields.get('policy')}A`]]))).toBe('mismatch');
    expect(check(new Map([...fields].filter(([name]) => name !== 'x-amz-signature')))).toBe('post-malformed');
    expect(check(new Map([...fields].filter(([name]) => name !== 'policy')))).toBe('post-malformed');
    expect(check(new Map([...fields, ['x-amz-signature', 'f'.repeat(64)]]))).toBe('mismatch');
    expect(check(new Map([...fields, ['x-amz-signature', 'f'.repeat(63)]]))).toBe('mismatch');
  });
});
