import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const proxies = (line: string) => `keyStores:\n  proxies:\n    - endpoint: https://xks.example\n      ${line}\n`;
const store = (line: string) =>
  `xksProxy:\n  port: 0\n  stores:\n    - credentials: [{ id: ABCDEFGHIJKLMNOPQRST, secret: ${'s'.repeat(43)} }]\n      ${line}\n`;
const cluster = (id: string, module: string) =>
  `keyStores:\n  clusters:\n    - { id: ${id}, account: "111122223333", module: ${module}, token: main }\n`;

test.each([
  proxies('address: https://10.1.2.3:8443'),
  proxies('address: http://127.0.0.1:8080'),
  proxies('address: http://[::1]:8080'),
  proxies('ca: /etc/ssl/ca.pem'),
  proxies('vpcEndpointService: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0'),
  store('prefix: /tenant'),
  store('keys: [{ id: one.two_3, key: "arn:aws:kms:us-east-1:111122223333:alias/coffee/beans" }]'),
  store('keys: [{ id: one, key: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }]'),
  cluster('cluster-1a23b4cdefg', '/usr/lib/softhsm/libsofthsm2.so').replace('1a23', '2a23'),
])('%s', (text) => {
  expect(parseConfig(text, 'x.yaml')).toBeTypeOf('object');
});

test.each([
  // Plain HTTP leaves this machine nowhere.
  [proxies('address: http://10.1.2.3:8080'), 'address'],
  [proxies('address: http://localhost.example:8080'), 'address'],
  [proxies('address: https://user@host'), 'address'],
  [proxies('address: https://host/path'), 'address'],
  [proxies('address: ftp://127.0.0.1'), 'address'],
  [proxies('vpcEndpointService: mine'), 'vpcEndpointService'],
  ['keyStores: { proxies: [{ endpoint: "http://xks.example" }] }', 'endpoint'],
  ['keyStores: { proxies: [{ address: "https://host" }] }', 'lacks endpoint'],
  ['keyStores: { timeoutMs: 0 }', 'timeoutMs'],
  [store('prefix: tenant'), 'prefix'],
  [store('prefix: /tenant/'), 'prefix'],
  [store('keys: [{ id: "a/b", key: "arn:aws:kms:us-east-1:111122223333:key/x" }]'), 'keys[0].id'],
  [store('keys: [{ id: one, key: "1234abcd" }]'), 'keys[0].key'],
  [store('').replace('ABCDEFGHIJKLMNOPQRST', 'AKIA0189AKIA0189AKIA'), 'credentials[0].id'],
  [store('').replace('sss', ''), 'credentials[0].secret'],
  ['xksProxy: { port: 0 }', 'lacks stores'],
  [cluster('cluster-1', '/x.so'), 'id'],
  [cluster('cluster-aaaaaaaaaaa', 'x.so'), 'module'],
])('refuses %s', (text, member) => {
  expect(() => parseConfig(text, 'x.yaml')).toThrow(member);
});
