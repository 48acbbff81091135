/** A disk whose sync or write fails once: nothing is acknowledged from then on, and all that was is there after a restart. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFolder } from './check.ts';
import { hasStrace } from './trace.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-eio-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));

if (!hasStrace) console.warn('SKIPPED: failing disks need strace, which is not here');

describe.skipIf(!hasStrace)('a failing disk', () => {
  it.each([
    ['a sync of the log', 'fsync,fdatasync', 'store.db-wal', 40],
    ['a write to the log', 'pwrite64', 'store.db-wal', 300],
  ])('%s fails', { timeout: 60_000 }, async (name, calls, file, when) => {
    const dir = join(root, name);
    // The path must exist for strace to follow it by name.
    spawnSync(process.execPath, [writer, dir, '0', '1', '1']);
    const fault = ['-f', '-o', join(root, 'log'), '-P', join(dir, file), '-e', `trace=${calls}`];
    fault.push('-e', `inject=${calls}:error=EIO:when=${when}`);
    const { stdout } = spawnSync('strace', [...fault, process.execPath, writer, dir, '100', '400', '4'], {
      encoding: 'utf8',
    });
    const lines = stdout.trim().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^failed /));
    expect(lines.at(-1)).toMatch(/^refused the disk failed an earlier write: restart Bailey/);
    const acknowledged = lines.filter((line) => /^\d+$/.test(line)).map(Number);
    expect(acknowledged.length).toBeGreaterThan(5);
    await checkFolder(dir, acknowledged);
  });
});
