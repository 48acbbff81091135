/** `npm run new operation`, on a copy of the tree: it writes a declaration and a contract test, neither of which passes yet. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'bailey-new-'));
  for (const part of ['src', 'scripts/new.ts', 'test/support', 'package.json'])
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

/** What a run wrote: its declaration, its contract test and what it said. */
async function written(name: string) {
  const { code, output } = await run('operation', name);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Wrote') });
  const [, file = '', test = ''] = output.match(/Wrote (\S+) and (\S+)\./) ?? [];
  const [declaration, contract] = await Promise.all([file, test].map((path) => readFile(join(copy, path), 'utf8')));
  for (const text of [declaration, contract]) expect(() => stripTypeScriptTypes(text ?? '')).not.toThrow();
  return { output, file, test, declaration: declaration ?? '', contract: contract ?? '' };
}

test('writes what is to be filled in, and says what comes next', async () => {
  const { output, file, test, declaration, contract } = await written('iam:ListOpenIDConnectProviders');
  expect(file).toBe('src/services/iam/operations/list-open-id-connect-providers.ts');
  expect(output).toContain(
    'Add ListOpenIDConnectProviders: listOpenIDConnectProviders to the table in src/services/iam',
  );
  for (const place of ['state.ts', 'errors.ts', 'pages.ts', 'quotas.ts']) expect(output).toContain(place);
  expect(output).toContain(`npx vitest run ${test}`);
  expect(declaration).toContain('export const listOpenIDConnectProviders = operation<');
  expect(declaration).toContain("import type { IamPorts } from '../ports.ts'");
  // Neither compiles nor passes until somebody has thought about it.
  for (const part of ['checks: undefined', 'handle: undefined']) expect(declaration).toContain(part);
  expect(contract).toContain("expect(answer).toEqual('every member that AWS documents')");
  expect((await run('operation', 'iam:ListOpenIDConnectProviders')).code).toBe(1);
});

test('tells what the references say of it', async () => {
  const { declaration, contract } = await written('iam:GetSSHPublicKey');
  expect(declaration).toContain('export const getSSHPublicKey = operation<');
  expect(declaration).toContain('// Action: iam:GetSSHPublicKey.');
  expect(declaration).toContain('// Resource: arn:{Partition}:iam::{Account}:user/{UserNameWithPath}.');
  expect(declaration).toContain('NoSuchEntity (404)');
  const [, words = ''] = declaration.match(/In AWS's words: (\S+)/) ?? [];
  expect(await readFile(join(copy, words), 'utf8')).toContain('Retrieves the specified SSH public key');
  expect(contract).toContain("UserName: 'name'");
  expect(contract).toContain("name: 'NoSuchEntityException'");
  expect(contract).toContain('not authorized to perform: iam:GetSSHPublicKey on resource: ');
});

test.each([
  ['logs:PutDestination', '@aws-sdk/client-cloudwatch-logs', 'CloudWatchLogsClient', 'PutDestination', 'LogsPorts'],
  ['account:EnableRegion', '@aws-sdk/client-account', 'AccountClient', 'EnableRegion', 'AccountPorts'],
  ['organizations:CreateAccount', '@aws-sdk/client-organizations', 'OrganizationsClient', 'CreateAccount', undefined],
])('%s is written in the ways of its service', async (name, sdk, client, declared, ports) => {
  const { declaration, contract } = await written(name);
  for (const text of [declaration, contract]) expect(text).toContain(`from '${sdk}'`);
  expect(contract).toContain(`new ${client}(instance.clientOptions())`);
  expect(declaration).toContain(`export const ${declared} = operation<`);
  expect(declaration.match(/import type \{ (\w+) \} from '..\/ports.ts'/)?.[1]).toBe(ports);
});

test('what is built is not begun again', async () => {
  const { code, output } = await run('operation', 'cloudtrail:ListTrails');
  expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('is built already') });
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
