/** A flood of searches below every limit on single addresses: found, told from customers, stopped, and let go. */
import {
  CreateProtectionCommand,
  CreateSubscriptionCommand,
  DescribeAttackCommand,
  EnableApplicationLayerAutomaticResponseCommand,
  GetSubscriptionStateCommand,
  ListAttacksCommand,
  ShieldClient,
} from '@aws-sdk/client-shield';
import { GetWebACLCommand } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, type Shop } from './shop.fixture.ts';

let shop: Shop;
let shield: ShieldClient;
let webAcl: string;

beforeAll(async () => {
  shop = await openShop({ shield: { baselineSeconds: 12, floor: 15 } });
  shield = new ShieldClient(shop.instance.clientOptions());
  webAcl = await shop.protect([]);
}, 60_000);
afterAll(async () => {
  shield?.destroy();
  await shop?.close();
});

const agents = ['Firefox/140.0', 'Chrome/141.0', 'Safari/26.0'];
const paths = ['/', '/menu', '/search?q=latte', '/about', '/order'];
let turn = 0;

interface Counts {
  passed: number;
  stopped: number;
}

const customers: Counts = { passed: 0, stopped: 0 };
const attackers: Counts = { passed: 0, stopped: 0 };
const reset = (): void => {
  for (const counts of [customers, attackers]) Object.assign(counts, { passed: 0, stopped: 0 });
};

async function send(counts: Counts, path: string, from: string, agent: string): Promise<void> {
  const { status } = await shop.ask(path, { from, headers: { 'user-agent': agent } }).catch(() => ({ status: 0 }));
  if (status === 200) counts.passed += 1;
  else counts.stopped += 1;
}

const customer = (): Promise<void> => {
  turn += 1;
  return send(
    customers,
    paths[turn % paths.length] ?? '/',
    `127.0.1.${1 + (turn % 60)}`,
    `Mozilla/5.0 ${agents[turn % agents.length]}`,
  );
};
/** 200 addresses, each slower than any customer, that ask as customers do and call themselves a dozen names. */
const attacker = (): Promise<void> => {
  turn += 1;
  return send(attackers, `/search?q=${turn}`, `127.0.9.${1 + (turn % 200)}`, `Mozilla/5.0 Firefox/${turn % 12}.0`);
};

/** @param seconds in steps of 100 ms */
async function traffic(
  seconds: number,
  perStep: readonly (() => Promise<void>)[],
  until?: () => boolean,
): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (let step = 0; step < seconds * 10 && !until?.(); step += 1) {
    waiting.push(...perStep.map((one) => one()));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all(waiting);
}

const attacks = async () => (await shield.send(new ListAttacksCommand({}))).AttackSummaries ?? [];
const rules = async () => {
  const [, , Name, Id] = webAcl.split(':').at(-1)?.split('/') ?? [];
  const found = await shop.waf.send(new GetWebACLCommand({ Name, Id, Scope: 'REGIONAL' }));
  return found.WebACL?.Rules ?? [];
};

test('M-177 without a subscription nothing has to be asked for', async () => {
  expect((await shield.send(new GetSubscriptionStateCommand({}))).SubscriptionState).toBe('INACTIVE');
});

test('WAF trap 12: M-169 M-179 M-181 M-182 M-184 a flood below every limit is found and stopped by a rule in the web ACL; customers go on', async () => {
  await shield.send(new CreateSubscriptionCommand({}));
  await shield.send(new CreateProtectionCommand({ Name: 'shop', ResourceArn: shop.balancerArn }));
  await shield.send(
    new EnableApplicationLayerAutomaticResponseCommand({ ResourceArn: shop.balancerArn, Action: { Block: {} } }),
  );
  const calm = [customer];
  await traffic(24, calm);
  expect(await attacks()).toEqual([]);
  reset();
  const flood = [customer, attacker, attacker, attacker, attacker, attacker, attacker];
  const begun = performance.now();
  await traffic(15, flood, () => attackers.stopped > 0);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`blocked ${seconds.toFixed(1)} s after the flood began`);
  expect(attackers.stopped).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(10);
  await new Promise((resolve) => setTimeout(resolve, 500));
  reset();
  await traffic(5, flood);
  expect(attackers.stopped / (attackers.stopped + attackers.passed)).toBeGreaterThan(0.9);
  expect(customers.stopped / (customers.stopped + customers.passed)).toBeLessThanOrEqual(0.01);
  const [attack] = await attacks();
  expect(attack).toMatchObject({ ResourceArn: shop.balancerArn, AttackVectors: [{ VectorType: 'REQUEST_FLOOD' }] });
  const { Attack } = await shield.send(new DescribeAttackCommand({ AttackId: attack?.AttackId }));
  const property = (name: string) =>
    Attack?.AttackProperties?.find((one) => one.AttackPropertyIdentifier === (name as 'SOURCE_COUNTRY'));
  expect(property('DESTINATION_URL')?.TopContributors?.[0]?.Name).toBe('/search');
  expect(property('SOURCE_IP_ADDRESS')?.TopContributors?.[0]?.Name).toMatch(/^127\.0\.9\./);
  expect(Attack?.AttackCounters?.[0]?.Max).toBeGreaterThan(20);
  expect(Attack?.Mitigations?.[0]?.MitigationName).toMatch(/^ShieldMitigationRuleGroup_/);
  // Once it is over, so is the rule.
  let isOver = false;
  const watching = setInterval(async () => {
    isOver = (await rules()).length === 0;
  }, 500);
  await traffic(35, calm, () => isOver);
  clearInterval(watching);
  expect(isOver).toBe(true);
  expect((await attacks())[0]?.EndTime).toBeInstanceOf(Date);
}, 120_000);
