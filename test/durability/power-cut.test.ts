/** Power cuts: with every unsynced write dropped, or any of them kept, what was acknowledged is there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFolder } from './check.ts';
import { LossyDisk } from './lossy-disk.ts';
import { type DiskOperation, hasStrace, traceWriter } from './trace.ts';

const CUTS = Number(process.env.DURABILITY_CUTS ?? 12);
const WRITES = 150;
const root = mkdtempSync(join(tmpdir(), 'bailey-power-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const isNumber = (line: string) => /^\d+$/.test(line);

if (!hasStrace) console.warn('SKIPPED: power cuts and sync counts need strace, which is not here');

describe.skipIf(!hasStrace)('power cuts', () => {
  let operations: DiskOperation[] = [];
  let counted: DiskOperation[] = [];
  beforeAll(() => {
    operations = traceWriter(join(root, 'traced'), WRITES, 3);
    counted = traceWriter(join(root, 'counted'), 21, 1);
  }, 60_000);

  it('key trap 8, acknowledged too early: syncs the log of the database before each acknowledgement, and a large blob with its folder before that', () => {
    let walWrites = 0;
    let walSynced = false;
    const synced = new Set<string>();
    let acknowledged = 0;
    for (const operation of counted) {
      if (operation.kind === 'write' && operation.path === 'store.db-wal') {
        walWrites++;
        walSynced = false;
      }
      if (operation.kind === 'sync-end') {
        if (operation.path === 'store.db-wal') walSynced = true;
        synced.add(operation.path);
      }
      if (operation.kind !== 'acknowledge' || !isNumber(operation.line)) continue;
      const n = Number(operation.line);
      expect(walWrites, `writes before ${n}`).toBeGreaterThan(0);
      expect(walSynced, `the log is synced before ${n} is acknowledged`).toBe(true);
      if (n % 7 === 0) {
        expect(
          [...synced].some((path) => /^blobs\/new\/./.test(path)),
          `the blob of ${n}`,
        ).toBe(true);
        expect(synced.has('blobs/new'), `the folder of the blob of ${n}`).toBe(true);
      }
      acknowledged++;
      walWrites = 0;
      synced.clear();
    }
    expect(acknowledged).toBe(21);
  });

  it(`keeps what was acknowledged through ${CUTS} power cuts`, { timeout: 30_000 + CUTS * 5_000 }, async () => {
    const first = operations.findIndex((operation) => operation.kind === 'acknowledge' && isNumber(operation.line));
    expect(operations.filter((operation) => operation.kind === 'acknowledge').length).toBeGreaterThan(WRITES);
    const cuts = Array.from({ length: CUTS }, () => first + Math.floor(Math.random() * (operations.length - first)));
    cuts.sort((a, b) => a - b);
    const disk = new LossyDisk();
    const acknowledged: number[] = [];
    let done = 0;
    for (const [cut, at] of cuts.entries()) {
      for (const operation of operations.slice(done, at)) {
        disk.run(operation);
        if (operation.kind === 'acknowledge' && isNumber(operation.line)) acknowledged.push(Number(operation.line));
      }
      done = at;
      const dir = join(root, String(cut));
      const chance = [0, 0.5, 1][cut % 3]!;
      disk.powerCut(dir, () => Math.random() < chance);
      await checkFolder(dir, acknowledged).catch((error) => {
        throw new Error(`cut at operation ${at} of ${operations.length}, keeping ${chance}`, { cause: error });
      });
    }
  });
});
