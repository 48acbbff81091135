/** Uploads whose bodies are not what was signed, over real HTTP: none of them may leave a trace in the bucket. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upload, type UploadOptions, upload } from '../../src/wire/signing/framing.fixture.ts';
import { adminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { send } from './targets.ts';

const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 37) % 253));
const modes = [
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
];

let instance: TestInstance;
let s3: S3Client;
beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket: 'streams' }));
});
afterAll(() => instance.stop());

function framed(mode: string, key: string, options: UploadOptions = {}): Upload {
  return upload(mode, bytes, {
    credentials: { accessKeyId: adminKeys.accessKeyId, secret: adminKeys.secretAccessKey },
    time: Date.now(),
    path: `/streams/${key}`,
    host: new URL(instance.endpoint).host,
    ...options,
  });
}

const put = async ({ request }: Upload, body: Uint8Array): Promise<string> => {
  const answer = await send(instance.endpoint, request, body);
  return `${answer.code} ${answer.status}`.trim();
};

const keys = async () =>
  ((await s3.send(new ListObjectsV2Command({ Bucket: 'streams' }))).Contents ?? []).map(({ Key }) => Key);

describe.each(modes)('%s', (mode) => {
  const signedChunks = !mode.includes('UNSIGNED');
  const spoil = (whole: Buffer, at: number) => {
    const copy = Buffer.from(whole);
    copy[at] = (copy[at] as number) ^ 1;
    return copy;
  };

  it('stores what was signed', async () => {
    const made = framed(mode, mode);
    expect(await put(made, Buffer.concat(made.frames))).toBe('200');
    const { Body, ContentEncoding } = await s3.send(new GetObjectCommand({ Bucket: 'streams', Key: mode }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    expect(ContentEncoding).toBeUndefined();
  });

  it('stores nothing of a body that was changed, cut, reordered or extended', async () => {
    const before = await keys();
    const spoiled: [name: string, change: (frames: readonly Buffer[]) => Buffer, code: RegExp][] = [
      [
        'changed',
        (f) => spoil(Buffer.concat(f), 5000),
        signedChunks ? /^SignatureDoesNotMatch 403/ : /^(BadDigest|InvalidRequest|XAmzContent)/,
      ],
      ['cut', (f) => Buffer.concat(f.slice(0, 2)), /^IncompleteBody 400/],
      ['without its end', (f) => Buffer.concat(f.slice(0, -1)), /^IncompleteBody 400/],
      [
        'reordered',
        (f) => Buffer.concat([f[1], f[0], ...f.slice(2)] as Buffer[]),
        signedChunks ? /^SignatureDoesNotMatch 403/ : /^BadDigest/,
      ],
      ['extended', (f) => Buffer.concat([...f, Buffer.from('more')]), /^IncompleteBody 400/],
      ['unframed', () => bytes, /^(IncompleteBody 400|SignatureDoesNotMatch 403)/],
    ];
    for (const [name, change, code] of spoiled) {
      const made = framed(mode, `spoiled-${name.replaceAll(' ', '-')}`);
      expect(await put(made, change(made.frames)), name).toMatch(code);
    }
    expect(await keys()).toEqual(before);
  });

  if (!mode.endsWith('TRAILER')) return;
  it('wire trap: stores nothing under a wrong trailing checksum', async () => {
    const before = await keys();
    const made = framed(mode, 'wrong-checksum', { checksum: 'AAAAAA==' });
    expect(await put(made, Buffer.concat(made.frames))).toMatch(/^BadDigest 400/);
    expect(await keys()).toEqual(before);
  });
});

describe('presigned uploads', () => {
  it('take any body for their key, and no other key, type or metadata', async () => {
    const url = await getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket: 'streams', Key: 'link', Metadata: { team: 'a' } }),
      { expiresIn: 60 },
    );
    const ok = await fetch(url, { method: 'PUT', body: 'anything' });
    expect(ok.status).toBe(200);
    await ok.text();
    for (const [from, into] of [
      ['/link?', '/link2?'],
      ['x-amz-meta-team=a', 'x-amz-meta-team=b'],
      ['X-Amz-Expires=60', 'X-Amz-Expires=61'],
    ] as const) {
      const refused = await fetch(url.replace(from, into), { method: 'PUT', body: 'anything' });
      expect(await refused.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
      expect(refused.status).toBe(403);
    }
    const other = await fetch(url, { method: 'DELETE' });
    expect(await other.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(await keys()).not.toContain('link2');
  });
});

describe('signed forms', () => {
  const post = async (
    changes: Record<string, string | undefined> = {},
    file = 'small',
    more: Record<string, string> = {},
  ) => {
    const { url, fields } = await createPresignedPost(s3, {
      Bucket: 'streams',
      Key: 'form/file',
      Conditions: [['content-length-range', 1, 10]],
      Fields: { 'x-amz-meta-team': 'a' },
      Expires: 60,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...changes }))
      if (value !== undefined) form.append(name, value);
    form.append('file', new Blob([file]), 'name.txt');
    const response = await fetch(url, { method: 'POST', body: form, headers: more });
    return `${/<Code>([^<]*)/.exec(await response.text())?.[1] ?? ''} ${response.status}`.trim();
  };

  it('take what they were signed for', async () => expect(await post()).toBe('204'));

  it('take nothing else', async () => {
    const before = await keys();
    const policy = Buffer.from(
      '{"expiration":"2099-01-01T00:00:00Z","conditions":[["starts-with","$key",""]]}',
    ).toString('base64');
    expect(await post({ key: 'form/other' })).toBe('AccessDenied 403');
    expect(await post({ 'x-amz-meta-team': 'b' })).toBe('AccessDenied 403');
    expect(await post({ 'x-amz-meta-more': 'c' })).toBe('AccessDenied 403');
    expect(await post({}, 'much too long a file')).toBe('EntityTooLarge 400');
    expect(await post({}, '')).toBe('EntityTooSmall 400');
    expect(await post({ policy })).toBe('MalformedPOSTRequest 400');
    expect(await post({ Policy: policy })).toBe('SignatureDoesNotMatch 403');
    expect(await post({ 'X-Amz-Signature': '0'.repeat(64) })).toBe('SignatureDoesNotMatch 403');
    expect(await post({ 'X-Amz-Credential': 'AKIAUNKNOWN/20261120/us-east-1/s3/aws4_request' })).toMatch(
      /^(InvalidAccessKeyId 403|InvalidArgument 400)$/,
    );
    expect(await post({ 'X-Amz-Signature': undefined })).toBe('InvalidArgument 400');
    expect(await post({ Policy: undefined, 'X-Amz-Signature': undefined, 'X-Amz-Credential': undefined })).toBe(
      'AccessDenied 403',
    );
    expect(await keys()).toEqual(before);
  });

  it('end by the clock of the instance', async () => {
    await instance.advance(120);
    expect(await post()).toBe('AccessDenied 403');
  });
});
