/** Malformed, incomplete and doubled signatures: each is refused for a reason of its own, and nothing throws anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSignature } from './read.ts';
import { SignatureRefusal } from './refusal.ts';
import { credentials, httpRequest, outcome, time, withHeaders } from './requests.fixture.ts';
import { presign, sign } from './sign.ts';

const signed = sign(httpRequest({ method: 'POST' }), credentials, {
  region: 'us-east-1',
  service: 'iam',
  time,
  body: '',
});
const authorization = signed.headers.authorization as string;
const presigned = presign(httpRequest({ path: '/b/k' }), credentials, {
  region: 'us-east-1',
  service: 's3',
  time,
  expires: 60,
});

function refusal(request: Parameters<typeof readSignature>[0]): string {
  try {
    return readSignature(request) ? 'claim' : 'anonymous';
  } catch (error) {
    if (!(error instanceof SignatureRefusal)) throw error;
    return `${error.reason} ${error.facts.part ?? ''}`.trim();
  }
}

const header = (change: (text: string) => string) => withHeaders(signed, { authorization: change(authorization) });
const query = (change: (text: string) => string) => ({ ...presigned, query: change(presigned.query) });
const signature = authorization.slice(-64);

describe('the Authorization header', () => {
  const table: Record<string, [(text: string) => string, string]> = {
    'is empty': [() => '', 'unsupported'],
    'has an algorithm alone': [() => 'AWS4-HMAC-SHA256', 'malformed components'],
    'is of version 2': [() => 'AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=', 'unsupported'],
    'is basic authentication': [() => 'Basic YTpi', 'unsupported'],
    'is named after a property of objects': [() => 'constructor Credential=x', 'unsupported'],
    'has no signature': [(text) => text.replace(/, Signature=.*/, ''), 'malformed components'],
    'has no signed headers': [(text) => text.replace(/SignedHeaders=[^,]*, /, ''), 'malformed components'],
    'has two signatures': [(text) => `${text}, Signature=${signature}`, 'malformed repeated'],
    'has two credentials': [
      (text) => `${text}, Credential=AKIA/20261120/us-east-1/iam/aws4_request`,
      'malformed repeated',
    ],
    'has an unknown part': [(text) => `${text}, Extra=1`, 'malformed components'],
    'has a key without value': [(text) => `${text}, x`, 'malformed components'],
    'has a credential of four parts': [(text) => text.replace('/us-east-1', ''), 'malformed credential'],
    'has a credential of six parts': [(text) => text.replace('/us-east-1', '/us/east-1'), 'malformed credential'],
    'ends its scope in another word': [(text) => text.replace('aws4_request', 'aws5_request'), 'scope-terminator'],
    'has a date of letters': [(text) => text.replace('20261120', '2026112x'), 'malformed credential'],
    'has a region with a slash encoded': [(text) => text.replace('us-east-1', 'us%2Feast'), 'malformed credential'],
    'has an upper-case signature': [(text) => text.replace(signature, signature.toUpperCase()), 'mismatch'],
    'has a short signature': [(text) => text.slice(0, -1), 'mismatch'],
    'has a signature with a character more': [(text) => `${text}x`, 'mismatch'],
    'has a signature with a digit more': [(text) => `${text}0`, 'mismatch'],
    'leaves the host unsigned': [(text) => text.replace('host;', ''), 'unsigned-headers'],
    'names signed headers out of order': [
      (text) => text.replace('host;x-amz-date', 'x-amz-date;host'),
      'malformed signed-headers',
    ],
    'names a signed header twice': [(text) => text.replace('host;', 'host;host;'), 'malformed signed-headers'],
    'names signed headers in capitals': [(text) => text.replace('host;', 'Host;'), 'malformed signed-headers'],
    'names 101 signed headers': [
      (text) =>
        text.replace(
          'host;',
          `${Array.from({ length: 100 }, (_, i) => `a${String(i).padStart(3, '0')}`).join(';')};host;`,
        ),
      'malformed signed-headers',
    ],
    'has 10 MB': [(text) => text + ' '.repeat(10_000_000), 'malformed too-long'],
    'spells SigV4A for a SigV4 scope': [(text) => text.replace('HMAC', 'ECDSA-P256'), 'malformed credential'],
  };
  for (const [name, [change, expected]] of Object.entries(table)) {
    it(`refuses one that ${name}`, () => expect(refusal(header(change))).toBe(expected));
  }

  it('refuses dates that are none', () => {
    for (const date of [
      '',
      '20261120',
      '20261120T093005',
      '20261131T093005Z',
      '20261120T253005Z',
      '2026-11-20T09:30:05Z',
      '2026１120T09305Z',
    ]) {
      expect(refusal(withHeaders(signed, { 'x-amz-date': date }))).toBe('malformed date');
    }
    expect(refusal(withHeaders(signed, { 'x-amz-date': undefined }))).toBe('malformed date');
  });

  it('refuses headers that came twice', () => {
    for (const name of [
      'authorization',
      'host',
      'x-amz-date',
      'x-amz-security-token',
      'x-amz-content-sha256',
      'x-amz-target',
    ]) {
      expect(refusal({ ...signed, repeated: [name] })).toBe('malformed repeated');
    }
  });

  it('takes its parts in any order, with or without spaces', () => {
    const [credential, names, last] = authorization.slice('AWS4-HMAC-SHA256 '.length).split(', ');
    expect(outcome(header(() => `AWS4-HMAC-SHA256 ${last},${credential},${names}`))).toBe('verified');
  });

  it('takes a signed Date header in place of X-Amz-Date', () => {
    const date = 'Fri, 20 Nov 2026 09:30:05 GMT';
    const dated = sign(httpRequest({ headers: { date } }), credentials, {
      region: 'eu-west-1',
      service: 'iam',
      time,
      dateHeader: true,
    });
    expect(dated.headers['x-amz-date']).toBeUndefined();
    expect(outcome(dated)).toBe('verified');
    expect(outcome(withHeaders(dated, { date: 'Fri, 20 Nov 2026 09:30:06 GMT' }))).toBe('mismatch');
    const unsigned = sign(httpRequest({ headers: { date } }), credentials, {
      region: 'eu-west-1',
      service: 'iam',
      time,
      dateHeader: true,
      unsigned: ['date'],
    });
    expect(outcome(unsigned)).toBe('unsigned-headers');
  });
});

