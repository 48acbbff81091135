/** Every operation with pages: pages of one join to the whole, and a token that was altered, moved or invented is refused. */
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import { makeCertificate } from '../support/certificates.ts';
import { accountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { isPagedEverywhere } from '../support/pages.ts';

type Output = Readonly<Record<string, unknown>>;

const clients = { iam: iam.IAMClient, s3: s3.S3Client, cloudtrail: cloudtrail.CloudTrailClient };
const modules = { iam, s3, cloudtrail } as unknown as Record<string, Record<string, new (input: object) => object>>;

/** How an operation names its pages. Several tokens travel together, such as key and version. */
interface Pages {
  readonly limit?: string;
  readonly tokens: readonly (readonly [given: string, answered: string])[];
  /** Tokens that AWS leaves readable: names of keys and parts, which anybody may invent. */
  readonly readable?: true;
}

interface Case {
  readonly service: keyof typeof clients;
  readonly name: string;
  readonly input: object;
  readonly items: readonly string[];
  readonly pages: Pages;
  readonly least: number;
}

const marker: Pages = { limit: 'MaxItems', tokens: [['Marker', 'Marker']] };
const people = `arn:aws:iam::${accountId}`;
const document = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } });
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
});
const questions = { ActionNames: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'] };
const Tags = ['a', 'b', 'c'].map((Key) => ({ Key, Value: '1' }));
const policyArn = (index: number) => `${people}:policy/p${index}`;

function inIam(name: string, input: object, items: string | readonly string[], least = 3): Case {
  return { service: 'iam', name, input, items: [items].flat(), pages: marker, least };
}

const keyPages = { limit: 'MaxKeys', readable: true } as const;
const cases: readonly Case[] = [
  inIam('ListUsers', {}, 'Users'),
  inIam('ListUserTags', { UserName: 'u1' }, 'Tags'),
  inIam('GetGroup', { GroupName: 'g1' }, 'Users'),
  inIam('ListGroups', {}, 'Groups'),
  inIam('ListGroupsForUser', { UserName: 'u1' }, 'Groups'),
  inIam('ListAccessKeys', { UserName: 'u1' }, 'AccessKeyMetadata', 2),
  inIam('ListAccountAliases', {}, 'AccountAliases', 1),
  inIam('GetAccountAuthorizationDetails', {}, ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'], 12),
  inIam('ListInstanceProfiles', {}, 'InstanceProfiles'),
  inIam('ListInstanceProfilesForRole', { RoleName: 'r1' }, 'InstanceProfiles'),
  inIam('ListInstanceProfileTags', { InstanceProfileName: 'i1' }, 'Tags'),
  inIam('ListUserPolicies', { UserName: 'u1' }, 'PolicyNames'),
  inIam('ListGroupPolicies', { GroupName: 'g1' }, 'PolicyNames'),
  inIam('ListRolePolicies', { RoleName: 'r1' }, 'PolicyNames'),
  inIam('ListAttachedUserPolicies', { UserName: 'u1' }, 'AttachedPolicies'),
  inIam('ListAttachedGroupPolicies', { GroupName: 'g1' }, 'AttachedPolicies'),
  inIam('ListAttachedRolePolicies', { RoleName: 'r1' }, 'AttachedPolicies'),
  inIam('ListPolicyVersions', { PolicyArn: policyArn(1) }, 'Versions'),
  inIam('ListPolicies', { Scope: 'Local' }, 'Policies'),
  inIam('ListEntitiesForPolicy', { PolicyArn: policyArn(1) }, ['PolicyUsers', 'PolicyGroups', 'PolicyRoles']),
  inIam('ListRoles', {}, 'Roles'),
  inIam('ListPolicyTags', { PolicyArn: policyArn(1) }, 'Tags'),
  inIam('ListRoleTags', { RoleName: 'r1' }, 'Tags'),
  inIam('ListVirtualMFADevices', {}, 'VirtualMFADevices'),
  inIam('ListMFADeviceTags', { SerialNumber: `${people}:mfa/m1` }, 'Tags'),
  inIam('ListServerCertificates', {}, 'ServerCertificateMetadataList'),
  inIam('ListServerCertificateTags', { ServerCertificateName: 's1' }, 'Tags'),
  inIam('SimulateCustomPolicy', { ...questions, PolicyInputList: [document('s3:Get*')] }, 'EvaluationResults'),
  inIam('SimulatePrincipalPolicy', { ...questions, PolicySourceArn: `${people}:user/u1` }, 'EvaluationResults'),
  {
    service: 's3',
    name: 'ListBuckets',
    input: {},
    items: ['Buckets'],
    pages: { limit: 'MaxBuckets', tokens: [['ContinuationToken', 'ContinuationToken']] },
    least: 3,
  },
  {
    service: 's3',
    name: 'ListObjectsV2',
    input: { Bucket: 'b1' },
    items: ['Contents'],
    pages: { limit: 'MaxKeys', tokens: [['ContinuationToken', 'NextContinuationToken']] },
    least: 3,
  },
  {
    service: 's3',
    name: 'ListObjects',
    input: { Bucket: 'b1', Delimiter: '|' },
    items: ['Contents'],
    pages: { ...keyPages, tokens: [['Marker', 'NextMarker']] },
    least: 3,
  },
  {
    service: 's3',
    name: 'ListObjectVersions',
    input: { Bucket: 'b1' },
    items: ['Versions'],
    pages: {
      ...keyPages,
      tokens: [
        ['KeyMarker', 'NextKeyMarker'],
        ['VersionIdMarker', 'NextVersionIdMarker'],
      ],
    },
    least: 6,
  },
  {
    service: 's3',
    name: 'ListMultipartUploads',
    input: { Bucket: 'b1' },
    items: ['Uploads'],
    pages: {
      limit: 'MaxUploads',
      readable: true,
      tokens: [
        ['KeyMarker', 'NextKeyMarker'],
        ['UploadIdMarker', 'NextUploadIdMarker'],
      ],
    },
    least: 3,
  },
  {
    service: 'cloudtrail',
    name: 'LookupEvents',
    // Few enough for one page to hold them all.
    input: {
      EndTime: new Date(0),
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AttachUserPolicy' }],
    },
    items: ['Events'],
    pages: { limit: 'MaxResults', tokens: [['NextToken', 'NextToken']] },
    least: 3,
  },
];

/** Operations with tokens in their input that have no pages to join here, and why. */
const others: Readonly<Record<string, string>> = {
  'sts:AssumeRole': 'TokenCode is an MFA code',
  'sts:AssumeRoot': 'MinimumSessionTokenSize is no page',
  'sts:GetFederationToken': 'MinimumSessionTokenSize is no page',
  'sts:GetSessionToken': 'TokenCode is an MFA code',
  's3:ListParts': 'numbers of parts: see s3-uploads.test.ts',
  's3:GetObjectAttributes': 'numbers of parts: see s3-uploads.test.ts',
  'iam:ListSSHPublicKeys': 'nobody can hold any, so there is nothing to page',
  'iam:ListSigningCertificates': 'nobody can hold any, so there is nothing to page',
  'iam:ListServiceSpecificCredentials': 'nobody can hold any, so there is nothing to page',
  'iam:ListMFADevices': 'see iam-mfa.test.ts',
  'cloudtrail:ListTrails': 'always one page; an invented token is refused below',
  'cloudtrail:ListTags': 'always one page; an invented token is refused below',
  'cloudtrail:ListPublicKeys': 'always one page; an invented token is refused below',
  'wafv2:ListMobileSdkReleases': 'there are none: an invented marker is refused in wafv2-traffic.test.ts',
  ...elsewhere('wafv2', 'LockToken and TokenDomains are no pages', [
    ...['IPSet', 'RegexPatternSet', 'RuleGroup', 'WebACL'].flatMap((kind) => [`Update${kind}`, `Delete${kind}`]),
    ...['CreateWebACL', 'CreateAPIKey', 'DeleteFirewallManagerRuleGroups'],
    ...['PutManagedRuleSetVersions', 'UpdateManagedRuleSetVersionExpiryDate'],
  ]),
  ...elsewhere('wafv2', 'see wafv2-pages.test.ts', [
    ...['ListIPSets', 'ListRegexPatternSets', 'ListRuleGroups', 'ListWebACLs', 'ListManagedRuleSets', 'ListAPIKeys'],
    ...['ListLoggingConfigurations', 'ListAvailableManagedRuleGroups', 'ListAvailableManagedRuleGroupVersions'],
    ...['ListTagsForResource', 'ListSettlementRecords', 'GetRevenueStatistics', 'GetRevenueStatisticsTimeSeries'],
    'GetTopPathStatisticsByTraffic',
  ]),
};

function elsewhere(service: string, why: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [`${service}:${name}`, why]));
}

