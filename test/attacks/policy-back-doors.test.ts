/** Back doors that other emulators leave open: keys that need no secret, headers that are believed, enforcement that waits to be asked for. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Keys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { allow, outcome, type Person, Principals } from '../support/principals.ts';
import { type Running, up } from '../support/process.ts';

/** Whatever anybody may write into a request to say where it comes from, and by what. */
const headers: readonly Readonly<Record<string, string>>[] = [
  { 'x-forwarded-for': '203.0.113.9' },
  { 'x-forwarded-for': '203.0.113.9, 127.0.0.1' },
  { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
  { 'x-real-ip': '203.0.113.9' },
  { 'true-client-ip': '203.0.113.9' },
  { 'cf-connecting-ip': '203.0.113.9' },
  { 'x-client-ip': '203.0.113.9' },
  { 'x-amz-source-ip': '203.0.113.9' },
  { forwarded: 'for=203.0.113.9;proto=https;by=127.0.0.1' },
  { forwarded: 'for="203.0.113.9"' },
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-scheme': 'https' },
  { 'x-forwarded-protocol': 'https' },
  { 'x-forwarded-ssl': 'on' },
  { 'x-forwarded-port': '443' },
  { 'front-end-https': 'on' },
  { 'x-url-scheme': 'https' },
  { 'cloudfront-forwarded-proto': 'https' },
];

/** One more header on every request, before it is signed or after. */
function saying(client: S3Client, said: Readonly<Record<string, string>>, when: 'before' | 'after'): S3Client {
  const say = <A extends { readonly request: unknown }>(args: A): A => {
    Object.assign((args.request as { headers: object }).headers, said);
    return args;
  };
  const { middlewareStack: stack } = client;
  const last = { priority: 'low' } as const;
  if (when === 'before') stack.add((next) => (args) => next(say(args)), { step: 'build', ...last });
  else stack.add((next) => (args) => next(say(args)), { step: 'finalizeRequest', ...last });
  return client;
}

describe('policy trap 9: headers of a peer that nobody trusts', () => {
  let instance: TestInstance;
  let rudy: Person;
  let principals: Principals;
  beforeAll(async () => {
    instance = await startInstance();
    principals = new Principals(instance);
    rudy = await principals.user('rudy');
  });
  afterAll(() => instance.stop());

  const list = (said: Readonly<Record<string, string>>, when: 'before' | 'after') =>
    outcome(saying(new S3Client(instance.clientOptions(rudy)), said, when).send(new ListBucketsCommand({})));
  const conditions = {
    'aws:SourceIp': { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    'aws:SecureTransport': { Bool: { 'aws:SecureTransport': 'true' } },
  };

  it.each(headers.map((said) => [Object.entries(said)[0]?.join(': ') ?? '', said] as const))('%s', async (_, said) => {
    for (const when of ['before', 'after'] as const) {
      for (const Condition of Object.values(conditions)) {
        await principals.userMay('rudy', allow('s3:ListAllMyBuckets', { Condition }));
        expect(await list(said, when)).toBe('AccessDenied');
      }
      // The other way round: what is true cannot be talked away.
      await principals.userMay('rudy', allow('s3:ListAllMyBuckets'), {
        ...allow('s3:*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Effect: 'Deny',
      });
      expect(await list(said, when)).toBe('AccessDenied');
      await principals.userMay('rudy', allow('s3:ListAllMyBuckets'), {
        ...allow('s3:*', { Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } }),
        Effect: 'Deny',
      });
      expect(await list(said, when)).toBe('AccessDenied');
    }
  });

  it('and the conditions hold where they are true', async () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' }, Bool: { 'aws:SecureTransport': 'false' } };
    await principals.userMay('rudy', allow('s3:ListAllMyBuckets', { Condition }));
    for (const said of headers) expect(await list(said, 'before')).toBe('allowed');
  });

  it('a trusted peer is believed: the headers above were those that count', async () => {
    const other = await startInstance({ ...testConfig, trustedProxies: ['127.0.0.1'] });
    const people = new Principals(other);
    const blaine = await people.user('blaine', {
      may: [
        allow('s3:ListAllMyBuckets', {
          Condition: { ...conditions['aws:SourceIp'], ...conditions['aws:SecureTransport'] },
        }),
      ],
    });
    const s3 = (said: Readonly<Record<string, string>>) =>
      saying(new S3Client(other.clientOptions(blaine)), said, 'before').send(new ListBucketsCommand({}));
    expect(await outcome(s3({ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }))).toBe('allowed');
    expect(await outcome(s3({ 'x-forwarded-for': '203.0.113.9' }))).toBe('AccessDenied');
    await other.stop();
  });
});

describe('policy trap 9: an instance that nobody configured', () => {
  let dir: string;
  let running: Running;
  let admin: Keys;
  const options = (credentials: Keys) => ({
    endpoint: running.endpoint,
    region: 'us-east-1',
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bailey-doors-'));
    running = await up(['--data', join(dir, 'data')]);
    const text = await readFile(running.credentialsFile, 'utf8');
    admin = {
      accessKeyId: /aws_access_key_id = (\S+)/.exec(text)?.[1] ?? '',
      secretAccessKey: /aws_secret_access_key = (\S+)/.exec(text)?.[1] ?? '',
    };
    await new S3Client(options(admin)).send(new CreateBucketCommand({ Bucket: 'back-doors' }));
    await new S3Client(options(admin)).send(new PutObjectCommand({ Bucket: 'back-doors', Key: 'k', Body: 'x' }));
  });
  afterAll(async () => {
    await running.end('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  });

  it.each([
    ['test', 'test'],
    ['testing', 'testing'],
    ['test_admin', 'test'],
    ['AKIAtest', 'test'],
    ['AKIAtestAKIAtest0001', 'test'],
    ['AKIATESTTESTTEST0001', 'testtesttesttesttesttesttesttesttesttest'],
    ['ASIAtestAKIAtest0001', 'test'],
    ['LSIAQAAAAAAVNCBMPNSG', 'test'],
    ['LKIAQAAAAAAAGFWQKN4Q', 'test'],
    ['mock_access_key', 'mock_secret_key'],
    ['foobar', 'foobar'],
    ['dummy', 'dummy'],
    ['root', 'test'],
    ['admin', 'test'],
    ['bailey', 'bailey'],
    ['000000000000', 'test'],
    ['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['AKIAROOTEXAMPLE00001', 'rootsecret/rootsecret/rootsecret/rootsecr'],
  ])('knows no key %s', async (accessKeyId, secretAccessKey) => {
    const keys = { accessKeyId, secretAccessKey };
    expect(await outcome(new STSClient(options(keys)).send(new GetCallerIdentityCommand({})))).toBe(
      'InvalidClientTokenId',
    );
    expect(await outcome(new IAMClient(options(keys)).send(new ListUsersCommand({})))).toBe('InvalidClientTokenId');
    expect(
      await outcome(new S3Client(options(keys)).send(new GetObjectCommand({ Bucket: 'back-doors', Key: 'k' }))),
    ).toBe('InvalidAccessKeyId');
  });

  it('takes the account’s own number, its own key with another secret, and other people’s tokens for nobody', async () => {
    const sts = (keys: Keys) => outcome(new STSClient(options(keys)).send(new GetCallerIdentityCommand({})));
    expect(await sts({ accessKeyId: running.accountId, secretAccessKey: 'test' })).toBe('InvalidClientTokenId');
    expect(await sts({ ...admin, secretAccessKey: 'test' })).toBe('SignatureDoesNotMatch');
    expect(await sts({ ...admin, secretAccessKey: '' })).toBe('SignatureDoesNotMatch');
    expect(await sts({ ...admin, sessionToken: 'test' })).toBe('InvalidClientTokenId');
  });

  it('enforces: a new user may do nothing, until a policy says so', async () => {
    const people = new Principals({ clientOptions: (keys = admin) => options(keys) } as TestInstance);
    const nobody = await people.user('nobody');
    const iam = new IAMClient(options(nobody));
    const s3 = new S3Client(options(nobody));
    expect(await outcome(iam.send(new CreateUserCommand({ UserName: 'x' })))).toBe('AccessDenied');
    expect(await outcome(iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
    expect(await outcome(s3.send(new GetObjectCommand({ Bucket: 'back-doors', Key: 'k' })))).toBe('AccessDenied');
    expect((await fetch(`${running.endpoint}/back-doors/k`)).status).toBe(403);
    await people.userMay('nobody', allow('s3:GetObject'));
    expect(await outcome(s3.send(new GetObjectCommand({ Bucket: 'back-doors', Key: 'k' })))).toBe('allowed');
    expect(await outcome(iam.send(new ListUsersCommand({})))).toBe('AccessDenied');
  });
});
