/** Bodies on the disk: whole, as often as asked, unreadable to others, and gone with the last who held them. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Holdings, Spill } from './spill.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-spill-'));
const held: Spill[] = [];
const holdings = new Holdings();

afterEach(() => {
  for (const spill of held.splice(0)) spill.release();
});

async function spillOf(pieces: readonly string[]): Promise<Spill> {
  const spill = new Spill(folder, holdings);
  held.push(spill);
  for (const piece of pieces) {
    await new Promise<void>((resolve, reject) =>
      spill.append(Buffer.from(piece), (error) => (error ? reject(error) : resolve())),
    );
  }
  return spill;
}

async function textOf(spill: Spill): Promise<string> {
  let text = '';
  for await (const piece of spill.read()) text += piece.toString('latin1');
  return text;
}

/** Descriptors of this process that lead into the folder. */
const open = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const to = readlinkSync(`/proc/self/fd/${fd}`);
      return to.startsWith(folder) ? `/proc/self/fd/${fd}` : [];
    } catch {
      return [];
    }
  });

test('what was written is read, more than once and at the same time', async () => {
  const pieces = ['a'.repeat(100_000), 'b'.repeat(200_001), 'c'];
  const spill = await spillOf(pieces);
  expect(spill.size).toBe(300_002);
  expect(holdings.disk).toBe(300_002);
  const all = await Promise.all([textOf(spill), textOf(spill)]);
  expect(all.every((one) => one === pieces.join(''))).toBe(true);
});

test('the disk holds nothing that anybody could read, under no name', async () => {
  await spillOf(['password=correct horse battery staple '.repeat(1_000)]);
  expect(readdirSync(folder)).toEqual([]);
  const [file = ''] = open();
  const bytes = readFileSync(file);
  expect(bytes.length).toBe(38_000);
  expect(bytes.includes('password')).toBe(false);
});

test('the same body is another one on the disk', async () => {
  const bytes: string[] = [];
  for (let time = 0; time < 2; time++) {
    const spill = await spillOf(['the same']);
    bytes.push(readFileSync(open().at(-1) as string).toString('hex'));
    held.splice(held.indexOf(spill), 1);
    spill.release();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(bytes[0]).not.toBe(bytes[1]);
});

test('the file is there until its last reader has ended', async () => {
  const spill = await spillOf(['x'.repeat(300_000)]);
  const reader = spill.read()[Symbol.asyncIterator]();
  await reader.next();
  held.pop();
  spill.release();
  expect(open()).toHaveLength(1);
  await reader.return?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(open()).toHaveLength(0);
  expect(holdings.disk).toBe(0);
});
