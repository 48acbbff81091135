/** Ansible with amazon.aws and community.aws: each playbook twice, the second time without a change, and its teardown. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountId, adminKeys, nobodyKeys } from '../../support/instance.ts';
import type { Bench } from '../bench.ts';
import type { Client } from '../client.ts';
import { command, plainEnvironment, programs } from '../command.ts';

const install = 'install it with its collections and boto3 (`apt-get install ansible python3-boto3`)';

interface Play {
  readonly plays: readonly { readonly tasks: readonly TaskResult[] }[];
  readonly stats: Readonly<
    Record<string, { readonly ok: number; readonly changed: number; readonly failures: number }>
  >;
}

interface TaskResult {
  readonly task: { readonly name: string };
  readonly hosts: Readonly<
    Record<string, { readonly changed?: boolean; readonly failed?: boolean; readonly msg?: string }>
  >;
}

async function play(program: string, python: string, name: string, bench: Bench): Promise<Play> {
  const variables = join(bench.folder, 'variables.json');
  const values = {
    ansible_python_interpreter: python,
    endpoint: bench.instance.endpoint,
    account: accountId,
    access_key_id: adminKeys.accessKeyId,
    secret_key_of_admin: adminKeys.secretAccessKey,
    nobody_key_id: nobodyKeys.accessKeyId,
    secret_key_of_nobody: nobodyKeys.secretAccessKey,
  };
  await writeFile(variables, JSON.stringify(values), { mode: 0o600 });
  const path = fileURLToPath(new URL(name, import.meta.url));
  const { code, stdout, stderr } = await command(program, ['-i', 'localhost,', '-e', `@${variables}`, path], {
    seconds: 170,
    cwd: bench.folder,
    env: {
      ...plainEnvironment(bench.folder),
      ANSIBLE_STDOUT_CALLBACK: 'json',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_DEPRECATION_WARNINGS: '0',
    },
  });
  const start = stdout.indexOf('{');
  if (start < 0) throw new Error(`ansible-playbook ended with ${code}: ${stderr || stdout}`);
  return JSON.parse(stdout.slice(start)) as Play;
}

function report(bench: Bench, prefix: string, played: Play, good: (result: { changed?: boolean }) => boolean): void {
  for (const { task, hosts } of played.plays.flatMap((one) => one.tasks)) {
    const result = hosts.localhost ?? {};
    const name = `${prefix}: ${task.name}`;
    if (result.failed === true) bench.fail(name, result.msg ?? JSON.stringify(result));
    else if (!good(result)) bench.fail(name, `changed: ${result.changed}`);
    else bench.pass(name);
  }
}

export async function ansible(): Promise<Client> {
  const [program] = await programs('ansible-playbook');
  if (program === undefined) return { name: 'Ansible', missing: install };
  const first = (await readFile(program, 'latin1')).split('\n')[0] ?? '';
  const python = /^#!\s*(\S*python\S*)/.exec(first)?.[1] ?? 'python3';
  const question = [
    'import boto3, ansible.release',
    'import ansible_collections.amazon.aws, ansible_collections.community.aws',
    'print(ansible.release.__version__, "boto3", boto3.__version__)',
  ].join('\n');
  const { code, stdout } = await command(python, ['-c', question], { seconds: 30 });
  if (code !== 0) return { name: 'Ansible', missing: install };
  return {
    name: `Ansible ${stdout.trim()}`,
    async run(bench) {
      for (const book of ['playbook', 'front-door']) {
        const down = `${book}-teardown`;
        report(bench, `${book}, first run`, await play(program, python, `${book}.yml`, bench), () => true);
        const again = await play(program, python, `${book}.yml`, bench);
        report(bench, `${book}, second run`, again, ({ changed }) => changed !== true);
        report(bench, down, await play(program, python, `${down}.yml`, bench), () => true);
        await bench.check(`${book}: changed=0 in the second run`, async () => {
          assert.equal(again.stats.localhost?.changed, 0);
          assert.equal(again.stats.localhost?.failures, 0);
        });
      }
    },
  };
}
