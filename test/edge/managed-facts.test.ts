/** What managed groups know of the world, at the edge: who a robot is, and which credentials were stolen. */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectorMaker } from '../../src/edge/inspection/web-acl.ts';
import { EdgeNode } from '../../src/edge/node.ts';
import type { WebAclSettings } from '../../src/edge/snapshot.ts';
import type { ManagedRuleGroupConfig } from '../../src/engines/waf/types.ts';
import { startInstance, testConfig } from '../support/instance.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  origin,
  snapshot,
  targetGroup,
  temporaryFolder,
  until,
} from './edge.fixture.ts';

const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/facts/1';
const google = '66.249.66.1';
const crawler = 'crawl-66-249-66-1.googlebot.com';
const folder = temporaryFolder();
let node: EdgeNode;
let target: Origin;
let port: number;

beforeAll(async () => {
  target = await origin(mirror);
  port = await freePort();
  const lookups = {
    reverse: async (address: string) => (address === google ? [crawler] : ['host.example']),
    addresses: async (name: string) => (name === crawler ? [google] : []),
  };
  node = new EdgeNode({
    now: Date.now,
    random: Math.random,
    reusesPorts: false,
    inspectorFor: inspectorMaker(lookups),
  });
});
afterAll(async () => {
  await node.close(0);
  await target.close();
  rmSync(folder, { recursive: true });
});

let revision = 0;
/** @param over of the node; the web ACL is another than before, but where that says so */
async function guard(
  name: string,
  configs: readonly ManagedRuleGroupConfig[],
  stolenCredentials?: string,
  { isSame = false, ...over }: { readonly isSame?: boolean; readonly filesVersion?: string } = {},
) {
  const visible = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'facts' };
  if (!isSame) revision += 1;
  const webAcl: WebAclSettings = {
    arn,
    name: 'facts',
    account: '111122223333',
    region: 'us-east-1',
    scope: 'REGIONAL',
    revision: String(revision),
    tokenKey: Buffer.alloc(32, 5).toString('base64'),
    inspectedBodyBytes: 8192,
    isLogged: true,
    definition: {
      webAcl: {
        Name: 'facts',
        ARN: arn,
        DefaultAction: { Allow: {} },
        VisibilityConfig: visible,
        Rules: [
          {
            Name: name,
            Priority: 1,
            Statement: {
              ManagedRuleGroupStatement: { VendorName: 'AWS', Name: name, ManagedRuleGroupConfigs: configs },
            },
            OverrideAction: { None: {} },
            VisibilityConfig: visible,
          },
        ],
      },
      ipSets: {},
      regexPatternSets: {},
      ruleGroups: {},
      vendorGroups: {},
    },
  };
  const made = snapshot({
    trustedProxies: ['127.0.0.1/32'],
    webAcls: [webAcl],
    loadBalancers: [loadBalancer([listener(port)], { webAcl: arn })],
    targetGroups: [targetGroup('web', [target.port])],
  });
  const own = { ...over, ...(stolenCredentials !== undefined && { stolenCredentials }) };
  await node.apply({ ...made, node: { ...made.node, ...own } });
  // What was told of other tests.
  node.report();
}

/** As a trusted proxy that speaks for somebody. */
function from(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const request = 'GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAccept: */*\r\n';
      const agent = 'User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\r\n\r\n';
      socket.write(`PROXY TCP4 ${address} 127.0.0.1 4711 ${port}\r\n${request}${agent}`);
    });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1])));
  });
}
const labels = () =>
  (node.report()?.inspected ?? []).map(({ verdict }) => verdict.labels.filter((label) => /verified$/.test(label)));

test('a robot passes once it has shown who it is, and an impostor never', async () => {
  await guard('AWSManagedRulesBotControlRuleSet', [
    { AWSManagedRulesBotControlRuleSet: { InspectionLevel: 'COMMON' } },
  ]);
  expect(await from(google)).toBe(403);
  expect(labels()).toEqual([['awswaf:managed:aws:bot-control:bot:unverified']]);
  await until(async () => (await from(google)) === 200);
  expect(labels().at(-1)).toEqual(['awswaf:managed:aws:bot-control:bot:verified']);
  for (let n = 0; n < 3; n++) expect(await from('198.51.100.7')).toBe(403);
  expect(labels().every(([label]) => label === 'awswaf:managed:aws:bot-control:bot:unverified')).toBe(true);
});

test('a login with stolen credentials is blocked, and they are told nowhere', async () => {
  const pairs = ['ann\0tulip-and-rose', 'bob\0secret'];
  const lines = pairs.map((pair) => createHash('sha256').update(pair).digest('hex')).sort();
  const file = join(folder, 'stolen');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const config: ManagedRuleGroupConfig = {
    AWSManagedRulesATPRuleSet: {
      LoginPath: '/login',
      RequestInspection: {
        PayloadType: 'FORM_ENCODED',
        UsernameField: { Identifier: 'user' },
        PasswordField: { Identifier: 'password' },
      },
    },
  };
  await guard('AWSManagedRulesATPRuleSet', [config], file);
  const login = (body: string) =>
    ask({
      port,
      path: '/login',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Mozilla/5.0' },
      body,
    }).then(({ status }) => status);
  const told: string[] = [];
  const status = async (body: string) => {
    const answer = await login(body);
    const report = node.report();
    told.push(...(report?.inspected ?? []).map(({ verdict }) => JSON.stringify(verdict)));
    return answer;
  };
  expect(await status('user=ann&password=tulip-and-rose')).toBe(403);
  expect(told.at(-1)).toContain('awswaf:managed:aws:atp:signal:credential_compromised');
  expect(await status('user=ann&password=another')).toBe(200);
  expect(await status('user=bob&password=tulip-and-rose')).toBe(200);
  expect(told.join()).not.toContain('tulip-and-rose');
  // The operator has another list, under another name or the same, and nobody has touched the web ACL.
  const isStolen = async (body: string) => (await status(body)) === 403;
  const write = (pair: string, to: string) => writeFileSync(to, `${createHash('sha256').update(pair).digest('hex')}\n`);
  write('eve\0apple', `${file}-2`);
  await guard('AWSManagedRulesATPRuleSet', [config], `${file}-2`, { isSame: true, filesVersion: '1' });
  expect([await isStolen('user=ann&password=tulip-and-rose'), await isStolen('user=eve&password=apple')]).toEqual([
    false,
    true,
  ]);
  rmSync(`${file}-2`);
  write('zoe\0pear', `${file}-2`);
  await guard('AWSManagedRulesATPRuleSet', [config], `${file}-2`, { isSame: true, filesVersion: '2' });
  expect([await isStolen('user=eve&password=apple'), await isStolen('user=zoe&password=pear')]).toEqual([false, true]);
  await guard('AWSManagedRulesATPRuleSet', [config]);
  expect(await status('user=ann&password=tulip-and-rose')).toBe(200);
});

test('an instance does not start with a file in which nothing would be found', async () => {
  const file = join(folder, 'plain');
  writeFileSync(file, 'ann:tulip-and-rose\n');
  const starting = startInstance({ ...testConfig, edge: { processes: 1, stolenCredentials: file } });
  const error = await starting.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.message).toMatch(/edge\.stolenCredentials: line 1 of .* is not 64 digits/);
  expect(error?.message).not.toContain('tulip');
});
