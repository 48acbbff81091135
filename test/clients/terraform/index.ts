/** Terraform with the AWS provider: apply, a plan without changes, destroy. */
import assert from 'node:assert/strict';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../../support/certificates.ts';
import { adminKeys } from '../../support/instance.ts';
import type { Bench } from '../bench.ts';
import type { Client } from '../client.ts';
import { command, plainEnvironment, programs } from '../command.ts';

/** A folder that mirrors providers: the one that TERRAFORM_PLUGIN_DIR names, or one that lies where programs are put. */
async function mirror(): Promise<string | undefined> {
  const named = process.env.TERRAFORM_PLUGIN_DIR;
  if (named !== undefined) return named;
  for (const parent of ['/opt', '/usr/local/share']) {
    for (const entry of await readdir(parent).catch(() => [])) {
      const folder = join(parent, entry);
      const versions = await readdir(join(folder, 'registry.terraform.io/hashicorp/aws')).catch(() => []);
      if (versions.length > 0) return folder;
    }
  }
  return undefined;
}

export async function terraform(): Promise<Client> {
  const [program] = await programs('terraform');
  if (program === undefined) return { name: 'Terraform', missing: 'install `terraform`' };
  const { stdout } = await command(program, ['version'], { seconds: 20 });
  const name = `Terraform ${/v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? ''}`;
  return { name, run: (bench) => run(program, bench) };
}

async function run(program: string, bench: Bench): Promise<void> {
  const shop = await makeCertificate({ name: 'shop.example.com' });
  const authority = await makeCertificate({ name: 'Authority of clients', isAuthority: true });
  const env = {
    ...plainEnvironment(bench.folder),
    AWS_ACCESS_KEY_ID: adminKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: adminKeys.secretAccessKey,
    TF_VAR_endpoint: bench.instance.endpoint,
    TF_VAR_certificate: shop.pem,
    TF_VAR_private_key: shop.privateKey,
    TF_VAR_authority: authority.pem,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
  const own = fileURLToPath(new URL('.', import.meta.url));
  for (const name of await readdir(own)) {
    if (name.endsWith('.tf')) await copyFile(join(own, name), join(bench.folder, name));
  }
  const terraform = (line: string, seconds = 300) =>
    command(program, [...line.split(' '), '-no-color'], { cwd: bench.folder, env, seconds });
  const plugins = await mirror();
  const init = await terraform(`init -input=false${plugins === undefined ? '' : ` -plugin-dir=${plugins}`}`, 40);
  if (init.code !== 0) {
    const why = init.stderr.trim().split('\n').slice(0, 4).join(' ');
    bench.skip('all', `needs the provider hashicorp/aws (TERRAFORM_PLUGIN_DIR names a mirror); init said: ${why}`);
    return;
  }
  const provider = /hashicorp\/aws v(\d+\.\d+\.\d+)/.exec(init.stdout)?.[1] ?? '';
  const succeeds = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await terraform(line);
    if (code !== 0) throw new Error(`terraform ${line} ended with ${code}: ${stderr || stdout}`);
    return stdout;
  };
  await bench.check(`apply with the provider ${provider}`, async () => {
    const said = await succeeds('apply -auto-approve -input=false');
    const added = Number(/Apply complete! Resources: (\d+) added, 0 changed, 0 destroyed/.exec(said)?.[1]);
    assert.equal(added, Number(/Plan: (\d+) to add, 0 to change, 0 to destroy/.exec(said)?.[1]));
    assert.ok(added > 90, `${added} resources`);
  });
  await bench.check('a second plan finds nothing to change', async () => {
    const { code, stdout, stderr } = await terraform('plan -input=false -detailed-exitcode');
    assert.equal(code, 0, stderr || stdout);
  });
  await bench.check('destroy', async () => {
    assert.match(await succeeds('destroy -auto-approve -input=false'), /Destroy complete!/);
  });
}
