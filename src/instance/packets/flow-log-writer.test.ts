/** Flow logs as they are written: for whom, and for how long something waits. */
import { expect, test } from 'vitest';
import { defaultFormat } from '../../services/ec2/network/flow-log-format.ts';
import {
  type FlowLogRow,
  flowLogs,
  type NetworkInterfaceRow,
  networkInterfaces,
  partitionOf,
} from '../../services/ec2/network/state.ts';
import type { Caller, JobRuntime } from '../../services/service.ts';
import { openMemoryStore } from '../../store/memory.ts';
import type { CountedFlow } from './flow-counts.ts';
import { FlowLogWriter } from './flow-log-writer.ts';

const [owner, other] = ['111122223333', '444455556666'].map((account) => ({ account, region: 'us-east-1' })) as [
  { account: string; region: string },
  { account: string; region: string },
];
const address = '172.31.1.10';
const flow: CountedFlow = {
  source: '198.51.100.7',
  destination: address,
  protocol: 'tcp',
  sourcePort: 40_000,
  destinationPort: 443,
  packets: 3,
  bytes: 300,
  verdict: 'ACCEPT',
  direction: 'ingress',
};

interface Written {
  readonly Bucket?: string;
  readonly logEvents?: readonly { readonly message: string }[];
}

/** Two accounts, each with an interface of the same address, and a log of it. @param log where its records go */
async function begin(log: Partial<FlowLogRow> = {}) {
  const store = openMemoryStore();
  const change = store.begin();
  for (const scope of [owner, other]) {
    const id = `eni-${scope.account}`;
    const at = { id, subnet: 'subnet-1', vpc: 'vpc-1', zone: 'us-east-1a', addresses: [address], groups: [] };
    change.put(networkInterfaces, partitionOf(scope), id, at as unknown as NetworkInterfaceRow);
    const logId = `fl-${scope.account}`;
    change.put(flowLogs, partitionOf(scope), logId, {
      id: logId,
      resource: id,
      createdAt: 0,
      traffic: 'ALL',
      format: defaultFormat,
      aggregationSeconds: 60,
      destinationType: 's3',
      destination: `arn:aws:s3:::records-${scope.account}`,
      ...log,
    } as FlowLogRow);
  }
  await store.commit(change);
  const read: string[] = [];
  const watched = new Proxy(store, {
    get: (target, key: keyof typeof store) =>
      key === 'list'
        ? (...given: Parameters<typeof store.list>) => {
            read.push(given[1]);
            return target.list(...given);
          }
        : typeof target[key] === 'function'
          ? (target[key] as () => unknown).bind(target)
          : target[key],
  });
  let flows: readonly CountedFlow[] = [flow];
  let skipped: readonly string[] = [];
  let scopes = [owner, other];
  const written: string[] = [];
  const batches: string[][] = [];
  const failures: unknown[] = [];
  const writer = new FlowLogWriter({
    store: watched,
    scopes: async () => scopes,
    take: async () => ({ flows, skipped }),
    takeOfEdge: () => ({ flows: [], skipped: [] }),
    interfaceAt: (one) => (one === address ? `eni-${owner.account}` : undefined),
    assume: async () => ({}) as Caller,
    failed: (error) => failures.push(error),
  });
  const actor = {
    call: async (_as: unknown, _service: string, operation: string, input: Written) => {
      if (operation === 'PutObject') written.push(input.Bucket ?? '');
      if (operation === 'PutLogEvents') batches.push((input.logEvents ?? []).map(({ message }) => message));
      return {};
    },
  } as unknown as JobRuntime['actor'];
  return {
    store,
    written,
    batches,
    failures,
    come(all: readonly CountedFlow[], lost: readonly string[] = []) {
      flows = all;
      skipped = lost;
    },
    read,
    nothing() {
      flows = [];
      scopes = [];
    },
    run: (now: number) => writer.run({ now, actor } as JobRuntime),
  };
}

test('flows are told to the log of the host that had them, and not to who has the same address elsewhere', async () => {
  const { run, written, failures } = await begin();
  await run(1_000);
  await run(61_000);
  expect(failures).toEqual([]);
  expect(written).toEqual([`records-${owner.account}`]);
});

test('what waits for a log that is deleted is forgotten', async () => {
  const { store, run, written, read, nothing } = await begin();
  await run(1_000);
  nothing();
  const change = store.begin();
  change.delete(flowLogs, partitionOf(owner), `fl-${owner.account}`);
  await store.commit(change);
  await run(11_000);
  expect(read).toContain(partitionOf(owner));
  read.length = 0;
  await run(61_000);
  expect(read).toEqual([]);
  expect(written).toEqual([]);
});

test('more records than CloudWatch Logs takes at once are written in several batches', async () => {
  const { come, run, batches, failures } = await begin({ destinationType: 'cloud-watch-logs', logGroup: 'flows' });
  const all = Array.from({ length: 9_000 }, (_, n) => ({ ...flow, sourcePort: 1_000 + n, bytes: 2 ** 50 + n }));
  come(all);
  await run(1_000);
  come([]);
  await run(61_000);
  expect(failures).toEqual([]);
  expect(batches.length).toBeGreaterThan(1);
  for (const batch of batches) {
    const bytes = batch.reduce((sum, message) => sum + Buffer.byteLength(message) + 26, 0);
    expect(bytes).toBeLessThanOrEqual(1_048_576);
  }
  const ports = batches.flat().map((message) => Number(message.split(' ')[5]));
  expect(ports).toEqual(all.map(({ sourcePort }) => sourcePort));
});

test('flows of a host that are lost are said to be skipped, to its own log alone', async () => {
  const { come, run, batches, failures } = await begin({ destinationType: 'cloud-watch-logs', logGroup: 'flows' });
  come([], [address]);
  await run(1_000);
  come([]);
  await run(61_000);
  expect(failures).toEqual([new Error(`flows of ${address} were left out of its logs`)]);
  expect(batches).toEqual([[`2 ${owner.account} eni-${owner.account} - - - - - - - 1 1 - SKIPDATA`]]);
});