describe('a presigned query', () => {
  const table: Record<string, [(text: string) => string, string]> = {
    'has no algorithm': [(text) => text.replace(/X-Amz-Algorithm=[^&]*&/, ''), 'malformed components'],
    'has another algorithm': [(text) => text.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'), 'malformed algorithm'],
    'has no credential': [(text) => text.replace(/X-Amz-Credential=[^&]*&/, ''), 'malformed components'],
    'has no signature': [(text) => text.replace(/&X-Amz-Signature=.*/, ''), 'malformed components'],
    'has an empty signature': [(text) => text.replace(/(X-Amz-Signature=).*/, '$1'), 'malformed components'],
    'has no date': [(text) => text.replace(/X-Amz-Date=[^&]*&/, ''), 'malformed components'],
    'has no end': [(text) => text.replace(/X-Amz-Expires=[^&]*&/, ''), 'malformed components'],
    'lasts longer than a week': [(text) => text.replace('Expires=60', 'Expires=604801'), 'bad-expires'],
    'ends before it begins': [(text) => text.replace('Expires=60', 'Expires=-1'), 'bad-expires'],
    'ends at no number': [(text) => text.replace('Expires=60', 'Expires=1e3'), 'bad-expires'],
    'ends at a huge number': [(text) => text.replace('Expires=60', 'Expires=99999999999999999'), 'bad-expires'],
    'has an algorithm twice': [(text) => `${text}&X-Amz-Algorithm=AWS4-HMAC-SHA256`, 'malformed repeated'],
    'has an end twice': [(text) => `X-Amz-Expires=600000&${text}`, 'malformed repeated'],
    'has a signature twice, once encoded': [(text) => `${text}&X%2DAmz-Signature=00`, 'malformed repeated'],
    'spells the signature in lower case': [
      (text) => text.replace('X-Amz-Signature', 'x-amz-signature'),
      'malformed components',
    ],
    'has a signature with a character more': [(text) => `${text}x`, 'mismatch'],
    'has more than 1000 parameters': [(text) => `${'a&'.repeat(1000)}${text}`, 'malformed too-long'],
    'leaves the host unsigned': [
      (text) => text.replace('SignedHeaders=host', 'SignedHeaders=date'),
      'unsigned-headers',
    ],
  };
  for (const [name, [change, expected]] of Object.entries(table)) {
    it(`is refused if it ${name}`, () => expect(refusal(query(change))).toBe(expected));
  }

  it('is refused beside an Authorization header, of any kind', () => {
    expect(refusal(withHeaders(presigned, { authorization }))).toBe('two-signatures');
    expect(refusal(withHeaders(presigned, { authorization: 'Bearer x' }))).toBe('two-signatures');
    const old = httpRequest({ query: 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x&Expires=1' });
    expect(refusal(withHeaders(old, { authorization }))).toBe('two-signatures');
  });

  it('is refused with a token in the query and in a header', () => {
    const both = withHeaders(
      { ...presigned, query: `${presigned.query}&X-Amz-Security-Token=a` },
      { 'x-amz-security-token': 'a' },
    );
    expect(refusal(both)).toBe('malformed token');
  });
});

it('finds no signature where there is none', () => {
  expect(refusal(httpRequest({}))).toBe('anonymous');
  expect(refusal(httpRequest({ query: 'Signature=1&list-type=2&x-amz-acl=private' }))).toBe('anonymous');
});

it('refuses half of the old presigned form', () => {
  expect(refusal(httpRequest({ query: 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE' }))).toBe('malformed components');
  expect(refusal(httpRequest({ query: 'Signature=x&Expires=1' }))).toBe('malformed components');
  expect(refusal(httpRequest({ query: 'AWSAccessKeyId=AKIA&Signature=x&Expires=tomorrow' }))).toBe(
    'malformed components',
  );
});

it('answers any header and any query with a claim, nothing, or a refusal', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(authorization, presigned.query));
  const mixed = fc.tuple(text, fc.nat(300), text).map(([a, at, b]) => a.slice(0, at) + b + a.slice(at));
  fc.assert(
    fc.property(
      mixed,
      mixed,
      (a, b) => typeof refusal(withHeaders({ ...signed, query: b }, { authorization: a })) === 'string',
    ),
    {
      numRuns: 500,
    },
  );
  fc.assert(
    fc.property(mixed, (b) => typeof refusal(httpRequest({ query: b })) === 'string'),
    { numRuns: 500 },
  );
});
