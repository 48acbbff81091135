/** What verifies, what does not, and that no change of anything signed ever passes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../types.ts';
import { credentials, httpRequest, outcome, time, withHeaders } from './requests.fixture.ts';
import { presign, sign } from './sign.ts';
import { skewOf } from './skew.ts';

const minute = 60_000;
const body = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
const to = (service: string) => ({ region: 'us-east-1', service, time });
const post = httpRequest({
  method: 'POST',
  path: '/v1/things/a%20b',
  query: 'b=2&a=1&a=0&empty',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-amz-target': 'Thing.Do' },
});
const token = { ...credentials, token: 'FwoGZXIvYXdzEBYaDKtoken+/=' };
const forms: Record<string, { request: HttpRequest; options: { body?: Uint8Array } }> = {
  header: { request: sign(post, token, { ...to('iam'), body }), options: { body } },
  presigned: { request: presign(post, token, { ...to('iam'), body, expires: 900 }), options: { body } },
  's3 header': { request: sign({ ...post, path: '/b/..//k%2Fé+' }, token, { ...to('s3'), body }), options: {} },
  's3 presigned': {
    request: presign({ ...post, path: '/b/..//k%2Fé+' }, token, { ...to('s3'), expires: 900 }),
    options: {},
  },
};

for (const [name, { request, options }] of Object.entries(forms)) {
  describe(`${name} signatures`, () => {
    it('verify', () => expect(outcome(request, options)).toBe('verified'));

    it('of another secret do not', () => {
      expect(outcome(request, { ...options, secret: `${credentials.secret}x` })).toBe('mismatch');
      expect(outcome(request, { ...options, secret: credentials.accessKeyId })).toBe('mismatch');
    });

    it('for another service do not', () =>
      expect(outcome(request, { ...options, service: 'ec2' })).toBe('scope-service'));

    it('do not survive a change of any one character of anything signed', () => {
      const spoil = (text: string, at: number, by: number): string => {
        const index = at % text.length;
        const code = text.charCodeAt(index);
        // Another printable character; a change of case is one.
        const other = 33 + ((code - 33 + 1 + (by % 93)) % 94);
        return text.slice(0, index) + String.fromCharCode(other) + text.slice(index + 1);
      };
      const spots = ['method', 'path', 'query', ...Object.keys(request.headers)];
      fc.assert(
        fc.property(fc.constantFrom(...spots), fc.nat(2000), fc.nat(92), (spot, at, by) => {
          const changed: HttpRequest =
            spot === 'method' || spot === 'path' || spot === 'query'
              ? { ...request, [spot]: spoil(request[spot], at, by) }
              : withHeaders(request, { [spot]: spoil(request.headers[spot] ?? '', at, by) });
          if (sameMeaning(changed, request)) return;
          expect(outcome(changed, options)).not.toBe('verified');
        }),
        { numRuns: 1500 },
      );
    });

    it('do not survive a header taken away, emptied, or an x-amz header added', () => {
      for (const header of Object.keys(request.headers)) {
        expect(outcome(withHeaders(request, { [header]: undefined }), options)).not.toBe('verified');
        expect(outcome(withHeaders(request, { [header]: '' }), options)).not.toBe('verified');
      }
      expect(outcome(withHeaders(request, { 'x-amz-acl': 'public-read' }), options)).toBe('unsigned-headers');
    });

    it('wire trap 4: do not survive truncation or extension', () => {
      for (const text of ['0', 'x', ' x', ',', ';', '=']) {
        const { authorization } = request.headers;
        const longer = authorization
          ? withHeaders(request, { authorization: authorization + text })
          : { ...request, query: request.query + text };
        expect(outcome(longer, options)).not.toBe('verified');
      }
      for (let length = 1; length < 64; length += 1) {
        const { authorization } = request.headers;
        const shorter = authorization
          ? withHeaders(request, { authorization: authorization.slice(0, -length) })
          : { ...request, query: request.query.slice(0, -length) };
        expect(outcome(shorter, options)).toBe('mismatch');
      }
    });
  });
}

/** Another way to write the same bytes (`%2f` and `%2F`, `+` and `%20`), which the canonical form means to allow. */
function sameMeaning(a: HttpRequest, b: HttpRequest): boolean {
  const flat = (text: string) =>
    text
      .replaceAll('+', ' ')
      .replace(/%[0-9a-fA-F]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  const sorted = (query: string) =>
    query
      .split('&')
      .filter((part) => part !== '')
      .map((part) => flat(part.includes('=') ? part : `${part}=`))
      .sort()
      .join('&');
  const spaced = (text = '') => text.replaceAll(/[ ,]+/g, ' ');
  return (
    a.method === b.method &&
    (a.path === b.path || (b.path.startsWith('/b/..') && flat(a.path) === flat(b.path))) &&
    sorted(a.query) === sorted(b.query) &&
    Object.keys(b.headers).every((name) => spaced(a.headers[name]) === spaced(b.headers[name]))
  );
}

describe('bodies', () => {
  it('are covered everywhere but in S3, whatever x-amz-content-sha256 says', () => {
    const { request } = forms.header as { request: HttpRequest };
    expect(outcome(request, { body: Buffer.from('Action=DeleteUser') })).toBe('mismatch');
    expect(outcome(request, {})).toBe('mismatch');
    const claimed = sign(withHeaders(post, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }), credentials, {
      ...to('iam'),
      payload: 'UNSIGNED-PAYLOAD',
    });
    expect(outcome(claimed, { body })).toBe('mismatch');
  });
});

