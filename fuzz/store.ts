/**
 * Spoils the files of a data folder at random: the store must refuse with a sentence, or tell of damage, or answer right;
 * it may never give a wrong value. `node fuzz/store.ts [SEED [SECONDS]]`
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/store/sqlite.ts';
import { type BlobRef, type Store, table } from '../src/store/store.ts';
import { type Rng, rng } from './signing-mutations.ts';

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
const ROWS = 300;
const rows = table<{ n: number }>('fuzz.row');
const blobs = table<BlobRef>('fuzz.blob');
const open = (dir: string) => openStore({ dir, clock: () => 1, reserveBytes: 0, tailEntries: 100 });

async function* bytesOf(n: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(n % 2 === 0 ? 1000 : 200_000, `${n}`);
}

async function build(dir: string): Promise<void> {
  const store = await open(dir);
  for (let n = 0; n < ROWS; n++) {
    const change = store.begin();
    change.put(rows, 'p', `row-${n}`, { n });
    const body = Buffer.from(`entry ${n}`);
    change.append({ stream: 's', partition: 'p', id: `e${n}`, time: n, tags: { n: `${n}` }, body });
    if (n < 10) {
      const blob = await store.blobs.write(bytesOf(n));
      change.adopt(blob);
      change.put(blobs, 'p', `blob-${n}`, blob);
    }
    await store.commit(change);
  }
  await store.close();
}

type Outcome = 'right' | 'told' | 'absent';

/** Throws an Error if an answer is wrong. */
async function probe(ask: () => Promise<unknown>, expected: string): Promise<Outcome> {
  let answer: unknown;
  try {
    answer = await ask();
  } catch (error) {
    if (error instanceof Error && error.message.length > 10) return 'told';
    throw error;
  }
  if (answer === undefined) return 'absent';
  if (String(answer) === expected) return 'right';
  throw new Error(`expected ${expected}, got ${String(answer)}`);
}

async function readBlob(store: Store, n: number): Promise<string | undefined> {
  const blob = await store.get(blobs, 'p', `blob-${n}`);
  if (!blob) return undefined;
  let sum = 0;
  for await (const part of store.blobs.read(blob)) for (const byte of part) sum += byte;
  return `${sum}`;
}

async function check(dir: string, random: Rng, tally: Record<Outcome, number>): Promise<void> {
  let store: Store;
  try {
    store = await open(dir);
  } catch (error) {
    if (!(error instanceof Error) || error.message.length < 10) throw error;
    tally.told++;
    return;
  }
  try {
    for (let probes = 0; probes < 60; probes++) {
      const n = random(ROWS);
      tally[await probe(async () => (await store.get(rows, 'p', `row-${n}`))?.n, `${n}`)]++;
      const entry = async () => {
        const found = await store.entry('s', `e${n}`);
        return found && Buffer.from(found.body).toString();
      };
      tally[await probe(entry, `entry ${n}`)]++;
      const tag = { name: 'n', value: `${n}` };
      const query = async () => (await store.query({ stream: 's', partition: 'p', tag, limit: 2 })).entries[0]?.id;
      tally[await probe(query, `e${n}`)]++;
      let sum = 0;
      for await (const part of bytesOf(n % 10)) for (const byte of part) sum += byte;
      tally[await probe(() => readBlob(store, n % 10), `${sum}`)]++;
    }
  } finally {
    await store.close().catch(() => undefined);
  }
}

const root = mkdtempSync(join(tmpdir(), 'bailey-fuzz-'));
console.log(`SEED=${seed}`);
const random = rng(seed);
const tally: Record<Outcome, number> = { right: 0, told: 0, absent: 0 };
try {
  const sound = join(root, 'sound');
  await build(sound);
  await check(sound, random, tally);
  if (tally.told + tally.absent > 0) throw new Error('the sound folder does not answer right');
  const end = Date.now() + seconds * 1000;
  let rounds = 0;
  for (; Date.now() < end; rounds++) {
    const dir = join(root, `${rounds}`);
    cpSync(sound, dir, { recursive: true });
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    const file = files[random(files.length)]!;
    const path = random(2) === 0 ? join(dir, 'store.db') : join(file.parentPath, file.name);
    const bytes = readFileSync(path);
    for (let flips = 1 + random(8); flips > 0 && bytes.length > 0; flips--)
      bytes[random(bytes.length)]! ^= 1 + random(255);
    writeFileSync(path, random(10) === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes);
    await check(dir, random, tally).catch((error) => {
      throw new Error(`SEED=${seed}, round ${rounds}: ${file.name} spoiled`, { cause: error });
    });
    rmSync(dir, { recursive: true });
  }
  console.log(`${rounds} folders spoiled: ${JSON.stringify(tally)}, no wrong answer`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
