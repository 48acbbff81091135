/** Clients with certificates: whom they stand for, what policies see of them, and which are refused. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Instance, start } from '../../src/main.ts';
import { accountId, adminKeys, type Keys, nobodyKeys, rootKeys, testConfig } from '../support/instance.ts';
import { bailey } from '../support/process.ts';

let folder: string;
let instance: Instance;
let ca: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailey-certificates-'));
  const config = { ...testConfig, tls: { clientCertificates: 'optional' as const } };
  instance = await start({ dataDir: join(folder, 'data'), port: 0, config, tlsOnly: true });
  ca = await readFile(instance.caFile as string, 'utf8');
});
afterAll(async () => {
  await instance.close();
  await rm(folder, { recursive: true, force: true });
});

interface Shown {
  readonly key: string;
  readonly cert: string;
}

async function issue(name: string, ...words: string[]): Promise<Shown> {
  const out = join(folder, name);
  const { code, errors } = await bailey(['ca', 'issue', '--data', instance.dataDir, '--out', out, ...words]);
  expect(code, errors).toBe(0);
  const read = (file: string) => readFile(join(out, file), 'utf8');
  return { key: await read('key.pem'), cert: await read('certificate.pem') };
}

const options = (credentials: Keys, shown?: Shown) => ({
  endpoint: instance.endpoint,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
  requestHandler: { httpsAgent: new Agent({ ca, ...shown }) },
});
const whoAmI = async (credentials: Keys, shown?: Shown) =>
  (await new STSClient(options(credentials, shown)).send(new GetCallerIdentityCommand({}))).Arn;
const adminArn = `arn:aws:iam::${accountId}:user/admin`;

test('M-208 a certificate of a principal lets its calls through, and nobody else’s, whatever keys they have', async () => {
  const admin = await issue('admin', '--principal', adminArn);
  expect(await whoAmI(adminKeys, admin)).toBe(adminArn);
  // Optional: without one the signature alone counts.
  expect(await whoAmI(nobodyKeys)).toContain('user/nobody');
  for (const stolen of [nobodyKeys, rootKeys]) {
    await expect(whoAmI(stolen, admin)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('client certificate'),
    });
  }
  // The refusal is on record, and explained.
  const trail = new CloudTrailClient(options(adminKeys, admin));
  const { Events = [] } = await trail.send(
    new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'nobody' }] }),
  );
  const refused = Events.find(({ CloudTrailEvent = '' }) => CloudTrailEvent.includes('AccessDenied'));
  expect(refused?.CloudTrailEvent).toContain('client certificate');
});

test('a certificate of a role goes with sessions of that role', async () => {
  const iam = new IAMClient(options(adminKeys));
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'sts:AssumeRole' },
  };
  await iam.send(new CreateRoleCommand({ RoleName: 'barista', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const RoleArn = `arn:aws:iam::${accountId}:role/barista`;
  const { Credentials } = await new STSClient(options(adminKeys)).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shift' }),
  );
  const session = {
    accessKeyId: Credentials?.AccessKeyId as string,
    secretAccessKey: Credentials?.SecretAccessKey as string,
    sessionToken: Credentials?.SessionToken as string,
  };
  const role = await issue('barista', '--principal', RoleArn);
  expect(await whoAmI(session, role)).toContain('assumed-role/barista/shift');
  await expect(whoAmI(adminKeys, role)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(whoAmI(session, await issue('admin-2', '--principal', adminArn))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});

test('policies can demand a certificate: bailey:ClientCertificate', async () => {
  const iam = new IAMClient(options(adminKeys));
  await iam.send(new CreateUserCommand({ UserName: 'rudy' }));
  const { CreateAccessKeyCommand } = await import('@aws-sdk/client-iam');
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
  const keys = { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 'iam:ListUsers',
      Resource: '*',
      Condition: { StringEquals: { 'bailey:ClientCertificate': `spiffe://bailey/${accountId}/user/rudy` } },
    },
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'rudy', PolicyName: 'certificate', PolicyDocument }));
  const list = (shown?: Shown) => new IAMClient(options(keys, shown)).send(new ListUsersCommand({}));
  const rudy = await issue('rudy', '--principal', `arn:aws:iam::${accountId}:user/rudy`);
  expect((await list(rudy)).Users?.length).toBeGreaterThan(1);
  await expect(list()).rejects.toMatchObject({ name: 'AccessDenied' });
  // A machine's certificate stands for nobody, and opens nothing.
  await expect(list(await issue('node', '--name', 'node-1.coffee.example'))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});

/** Whether a connection with this certificate outlives its handshake. */
function survives(shown: Partial<ConnectionOptions>): Promise<boolean> {
  const { hostname, port } = new URL(instance.endpoint);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ca, ...shown }, () => {
      socket.write('GET /_bailey/health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    });
    socket.once('data', (bytes) => {
      resolve(bytes.includes('200 OK'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}

test('a certificate that another authority made ends the connection, although one is optional', async () => {
  expect(await survives({})).toBe(true);
  expect(await survives(await issue('good', '--principal', adminArn))).toBe(true);
  const stranger = await start({ dataDir: join(folder, 'stranger'), port: 0, config: testConfig, tlsOnly: true });
  try {
    const out = join(folder, 'forged');
    const made = await bailey(['ca', 'issue', '--data', stranger.dataDir, '--out', out, '--principal', adminArn]);
    expect(made.code, made.errors).toBe(0);
    const forged = { key: await readFile(join(out, 'key.pem')), cert: await readFile(join(out, 'certificate.pem')) };
    expect(await survives(forged)).toBe(false);
    // Nor when it comes with a session that was begun without one.
    expect(await survives({ ...forged, maxVersion: 'TLSv1.2' })).toBe(false);
  } finally {
    await stranger.close();
  }
});

test('certificates are made for users and roles only, and for a limited time', async () => {
  for (const words of [
    ['--principal', `arn:aws:iam::${accountId}:root`],
    ['--principal', 'arn:aws:s3:::bucket'],
    ['--principal', adminArn, '--hours', '100000'],
    ['--principal', adminArn, '--name', 'both'],
  ]) {
    const { code } = await bailey(['ca', 'issue', '--data', instance.dataDir, '--out', join(folder, 'none'), ...words]);
    expect(code, words.join(' ')).not.toBe(0);
  }
});
