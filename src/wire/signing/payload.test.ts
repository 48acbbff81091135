/** Streamed bodies: every payload mode, every way to spoil one, in pieces of every size. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../types.ts';
import type { SignatureClaim } from './claim.ts';
import { crc32Text, type Upload, upload } from './framing.fixture.ts';
import { verifiedBody, verifyBufferedBody } from './payload.ts';
import { readSignature } from './read.ts';
import { SignatureRefusal } from './refusal.ts';
import { credentials, httpRequest, outcome, time } from './requests.fixture.ts';
import { sign } from './sign.ts';

const payload = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 31) % 251));
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

async function read(made: Pick<Upload, 'request' | 'claim'>, body: Uint8Array, size = 1000): Promise<string> {
  try {
    const verified = verifiedBody(made.claim, credentials, made.request, pieces(body, size));
    const parts: Uint8Array[] = [];
    for await (const part of verified) parts.push(Uint8Array.from(part));
    const trailers = [...verified.trailers].map(([name, value]) => `${name}=${value}`).join();
    return `${Buffer.concat(parts).equals(payload) ? 'whole' : `${Buffer.concat(parts).length} bytes`} ${trailers}`.trim();
  } catch (error) {
    if (error instanceof SignatureRefusal) return error.reason;
    throw error;
  }
}

const modes = [
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
];

describe.each(modes)('%s', (mode) => {
  const made = upload(mode, payload);
  const body = Buffer.concat(made.frames);
  const trailers = mode.endsWith('TRAILER') ? ` x-amz-checksum-crc32=${crc32Text(payload)}` : '';
  const signedChunks = !mode.includes('UNSIGNED');

  it('has a signature that holds', () => expect(outcome(made.request)).toBe('verified'));

  it('yields the payload and its trailers, however the bytes are cut', async () => {
    for (const size of [1, 2, 3, 7, 64, 8191, 8192, 100_000])
      expect(await read(made, body, size)).toBe(`whole${trailers}`);
    const buffered = verifyBufferedBody(made.claim, credentials, made.request, body);
    expect(Buffer.from(buffered.body).equals(payload)).toBe(true);
    expect(buffered.trailers.size).toBe(trailers ? 1 : 0);
  });

  it('takes an empty body', async () => {
    const empty = upload(mode, Buffer.alloc(0));
    expect(await read(empty, Buffer.concat(empty.frames))).toMatch(/^0 bytes/);
  });

  it('refuses a body that is cut short anywhere', async () => {
    for (const length of [0, 1, 3, 50, 8000, 9000, 20_000, body.length - 200, body.length - 2, body.length - 1]) {
      expect(await read(made, body.subarray(0, length)), String(length)).not.toMatch(/whole|bytes/);
    }
  });

  it('refuses bytes after the end', async () => {
    expect(await read(made, Buffer.concat([body, Buffer.from('x')]))).toBe('body-incomplete');
    expect(await read(made, Buffer.concat([body, body]))).toBe('body-incomplete');
  });

  it('refuses chunks that are left out, swapped or repeated', async () => {
    const { frames } = made;
    for (const order of [
      [1, 2, 3, 4],
      [1, 0, 2, 3, 4],
      [0, 0, 1, 2, 3, 4],
      [0, 1, 3, 4],
      [2, 1, 0, 3, 4],
    ]) {
      const mixed = Buffer.concat(order.map((at) => frames[at] as Buffer));
      const result = await read(made, mixed);
      if (signedChunks) expect(result).toBe('chunk-mismatch');
      else expect(result === 'body-incomplete' || result.startsWith('20000 bytes')).toBe(true);
    }
  });

  it('does not pass a change of any byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(body.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 700, max: 30_000 }),
        async (at, flip, size) => {
          const spoiled = Uint8Array.from(body);
          spoiled[at] = (spoiled[at] as number) ^ flip;
          // Without signatures only the framing is checked here; the checksum catches the rest.
          if (signedChunks && !sameFrame(body, spoiled))
            expect(await read(made, spoiled, size)).not.toMatch(/whole|bytes/);
          else expect(await read(made, spoiled, size)).toEqual(expect.any(String));
        },
      ),
      { numRuns: 120 },
    );
  });

  it('must be as long as it says, and say it', async () => {
    const request = (length: string | undefined) => ({
      ...made.request,
      headers: { ...made.request.headers, 'x-amz-decoded-content-length': length },
    });
    for (const length of ['19999', '20001', '0'])
      expect(await read({ ...made, request: request(length) }, body)).toBe('body-incomplete');
    for (const length of [undefined, '', '-1', '1e4', '20000 '])
      expect(await read({ ...made, request: request(length) }, body)).toBe('length-missing');
  });
});

/** Upper and lower case of a chunk's size and of a trailer's name mean the same, and so do spaces around a value. */
function sameFrame(a: Uint8Array, b: Uint8Array): boolean {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  // Names of headers are read without regard to case, their own first letter included.
  const flat = (whole: string) => {
    const lower = whole.toLowerCase();
    return lower.slice(lower.lastIndexOf('x-amz-checksum')).replace(/\s+/g, ' ');
  };
  const at = a.findIndex((byte, index) => byte !== b[index]);
  const size = /^[0-9a-f]+/i.exec(text(b))?.[0] ?? '';
  if (at < size.length && text(a).slice(0, size.length) === size.toLowerCase()) return true;
  return (
    text(a).includes('x-amz-checksum') &&
    at > text(a).lastIndexOf('x-amz-checksum') - 1 &&
    flat(text(a)) === flat(text(b))
  );
}