let instance: TestInstance;
let lookUpTo: Date;

async function send(service: string, name: string, input: object, options = instance.clientOptions()): Promise<Output> {
  const Client = clients[service as keyof typeof clients];
  const Command = modules[service]?.[`${name}Command`];
  if (!Command) throw new Error(`no command ${service}:${name}`);
  const client = new Client(options) as unknown as { send(command: object): Promise<Output> };
  return client.send(new Command(name === 'LookupEvents' ? { ...input, EndTime: lookUpTo } : input));
}

async function page({ service, name, input, items, pages }: Case, limit: number, tokens: object) {
  const limited = pages.limit ? { [pages.limit]: limit } : {};
  const output = await send(service, name, { ...input, ...limited, ...tokens });
  const next: Record<string, string> = {};
  for (const [given, answered] of pages.tokens) {
    const value = output[answered];
    if (typeof value === 'string' && value !== '') next[given] = value;
  }
  const found = items.flatMap((member) => (output[member] ?? []) as unknown[]).map((item) => JSON.stringify(item));
  return { found, next: Object.keys(next).length > 0 ? next : undefined };
}

async function joined(one: Case): Promise<{ all: string[]; pages: number; tokens: Record<string, string>[] }> {
  const all: string[] = [];
  const tokens: Record<string, string>[] = [];
  for (let count = 1; count <= 200; count += 1) {
    const { found, next } = await page(one, 1, tokens.at(-1) ?? {});
    expect(found.length, `${one.name}, page ${count}`).toBeLessThanOrEqual(1);
    all.push(...found);
    if (!next) return { all, pages: count, tokens };
    tokens.push(next);
  }
  throw new Error(`${one.name} never ends`);
}

