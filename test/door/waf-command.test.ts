/** `bailey waf` and `bailey explain` as commands: what they print, and how they end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminKeys, nobodyKeys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bailey } from '../support/process.ts';
import { httpRequest, verdict } from '../support/waf-requests.ts';
import { makeWebAcl, pathRule, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
const folder = mkdtempSync(join(tmpdir(), 'bailey-waf-'));
beforeAll(async () => {
  const reputation = join(folder, 'bad.txt');
  writeFileSync(reputation, '192.0.2.0/28\n');
  instance = await startInstance({ ...testConfig, edge: { addressLists: { reputation } } });
});
afterAll(async () => {
  await instance.stop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (keys = adminKeys) => ({
  AWS_ENDPOINT_URL: instance.endpoint,
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  AWS_REGION: 'eu-west-1',
});

test('what-if: a log against changed rules, in the web ACL’s own region', async () => {
  const { ARN } = await makeWebAcl(wafClient(instance));
  const { path, query, headers, method } = httpRequest();
  const line = (uri: string) =>
    JSON.stringify({
      timestamp: Date.now(),
      webaclId: ARN,
      action: verdict().action,
      httpRequest: {
        clientIp: '192.0.2.1',
        uri,
        args: query,
        httpMethod: method,
        headers: headers.map(([name, value]) => ({ name, value })),
        requestId: 'r',
      },
    });
  const log = join(folder, 'waf.log');
  writeFileSync(log, [line(path), line('/admin')].join('\n'));
  const definition = join(folder, 'changed.json');
  const rules = [pathRule('block', 0, '/admin')];
  const base64 = (_key: string, value: unknown) =>
    typeof value === 'object' && value !== null && (value as { type?: string }).type === 'Buffer'
      ? Buffer.from((value as { data: number[] }).data).toString('base64')
      : value;
  writeFileSync(definition, JSON.stringify({ Rules: rules }, base64));
  const answer = await bailey(['waf', 'what-if', ARN, definition, '--log', log], environment());
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.output).toContain('2 requests replayed.');
  expect(answer.output).toContain('ALLOW (Default_Action) → BLOCK (block)  GET shop.example/admin');
  const json = await bailey(['waf', 'what-if', ARN, definition, '--log', log, '--json'], environment());
  expect(JSON.parse(json.output)).toMatchObject({ replayed: 2, changes: { 'ALLOW → BLOCK': 1, 'ALLOW → ALLOW': 1 } });
  const long = join(folder, 'long.log.gz');
  writeFileSync(long, gzipSync(Array.from({ length: 4_000 }, (_, n) => line(`/admin/${n}`)).join('\n')));
  const newest = await bailey(['waf', 'what-if', ARN, definition, '--log', long, '--json'], environment());
  expect(JSON.parse(newest.output)).toMatchObject({ replayed: 2_000, changes: { 'ALLOW → BLOCK': 2_000 } });
  expect(newest.errors).toMatch(/of \d+ bytes the last \d+ are replayed/);
  const nobody = await bailey(['waf', 'what-if', ARN, definition], environment(nobodyKeys));
  expect(nobody.code).toBe(1);
  expect(nobody.errors).toContain('bailey:ReplayRequests');
  writeFileSync(definition, '{"Rules":[{}]}');
  const wrong = await bailey(['waf', 'what-if', ARN, definition], environment());
  expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('ValidationException')]);
});

test('what-if: the operator’s lists count, and what only traffic shows is named', async () => {
  const { ARN } = await makeWebAcl(wafClient(instance), { Name: 'lists' });
  const line = (clientIp: string) =>
    JSON.stringify({
      timestamp: Date.now(),
      webaclId: ARN,
      action: 'ALLOW',
      httpRequest: { clientIp, uri: '/', httpMethod: 'GET', headers: [], requestId: 'r' },
    });
  const log = join(folder, 'lists.log');
  writeFileSync(log, [line('192.0.2.1'), line('198.51.100.1')].join('\n'));
  const definition = join(folder, 'lists.json');
  const group = (Name: string, Priority: number, ManagedRuleGroupConfigs: readonly object[] = []) => ({
    Name,
    Priority,
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name, ManagedRuleGroupConfigs } },
    OverrideAction: { None: {} },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: Name },
  });
  const Challenge = { UsageOfAction: 'DISABLED' };
  const floods = [{ AWSManagedRulesAntiDDoSRuleSet: { ClientSideActionConfig: { Challenge } } }];
  const Rules = [group('AWSManagedRulesAmazonIpReputationList', 0), group('AWSManagedRulesAntiDDoSRuleSet', 1, floods)];
  writeFileSync(definition, JSON.stringify({ Rules }));
  const answer = await bailey(['waf', 'what-if', ARN, definition, '--log', log], environment());
  expect(answer.output).toContain('BLOCK (AWSManagedRulesAmazonIpReputationList/AWSManagedIPReputationList)');
  expect(answer.output).toContain('ALLOW, as before');
  expect(answer.output).toContain('Not known in a replay: whether a flood went on');
});

test('create-managed-rule-set makes a vendor', async () => {
  const args = ['waf', 'create-managed-rule-set', 'shield', '--vendor', 'Fence'];
  const made = await bailey(args, environment());
  expect(JSON.parse(made.output)).toMatchObject({
    ARN: expect.stringMatching(/^arn:aws:wafv2:eu-west-1:111122223333:regional\/managedruleset\/shield\//),
  });
  const twice = await bailey(args, environment());
  expect([twice.code, twice.errors]).toEqual([1, expect.stringContaining('WAFDuplicateItemException')]);
  expect((await bailey(['waf', 'create-managed-rule-set', 'x'], environment())).code).not.toBe(0);
});

test('explain of a request that no node reported', async () => {
  const answer = await bailey(['explain', '5b0f3c1e-6a0d-4e5e-9a55-5a7f3d1f0b11'], environment());
  expect([answer.code, answer.errors]).toEqual([1, expect.stringContaining('ResourceNotFoundException')]);
});
