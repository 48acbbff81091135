/** Ordinary traffic of our own making, in great variety: the default groups let it pass. Failures print the seed. */
import { describe, expect, it } from 'vitest';
import { inspect } from '../inspect.ts';
import type { HttpRequest } from '../request.ts';
import { createWafState } from '../state.ts';
import { webAclOf } from './managed.fixture.ts';

const groups = ['Common', 'KnownBadInputs', 'SQLi', 'Linux', 'Unix', 'Windows', 'PHP', 'WordPress'].map(
  (name) => `AWSManagedRules${name}RuleSet`,
);
const webAcl = webAclOf(groups);

const seed = Number(process.env.SEED ?? 20_261_127);
let state = seed;
const random = (): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return state / 0x7fffffff;
};
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const number = (most: number): number => Math.floor(random() * most);
const letters = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[number(alphabet.length)]!).join('');
const base64Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const people = [
  "O'Brien",
  "D'Angelo",
  'Anne-Marie',
  "Mary O'Neill-Smith",
  'Müller',
  'Jean-Luc',
  '李雷',
  'Ørsted',
  'van der Berg',
  "N'Golo",
  'Smith & Sons',
  'Null',
  'Drop Tables Inc.',
  'And Or',
  'Ali (junior)',
  'Dr. Script',
];
const sentences = [
  'Please select a plan from the list and update your profile.',
  'I would like to drop the table lamp off at your union office.',
  'Where is my order? It was to be delivered by 5 or 6 pm, and it is 7.',
  "It's the customer's choice -- we can't decide for them.",
  'Delete the old version from the drive; insert the new one into slot 3.',
  'Our group by the lake is having fun (all 12 of us).',
  'Can you confirm the alert (I got 3) and prompt them to answer?',
  'The script of the play: "To be, or not to be".',
  'Exec summary: sales are up 10% & costs down 5%.',
  'Use the shell command `ls -la`, then `cd src`, please.',
  'He said "1 = 1 is true" and left.',
  'Set the alarm; cut the grass; sort the mail; kill the lights.',
  'Union members select their chair from among 5 candidates.',
  'See https://shop.example/help?topic=returns&lang=en for details.',
  'Meet at 10:30 -- bring your laptop; the room is A/B.',
  'Contact: anna@example.org or +1 (555) 010-9999',
  'Price < 100 and rating > 4, or free.',
  'The <b>new</b> offer is <i>great</i>!',
  'C:\\Users\\anna\\report.docx is on the desktop',
  'The cat and the dog; who knows?',
  '50% off: 2 for 1 -- only today!!!',
  'Create an account or log in as a user with a role.',
  'if (you like it) { tell a friend }',
  'Order #4521 - item(s): 3; total=$45.90',
  'Executing the plan takes time, while waiting for approval is dull',
  'I think, therefore I am; and/or not.',
];
const snippets = [
  'function add(a, b) {\n  return a + b;\n}',
  'const items = list.filter((x) => x.price > 10 && x.stock);',
  'for (let i = 0; i < 10; i++) { console.log(i); }',
  'def greet(name):\n    print(f"Hello, {name}")\n    return name',
  'import React from "react";\nexport default () => <div className="a">Hi</div>;',
  'public static void main(String[] args) { System.out.println("Hi"); }',
  '#include <stdio.h>\nint main() { printf("hi\\n"); return 0; }',
  'SELECT',
  'body { color: #333; background: url("/bg.png") no-repeat; }',
  'let total = 0; items.forEach(i => { total += i.price * i.count; });',
  "const app = require('express')(); app.get('/', (req, res) => res.send('ok'));",
  'type User = { id: number; name: string | null };',
  'if err != nil { return fmt.Errorf("load: %w", err) }',
  'x = [i**2 for i in range(10) if i % 2 == 0]',
  '$total = $price * $count;',
  'var self = this; window.onload = init;',
  '{"compilerOptions": {"strict": true, "target": "es2022"}}',
  'docker run -p 8080:80 nginx',
  'class Cart:\n    def __init__(self, items=None):\n        super().__init__()\n        self.items = items or []',
  '/**\n * Loads an order\n * @returns {Promise<object>} the order\n */\nmodule.exports = { load, save };',
  'for (let at = 0; at < list.length; at++) total += list[at].price;',
  'this[kOptions] = { ...options }\nthis.#context = context',
  'if (!(month >= 1 && month <= 12)) throw new RangeError(`month ${month}`);',
  "const debug = require('debug')('shop:cart');",
  '#define MAX(a,b) do { (a) = (b); } while(0)',
];
const markdown = [
  '# Title\n\n- one\n- two\n\n[link](https://example.org/a?b=c&d=e) and `code`',
  '| a | b |\n|---|---|\n| 1 | 2 |',
  '> quote\n\n**bold** _it_ ~~gone~~\n\n---\n\n1. first\n2. second',
  '![image](../images/a.png) see [docs](../docs/index.md)',
  '```js\nconst a = 1;\n```\n\nThen run `npm test`.',
  '## Install\n\n```bash\nnpm install shop-client\n```\n\n- `id`: the order\n- `timeout` (default: `true`)',
  'Set `NODE_ENV`; `node` starts the server, `type` is a string, and `--dry-run` changes nothing.',
  'Credentials are read from `~/.aws/credentials` if the file exists.',
];
const searches = [
  'red shoes size 5 or 6',
  'how to select from a table in excel',
  'c++ vs c#',
  'best "gluten free" bread',
  'union jack flag',
  'order by mail',
  'what is a null value',
  'tables and chairs',
  'where to eat in rome',
  'script font',
  'alert system for home',
  'cast iron pan 10" lid',
  '24" monitor & stand',
  'iphone 12/13 case',
  "it's a wonderful life (1946)",
  '50% off',
  '1+1=2',
  'a-b-c',
  'what does && mean',
  '日本語 本',
];

