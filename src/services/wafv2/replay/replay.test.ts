/** What would change: replays of what nodes remember, and of a log, against a web ACL that is not saved. */
import { beforeEach, expect, test } from 'vitest';
import type { Bench } from '../../../../test/support/call.ts';
import { benchAcl, wafBench } from '../../../../test/support/waf-bench.ts';
import { visible } from '../../../../test/support/wafv2.ts';
import { logLine } from '../logging/line.ts';
import { Protection } from '../logging/protection.ts';
import type { WafPorts } from '../ports.ts';
import { webAcls } from '../state.ts';
import type { KnownFacts } from './facts.ts';
import { replay } from './replay.ts';
import { replayText } from './replay-text.ts';

let bench: Bench<WafPorts>;
beforeEach(() => {
  bench = wafBench();
});

const blocks = (text: string, Name = 'block') => ({
  Name,
  Priority: 0,
  Statement: {
    ByteMatchStatement: {
      SearchString: Buffer.from(text).toString('base64'),
      FieldToMatch: { UriPath: {} },
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      PositionalConstraint: 'STARTS_WITH',
    },
  },
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
});

const run = (webAclArn: string, definition: object, log?: string, facts: KnownFacts = {}) => {
  const { traffic, quotas } = bench.ports;
  const input = { webAclArn, definition: JSON.stringify(definition), ...(log !== undefined && { log }) };
  return replay(bench.call('ReplayRequests'), { traffic, quotas, facts }, input);
};

const managed = (Name: string, ManagedRuleGroupConfigs?: readonly object[]) => ({
  Name,
  Priority: 0,
  Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name, ManagedRuleGroupConfigs } },
  OverrideAction: { None: {} },
  VisibilityConfig: visible(Name),
});

test('what nodes remember: every change, with the rule that makes it, and nothing is saved', async () => {
  const acl = await benchAcl(bench);
  for (const path of ['/', '/admin', '/admin/x', '/shop']) acl.see({ path, query: '' });
  const found = await run(acl.arn, { Rules: [blocks('/admin')] });
  expect(found).toMatchObject({ replayed: 4, changes: { 'ALLOW → ALLOW': 2, 'ALLOW → BLOCK': 2 }, unfaithful: 0 });
  expect(found.differences.map(({ request, after }) => [request, after.action, after.rule])).toEqual([
    ['GET shop.example/admin', 'BLOCK', 'block'],
    ['GET shop.example/admin/x', 'BLOCK', 'block'],
  ]);
  expect(replayText(found)).toContain('ALLOW (Default_Action) → BLOCK (block)  GET shop.example/admin');
  const row = await bench.store.get(webAcls, '111122223333/us-east-1/REGIONAL', 'shop');
  expect(row?.rules).toEqual([]);
});

test('another rule with the same end is a difference too', async () => {
  const acl = await benchAcl(bench, { Rules: [blocks('/admin', 'old') as never] });
  acl.see({ path: '/admin' });
  const found = await run(acl.arn, { Rules: [blocks('/adm', 'new')] });
  expect(found.changes).toEqual({ 'BLOCK → BLOCK': 1 });
  expect(found.differences).toMatchObject([{ before: { rule: 'old' }, after: { rule: 'new' } }]);
});

test('what is left out of the definition stays as it is', async () => {
  const acl = await benchAcl(bench, { Rules: [blocks('/admin') as never] });
  acl.see({ path: '/admin' });
  acl.see({ path: '/' });
  const found = await run(acl.arn, { DefaultAction: { Block: {} } });
  expect(found.changes).toEqual({ 'BLOCK → BLOCK': 1, 'ALLOW → BLOCK': 1 });
});

test('a log says as much, but for bodies', async () => {
  const acl = await benchAcl(bench);
  const open = new Protection(undefined, '');
  const lines = ['/a', '/admin'].map((path) => logLine(acl.see({ path, query: 'q=1' }), open));
  const other = lines[0]?.replace('webacl/shop/', 'webacl/other/') ?? '';
  const found = await run(acl.arn, { Rules: [blocks('/admin')] }, [...lines, other, 'noise', '{}', ''].join('\n'));
  expect(found).toMatchObject({ replayed: 2, changes: { 'ALLOW → ALLOW': 1, 'ALLOW → BLOCK': 1 } });
  expect(found.differences[0]).toMatchObject({ request: 'GET shop.example/admin?q=1' });
});

