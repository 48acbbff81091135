/** Encryption in transit: TLS with an authority of our own, who may come in without it, and who must show a certificate. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../../src/main.ts';
import { accountId, adminKeys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bailey, up } from '../support/process.ts';

const caOf = (instance: { caFile?: string }) => readFile(instance.caFile as string, 'utf8');

/** SDK options that trust this root and, where there is one, show a certificate. */
async function over(endpoint: string, ca: string, client: { key?: string; cert?: string } = {}) {
  const httpsAgent = new Agent({ ca, ...client });
  return {
    endpoint,
    region: 'us-east-1',
    credentials: adminKeys,
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: { httpsAgent },
  };
}

const whoAmI = async (options: Awaited<ReturnType<typeof over>>) =>
  (await new STSClient(options).send(new GetCallerIdentityCommand({}))).Arn;
const adminArn = `arn:aws:iam::${accountId}:user/admin`;

/** The status of GET /, or the code of what went wrong. */
function get(endpoint: string, options: object = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const send = endpoint.startsWith('https:') ? request : plainRequest;
    const outgoing = send(endpoint, { agent: false, ...options }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.end();
  });
}

/** The version that a handshake ends with. */
function handshake(endpoint: string, options: object): Promise<string | null> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('TLS beside plain HTTP on loopback', () => {
  let instance: TestInstance;
  let ca: string;
  beforeAll(async () => {
    instance = await startInstance(testConfig, { tls: true, tlsPort: 0 });
    ca = await caOf(instance);
  });
  afterAll(() => instance.stop());

  test('M-208 clients check the server by the root of its authority, and by no other', async () => {
    const endpoint = instance.tlsEndpoint as string;
    expect(endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await whoAmI(await over(endpoint, ca))).toBe(adminArn);
    expect(await whoAmI(await over(endpoint.replace('127.0.0.1', 'localhost'), ca))).toBe(adminArn);
    expect(await get(endpoint)).toMatch(/SELF_SIGNED|UNABLE_TO/);
  });

  test('M-209 the listener speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const endpoint = instance.tlsEndpoint as string;
    expect(await handshake(endpoint, { ca })).toBe('TLSv1.3');
    expect(await handshake(endpoint, { ca, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    const old = { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(handshake(endpoint, old)).rejects.toThrow(/protocol version|alert/);
  });

  test('M-204 a policy on aws:SecureTransport sees which listener a call came through', async () => {
    const plain = new S3Client(instance.clientOptions());
    const secure = new S3Client(await over(instance.tlsEndpoint as string, ca));
    const Bucket = 'only-tls';
    await plain.send(new CreateBucketCommand({ Bucket }));
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:ListBucket',
          Resource: `arn:aws:s3:::${Bucket}`,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
    await plain.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    await expect(plain.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await secure.send(new ListObjectsV2Command({ Bucket }));
    // Nobody becomes secure by saying so.
    plain.middlewareStack.add(
      (next) => (call) => {
        (call.request as { headers: Record<string, string> }).headers['x-forwarded-proto'] = 'https';
        return next(call);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(plain.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('the version of TLS', () => {
  /** An instance, and a client of its TLS listener by one version. */
  async function opened(trustedProxies: readonly string[] = []) {
    const instance = await startInstance({ ...testConfig, trustedProxies }, { tls: true, tlsPort: 0 });
    const ca = await caOf(instance);
    const by = async (maxVersion: 'TLSv1.2' | 'TLSv1.3') => {
      const options = await over(instance.tlsEndpoint as string, ca);
      return new S3Client({ ...options, requestHandler: { httpsAgent: new Agent({ ca, maxVersion }) } });
    };
    const plain = new S3Client(instance.clientOptions());
    const Bucket = 'newest-tls';
    await plain.send(new CreateBucketCommand({ Bucket }));
    const only = (Condition: object) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${Bucket}`,
      Condition,
    });
    const deny = (Condition: object) => {
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: only(Condition) });
      return plain.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    };
    const list = (client: S3Client) =>
      client.send(new ListObjectsV2Command({ Bucket })).then(
        () => 'allowed',
        (error: Error) => error.name,
      );
    return { instance, plain, old: await by('TLSv1.2'), newest: await by('TLSv1.3'), deny, list };
  }

  test('M-204 is told to policies (s3:TlsVersion) and to records', async () => {
    const { instance, plain, old, newest, deny, list } = await opened();
    try {
      await deny({ NumericLessThan: { 's3:TlsVersion': '1.3' } });
      expect([await list(old), await list(newest)]).toEqual(['AccessDenied', 'allowed']);
      await deny({ Null: { 's3:TlsVersion': 'true' } });
      expect([await list(old), await list(newest), await list(plain)]).toEqual(['allowed', 'allowed', 'AccessDenied']);
      for (const client of [old, newest, plain]) await client.send(new ListBucketsCommand({}));
      const cloudtrail = new CloudTrailClient(instance.clientOptions());
      const LookupAttributes = [{ AttributeKey: 'EventName', AttributeValue: 'ListBuckets' } as const];
      const { Events = [] } = await cloudtrail.send(new LookupEventsCommand({ LookupAttributes }));
      const host = new URL(instance.tlsEndpoint as string).host;
      expect(Events.map((event) => JSON.parse(event.CloudTrailEvent as string).tlsDetails)).toEqual([
        undefined,
        { tlsVersion: 'TLSv1.3', cipherSuite: expect.stringMatching(/^TLS_AES_/), clientProvidedHostHeader: host },
        { tlsVersion: 'TLSv1.2', cipherSuite: expect.stringMatching(/^ECDHE-/), clientProvidedHostHeader: host },
      ]);
    } finally {
      await instance.stop();
    }
  });

  test('M-204 that a trusted proxy speaks is not that of its clients', async () => {
    const { instance, newest, deny, list } = await opened(['127.0.0.1/32']);
    try {
      await deny({ Null: { 's3:TlsVersion': 'true' } });
      expect(await list(newest)).toBe('AccessDenied');
    } finally {
      await instance.stop();
    }
  });
});

describe('TLS only', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-tls-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('M-204 plain HTTP is refused, and the profile that the instance wrote knows whom to trust', async () => {
    const dataDir = join(folder, 'only');
    const instance = await start({ dataDir, port: 0, config: testConfig, tlsOnly: true });
    try {
      expect(instance.endpoint).toBe(instance.tlsEndpoint);
      expect(await whoAmI(await over(instance.endpoint, await caOf(instance)))).toBe(adminArn);
      expect(await get(instance.endpoint.replace('https:', 'http:'))).not.toBe(200);
      expect(await get(instance.endpoint.replace('https:', 'http:'))).toMatch(/ECONNRESET|HPE_|EPROTO|socket hang up/);
      const profile = await readFile(join(dataDir, 'aws', 'config'), 'utf8');
      expect(profile).toContain(`endpoint_url = ${instance.endpoint}`);
      expect(profile).toContain(`ca_bundle = ${instance.caFile}`);
    } finally {
      await instance.close();
    }
    // The authority outlives the instance.
    const before = await readFile(join(dataDir, 'ca', 'root.pem'), 'utf8');
    const again = await start({ dataDir, port: 0, config: testConfig, tlsOnly: true });
    try {
      expect(await caOf(again)).toBe(before);
      expect(await whoAmI(await over(again.endpoint, before))).toBe(adminArn);
    } finally {
      await again.close();
    }
  });

  test('M-209 any address but loopback speaks TLS only', async () => {
    const instance = await start({ dataDir: join(folder, 'any'), host: '0.0.0.0', port: 0, config: testConfig });
    try {
      const endpoint = instance.endpoint.replace('0.0.0.0', '127.0.0.1');
      expect(endpoint).toMatch(/^https:/);
      expect(await whoAmI(await over(endpoint, await caOf(instance)))).toBe(adminArn);
      expect(await get(endpoint.replace('https:', 'http:'))).not.toBe(200);
    } finally {
      await instance.close();
    }
    await expect(start({ host: '0.0.0.0', port: 0, testApi: true })).rejects.toThrow('loopback');
  });

  test('M-208 where clients must show a certificate, those without one, and those for servers, are refused', async () => {
    const config = join(folder, 'mutual.yaml');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(config, JSON.stringify({ ...testConfig, tls: { clientCertificates: 'required' } }));
    const data = join(folder, 'mutual');
    const running = await up(['--data', data, '--config', config, '--tls-only']);
    try {
      const out = join(folder, 'client');
      const issued = await bailey(['ca', 'issue', '--data', data, '--principal', adminArn, '--out', out]);
      expect(issued.code, issued.errors).toBe(0);
      const read = (name: string) => readFile(join(out, name), 'utf8');
      const ca = await read('ca.pem');
      const client = { key: await read('key.pem'), cert: await read('certificate.pem') };
      expect(await whoAmI(await over(running.endpoint, ca, client))).toBe(adminArn);
      expect(await get(running.endpoint, { ca })).toMatch(/ERR_SSL|ECONNRESET/);
      const stranger = await start({ port: 0, tlsOnly: true });
      await stranger.close();
      const shown = await bailey(['ca', 'show', '--data', data, '--json']);
      expect(JSON.parse(shown.output)).toMatchObject({ file: join(data, 'ca', 'root.pem') });
      const dry = await bailey(['ca', 'trust', '--data', data, '--dry-run']);
      expect(dry.output).toMatch(/would write|No store/);
      const exported = await bailey(['ca', 'export', '--data', data]);
      expect(exported.output).toBe(ca);
    } finally {
      await running.end('SIGTERM');
    }
  });
});
