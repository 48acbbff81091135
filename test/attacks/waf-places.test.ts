/** One payload in every place of a request where an application could read it: refused in each, and the target sees nothing. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask, raw } from '../edge/edge.fixture.ts';
import { type GuardedShop, managed, openGuardedShop } from './guarded-shop.ts';

let shop: GuardedShop;
beforeAll(async () => {
  shop = await openGuardedShop();
  await shop.guard([managed('AWSManagedRulesCommonRuleSet', 1), managed('AWSManagedRulesSQLiRuleSet', 2)]);
});
beforeEach(() => {
  shop.arrived.length = 0;
});
afterAll(() => shop.close());

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const coded = encodeURIComponent;
const form = (body: string | Buffer, more: object = {}): Sent => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...more },
  body,
});
const typed = (type: string, body: string | Buffer): Sent => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});
const part = (disposition: string, content: string): Sent =>
  typed(
    'multipart/form-data; boundary=x',
    `--x\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n--x--\r\n`,
  );

const places: Readonly<Record<string, (text: string) => Sent>> = {
  'an argument': (text) => ({ path: `/?id=${coded(text)}` }),
  'the name of an argument': (text) => ({ path: `/?${coded(text)}=1` }),
  'the second of two arguments': (text) => ({ path: `/?id=1&id=${coded(text)}` }),
  'an argument that is encoded twice': (text) => ({ path: `/?id=${coded(coded(text))}` }),
  'the path': (text) => ({ path: `/item/${coded(text)}` }),
  'a header': (text) => ({ headers: { 'x-item': text } }),
  'a cookie': (text) => ({ headers: { cookie: `theme=dark; id=${coded(text)}` } }),
  'a form': (text) => form(`a=1&id=${coded(text)}`),
  'a value of JSON': (text) => typed('application/json', JSON.stringify({ a: [{ id: text }] })),
  'a key of JSON': (text) => typed('application/json', JSON.stringify({ a: { [text]: 1 } })),
  'JSON in escapes': (text) =>
    typed(
      'application/json',
      `{"id":"${[...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`,
    ),
  'a part of a multipart form': (text) => part('name="id"', text),
  'the file name of a part': (text) => part(`name="f"; filename="${text}.png"`, 'z'),
  XML: (text) => typed('text/xml', `<order><id>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</id></order>`),
  'a body in gzip': (text) => form(gzipSync(`id=${coded(text)}`), { 'content-encoding': 'gzip' }),
  'a body in UTF-16': (text) =>
    typed('application/json; charset=utf-16', Buffer.from(JSON.stringify({ id: text }), 'utf16le')),
  'a body that does not say what it is': (text) => typed('text/plain', `a=1&id=${coded(text)}`),
};

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', host: 'shop.example' };
const statusOf = async ({ headers, ...sent }: Sent): Promise<number> =>
  (await ask({ port: shop.port, ...sent, headers: { ...browser, ...headers } })).status;

const attack = "1' UNION SELECT password FROM users--";

test.each(Object.keys(places))('WAF trap 1: M-194 the same payload in %s', async (name) => {
  const place = places[name] as (text: string) => Sent;
  expect(await statusOf(place(attack))).toBe(403);
  expect(shop.arrived).toEqual([]);
  // It is the payload that is refused, not the place.
  expect(await statusOf(place('two coffees from the select menu'))).toBe(200);
  expect(shop.arrived).toHaveLength(1);
});

test('WAF trap 1: M-194 the same payload in a body of chunks, and split by the boundaries of chunks', async () => {
  const body = `id=${coded(attack)}`;
  for (const size of [1, 2, 7, body.length]) {
    const chunks = body.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
    const lines = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
    const head = `POST / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: ${browser['user-agent']}\r\nTransfer-Encoding: chunked\r\n`;
    const type = 'Content-Type: application/x-www-form-urlencoded\r\n\r\n';
    expect(await raw(shop.port, `${head}${type}${lines}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
  }
  expect(shop.arrived).toEqual([]);
});

test('WAF trap 1: M-194 overlong UTF-8: a slash or a quote in two bytes is one', async () => {
  expect(await statusOf({ path: '/a/..%c0%af..%c0%af..%c0%afetc/passwd' })).toBe(403);
  expect(await statusOf({ path: '/?id=1%c0%a7%20or%20%c0%a71%c0%a7%3d%c0%a71' })).toBe(403);
  expect(await statusOf({ path: '/?q=%c0%bcscript%c0%bealert(1)%c0%bc/script%c0%be' })).toBe(403);
  expect(shop.arrived).toEqual([]);
});