describe('framing', () => {
  const mode = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  const made = upload(mode, Buffer.from('hello'));
  const tail = `x-amz-checksum-crc32:${crc32Text(Buffer.from('hello'))}`;
  const table: Record<string, [body: string, expected: string]> = {
    'takes trailers as the AWS examples write them': [`5\r\nhello\r\n0\r\n${tail}\n\r\n\r\n`, '5 bytes'],
    'takes sizes with leading zeros': [`0005\r\nhello\r\n0\r\n${tail}\r\n\r\n`, '5 bytes'],
    'refuses a size that is none': [`x\r\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses a size of 13 digits': [`0000000000005\r\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses a negative size': [`-5\r\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses a chunk longer than its size': [`4\r\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses a chunk shorter than its size': [`6\r\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses lines that end with LF': [`5\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses extensions': [`5;x=1\r\nhello\r\n0\r\n${tail}\r\n\r\n`, 'body-incomplete'],
    'refuses a size line without end': [`5;${'x'.repeat(10_000)}`, 'body-incomplete'],
    'refuses a trailer that was not announced': [
      `5\r\nhello\r\n0\r\n${tail}\r\nx-amz-meta-a:1\r\n\r\n`,
      'trailer-malformed',
    ],
    'refuses a trailer that comes twice': [`5\r\nhello\r\n0\r\n${tail}\r\n${tail}\r\n\r\n`, 'trailer-malformed'],
    'refuses a trailer without a colon': ['5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n', 'trailer-malformed'],
    'refuses an announced trailer that does not come': ['5\r\nhello\r\n0\r\n\r\n', 'trailer-malformed'],
    'refuses a body without frames': ['hello', 'body-incomplete'],
  };
  for (const [name, [body, expected]] of Object.entries(table)) {
    it(name, async () => {
      for (const size of [1, 1000])
        expect((await read(made, Buffer.from(body), size)).replace(/ x-amz.*/, '')).toBe(expected);
    });
  }

  it('refuses small signed chunks before the last', async () => {
    const small = upload('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', payload, { chunk: 4096 });
    expect(await read(small, Buffer.concat(small.frames))).toBe('chunk-small');
  });

  it('refuses a signed body whose trailer signature is missing', async () => {
    const signed = upload('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', payload);
    const text = Buffer.concat(signed.frames).toString('latin1');
    const stripped = Buffer.from(text.replace(/x-amz-trailer-signature:[0-9a-f]*\r\n/, ''), 'latin1');
    expect(await read(signed, stripped)).toBe('body-incomplete');
  });

  it('refuses strange announcements', async () => {
    for (const names of [
      'x',
      'x-amz-trailer-signature',
      'a,b',
      Array.from({ length: 9 }, (_, i) => `x-amz-a${i}`).join(),
    ]) {
      const request = { ...made.request, headers: { ...made.request.headers, 'x-amz-trailer': names } };
      expect(await read({ ...made, request }, Buffer.from('0\r\n\r\n'))).toBe('trailer-malformed');
    }
  });
});

describe('whole bodies', () => {
  const put = (value: string) =>
    sign(httpRequest({ method: 'PUT', path: '/b/k' }), credentials, {
      region: 'us-east-1',
      service: 's3',
      time,
      payload: value,
    });
  const of = (request: HttpRequest) => ({ request, claim: readSignature(request) as SignatureClaim });

  it('must have the hash that was signed: the error comes at the end, before anything can be kept', async () => {
    const made = of(put(createHash('sha256').update(payload).digest('hex')));
    expect(await read(made, payload)).toBe('whole');
    expect(await read(made, payload.subarray(1))).toBe('payload-mismatch');
    expect(await read(made, Buffer.alloc(0))).toBe('payload-mismatch');
    expect(() => verifyBufferedBody(made.claim, credentials, made.request, payload.subarray(1))).toThrow(
      SignatureRefusal,
    );
  });

  it('pass unread where the client says so', async () =>
    expect(await read(of(put('UNSIGNED-PAYLOAD')), payload)).toBe('whole'));

  it('need a payload hash of a known form', () => {
    const reason = (value: string) => outcome(put(value));
    expect(reason('SIGNED')).toBe('payload-unknown');
    expect(reason('constructor')).toBe('payload-unknown');
    expect(reason('f'.repeat(63))).toBe('payload-unknown');
    expect(reason('STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD')).toBe('payload-unknown');
    const { 'x-amz-content-sha256': _, ...headers } = put('UNSIGNED-PAYLOAD').headers;
    expect(outcome({ ...put('UNSIGNED-PAYLOAD'), headers })).toBe('payload-missing');
  });
});

describe('anonymous uploads', () => {
  it('may be framed, and never signed in chunks', async () => {
    const request = (mode: string) =>
      httpRequest({
        method: 'PUT',
        headers: {
          'x-amz-content-sha256': mode,
          'x-amz-decoded-content-length': '5',
          'x-amz-trailer': 'x-amz-checksum-crc32',
        },
      });
    const body = Buffer.from('5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n');
    const parts: string[] = [];
    for await (const part of verifiedBody(
      undefined,
      undefined,
      request('STREAMING-UNSIGNED-PAYLOAD-TRAILER'),
      pieces(body, 9),
    )) {
      parts.push(Buffer.from(part).toString());
    }
    expect(parts.join('')).toBe('hello');
    expect(() =>
      verifiedBody(undefined, undefined, request('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'), pieces(body, 9)),
    ).toThrow(SignatureRefusal);
  });
});
