/** The AWS signing test suite: every case verifies in both forms, and no tampered copy of it does. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../types.ts';
import { readSignature } from './read.ts';
import { SignatureRefusal } from './refusal.ts';
import { verify } from './verify.ts';

const root = new URL('../../../../shared/corpora/sigv4/v4/', import.meta.url);
const present = existsSync(root);
if (!present) console.warn('SKIPPED: the signing suite is not at ../shared/corpora/sigv4');

/** Case and form → why it is refused here. */
const exceptions: Readonly<Record<string, string>> = {
  // Tokens that join the request after it was signed could be swapped on the way: they must be signed.
  'post-sts-header-after header': 'unsigned-headers',
  'post-sts-header-after query': 'mismatch',
};

interface Context {
  readonly credentials: { readonly access_key_id: string; readonly secret_access_key: string };
  readonly normalize: boolean;
  readonly service: string;
}

function parse(text: string): { request: HttpRequest; body: Uint8Array } {
  const blank = text.indexOf('\n\n');
  const head = blank < 0 ? text : text.slice(0, blank);
  const lines = head.split('\n');
  const first = lines[0] as string;
  const target = first.slice(first.indexOf(' ') + 1, first.lastIndexOf(' HTTP/1.1'));
  const headers: Record<string, string> = Object.create(null);
  const repeated: string[] = [];
  let name = '';
  for (const line of lines.slice(1)) {
    if (line.startsWith(' ')) {
      headers[name] += line;
      continue;
    }
    if (line === '') continue;
    name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(line.indexOf(':') + 1).trim();
    if (headers[name] === undefined) headers[name] = value;
    else {
      headers[name] += `,${value}`;
      repeated.push(name);
    }
  }
  const mark = target.indexOf('?');
  return {
    request: {
      method: first.slice(0, first.indexOf(' ')),
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? '' : target.slice(mark + 1),
      headers,
      repeated,
    },
    body: Buffer.from(blank < 0 ? '' : text.slice(blank + 2), 'latin1'),
  };
}

const now = Date.UTC(2015, 7, 30, 12, 36);

function outcome(request: HttpRequest, body: Uint8Array, context: Context): string {
  try {
    const claim = readSignature(request);
    if (!claim) return 'anonymous';
    const secret = { secret: context.credentials.secret_access_key };
    const paths = context.normalize ? 'normalize' : 'verbatim';
    verify(claim, request, secret, { service: context.service, now, body, paths });
    return 'verified';
  } catch (error) {
    if (error instanceof SignatureRefusal) return error.reason;
    throw error;
  }
}

describe.skipIf(!present)('the AWS signing suite', () => {
  const cases = present ? readdirSync(root) : [];

  it('has its 38 cases', () => expect(cases).toHaveLength(38));

  for (const name of cases) {
    const context = JSON.parse(readFileSync(new URL(`${name}/context.json`, root), 'utf8')) as Context;
    for (const form of ['header', 'query']) {
      const text = readFileSync(new URL(`${name}/${form}-signed-request.txt`, root), 'latin1');
      const expected = exceptions[`${name} ${form}`] ?? 'verified';
      it(`${name} ${form}: ${expected}`, () => {
        const { request, body } = parse(text);
        expect(outcome(request, body, context)).toBe(expected);
        if (expected !== 'verified') return;
        for (const copy of tampered(request)) expect(outcome(copy, body, context)).not.toBe('verified');
        expect(outcome(request, Buffer.from('another body'), context)).not.toBe('verified');
      });
    }
  }
});

function* tampered(request: HttpRequest): Generator<HttpRequest> {
  const headers = (changes: Record<string, string | undefined>): HttpRequest => ({
    ...request,
    headers: Object.assign(Object.create(null), request.headers, changes),
  });
  yield { ...request, method: request.method === 'GET' ? 'PUT' : 'GET' };
  yield { ...request, path: `${request.path}x` };
  yield { ...request, path: `/x${request.path}` };
  yield { ...request, query: `${request.query}&x=1` };
  yield headers({ host: 'example.amazonaws.co' });
  yield headers({ 'x-amz-target': 'IAM.CreateUser' });
  yield headers({ 'x-amz-security-token': 'another' });
  for (const region of ['us-east-2', 'us-east-1x']) {
    yield headers({ authorization: request.headers.authorization?.replace('us-east-1', region) ?? 'none' });
    if (request.query.includes('us-east-1')) yield { ...request, query: request.query.replace('us-east-1', region) };
  }
}
