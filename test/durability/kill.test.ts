/** kill -9 at random points: nothing acknowledged is lost, nothing is there in half, and the store opens by itself. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { checkFolder } from './check.ts';

const ROUNDS = Number(process.env.DURABILITY_ROUNDS ?? 6);
const root = mkdtempSync(join(tmpdir(), 'bailey-kill-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Lets the writer run for some milliseconds after it is ready, kills it, and tells what it had acknowledged. */
async function writeAndKill(dir: string, first: number, milliseconds: number): Promise<number[]> {
  const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));
  const child = spawn(process.execPath, [writer, dir, String(first), '0', '4'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), milliseconds);
    output += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(child.signalCode).toBe('SIGKILL');
  // The last line may be cut off.
  return output.split('\n').slice(1, -1).map(Number);
}

it(`keeps what was acknowledged through ${ROUNDS} kills`, { timeout: 20_000 + ROUNDS * 10_000 }, async () => {
  const dir = join(root, 'data');
  const acknowledged: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const milliseconds = Math.floor(Math.random() * 250);
    const first = round * 1_000_000;
    const more = await writeAndKill(dir, first, milliseconds);
    acknowledged.push(...more);
    await checkFolder(dir, acknowledged).catch((error) => {
      throw new Error(`round ${round}, killed after ${milliseconds} ms, ${more.length} acknowledged`, { cause: error });
    });
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
});
