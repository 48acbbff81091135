/** `npm run new operation`, on a copy of the tree: it writes a declaration and a contract test, neither of which passes yet. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'bailey-new-'));
  for (const part of ['src', 'scripts/new.ts', 'package.json'])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await mkdir(join(copy, 'test', 'contract'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/new.ts', ...args], { cwd: copy }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, output: stdout + stderr });
    });
  });
}

test('writes what is to be filled in, and says what comes next', async () => {
  const { code, output } = await run('operation', 'iam:ListOpenIDConnectProviders');
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('src/services/iam/index.ts') });
  const [, declaration = '', contract = ''] = output.match(/Wrote (\S+) and (\S+)\./) ?? [];
  const declared = await readFile(join(copy, declaration), 'utf8');
  expect(declared).toContain('export const ListOpenIDConnectProviders = operation<');
  expect(declared).toContain('has the action iam:ListOpenIDConnectProviders');
  // Neither compiles nor passes until somebody has thought about it.
  expect(declared).toContain('handle: undefined');
  expect(await readFile(join(copy, contract), 'utf8')).toContain('throw new Error');
  expect((await run('operation', 'iam:ListOpenIDConnectProviders')).code).toBe(1);
});

test.each([
  [['operation', 'iam:MakeCoffee'], 'has no operation MakeCoffee'],
  [['operation', 'coffee:Make'], 'Usage'],
  [['operation', 'iam:../../x'], 'Usage'],
  [[], 'Usage'],
] as const)('%j is refused', async (args, words) => {
  const { code, output } = await run(...args);
  expect(code).toBe(2);
  expect(output).toContain(words);
});
