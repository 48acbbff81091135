/**
 * Writes src/models/constraints/*.json: lengths, ranges, patterns and enums of request members, which the SDK's schemas
 * leave out. The facts are those of the API models that botocore carries (Apache-2.0), at one exact version: an installed
 * copy of that version, or one that pip downloads into a temporary folder. The same version gives the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ApiModel, constraintFile, type Selection } from './models-constraints.ts';
import { ec2Operations } from './models-ec2.ts';

const VERSION = '1.44.0';

/** Our name → botocore's folder, and what is wanted where not all is. */
const SERVICES: Readonly<Record<string, Selection & { readonly folder: string }>> = {
  account: { folder: 'account' },
  acm: { folder: 'acm' },
  cloudfront: { folder: 'cloudfront' },
  cloudtrail: { folder: 'cloudtrail' },
  cloudwatch: { folder: 'cloudwatch' },
  ec2: { folder: 'ec2', operations: ec2Operations },
  elasticloadbalancing: { folder: 'elbv2' },
  iam: { folder: 'iam' },
  kms: { folder: 'kms' },
  logs: { folder: 'logs' },
  organizations: { folder: 'organizations' },
  route53: { folder: 'route53' },
  s3: {
    folder: 's3',
    onlyShape: true,
    except: ['BucketLocationConstraint'],
    without: ['PutBucketLifecycle', 'PutBucketNotification'],
  },
  shield: { folder: 'shield' },
  sts: { folder: 'sts' },
  wafv2: {
    folder: 'wafv2',
    beyond: ['MonetizationConfig.ConnectedAccountConfigs', 'AssociationConfig.ChallengeJavascriptSdkInjection'],
  },
};

const target = new URL('../src/models/constraints/', import.meta.url);

function installed(): string | undefined {
  try {
    const print = 'import botocore; print(botocore.__version__); print(botocore.__path__[0])';
    const [version, path] = execFileSync('python3', ['-c', print], { encoding: 'utf8', stdio: 'pipe' }).split('\n');
    return version === VERSION && path ? path : undefined;
  } catch {
    return undefined;
  }
}

function downloaded(folder: string): string {
  execFileSync('python3', ['-m', 'pip', 'download', `botocore==${VERSION}`, '--no-deps', '--quiet', '--dest', folder], {
    stdio: 'inherit',
  });
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error(`pip gave no wheel of botocore ${VERSION}`);
  execFileSync('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  return join(folder, 'botocore');
}

function readModel(botocore: string, service: string): { model: ApiModel; version: string } {
  const folder = join(botocore, 'data', service);
  const version = readdirSync(folder)
    .filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name))
    .sort()
    .at(-1);
  if (!version) throw new Error(`no model of ${service}`);
  const plain = join(folder, version, 'service-2.json');
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return { model: JSON.parse(text.toString('utf8')) as ApiModel, version };
}

const temporary = mkdtempSync(join(tmpdir(), 'bailey-models-'));
try {
  const botocore = installed() ?? downloaded(temporary);
  for (const [name, { folder, ...selection }] of Object.entries(SERVICES)) {
    const { model, version } = readModel(botocore, folder);
    const file = constraintFile(model, `botocore ${VERSION} ${folder}/${version}`, selection);
    const text = `${JSON.stringify(file, undefined, 0)}\n`;
    writeFileSync(new URL(`${name}.json`, target), text);
    const members = Object.values(file.members).reduce((sum, each) => sum + Object.keys(each).length, 0);
    console.log(`${name}: ${file.entries.length} constraints on ${members} members, ${text.length} bytes`);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
