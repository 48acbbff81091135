/** The store: durable commits, reads, and queries over many entries (a million with `--full`). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../src/store/sqlite.ts';
import { type Entry, type Store, table } from '../src/store/store.ts';
import type { BenchResult } from './result.ts';

const START = 1_790_000_000_000;
const BODY = Buffer.alloc(1024, '{"eventName":"PutObject","x":1}');
const things = table<{ name: string; size: number }>('bench.thing');
const round = (value: number, digits = 1) => Math.round(value * 10 ** digits) / 10 ** digits;

function entryOf(n: number): Entry {
  const id = `entry-${n}`;
  const tags = {
    EventId: id,
    EventName: n % 3 === 0 ? 'GetObject' : 'PutObject',
    ReadOnly: n % 3 === 0 ? 'true' : 'false',
    Username: `user-${n % 1000}`,
    AccessKeyId: `AKIA${n % 1000}`,
    ResourceName: `arn:aws:s3:::bucket-${n % 50}/key-${n}`,
  };
  return { stream: 'bench', partition: '111122223333/us-east-1', id, time: START + n * 10, tags, body: BODY };
}

/** Runs `work` with so many in flight. @returns milliseconds and CPU-microseconds for each */
async function measure(inFlight: number, total: number, work: () => Promise<void>) {
  let left = total;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const workers = Array.from({ length: inFlight }, async () => {
    while (left-- > 0) await work();
  });
  await Promise.all(workers);
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (total / milliseconds) * 1000, cpuMicroseconds: (user + system) / total };
}

/** One-row commits of node:sqlite itself with the same durability, on the same disk. */
async function bareCommits(dir: string) {
  const database = new DatabaseSync(join(dir, 'bare.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)',
  );
  const insert = database.prepare('INSERT INTO t (body) VALUES (?)');
  const measured = await measure(1, 2000, async () => {
    insert.run(BODY);
  });
  database.close();
  return measured;
}

async function commits(store: Store, dir: string): Promise<BenchResult[]> {
  let n = 0;
  const append = async () => {
    const change = store.begin();
    change.append(entryOf(n++));
    await store.commit(change);
  };
  await measure(32, 20_000, append);
  const bare = await bareCommits(dir);
  const single = await measure(1, 3000, append);
  const many = await measure(32, 60_000, append);
  return [
    {
      name: 'durable commits, 1 in flight',
      value: Math.round(single.perSecond),
      unit: '/s',
      baseline: `${Math.round(bare.perSecond)}/s for a bare INSERT in node:sqlite`,
    },
    {
      name: 'durable commits, 32 in flight',
      value: Math.round(many.perSecond),
      unit: '/s',
      baseline: `${Math.round(bare.perSecond)}/s for a bare INSERT in node:sqlite`,
    },
    {
      name: 'commit of an entry of 1 KB with 6 tags, 32 in flight',
      value: round(many.cpuMicroseconds),
      unit: 'CPU-µs',
      goal: '≤ 20',
      baseline: `${round(bare.cpuMicroseconds)} CPU-µs for a bare INSERT in node:sqlite`,
    },
  ];
}

async function reads(store: Store, reopen: () => Promise<Store>): Promise<{ store: Store; results: BenchResult[] }> {
  const change = store.begin();
  for (let n = 0; n < 20_000; n++) change.put(things, 'p', `thing-${n}`, { name: 'x'.repeat(300), size: n });
  await store.commit(change);
  await store.close();
  const again = await reopen();
  const ids = Array.from({ length: 20_000 }, (_, n) => `thing-${n}`);
  const pass = async () => {
    const started = performance.now();
    for (const id of ids) await again.get(things, 'p', id);
    return ((performance.now() - started) / ids.length) * 1000;
  };
  const map = new Map(ids.map((id) => [id, Promise.resolve(1)]));
  const miss = await pass();
  for (let warm = 0; warm < 5; warm++) await pass();
  const hit = await pass();
  const started = performance.now();
  for (const id of ids) await map.get(id);
  const bare = ((performance.now() - started) / ids.length) * 1000;
  const results: BenchResult[] = [
    {
      name: 'get of a cached row',
      value: round(hit, 3),
      unit: 'µs',
      baseline: `${round(bare, 3)} µs to await from a Map`,
    },
    { name: 'get of a row from the database', value: round(miss, 2), unit: 'µs' },
  ];
  return { store: again, results };
}

function percentile(times: number[], share: number): number {
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * share)] ?? 0;
}

/** Pages of 50 as LookupEvents asks for them: rare and frequent values, values that nobody has, and windows of time. */
async function queries(store: Store, total: number): Promise<BenchResult> {
  const partition = '111122223333/us-east-1';
  const times: number[] = [];
  for (let n = 0; n < 300; n++) {
    const at = START + Math.floor((n / 300) * total) * 10;
    const tag = [
      { name: 'EventId', value: `entry-${(n * 7919) % total}` },
      { name: 'Username', value: `user-${n % 1000}` },
      { name: 'EventName', value: 'GetObject' },
      { name: 'Username', value: `nobody-${n}` },
      undefined,
    ][n % 5];
    const window = n % 2 === 0 ? {} : { from: at, to: at + 3_600_000 };
    const started = performance.now();
    await store.query({ stream: 'bench', partition, limit: 50, ...window, ...(tag && { tag }) });
    times.push(performance.now() - started);
  }
  const value = round(percentile(times, 0.95), 2);
  return { name: `query among ${total} entries, p95`, value, unit: 'ms', goal: '< 100' };
}

async function fill(store: Store, from: number, total: number): Promise<void> {
  for (let n = from; n < total; ) {
    const change = store.begin();
    for (let i = 0; i < 100 && n < total; i++) change.append(entryOf(n++));
    await store.commit(change);
  }
}

export async function run(): Promise<BenchResult[]> {
  const total = process.argv.includes('--full') ? 1_000_000 : 100_000;
  const dir = await mkdtemp(join(tmpdir(), 'bailey-bench-'));
  const reopen = () => openStore({ dir, clock: Date.now });
  let store = await reopen();
  try {
    const results = await commits(store, dir);
    await fill(store, 83_000, total);
    const measured = await reads(store, reopen);
    store = measured.store;
    results.push(...measured.results, await queries(store, total));
    await store.close();
    const started = performance.now();
    store = await reopen();
    const value = Math.round(performance.now() - started);
    results.push({ name: `open with ${total} entries`, value, unit: 'ms', goal: '< 1000' });
    return results;
  } finally {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
}
