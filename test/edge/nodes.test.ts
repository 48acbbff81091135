/** Two edge nodes on two addresses of this machine, fed by one control plane. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/edge/reports/reports.ts';
import type { WebAclSettings } from '../../src/edge/snapshot.ts';
import type { Rule } from '../../src/engines/waf/index.ts';
import { Hub } from '../../src/instance/edge/hub.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  type Origin,
  origin,
  pause,
  snapshot,
  targetGroup,
  temporaryFolder,
  until,
} from './edge.fixture.ts';

const folder = temporaryFolder();
const addresses = ['127.0.0.21', '127.0.0.22'] as const;
const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/acl/1';
const entry = fileURLToPath(new URL('../../src/edge/process.ts', import.meta.url));
let port: number;
let hub: Hub;
let web: Origin;
const nodes: ChildProcess[] = [];
const reports: Report[] = [];

const visible = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'm' };
const rate: Rule = {
  Name: 'rate',
  Priority: 1,
  Statement: { RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP', EvaluationWindowSec: 60 } },
  Action: { Block: {} },
  VisibilityConfig: visible,
};

function acl(Rules: readonly Rule[], revision: string): WebAclSettings {
  return {
    arn,
    name: 'acl',
    account: '111122223333',
    region: 'us-east-1',
    scope: 'REGIONAL',
    revision,
    tokenKey: Buffer.alloc(32, 5).toString('base64'),
    inspectedBodyBytes: 8192,
    isLogged: false,
    definition: {
      webAcl: { Name: 'acl', ARN: arn, DefaultAction: { Allow: {} }, VisibilityConfig: visible, Rules },
      ipSets: {},
      regexPatternSets: {},
      ruleGroups: {},
      vendorGroups: {},
    },
  };
}

const publish = (rules: readonly Rule[], revision: string): void =>
  hub.publish(
    snapshot({
      webAcls: [acl(rules, revision)],
      loadBalancers: [loadBalancer([listener(port)], { webAcl: arn })],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );

async function startNode(address: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, folder, '0', '1', address], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  nodes.push(child);
  await until(() => works(address));
  return child;
}

const works = (host: string): Promise<boolean> =>
  ask({ port, host }).then(
    ({ status }) => status === 200,
    () => false,
  );

beforeAll(async () => {
  web = await origin((_incoming, outgoing) => outgoing.end('ok'));
  port = await freePort();
  hub = new Hub({
    folder,
    reported(report, from) {
      reports.push(report);
      if (report.rates.length > 0) hub.tell({ type: 'rates', rates: report.rates }, from);
    },
    joined: () => undefined,
    left: () => undefined,
  });
  await hub.open();
  publish([], '1');
  for (const address of addresses) await startNode(address);
});

afterAll(async () => {
  await hub.close(100);
  for (const node of nodes) node.kill('SIGKILL');
  await web.close();
  rmSync(folder, { recursive: true, force: true });
});

/** CPU time of a process so far, in microseconds. */
function cpu(pid: number | undefined): number {
  let all = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    all += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return all / 1000;
}

test('M-173 two nodes share the work: each carries its half, at the price of one for each request', async () => {
  const load = async (hosts: readonly string[], count: number): Promise<void> => {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const host = hosts[next++ % hosts.length] as string;
        expect((await ask({ port, host })).status).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
  };
  await load(addresses, 3_000);
  const pids = nodes.map(({ pid }) => pid);
  const spent = async (hosts: readonly string[]): Promise<number[]> => {
    const before = pids.map(cpu);
    await load(hosts, 800);
    return pids.map((pid, index) => cpu(pid) - (before[index] as number));
  };
  // By processor time, since these two nodes share the cores of one machine with everything else; the round that was
  // disturbed least counts.
  let best = 0;
  for (let round = 0; round < 6 && best < 1.8; round++) {
    const [one = 0] = await spent([addresses[0]]);
    const [first = 0, second = 0] = await spent(addresses);
    // Two that pay together what one pays for the same requests carry twice as many.
    best = Math.max(best, (2 * one) / (first + second));
    expect(Math.min(first, second) / Math.max(first, second)).toBeGreaterThan(0.3);
  }
  expect(best).toBeGreaterThan(1.5);
});

test('WAF trap 5: two nodes share a limit within two seconds', async () => {
  publish([rate], '2');
  await pause(300);
  for (let count = 0; count < 80; count++) {
    await ask({ port, host: addresses[count % 2] as string, localAddress: '127.0.0.77' });
  }
  await until(async () => {
    const asked = await Promise.all(addresses.map((host) => ask({ port, host, localAddress: '127.0.0.77' })));
    return asked.every(({ status }) => status === 403);
  }, 2_000);
  expect((await ask({ port, host: addresses[0], localAddress: '127.0.0.78' })).status).toBe(200);
  publish([], '3');
  await pause(300);
});

test('M-175 a node dies under load: only requests begun on it may fail, and a second try is served by the other', async () => {
  let isOver = false;
  const outcomes = { served: 0, brokeOff: 0, lost: 0 };
  /** When each request began that came to nothing, and when the node was gone. */
  const begun: number[] = [];
  let goneAt = Number.POSITIVE_INFINITY;
  const attempt = async (host: string): Promise<'served' | 'refused' | 'brokeOff'> => {
    try {
      return (await ask({ port, host })).status === 200 ? 'served' : 'brokeOff';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'brokeOff';
    }
  };
  const client = async (turn: number): Promise<void> => {
    for (let at = turn; !isOver; at++) {
      // As a client that resolves the name for each connection: any node, and another one if it is refused.
      const now = performance.now();
      let outcome = await attempt(addresses[at % 2] as string);
      if (outcome === 'refused') outcome = await attempt(addresses[(at + 1) % 2] as string);
      if (outcome === 'refused') outcomes.lost += 1;
      else outcomes[outcome] += 1;
      if (outcome === 'brokeOff') begun.push(now);
    }
  };
  const clients = Promise.all(Array.from({ length: 6 }, (_, turn) => client(turn)));
  await pause(300);
  nodes[1]?.once('exit', () => {
    goneAt = performance.now();
  });
  nodes[1]?.kill('SIGKILL');
  await until(() => goneAt < Number.POSITIVE_INFINITY);
  await pause(500);
  isOver = true;
  await clients;
  expect(outcomes.served).toBeGreaterThan(100);
  expect(begun.filter((at) => at > goneAt)).toEqual([]);
  expect(outcomes.lost).toBe(0);
});