const jwt = (): string =>
  `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: String(number(1e9)), name: pick(people), iat: number(2e9), scope: 'read write', roles: ['user', 'admin'] })).toString('base64url')}.${letters(`${base64Letters}-_`, 43)}`;
const cookie = (): string =>
  `session=${letters(base64Letters, 32)}; prefs=${Buffer.from(JSON.stringify({ theme: pick(['dark', 'light']), name: pick(people), seen: [1, 2, 3] })).toString('base64')}; token=${jwt()}; _ga=GA1.2.${number(1e9)}.${number(1e9)}; consent={"ads":false,"at":${number(1e9)}}; last=${encodeURIComponent(pick(sentences))}`;

const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0',
  'okhttp/4.12.0',
  'ShopApp/3.2 (Android 14; Pixel 8; en_US)',
  'python-requests/2.32.3',
  'PostmanRuntime/7.42.0',
  'Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)',
];

function request(
  method: string,
  path: string,
  query: string,
  type: string | undefined,
  body: string,
  extra: readonly (readonly [string, string])[] = [],
): HttpRequest {
  const bytes = Buffer.from(body, 'utf8');
  return {
    method,
    path,
    query,
    version: 'HTTP/1.1',
    headers: [
      ['Host', 'shop.example'],
      ['User-Agent', pick(agents)],
      ['Accept', '*/*'],
      ['Accept-Language', 'en-GB,en;q=0.9,de;q=0.8'],
      ['Referer', `https://shop.example/search?q=${encodeURIComponent(pick(searches))}`],
      ['Sec-Ch-Ua', '"Not.A/Brand";v="8", "Chromium";v="131"'],
      ['Cookie', cookie()],
      ...(type === undefined ? [] : [['Content-Type', type] as const]),
      ...extra,
    ],
    body: bytes,
    bodySize: bytes.length,
    source: { ip: '198.51.100.7' },
    isSecure: true,
    host: 'shop.example',
  };
}

const encoded = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%20', '+')}`)
    .join('&');
const text = (): string =>
  pick([
    pick(sentences),
    `${pick(sentences)} ${pick(sentences)}`,
    pick(snippets),
    pick(markdown),
    `${pick(people)}: ${pick(sentences)}`,
  ]);

