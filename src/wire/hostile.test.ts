/** Bad input: deep, huge, repeated and crooked bodies end in a modelled error, in bounded time. */
import { describe, expect, it } from 'vitest';
import { decode, identify, needsBody, WireFault } from './index.ts';
import { httpRequest } from './loopback.fixture.ts';
import { sources } from './sources.fixture.ts';

/** Generous for a busy machine; an unbounded reader takes minutes or dies. */
const PATIENCE_MS = 2000;

async function refused(
  target: { method?: string; path?: string; headers: Record<string, string>; body: string | Uint8Array; as: string },
  codes: readonly string[],
): Promise<void> {
  const made = httpRequest(target.method ?? 'POST', target.path ?? '/', target.headers, target.body);
  const hints = { signingName: target.as };
  const start = performance.now();
  const thrown = await (async () => {
    const identified = await identify(
      made.request,
      sources,
      hints,
      needsBody(made.request, hints) ? made.body : undefined,
    );
    return decode(identified, made.request, made.body);
  })().catch((error: unknown) => error);
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
  expect(thrown).toBeInstanceOf(WireFault);
  expect(codes).toContain((thrown as WireFault).code);
  expect((thrown as WireFault).status).toBeGreaterThanOrEqual(400);
  expect((thrown as WireFault).message.length).toBeLessThan(4096);
}

const json = (operation: string) => ({
  'x-amz-target': operation,
  'content-type': 'application/x-amz-json-1.1',
});
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const cbor = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
const metrics = '/service/GraniteServiceVersion20100801/operation/PutMetricData';
const MEGA = 1024 * 1024;

describe('wire trap: hostile JSON', () => {
  const encrypt = json('TrentService.Encrypt');
  it.each([
    ['deep lists', `${'['.repeat(4 * MEGA)}`],
    ['deep lists, closed', `${'['.repeat(MEGA)}${']'.repeat(MEGA)}`],
    ['deep structures in an unknown member', `{"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`],
    ['deep within a known member', `{"KeyId":${'['.repeat(200)}${']'.repeat(200)},"Plaintext":"AA=="}`],
    ['many values', `{"KeyId":"k","Plaintext":"AA==","GrantTokens":[${'"a",'.repeat(200_000)}"a"]}`],
    [
      'many keys',
      `{"KeyId":"k","Plaintext":"AA==","EncryptionContext":{${Array.from({ length: 120_000 }, (_, i) => `"${i}":"a"`)}}}`,
    ],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a lone surrogate in a number', '{"KeyId":1e999999}'],
    ['a trailing byte', '{} x'],
  ])('%s', async (_, body) => {
    await refused({ headers: encrypt, body, as: 'kms' }, ['SerializationException']);
  });
});

describe('wire trap: hostile forms', () => {
  it.each([
    ['deep names', `Action=CreateUser&UserName=u&${'a.'.repeat(100_000)}=1`],
    [
      'many parameters',
      `Action=CreateUser&UserName=u&${Array.from({ length: 50_000 }, (_, i) => `a${i}=1`).join('&')}`,
    ],
    ['broken escapes', 'Action=CreateUser&UserName=%zz'],
    ['broken UTF-8', 'Action=CreateUser&UserName=%ff%fe'],
    ['a parameter twice', 'Action=CreateUser&UserName=a&UserName=b'],
    ['a huge index', 'Action=CreateUser&UserName=a&Tags.member.99999999999999999999.Key=a'],
    ['a negative index', 'Action=CreateUser&UserName=a&Tags.member.-1.Key=a'],
    ['a huge number', `Action=ListUsers&MaxItems=${'9'.repeat(MEGA)}`],
    ['a prototype', 'Action=__proto__'],
    ['a constructor', 'Action=constructor'],
  ])('%s', async (_, body) => {
    await refused({ headers: form, body, as: 'iam' }, ['MalformedInput', 'MalformedQueryString', 'InvalidAction']);
  });
});

describe('wire trap: hostile XML', () => {
  const billion = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i} "&a;&a;&a;&a;&a;">`).join('')}]><Tagging>&a19;</Tagging>`;
  it.each([
    ['entity bombs', billion],
    [
      'external entities',
      '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><Tagging><TagSet>&x;</TagSet></Tagging>',
    ],
    ['deep elements', '<Tagging>'.repeat(MEGA)],
    ['deep elements, closed', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
    ['many elements', `<Tagging>${'<a/>'.repeat(300_000)}</Tagging>`],
    ['many attributes', `<Tagging ${Array.from({ length: 50_000 }, (_, i) => `a${i}="x"`).join(' ')}/>`],
    ['an attribute twice', '<Tagging a="1" a="2"/>'],
    ['an unclosed tag', '<Tagging'],
    ['an unclosed comment', `<Tagging><!--${'-'.repeat(MEGA)}`],
    ['unclosed comments in a row', '<!--'.repeat(200_000)],
    ['unclosed CDATA', '<Tagging><![CDATA[xx'],
    ['a null character reference', '<Tagging><TagSet>&#0;</TagSet></Tagging>'],
    ['a surrogate reference', '<Tagging><TagSet>&#xD800;</TagSet></Tagging>'],
    ['ampersands alone', `<Tagging>${'&'.repeat(100_000)}</Tagging>`],
    ['spaces in a tag', `<Tagging ${' '.repeat(MEGA)}`],
    ['names without end', `<${'a'.repeat(MEGA)}`],
    ['invalid UTF-8', new Uint8Array([0x3c, 0x61, 0xff, 0x2f, 0x3e])],
  ])('%s', async (_, body) => {
    await refused({ method: 'PUT', path: '/b?tagging', headers: {}, body, as: 's3' }, ['MalformedXML']);
  });
});

describe('wire trap: hostile CBOR', () => {
  const bytes = (...parts: (number | Uint8Array)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  it.each([
    ['deep lists', Buffer.alloc(MEGA, 0x81)],
    ['deep indefinite lists', Buffer.alloc(MEGA, 0x9f)],
    ['deep tags', Buffer.alloc(MEGA, 0xc6)],
    ['a length beyond the bytes', bytes(0x9b, Buffer.alloc(8, 0xff))],
    ['a text beyond the bytes', bytes(0x7b, Buffer.alloc(8, 0x7f))],
    ['a map with number keys', bytes(0xa1, 0x01, 0x01)],
    ['a break alone', bytes(0xff)],
    ['a break as a value', bytes(0xbf, 0x61, 0x61, 0xff)],
    ['an unfinished map', bytes(0xbf, 0x61)],
    ['a chunk of another kind', bytes(0x7f, 0x41, 0x61, 0xff)],
    ['reserved information', bytes(0x1c)],
    ['bytes after the end', bytes(0xa0, 0x00)],
    ['invalid UTF-8', bytes(0xa1, 0x61, 0xff, 0x01)],
    ['a time that is none', bytes(0xc1, 0x61, 0x61)],
    ['an unknown tag', bytes(0xd8, 0x64, 0x01)],
    ['a list at the root', bytes(0x80)],
    ['many values', bytes(0x9a, 0x00, 0x20, 0x00, 0x00, Buffer.alloc(2 * MEGA, 0x00))],
  ])('%s', async (_, body) => {
    await refused({ path: metrics, headers: cbor, body, as: 'monitoring' }, ['SerializationException']);
  });
});

it('answers a missing member even in an empty body', async () => {
  await refused({ path: metrics, headers: cbor, body: '', as: 'monitoring' }, ['ValidationException']);
  await refused({ headers: json('TrentService.Encrypt'), body: '', as: 'kms' }, ['ValidationException']);
});
