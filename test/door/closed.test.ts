/** Nothing is open for convenience: no route, no well-known key, no other account, no session of somebody else. */
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import { accountId, type Keys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { minimalInput } from '../support/minimal-input.ts';

let instance: TestInstance;
beforeAll(async () => {
  instance = await startInstance();
  const s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket: 'nobodys-bucket' }));
  await s3.send(new PutObjectCommand({ Bucket: 'nobodys-bucket', Key: 'name', Body: 'x' }));
});
afterAll(() => instance.stop());

describe('wire trap: routes without a signature', () => {
  const paths = [
    ...['/', '/?Action=ListUsers&Version=2010-05-08', '/?Action=GetCallerIdentity&Version=2011-06-15', '/v2', '/admin'],
    ...[
      '/console',
      '/login',
      '/metrics',
      '/health',
      '/status',
      '/_bailey/metrics',
      '/_bailey/status',
      '/_bailey/accounts',
    ],
    ...[
      '/_bailey/credentials',
      '/_localstack/health',
      '/_localstack/init',
      '/moto-api/',
      '/moto-api/reset',
      '/_aws/ses',
    ],
    ...[
      '/latest/meta-data/iam/security-credentials/',
      '/service/CloudWatch/operation/ListMetrics',
      '/account',
      '/tags/x',
    ],
    ...[
      '/nobodys-bucket',
      '/nobodys-bucket/name',
      '/nobodys-bucket?policy',
      '/nobodys-bucket?versions',
      '//',
      '/..',
      '/%2e%2e',
    ],
  ];
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'];

  it.each(methods)('are closed to %s', async (method) => {
    for (const path of paths) {
      const response = await fetch(instance.endpoint + path, { method });
      const text = await response.text();
      expect(response.status, `${method} ${path}: ${text}`).toBeGreaterThanOrEqual(400);
      expect(response.status, `${method} ${path}: ${text}`).toBeLessThan(500);
    }
  });

  it('are the health alone', async () => {
    expect((await fetch(`${instance.endpoint}/_bailey/health`)).status).toBe(200);
    expect((await fetch(`${instance.endpoint}/_bailey/health`, { method: 'POST' })).status).toBe(404);
  });
});

describe('policy trap 9: keys that others reserve', () => {
  it.each([
    ['test', 'test'],
    ['testing', 'testing'],
    ['mock_access_key', 'mock_secret_key'],
    ['000000000000', 'test'],
    ['root', 'root'],
    ['admin', 'admin'],
    ['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    [accountId, accountId],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('%s is nobody', async (accessKeyId, secretAccessKey) => {
    const sts = new STSClient(instance.clientOptions({ accessKeyId, secretAccessKey }));
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

describe('an administrator of another account', () => {
  it('reaches nothing of this one’s buckets, whatever the operation', async () => {
    const source = sources.find((one) => one.name === 's3');
    if (!source) throw new Error('there is no S3');
    const { operations } = await loadService(source);
    const sdk = await source.load();
    const client = new S3Client(instance.clientOptions(otherAdminKeys)) as unknown as {
      send(command: unknown): Promise<unknown>;
    };
    const open: string[] = [];
    let called = 0;
    for (const name of builtOperations().get('s3') ?? []) {
      const model = operations.get(name);
      const Command = sdk[`${name}Command`] as (new (input: object) => unknown) | undefined;
      if (!model || !Command || !model.input.members.some((member) => member.name === 'Bucket')) continue;
      if (name === 'CreateBucket') continue;
      called += 1;
      try {
        await client.send(new Command(minimalInput(model.input)));
        open.push(`${name} succeeded`);
      } catch (error) {
        const { name: code, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
        if ($metadata?.httpStatusCode !== 403) open.push(`${name}: ${code} ${$metadata?.httpStatusCode}`);
      }
    }
    expect(called).toBeGreaterThan(30);
    expect(open).toEqual([]);
  });
});

describe('policy trap 22: sessions of one role', () => {
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  };
  const onlyBeans = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 's3:ListAllMyBuckets',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'beans' } },
    },
  };

  async function session(team: string | undefined, Policy?: string): Promise<Keys> {
    const Tags = team === undefined ? [] : [{ Key: 'team', Value: team }];
    const RoleArn = `arn:aws:iam::${accountId}:role/shift`;
    const sts = new STSClient(instance.clientOptions());
    const { Credentials: c } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'same', Tags, Policy }),
    );
    return {
      accessKeyId: c?.AccessKeyId ?? '',
      secretAccessKey: c?.SecretAccessKey ?? '',
      sessionToken: c?.SessionToken ?? '',
    };
  }
  const list = (keys: Keys) => new S3Client(instance.clientOptions(keys)).send(new ListBucketsCommand({}));
  const denied = { name: 'AccessDenied' };

  it('share no decision, though they share a name: tags and session policies are their own, and changes reach all', async () => {
    const iam = new IAMClient(instance.clientOptions());
    await iam.send(new CreateRoleCommand({ RoleName: 'shift', AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const policy = { RoleName: 'shift', PolicyName: 'beans', PolicyDocument: JSON.stringify(onlyBeans) };
    await iam.send(new PutRolePolicyCommand(policy));
    const nothing = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
    });
    const [beans, milk, none, limited] = await Promise.all([
      session('beans'),
      session('milk'),
      session(undefined),
      session('beans', nothing),
    ]);
    for (let round = 0; round < 3; round += 1) {
      await list(beans);
      await expect(list(milk)).rejects.toMatchObject(denied);
      await expect(list(none)).rejects.toMatchObject(denied);
      await expect(list(limited)).rejects.toMatchObject(denied);
    }
    const swapped = { ...milk, sessionToken: beans.sessionToken ?? '' };
    await expect(list(swapped)).rejects.toMatchObject({ name: 'InvalidToken' });
    await iam.send(new DeleteRolePolicyCommand(policy));
    await expect(list(beans)).rejects.toMatchObject(denied);
  });
});
