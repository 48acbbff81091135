/** AWSManagedRulesAntiDDoSRuleSet in front of a shop, without Shield Advanced: labels, challenges and blocks during a flood. */
import { GetSampledRequestsCommand, type Rule } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, type Shop, visible } from './shop.fixture.ts';

let shop: Shop;
let webAcl: string;

const group = (UsageOfAction: 'ENABLED' | 'DISABLED'): Rule => ({
  Name: 'floods',
  Priority: 1,
  Statement: {
    ManagedRuleGroupStatement: {
      VendorName: 'AWS',
      Name: 'AWSManagedRulesAntiDDoSRuleSet',
      ManagedRuleGroupConfigs: [
        {
          AWSManagedRulesAntiDDoSRuleSet: {
            ClientSideActionConfig: {
              Challenge: { UsageOfAction, ExemptUriRegularExpressions: [{ RegexString: '^/menu$' }] },
            },
            SensitivityToBlock: 'LOW',
          },
        },
      ],
    },
  },
  OverrideAction: { None: {} },
  VisibilityConfig: visible('floods'),
});
/** Says of everybody what the group has said. */
const told = (label: string, Priority: number): Rule => ({
  Name: label,
  Priority,
  Statement: { LabelMatchStatement: { Scope: 'LABEL', Key: `awswaf:managed:aws:anti-ddos:${label}` } },
  Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: label, Value: 'yes' }] } } },
  VisibilityConfig: visible(label),
});

beforeAll(async () => {
  shop = await openShop({ shield: { baselineSeconds: 12, floor: 15 } });
  webAcl = await shop.protect([group('DISABLED'), told('event-detected', 2)]);
}, 60_000);
afterAll(() => shop?.close());

const agents = ['Firefox/140.0', 'Chrome/141.0', 'Safari/26.0'];
const paths = ['/', '/menu', '/search?q=latte', '/about', '/order'];
let turn = 0;
const statuses = { customers: [] as number[], attackers: [] as number[] };
const reset = (): void => {
  statuses.customers = [];
  statuses.attackers = [];
};

async function send(to: number[], path: string, from: string, agent: string): Promise<void> {
  const { status } = await shop.ask(path, { from, headers: { 'user-agent': agent } }).catch(() => ({ status: 0 }));
  to.push(status);
}
const customer = (): Promise<void> => {
  turn += 1;
  const agent = `Mozilla/5.0 ${agents[turn % agents.length]}`;
  return send(statuses.customers, paths[turn % paths.length] ?? '/', `127.0.1.${1 + (turn % 60)}`, agent);
};
/** Another name each time. */
const attacker = (): Promise<void> => {
  turn += 1;
  return send(statuses.attackers, '/search?q=x', `127.0.9.${1 + (turn % 200)}`, `odd-agent/${turn}`);
};

async function traffic(seconds: number, perStep: readonly (() => Promise<void>)[], until?: () => boolean) {
  const waiting: Promise<void>[] = [];
  for (let step = 0; step < seconds * 10 && !until?.(); step += 1) {
    waiting.push(...perStep.map((one) => one()));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all(waiting);
}
const part = (all: readonly number[], status: number): number =>
  all.filter((one) => one === status).length / Math.max(1, all.length);

test('M-179 a flood from odd agents is labelled and blocked within seconds; customers pass, or are challenged where that is wanted', async () => {
  const calm = [customer];
  await traffic(24, calm);
  expect(part(statuses.customers, 200)).toBe(1);
  const flood = [customer, attacker, attacker, attacker, attacker, attacker, attacker];
  reset();
  const begun = performance.now();
  await traffic(15, flood, () => statuses.attackers.at(-1) === 403);
  expect(statuses.attackers.at(-1)).toBe(403);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`blocked ${seconds.toFixed(1)} s after the flood began`);
  expect(seconds).toBeLessThan(10);
  reset();
  await traffic(4, flood);
  expect(part(statuses.attackers, 403)).toBeGreaterThan(0.95);
  expect(part(statuses.customers, 200)).toBe(1);
  const sampled = async (RuleMetricName: string) => {
    const TimeWindow = { StartTime: new Date(Date.now() - 60_000), EndTime: new Date() };
    const input = { WebAclArn: webAcl, RuleMetricName, Scope: 'REGIONAL' as const, TimeWindow, MaxItems: 100 };
    return (await shop.waf.send(new GetSampledRequestsCommand(input))).SampledRequests ?? [];
  };
  const names = (labels: readonly { readonly Name?: string | undefined }[] = []) =>
    labels.map(({ Name }) => Name?.replace('awswaf:managed:aws:anti-ddos:', ''));
  const blocked = (await sampled('floods')).filter(({ Action }) => Action === 'BLOCK');
  expect(blocked.length).toBeGreaterThan(0);
  for (const { Labels } of blocked) {
    expect(names(Labels)).toEqual(
      expect.arrayContaining(['event-detected', 'ddos-request', 'high-suspicion-ddos-request']),
    );
    expect(names(Labels)).not.toContain('challengeable-request');
  }
  const passed = await sampled('event-detected');
  expect(passed.length).toBeGreaterThan(0);
  for (const { Labels } of passed) expect(names(Labels)).not.toContain('high-suspicion-ddos-request');

  await shop.change([group('ENABLED')]);
  await traffic(1, flood);
  reset();
  await traffic(3, flood);
  // Everybody is challenged but on the path that is exempt.
  const asked = await shop.ask('/', { headers: { accept: 'text/html' } });
  expect([asked.status, asked.headers['x-amzn-waf-action']]).toEqual([202, 'challenge']);
  expect((await shop.ask('/menu')).status).toBe(200);
  expect(part(statuses.attackers, 200)).toBe(0);

  await traffic(35, calm, () => statuses.customers.slice(-5).every((status) => status === 200));
  expect((await shop.ask('/', { headers: { accept: 'text/html' } })).status).toBe(200);
  expect((await shop.ask('/search?q=x', { headers: { 'user-agent': 'odd-agent/1.0' } })).status).toBe(200);
}, 120_000);
