/** Runs every scenario that real users, roles and buckets can play against a running instance; lists all others. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { neighbourRootKeys, obstacle, Play } from './over-http.ts';
import { loadScenarios, type Scenario } from './scenario.ts';

const all = loadScenarios();
const playable = all.filter((scenario) => obstacle(scenario) === undefined);
const others = all.filter((scenario) => obstacle(scenario) !== undefined);
const [shop, neighbour] = testConfig.accounts ?? [];
const { accessKeyId: id, secretAccessKey: secret } = neighbourRootKeys;

/** How a denial names the kind of policy that decided, where the caller may know. */
const words: Readonly<Record<string, string>> = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  resource: 'resource-based policy',
  key: 'resource-based policy',
};

function insider({ caller, owner }: Scenario): boolean {
  const stranger = ['blaine', 'neighbourOwner', 'passerby'].includes(caller);
  return !stranger && owner === undefined;
}

describe('over HTTP', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    if (!shop || !neighbour) throw new Error('the configuration of tests has two accounts');
    instance = await startInstance({
      ...testConfig,
      trustedProxies: ['127.0.0.1'],
      accounts: [
        { ...shop, keys: [{ id: 'k' }] },
        { ...neighbour, rootAccessKeys: [{ id, secret }] },
      ],
    });
  });
  afterAll(() => instance.stop());
  beforeEach(async () => {
    const response = await fetch(`${instance.endpoint}/_bailey/reset`, { method: 'POST' });
    expect(response.status).toBe(200);
  });

  test.each(playable)('$file: $name', async (scenario) => {
    const { verdict, layer } = scenario.expect;
    const answer = await new Play(instance, scenario).run();
    expect(answer).toMatchObject({ allowed: verdict === 'allowed' });
    if (answer.allowed || !insider(scenario) || layer === 'trust') return;
    expect(answer.message).toContain(words[layer]);
    expect(answer.message.includes('explicit deny')).toBe(verdict === 'explicitDeny');
  });
});

test('most scenarios are played, and why the others are not is known', () => {
  const reasons = Map.groupBy(others, (scenario) => obstacle(scenario));
  for (const [reason, scenarios] of reasons) {
    console.warn(`on the engine only: ${scenarios.length}, since each ${reason}`);
  }
  expect(playable.length).toBeGreaterThanOrEqual(60);
  expect(playable.length + others.length).toBe(all.length);
});