/** Another character in the middle, where every character counts. */
function altered(token: string): string {
  const middle = Math.floor(token.length / 2);
  return `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
}

beforeAll(async () => {
  instance = await startInstance();
  const call = (name: string, input: object) => send('iam', name, input);
  const { pem, privateKey } = await makeCertificate({ name: 'shop.example.com' });
  const certificate = { CertificateBody: pem, PrivateKey: privateKey };
  for (const n of [1, 2, 3]) {
    await call('CreateUser', { UserName: `u${n}`, Tags });
    await call('CreateGroup', { GroupName: `g${n}` });
    await call('CreateRole', { RoleName: `r${n}`, AssumeRolePolicyDocument: trust, Tags });
    await call('CreatePolicy', { PolicyName: `p${n}`, PolicyDocument: document('s3:*'), Tags });
    await call('CreateInstanceProfile', { InstanceProfileName: `i${n}`, Tags });
    await call('CreateVirtualMFADevice', { VirtualMFADeviceName: `m${n}`, Tags });
    await call('UploadServerCertificate', { ServerCertificateName: `s${n}`, ...certificate, Tags });
  }
  for (const n of [1, 2, 3]) {
    await call('AddRoleToInstanceProfile', { InstanceProfileName: `i${n}`, RoleName: 'r1' });
    await call('AddUserToGroup', { GroupName: 'g1', UserName: `u${n}` });
    if (n > 1) await call('AddUserToGroup', { GroupName: `g${n}`, UserName: 'u1' });
    if (n > 1) await call('CreatePolicyVersion', { PolicyArn: policyArn(1), PolicyDocument: document(`s3:Get${n}*`) });
    if (n > 1) await call('CreateAccessKey', { UserName: 'u1' });
    const inline = { PolicyName: `inline${n}`, PolicyDocument: document('s3:List*') };
    for (const [kind, holder] of [
      ['User', { UserName: 'u1' }],
      ['Group', { GroupName: 'g1' }],
      ['Role', { RoleName: 'r1' }],
    ] as const) {
      await call(`Put${kind}Policy`, { ...holder, ...inline });
      await call(`Attach${kind}Policy`, { ...holder, PolicyArn: policyArn(n) });
    }
    await send('s3', 'CreateBucket', { Bucket: `b${n}${n}${n}` });
  }
  await call('CreateAccountAlias', { AccountAlias: 'coffee-shop-pages' });
  await send('s3', 'PutBucketVersioning', { Bucket: 'b111', VersioningConfiguration: { Status: 'Enabled' } });
  for (const Key of ['a', 'b', 'c']) {
    await send('s3', 'PutObject', { Bucket: 'b111', Key, Body: '1' });
    await send('s3', 'PutObject', { Bucket: 'b111', Key, Body: '2' });
    await send('s3', 'CreateMultipartUpload', { Bucket: 'b111', Key });
  }
  lookUpTo = new Date();
}, 60_000);
afterAll(() => instance.stop());

test('no operation with pages is left out', async () => {
  const known = new Set([...cases.map(({ service, name }) => `${service}:${name}`), ...Object.keys(others)]);
  const found: string[] = [];
  for (const source of sources) {
    if (isPagedEverywhere(source.name)) continue;
    const { operations } = await loadService(source);
    for (const name of builtOperations().get(source.name) ?? []) {
      const members = operations.get(name)?.input.members.map((member) => member.name) ?? [];
      if (members.some((member) => /marker|token/i.test(member))) found.push(`${source.name}:${name}`);
    }
  }
  expect(found.length).toBeGreaterThan(35);
  expect(found.filter((name) => !known.has(name))).toEqual([]);
});

describe.each(cases)('wire trap: pages of $service:$name', (one) => {
  const at = (bucket: object) => ('Bucket' in bucket ? { ...bucket, Bucket: 'b111' } : bucket);
  const placed = { ...one, input: at(one.input) };

  test('pages of one join to the whole', async () => {
    const whole = await page(placed, 50, {});
    const { all, pages } = await joined(placed);
    expect(all.length).toBeGreaterThanOrEqual(one.least);
    expect(pages).toBeGreaterThanOrEqual(Math.min(3, one.least));
    expect([...all].sort()).toEqual([...whole.found].sort());
  });

  test.skipIf(one.pages.readable || one.least < 2)(
    'a token that is altered, invented or another account’s is refused',
    async () => {
      const { next = {} } = await page(placed, 1, {});
      const [[name = '', token = ''] = []] = Object.entries(next);
      expect(token.length).toBeGreaterThan(16);
      for (const bad of [altered(token), token.slice(0, -3), `${token}AAAA`, Buffer.from('u1').toString('base64url')]) {
        await expect(page(placed, 1, { [name]: bad }), bad).rejects.toMatchObject({
          name: expect.stringMatching(/ValidationError|InvalidArgument|InvalidNextToken|InvalidInput/),
        });
      }
      const input = { ...placed.input, [name]: token };
      await expect(send(one.service, one.name, input, instance.clientOptions(otherAdminKeys))).rejects.toThrow();
    },
  );
});

test('a token of one operation is none of another', async () => {
  const { next } = await page(inIam('ListUsers', {}, 'Users'), 1, {});
  await expect(send('iam', 'ListRoles', next ?? {})).rejects.toMatchObject({ name: 'ValidationError' });
});

test.each(['ListTrails', 'ListPublicKeys', 'ListTags'])('cloudtrail:%s takes no invented token', async (name) => {
  const input = name === 'ListTags' ? { ResourceIdList: [`arn:aws:cloudtrail:us-east-1:${accountId}:trail/none`] } : {};
  await expect(send('cloudtrail', name, { ...input, NextToken: 'AAAA' })).rejects.toMatchObject({
    name: expect.stringMatching(/InvalidToken|InvalidNextToken|InvalidParameter/),
  });
});
