/** The aws CLIs of the machine: the first of each generation on the PATH, and all that AWS_CLI names (separated by colons). */
import { delimiter } from 'node:path';
import { accountId } from '../../support/instance.ts';
import type { Client } from '../client.ts';
import { command, programs } from '../command.ts';
import { Cli } from './cli.ts';
import { edgeChecks } from './edge.ts';
import { iamChecks } from './iam.ts';
import { kmsChecks } from './kms.ts';
import { mfaChecks } from './mfa.ts';
import { roleChecks } from './roles.ts';
import { s3Checks } from './s3.ts';
import { s3apiChecks } from './s3api.ts';
import { trailChecks } from './trails.ts';
import { wafv2Checks } from './wafv2.ts';

export async function awsClis(): Promise<Client[]> {
  const named = (process.env.AWS_CLI ?? '').split(delimiter).filter((path) => path !== '');
  const clients = new Map<string, Client>();
  const generations = new Set<string>();
  for (const program of [...named, ...(await programs('aws'))]) {
    const { stdout, stderr } = await command(program, ['--version'], { seconds: 20 });
    const [, version, major, minor] = /aws-cli\/((\d+)\.(\d+)\.\d+)/.exec(stdout + stderr) ?? [];
    const name = `aws CLI ${version}`;
    if (version === undefined || major === undefined || clients.has(name)) continue;
    if (!named.includes(program) && generations.has(major)) continue;
    generations.add(major);
    clients.set(name, {
      name,
      async run(bench) {
        const aws = new Cli(program, [Number(major), Number(minor)], bench);
        // Once as its users start it, then with its Python kept loaded.
        await bench.check('starts', () => aws.prints('sts get-caller-identity --query Account', accountId));
        await aws.warmUp();
        try {
          await iamChecks(aws);
          await mfaChecks(aws);
          await kmsChecks(aws);
          await edgeChecks(aws);
          await wafv2Checks(aws);
          await s3Checks(aws);
          await s3apiChecks(aws);
          await roleChecks(aws);
          await trailChecks(aws);
        } finally {
          aws.end();
        }
      },
    });
  }
  const missing: Client[] = ['1', '2']
    .filter((major) => !generations.has(major))
    .map((major) => ({
      name: `aws CLI ${major}`,
      missing: `install ${major === '1' ? '`pip install awscli`' : '`apt-get install awscli` or the installer of AWS'}, or name one in AWS_CLI`,
    }));
  return [...clients.values(), ...missing];
}