describe('transplants', () => {
  const first = sign(httpRequest({ path: '/a' }), credentials, to('s3'));
  it('of a signature to another request, key, day, region or service are refused', () => {
    const other = sign(httpRequest({ path: '/b' }), credentials, to('s3'));
    expect(outcome(withHeaders(other, { authorization: first.headers.authorization }))).toBe('mismatch');
    const swap = (from: string, into: string) =>
      outcome(withHeaders(first, { authorization: first.headers.authorization?.replace(from, into) }));
    expect(swap(credentials.accessKeyId, 'AKIAOTHER')).toBe('mismatch');
    expect(swap('us-east-1', 'us-west-2')).toBe('mismatch');
    expect(swap('20261120', '20261119')).toBe('scope-date');
    expect(swap('/s3/', '/iam/')).toBe('mismatch');
  });

  it('from the header into the query and back are refused', () => {
    const claim = first.headers.authorization ?? '';
    const signature = claim.slice(-64);
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credentials.accessKeyId}%2F20261120%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261120T093005Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;
    expect(outcome(httpRequest({ path: '/a', query }))).toBe('mismatch');
  });
});

describe('time', () => {
  const header = sign(post, credentials, { ...to('iam'), body });
  const link = presign(httpRequest({}), credentials, { ...to('s3'), expires: 3600 });
  it('lets header signatures live for the skew, to the second', () => {
    const at = (ms: number, skewMs?: number) =>
      outcome(header, { body, now: time + ms, ...(skewMs ? { skewMs } : {}) });
    expect(at(15 * minute)).toBe('verified');
    expect(at(15 * minute + 1)).toBe('too-old');
    expect(at(-15 * minute)).toBe('verified');
    expect(at(-15 * minute - 1)).toBe('too-early');
    expect(at(6 * minute, skewOf('kms'))).toBe('too-old');
    expect(at(5 * minute, skewOf('kms'))).toBe('verified');
  });
  it('knows which services are strict', () => {
    expect(['kms', 'lambda', 'route53', 'monitoring'].map(skewOf)).toEqual([300_000, 300_000, 300_000, 300_000]);
    expect(['iam', 'sts', 's3', 'sqs', 'dynamodb'].map(skewOf)).toEqual([900_000, 900_000, 900_000, 900_000, 900_000]);
  });
  it('lets presigned requests live until their end', () => {
    expect(outcome(link, { now: time + 3600_000 })).toBe('verified');
    expect(outcome(link, { now: time + 3600_001 })).toBe('presigned-expired');
    expect(outcome(link, { now: time - 16 * minute })).toBe('presigned-early');
    expect(outcome({ ...link, query: link.query.replace('3600', '7200') }, { now: time + 3700_000 })).toBe('mismatch');
  });
});

describe('paths', () => {
  it('that are not normal are refused outside S3, since dispatch and signature could differ', () => {
    for (const path of ['/a/../b', '//b', '/./b', '/b/..', '/b//']) {
      const request = sign(httpRequest({ path }), credentials, to('account'));
      expect(outcome(request)).toBe('path');
      expect(outcome(request, { paths: 'normalize' })).toBe('verified');
    }
  });
  it('are key bytes in S3: nothing is normalised, and other keys do not verify', () => {
    for (const path of [
      '/b/a//b',
      '/b/../x',
      '/b/./x',
      '/b/a%2Fb',
      '/b/a+b',
      '/b/%F0%9F%8C%8D',
      '/b/a%zz',
      `/b/${'k'.repeat(1024)}`,
    ]) {
      const request = sign(httpRequest({ path }), credentials, to('s3'));
      expect(outcome(request)).toBe('verified');
      expect(outcome({ ...request, path: `${path}x` })).toBe('mismatch');
    }
    const spaced = sign(httpRequest({ path: '/b/a%20b' }), credentials, to('s3'));
    expect(outcome({ ...spaced, path: '/b/a+b' })).toBe('mismatch');
    const doubled = sign(httpRequest({ path: '/b/a//b' }), credentials, to('s3'));
    expect(outcome({ ...doubled, path: '/b/a/b' })).toBe('mismatch');
  });
});

it('hashes header values as the bytes they are', () => {
  const latin = httpRequest({
    method: 'PUT',
    path: '/b/k',
    headers: { 'x-amz-meta-name': Buffer.from('café\u00a0 x', 'utf8').toString('latin1') },
  });
  const request = sign(latin, credentials, { ...to('s3'), body });
  expect(outcome(request)).toBe('verified');
  expect(outcome(withHeaders(request, { 'x-amz-meta-name': 'caf\u00e9\u00a0 x' }))).toBe('mismatch');
});