test('what can not be repeated is counted, not hidden', async () => {
  const acl = await benchAcl(bench);
  const seen = acl.see({ path: '/' });
  bench.ports.traffic.report([{ ...seen, verdict: { ...seen.verdict, action: 'BLOCK' } }]);
  expect((await run(acl.arn, {})).unfaithful).toBe(1);
});

test('lists count as they do in traffic', async () => {
  const acl = await benchAcl(bench);
  const seen = acl.see({ path: '/' });
  const { ip } = seen.request.source;
  const facts: KnownFacts = { isListed: (list, address) => list === 'reputation' && address === ip };
  const group = { Rules: [managed('AWSManagedRulesAmazonIpReputationList')] };
  const found = await run(acl.arn, group, undefined, facts);
  expect(found).toMatchObject({ changes: { 'ALLOW → BLOCK': 1 }, unknownFacts: [] });
  expect(found.differences[0]?.after.rule).toBe('AWSManagedRulesAmazonIpReputationList/AWSManagedIPReputationList');
  expect((await run(acl.arn, group)).changes).toEqual({ 'ALLOW → ALLOW': 1 });
});

test('what only traffic shows is said not to be known, where a rule has asked for it', async () => {
  const acl = await benchAcl(bench);
  const from = (agent: string) => acl.see({ path: '/', headers: [['user-agent', agent]] });
  from('Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0');
  const Challenge = { UsageOfAction: 'DISABLED' };
  const config = { AWSManagedRulesAntiDDoSRuleSet: { ClientSideActionConfig: { Challenge } } };
  const floods = await run(acl.arn, { Rules: [managed('AWSManagedRulesAntiDDoSRuleSet', [config])] });
  expect(floods.unknownFacts).toEqual(['suspicion']);
  expect(replayText(floods)).toMatch(/\nNot known in a replay: whether a flood went on \(.*\)\.$/);
  const common = { AWSManagedRulesBotControlRuleSet: { InspectionLevel: 'COMMON' } };
  const robots = { Rules: [managed('AWSManagedRulesBotControlRuleSet', [common])] };
  expect((await run(acl.arn, robots)).unknownFacts).toEqual([]);
  from('Mozilla/5.0 (compatible; GPTBot/1.2)');
  expect((await run(acl.arn, robots)).unknownFacts).toEqual([]);
  from('Mozilla/5.0 (compatible; Googlebot/2.1)');
  expect((await run(acl.arn, robots)).unknownFacts).toEqual(['isVerifiedBot']);
  expect(replayText(await run(acl.arn, {}))).not.toContain('Not known');
});

test('a web ACL that could not be saved is not replayed', async () => {
  const acl = await benchAcl(bench);
  acl.see({ path: '/' });
  const rate = { RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP' } };
  for (const definition of [
    { Rules: [blocks('/a', 'a'), blocks('/b', 'b')] },
    { Rules: Array.from({ length: 11 }, (_, n) => ({ ...blocks('', `r${n}`), Priority: n, Statement: rate })) },
    { ChallengeConfig: { ImmunityTimeProperty: { ImmunityTime: 60 } } },
    { VisibilityConfig: visible('All') },
    { TokenDomains: ['localhost'] },
    { TokenDomains: 7 },
    { DataProtectionConfig: { DataProtections: [{ Field: { FieldType: 'SINGLE_HEADER' }, Action: 'HASH' }] } },
    { OnSourceDDoSProtectionConfig: { ALBLowReputationMode: 'ALWAYS_ON' } },
    { CustomResponseBodies: { big: { ContentType: 'TEXT_PLAIN', Content: 'x'.repeat(5_000) } } },
    { CustomResponseBodies: { none: null } },
  ]) {
    await expect(run(acl.arn, definition), JSON.stringify(definition).slice(0, 80)).rejects.toMatchObject({
      code: 'ValidationException',
    });
  }
});

test('a thousand requests leave room for other work', async () => {
  const acl = await benchAcl(bench);
  for (let n = 0; n < 1_000; n++) acl.see({ path: `/${n}`, query: '' });
  let turns = 0;
  let isOver = false;
  const others = (): void => {
    turns += 1;
    if (!isOver) setImmediate(others);
  };
  setImmediate(others);
  const found = await run(acl.arn, { Rules: [blocks('/9')] });
  isOver = true;
  expect(found.replayed).toBe(1_000);
  expect(found.changes['ALLOW → BLOCK']).toBe(111);
  expect(found.differences).toHaveLength(100);
  expect(turns).toBeGreaterThan(40);
});
