/** Policies of browser uploads: grammar, conditions, the old form that boto makes, and what must be covered. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readPostClaim } from './post-claim.ts';
import { readPostPolicy } from './post-document.ts';
import { verifyPostPolicy } from './post-policy.ts';
import { SignatureRefusal } from './refusal.ts';
import { credentials, time } from './requests.fixture.ts';

const later = '2026-11-21T00:00:00.000Z';
const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64');

/** A form in the old way, signed here. */
function form(conditions: unknown[], fields: Record<string, string> = {}, expiration = later): Map<string, string> {
  const policy = encode({ expiration, conditions: [{ bucket: 'b' }, ['starts-with', '$key', 'up/'], ...conditions] });
  const signature = createHmac('sha1', credentials.secret).update(policy).digest('base64');
  return new Map(
    Object.entries({ key: 'up/a', awsaccesskeyid: credentials.accessKeyId, policy, signature, ...fields }),
  );
}

function outcome(
  fields: Map<string, string>,
  options: { key?: string; size?: number; bucket?: string; secret?: string } = {},
): string {
  try {
    const claim = readPostClaim(fields);
    if (!claim) return 'anonymous';
    const secret = { secret: options.secret ?? credentials.secret };
    const { least, most } = verifyPostPolicy(claim, fields, secret, {
      now: time,
      wallClock: time,
      bucket: 'b',
      key: 'up/a',
      ...options,
    });
    return `${least}-${most}`;
  } catch (error) {
    if (error instanceof SignatureRefusal) return error.reason;
    throw error;
  }
}

describe('the old form', () => {
  it('verifies, and no change of it does', () => {
    expect(outcome(form([]))).toBe('0-Infinity');
    expect(outcome(form([]), { secret: 'x' })).toBe('mismatch');
    const good = form([]);
    expect(outcome(new Map([...good, ['policy', `${good.get('policy')}=`]]))).toBe('mismatch');
    expect(outcome(new Map([...good, ['signature', `${good.get('signature')}x`]]))).toBe('mismatch');
    expect(outcome(new Map([...good, ['signature', '']]))).toBe('post-malformed');
    expect(outcome(new Map([...good, ['x-amz-signature', 'f'.repeat(64)]]))).toBe('two-signatures');
    expect(outcome(form([], {}, '2026-11-20T09:30:05.000Z'))).toBe('post-expired');
  });
});

describe('conditions', () => {
  it('hold for bucket and key', () => {
    expect(outcome(form([]), { key: 'down/a' })).toBe('post-condition');
    expect(outcome(form([]), { bucket: 'c' })).toBe('post-condition');
  });
  it('are exact, or by prefix, without regard to the case of names', () => {
    expect(outcome(form([{ ACL: 'private' }], { acl: 'private' }))).toBe('0-Infinity');
    expect(outcome(form([{ acl: 'private' }], { acl: 'Private' }))).toBe('post-condition');
    expect(outcome(form([{ acl: 'private' }]))).toBe('post-condition');
    expect(outcome(form([['eq', '$x-amz-meta-a', '1']], { 'x-amz-meta-a': '1' }))).toBe('0-Infinity');
    expect(outcome(form([['starts-with', '$x-amz-meta-a', '']], { 'x-amz-meta-a': 'anything' }))).toBe('0-Infinity');
    expect(outcome(form([['starts-with', '$Content-Type', 'image/']], { 'content-type': 'image/a,image/b' }))).toBe(
      '0-Infinity',
    );
    expect(outcome(form([['starts-with', '$Content-Type', 'image/']], { 'content-type': 'image/a,text/b' }))).toBe(
      'post-condition',
    );
  });
  it('must all hold, where a field has several', () => {
    expect(outcome(form([{ acl: 'private' }, { acl: 'public-read' }], { acl: 'private' }))).toBe('post-condition');
    expect(
      outcome(
        form([
          ['content-length-range', 1, 9],
          ['content-length-range', 5, 20],
        ]),
      ),
    ).toBe('5-9');
  });
  it('limit the size, ends included', () => {
    const range = form([['content-length-range', 1, 9]]);
    expect([0, 1, 9, 10].map((size) => outcome(range, { size }))).toEqual([
      'post-too-small',
      '1-9',
      '1-9',
      'post-too-large',
    ]);
  });
  it('must cover every field but the few that AWS lists', () => {
    expect(outcome(form([], { 'x-amz-meta-a': '1' }))).toBe('post-condition');
    expect(outcome(form([], { 'x-amz-security-token': 't' }))).toBe('post-condition');
    expect(outcome(form([], { 'x-ignore-a': '1', file: 'x' }))).toBe('0-Infinity');
  });
  it('must name the bucket', () => {
    const policy = encode({ expiration: later, conditions: [['starts-with', '$key', '']] });
    const signature = createHmac('sha1', credentials.secret).update(policy).digest('base64');
    expect(outcome(new Map([...form([]), ['policy', policy], ['signature', signature]]))).toBe('post-condition');
  });
});

it('reads no other documents', () => {
  const refused: unknown[] = [
    [],
    'x',
    1,
    null,
    {},
    { expiration: later },
    { conditions: [] },
    { expiration: 'tomorrow', conditions: [] },
    { expiration: '2026-13-01T00:00:00Z', conditions: [] },
    { expiration: 5, conditions: [] },
    ...[
      1,
      'x',
      null,
      [],
      ['eq', '$a'],
      ['eq', 'a', 'b'],
      ['like', '$a', 'b'],
      ['eq', '$a', 1],
      { a: 1 },
      ['content-length-range', 'x', 1],
      ['content-length-range', -1, 1],
    ].map((condition) => ({ expiration: later, conditions: [condition] })),
    { expiration: later, conditions: Array.from({ length: 201 }, () => ({ a: 'b' })) },
    { expiration: later, conditions: [{ a: 'x'.repeat(30_000) }] },
  ];
  for (const document of refused)
    expect(() => readPostPolicy(encode(document)), JSON.stringify(document).slice(0, 80)).toThrow(SignatureRefusal);
  expect(() => readPostPolicy('e30=!')).toThrow(SignatureRefusal);
  expect(() => readPostPolicy(Buffer.from('{"a":').toString('base64'))).toThrow(SignatureRefusal);
  const { conditions } = readPostPolicy(
    encode({ expiration: '2026-11-21T00:00:00Z', conditions: [JSON.parse('{"__proto__":"x"}')] }),
  );
  expect(conditions).toMatchObject([{ kind: 'eq', field: '__proto__', value: 'x' }]);
});