const families: Readonly<Record<string, () => HttpRequest>> = {
  pages: () =>
    request(
      'GET',
      pick([
        '/',
        '/products/42/red-shoes',
        '/blog/2026/11/how-to-select-a-plan',
        '/a/b/c.html',
        '/assets/app.3f2a1b.js',
        '/.well-known/openid-configuration',
        '/users/anna.smith@example.org/edit',
        '/search/select%20a%20plan',
        '/wiki/C%2B%2B_(language)',
      ]),
      '',
      undefined,
      '',
    ),
  searches: () =>
    request(
      'GET',
      '/search',
      encoded({ q: pick(searches), page: String(number(20)), sort: pick(['price_asc', 'name', '-date']) }),
      undefined,
      '',
    ),
  'addresses in arguments': () =>
    request(
      'GET',
      '/login',
      encoded({
        redirect_uri: pick([
          'https://app.example/callback?code=1&state=x',
          'http://localhost:3000/cb',
          '/account?tab=orders',
        ]),
        next: '/a/../b',
        utm_source: 'mail&more',
        state: letters(base64Letters, 24),
      }),
      undefined,
      '',
    ),
  'filters in arguments': () =>
    request(
      'GET',
      '/api/items',
      encoded({
        $filter: "Price gt 20 and Name eq 'Milk'",
        $orderby: 'name desc',
        'filter[price][gte]': '10',
        fields: 'id,name,price(min,max)',
        jql: 'project = SHOP AND status = Open',
        q: 'title:"red shoes" AND (size:5 OR size:6)',
      }),
      undefined,
      '',
    ),
  forms: () =>
    request(
      'POST',
      '/contact',
      '',
      'application/x-www-form-urlencoded',
      encoded({ name: pick(people), email: 'anna+news@example.org', message: text(), agree: 'on' }),
    ),
  json: () =>
    request(
      'POST',
      '/api/orders',
      '',
      'application/json',
      JSON.stringify({
        customer: { name: pick(people), note: text() },
        items: [{ sku: `A-${number(999)}`, price: 12.5, tags: ['new', 'sale'] }],
        coupon: null,
        html: '<p>Thanks &amp; bye</p>',
        url: 'https://img.example/a.png?w=100&h=200',
        id: letters('0123456789abcdef', 24),
      }),
    ),
  graphql: () =>
    request(
      'POST',
      '/graphql',
      '',
      'application/json',
      JSON.stringify({
        operationName: 'Items',
        query:
          'query Items($first: Int!, $where: ItemFilter) {\n  items(first: $first, where: $where) {\n    edges { node { id name ... on Shoe { size } __typename } }\n  }\n}',
        variables: { first: 10, where: { name: { contains: pick(searches) }, or: [{ price: { gt: 5 } }] } },
      }),
    ),
  uploads: () =>
    request(
      'POST',
      '/upload',
      '',
      'multipart/form-data; boundary=----WebKitFormBoundaryAbC123',
      `------WebKitFormBoundaryAbC123\r\nContent-Disposition: form-data; name="title"\r\n\r\n${pick(sentences)}\r\n------WebKitFormBoundaryAbC123\r\nContent-Disposition: form-data; name="file"; filename="${pick(['report (final).pdf', "anna's photo.jpg", 'notes v1.2.txt', 'data.csv', 'archive.tar.gz'])}"\r\nContent-Type: ${pick(['image/png', 'application/pdf', 'text/csv'])}\r\n\r\n${Array.from({ length: 400 }, () => String.fromCharCode(number(256))).join('')}\r\n------WebKitFormBoundaryAbC123--\r\n`,
    ),
  'encoded values': () =>
    request(
      'GET',
      '/track',
      encoded({
        data: Buffer.from(
          JSON.stringify({ event: 'click', text: pick(sentences), url: 'https://shop.example/?a=b&c=d' }),
        ).toString('base64'),
        token: jwt(),
        h: letters('0123456789abcdef', 64),
        d: letters(`${base64Letters}+/`, 88),
      }),
      undefined,
      '',
      [['Authorization', `Bearer ${jwt()}`]],
    ),
  analytics: () =>
    request(
      'POST',
      '/collect',
      `v=2&dl=${encodeURIComponent('https://shop.example/p?x=1&y=2#top')}`,
      'text/plain;charset=UTF-8',
      JSON.stringify([
        {
          event: 'view',
          props: {
            $set: { plan: 'pro' },
            path: 'html>body>div.main>a[href="#"]',
            message: "TypeError: Cannot read properties of undefined (reading 'map')",
            stack: 'at Object.render (https://shop.example/app.js:1:2345)\n    at t (https://shop.example/app.js:9:12)',
          },
        },
      ]),
    ),
  xml: () =>
    request(
      'POST',
      '/soap',
      '',
      'text/xml; charset=utf-8',
      `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Order id="4"><Name>${pick(people).replaceAll('&', '&amp;')}</Name><Note>${pick(sentences).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</Note></Order></s:Body></s:Envelope>`,
    ),
  patches: () =>
    request(
      'PATCH',
      '/api/docs/7',
      '',
      'application/merge-patch+json',
      JSON.stringify({ body: `${pick(markdown)}\n\n${text()}`, version: number(99) }),
    ),
};

describe('ordinary requests of our own', () => {
  const waf = createWafState();
  for (const [name, make] of Object.entries(families)) {
    it(`M-193 ${name} pass the default groups`, () => {
      const blocked: string[] = [];
      const count = 250;
      for (let index = 0; index < count; index++) {
        const made = make();
        const verdict = inspect(webAcl, made, waf, 0);
        if (verdict.action === 'ALLOW') continue;
        const rule = verdict.ruleGroupList.find((group) => group.terminatingRule)?.terminatingRule;
        blocked.push(
          `${rule?.ruleId}: ${rule?.ruleMatchDetails[0]?.evidence?.reason} ${JSON.stringify(rule?.ruleMatchDetails[0]?.matchedData[0])}`,
        );
      }
      expect([...new Set(blocked)], `seed ${seed}`).toEqual([]);
    });
  }
});
