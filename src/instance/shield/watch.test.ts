/** Attacks that nobody follows to their end, and rules that are placed anew. */
import { beforeEach, expect, test, vi } from 'vitest';
import { seededRandom } from '../../../test/support/call.ts';
import type { RequestTraits } from '../../engines/traffic/index.ts';
import { type RoleRow, roles, rowId } from '../../services/iam/state.ts';
import type { JobRuntime } from '../../services/service.ts';
import {
  type AttackRow,
  attacks,
  type ProtectionRow,
  protections,
  type SubscriptionRow,
  subscriptions,
} from '../../services/shield/state.ts';
import { openMemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import { Watch } from './watch.ts';

const account = '111122223333';
const resource = `arn:aws:elasticloadbalancing:us-east-1:${account}:loadbalancer/app/shop/0123456789abcdef`;
const webAcl = `arn:aws:wafv2:us-east-1:${account}:regional/webacl/shop/00000000-0000-0000-0000-000000000000`;
const response = { action: 'BLOCK' } as const;
const protection: ProtectionRow = { id: 'p', account, name: 'shop', resource, healthChecks: [], tags: {}, response };
const open: AttackRow = {
  id: 'a',
  account,
  resource,
  startedAt: 1,
  layer: 'APPLICATION',
  vectors: [],
  properties: [],
  mitigations: [],
};

let store: Store;
/** Names of the web ACL's rules. */
let rules: string[];
let now = 0;
let watch: Watch;
/** Times that the web ACL was changed. */
let updates = 0;
const failures: unknown[] = [];
const random = seededRandom(7);

const actor = {
  call: async (_as: unknown, _service: string, operation: string, input: { Rules?: { Name: string }[] }) => {
    if (operation === 'UpdateWebACL') {
      rules = (input.Rules ?? []).map(({ Name }) => Name);
      updates += 1;
    }
    return { WebACL: { DefaultAction: { Allow: {} }, Rules: rules.map((Name) => ({ Name })) }, LockToken: 't' };
  },
} as unknown as JobRuntime['actor'];

beforeEach(async () => {
  store = openMemoryStore();
  now = 1_000_000;
  rules = ['own'];
  failures.length = 0;
  updates = 0;
  await write((change) => {
    change.put(subscriptions, '', account, { startedAt: 1 } as SubscriptionRow);
    change.put(protections, account, 'p', protection);
    const role = { id: 'AROA', name: 'AWSServiceRoleForAWSShield', path: '/' } as unknown as RoleRow;
    change.put(roles, account, rowId('AWSServiceRoleForAWSShield'), role);
  });
  watch = new Watch({
    store,
    accounts: async () => [account],
    webAclOf: async () => webAcl,
    settings: { baselineSeconds: 60, floor: 1 },
    failed: (error) => failures.push(error),
  });
});

async function write(work: (change: ReturnType<Store['begin']>) => void): Promise<void> {
  const change = store.begin();
  work(change);
  await store.commit(change);
}

const customer = (n: number): RequestTraits => ({
  source: `192.0.2.${n % 60}`,
  userAgent: ['Firefox', 'Chrome', 'Safari'][n % 3] ?? '',
  method: 'GET',
  path: ['/', '/menu', '/search', '/about', '/order'][n % 5] ?? '',
  queryKeys: '',
});
const attacker = (n: number): RequestTraits => ({
  ...customer(2),
  source: `198.51.100.${n % 250}`,
  userAgent: 'odd/1',
});

/** Ten seconds of traffic: a machine that looks late, for it is meant to every two seconds. */
async function run(isAttacked = false, flood = attacker): Promise<void> {
  const sample = Array.from({ length: 100 }, (_, n) => customer(n));
  if (isAttacked) sample.push(...Array.from({ length: 900 }, (_, n) => flood(n)));
  watch.arrived([{ resource, requests: sample.length, sample }]);
  now += 10_000;
  await watch.job.run({ now, actor, random } as unknown as JobRuntime);
  expect(failures).toEqual([]);
}
const ended = async () => (await store.list(attacks, account)).map(({ value }) => value.endedAt);

test('an attack that an instance before this one saw is over, and its rules go', async () => {
  rules = ['own', 'ShieldMitigationRuleGroup_before'];
  await write((change) => {
    change.put(attacks, account, 'a', open);
    change.put(attacks, account, 'b', { ...open, id: 'b', endedAt: 2 });
    change.put(attacks, account, 'c', { ...open, id: 'c', resource: `${resource}0` });
  });
  await run();
  expect(await ended()).toEqual([now, 2, undefined]);
  expect(rules).toEqual(['own']);
});

test('what is placed by hand stays where there was no attack', async () => {
  rules = ['own', 'ShieldMitigationRuleGroup_before'];
  await run();
  expect(rules).toEqual(['own', 'ShieldMitigationRuleGroup_before']);
});

test('an attack on what is not protected any more is over', async () => {
  await run();
  await write((change) => change.put(attacks, account, 'a', open));
  await run();
  expect(await ended()).toEqual([undefined]);
  await write((change) => change.delete(protections, account, 'p'));
  await run();
  expect(await ended()).toEqual([now]);
});

test('a response that is switched off and on again places its rule again', async () => {
  for (let n = 0; n < 20; n += 1) await run();
  for (let n = 0; n < 3; n += 1) await run(true);
  const placed = rules;
  expect(placed).toHaveLength(2);
  const { response: _none, ...silent } = protection;
  await write((change) => change.put(protections, account, 'p', silent));
  // As DisableApplicationLayerAutomaticResponse does.
  rules = ['own'];
  await run(true);
  expect(rules).toEqual(['own']);
  await write((change) => change.put(protections, account, 'p', protection));
  await run(true);
  expect(rules).toEqual(placed);
});

test('an attack that goes on by turns is answered once, and told as it was', async () => {
  for (let n = 0; n < 20; n += 1) await run();
  for (let round = 0; round < 10; round += 1) {
    await run(true, (n) => ({ ...attacker(n), userAgent: `odd/${(n + 3 * round) % 12}` }));
  }
  expect(updates).toBe(1);
  const [attack] = await store.list(attacks, account);
  // A thousand requests in ten seconds.
  expect(attack?.value.vectors[0]?.peak).toBe(100);
});

test('that nothing happens is written down every ten seconds, not at every look', async () => {
  const commit = vi.spyOn(store, 'commit');
  for (let n = 0; n < 10; n += 1) {
    now += 2_000;
    await watch.job.run({ now, actor, random } as unknown as JobRuntime);
  }
  expect(commit).toHaveBeenCalledTimes(2);
});
