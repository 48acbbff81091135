/**
 * Certificates that a public authority signs, from the request to the TLS client that sees them: against pebble, by the
 * instance's own name server (dns-01) and by its own listener (http-01). Skipped where pebble is not installed.
 */
import { X509Certificate } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import {
  ACMClient,
  type CertificateDetail,
  DescribeCertificateCommand,
  ExportCertificateCommand,
  GetCertificateCommand,
  RenewCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
  RevokeCertificateCommand,
} from '@aws-sdk/client-acm';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { AssociateWebACLCommand, CreateWebACLCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elbClient, makeHttpsListener, makeListener, makeLoadBalancer, refusal } from '../support/elb.ts';
import {
  adminKeys,
  type Keys,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { isInstalled, type Pebble, startNames, startPebble } from '../support/pebble.ts';
import { ask, freePort, pause } from './edge.fixture.ts';

const isMissing = !isInstalled('pebble') || !isInstalled('pebble-challtestsrv');
if (isMissing) console.warn('SKIPPED: certificates by ACME are tried against pebble (Debian package).');

const day = 86_400;
const withinMs = 60_000;

let instance: TestInstance;
let pebble: Pebble;
let folder: string;

const acm = (keys: Keys = adminKeys) => new ACMClient(instance.clientOptions(keys));

async function request(DomainName: string, more: Partial<RequestCertificateCommandInput> = {}, keys = adminKeys) {
  const input = { DomainName, ValidationMethod: 'DNS', KeyAlgorithm: 'EC_prime256v1', ...more } as const;
  const { CertificateArn } = await acm(keys).send(new RequestCertificateCommand(input));
  return CertificateArn as string;
}

async function describeOne(CertificateArn: string, keys = adminKeys): Promise<CertificateDetail> {
  const { Certificate } = await acm(keys).send(new DescribeCertificateCommand({ CertificateArn }));
  return Certificate as CertificateDetail;
}

async function until(arn: string, what: (found: CertificateDetail) => boolean): Promise<CertificateDetail> {
  const end = performance.now() + withinMs;
  let next = performance.now() + withinMs / 4;
  for (;;) {
    const found = await describeOne(arn);
    if (what(found)) return found;
    // On a slow machine the authority may have asked too early: it is tried again after five minutes or a little more.
    if (performance.now() > next) {
      next += withinMs / 4;
      await instance.advance(600);
    }
    if (performance.now() > end) throw new Error(`waited for something else than ${JSON.stringify(found)}`);
    await pause(200);
  }
}

const issued = (arn: string) => until(arn, ({ Status }) => Status === 'ISSUED');

async function makeZone(Name: string): Promise<(record: ResourceRecordSet) => Promise<unknown>> {
  const route53 = new Route53Client(instance.clientOptions());
  const { HostedZone } = await route53.send(new CreateHostedZoneCommand({ Name, CallerReference: Name }));
  return (ResourceRecordSet) =>
    route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: HostedZone?.Id,
        ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] },
      }),
    );
}

const record = (Name: string, Type: 'A' | 'CNAME' | 'TXT', Value: string): ResourceRecordSet => ({
  Name,
  Type,
  TTL: 60,
  ResourceRecords: [{ Value }],
});

/** Puts the record of every domain that a request waits for. */
async function prove(arn: string, put: (record: ResourceRecordSet) => Promise<unknown>): Promise<void> {
  const { DomainValidationOptions = [] } = await describeOne(arn);
  for (const { ResourceRecord: wanted } of DomainValidationOptions) {
    await put(record(wanted?.Name as string, 'CNAME', wanted?.Value as string));
  }
}

async function approveByMail(domain: string): Promise<number> {
  const mail = join(instance.dataDir, 'mail');
  const texts = await Promise.all((await readdir(mail)).sort().map((name) => readFile(join(mail, name), 'utf8')));
  const found = texts.findLast((one) => one.startsWith(`To: admin@${domain}\n`))?.match(/http:\S+/)?.[0];
  return (await fetch(found as string, { method: 'POST' })).status;
}

async function openGroup(): Promise<string> {
  const ec2 = new EC2Client(instance.clientOptions());
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65_535, IpRanges: [{ CidrIp: '127.0.0.0/8' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  return GroupId as string;
}

/** The edge has started, and its name server with it. */
async function answering(dnsPort: number, name: string): Promise<void> {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  const end = performance.now() + withinMs;
  while (!(await resolver.resolveTxt(name).catch(() => undefined))) {
    if (performance.now() > end) throw new Error('the name server does not answer');
    await pause(200);
  }
}

/** What a client that trusts `ca` alone sees. */
function seenAt(port: number, servername: string, ca: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
      const found = socket.getPeerX509Certificate();
      socket.destroy();
      if (found) resolve(found);
      else reject(new Error('no certificate'));
    });
    socket.on('error', reject);
  });
}

async function seenSoon(port: number, servername: string, ca: string): Promise<X509Certificate> {
  for (let left = withinMs / 200; ; left -= 1) {
    try {
      return await seenAt(port, servername, ca);
    } catch (error) {
      if (left === 0) throw error;
      await pause(200);
    }
  }
}

const serialOf = (found: CertificateDetail): string => (found.Serial ?? '').replaceAll(':', '').toUpperCase();

describe.skipIf(isMissing)('by the name server of the instance (dns-01)', () => {
  let put: Awaited<ReturnType<typeof makeZone>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-acme-'));
    const dnsPort = await freePort();
    const httpPort = await freePort();
    pebble = await startPebble({ folder, dnsServer: `127.0.0.1:${dnsPort}`, httpPort, validitySeconds: 90 * day });
    const { directory, ca } = pebble;
    const acme = { directory, ca, httpPort, email: 'owner@coffee.example', names: ['*.coffee.example'] };
    instance = await startInstance({ ...testConfig, certificates: { acme } }, { dnsPort });
    put = await makeZone('coffee.example');
    await put(record('_acme-challenge.shop.coffee.example', 'TXT', '"mine"'));
    await answering(dnsPort, '_acme-challenge.shop.coffee.example');
  });
  afterAll(async () => {
    pebble?.stop();
    await instance?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('a listener presents what was ordered; it is renewed before its end, and by another serial', async () => {
    const SubjectAlternativeNames = ['*.shop.coffee.example'];
    const arn = await request('shop.coffee.example', { SubjectAlternativeNames });
    expect(await describeOne(arn)).toMatchObject({ Status: 'PENDING_VALIDATION', Type: 'AMAZON_ISSUED' });
    await prove(arn, put);
    const first = await issued(arn);
    expect(first.Issuer).toMatch(/Pebble/);
    expect(first.DomainValidationOptions?.map((one) => one.ValidationStatus)).toEqual(['SUCCESS', 'SUCCESS']);
    const root = await pebble.root();
    const { Certificate, CertificateChain } = await acm().send(new GetCertificateCommand({ CertificateArn: arn }));
    const leaf = new X509Certificate(Certificate as string);
    expect(leaf.checkHost('bar.shop.coffee.example')).toBe('*.shop.coffee.example');
    expect(leaf.verify(new X509Certificate(CertificateChain as string).publicKey)).toBe(true);

    const elb = elbClient(instance);
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'shop', { SecurityGroups: [await openGroup()] });
    const port = await freePort();
    await makeHttpsListener(elb, LoadBalancerArn, port, arn);
    expect((await seenSoon(port, 'shop.coffee.example', root)).serialNumber).toBe(serialOf(first));

    await instance.advance(59 * day);
    expect((await describeOne(arn)).RenewalSummary).toBeUndefined();
    await instance.advance(1.5 * day);
    const second = await until(arn, (found) => found.Serial !== first.Serial);
    expect(second.RenewalSummary?.RenewalStatus).toBe('SUCCESS');
    expect(second.Status).toBe('ISSUED');
    for (let left = withinMs / 100; left > 0; left -= 1) {
      if ((await seenAt(port, 'shop.coffee.example', root)).serialNumber === serialOf(second)) return;
      await pause(100);
    }
    throw new Error('the listener presents the old certificate');
  }, 120_000);

  test('a stranger proves nothing by another’s zone, and has no certificate of an approval by mail either', async () => {
    const byRecord = await request('shop.coffee.example', {}, otherAdminKeys);
    const byMail = await request('bar.coffee.example', { ValidationMethod: 'EMAIL' }, otherAdminKeys);
    expect(await approveByMail('bar.coffee.example')).toBe(200);
    const mine = await request('till.coffee.example');
    await prove(mine, put);
    // Orders go on meanwhile, but not theirs.
    await issued(mine);
    await instance.advance(600);
    await pause(3_000);
    for (const arn of [byRecord, byMail]) {
      const found = await describeOne(arn, otherAdminKeys);
      expect(found.Status).toBe('PENDING_VALIDATION');
      expect(found.DomainValidationOptions?.[0]?.ValidationStatus).toBe('PENDING_VALIDATION');
    }
    await instance.advance(73 * 3600);
    for (const arn of [byRecord, byMail]) {
      for (let left = 50; left > 0; left -= 1) {
        if ((await describeOne(arn, otherAdminKeys)).Status !== 'PENDING_VALIDATION') break;
        await instance.advance(5);
        await pause(100);
      }
      expect((await describeOne(arn, otherAdminKeys)).Status).toBe('VALIDATION_TIMED_OUT');
    }
  }, 120_000);

  test('what was exported is renewed when asked for, and revoked in public', async () => {
    const arn = await request('out.coffee.example', { Options: { Export: 'ENABLED' } });
    await prove(arn, put);
    const first = await issued(arn);
    const Passphrase = new TextEncoder().encode('correct horse');
    const { PrivateKey } = await acm().send(new ExportCertificateCommand({ CertificateArn: arn, Passphrase }));
    expect(PrivateKey).toContain('ENCRYPTED');
    await acm().send(new RenewCertificateCommand({ CertificateArn: arn }));
    const waiting = (await describeOne(arn)).RenewalSummary;
    expect(waiting?.RenewalStatus).toBe('PENDING_AUTO_RENEWAL');
    expect(waiting?.DomainValidationOptions?.[0]?.ValidationStatus).toBe('PENDING_VALIDATION');
    const second = await until(arn, (found) => found.Serial !== first.Serial);
    expect(second.RenewalSummary?.RenewalStatus).toBe('SUCCESS');
    expect(await pebble.statusOf(serialOf(second))).toBe('Valid');
    await acm().send(new RevokeCertificateCommand({ CertificateArn: arn, RevocationReason: 'SUPERSEDED' }));
    expect(await pebble.statusOf(serialOf(second))).toBe('Revoked');
    expect((await describeOne(arn)).Status).toBe('REVOKED');
  }, 120_000);

  test('other names are signed by the instance’s own authority, and none by both', async () => {
    const own = await makeZone('inside.example');
    const arn = await request('db.inside.example');
    await prove(arn, own);
    expect((await issued(arn)).Issuer).toMatch(/O=Bailey/);
    const both = request('x.coffee.example', { SubjectAlternativeNames: ['db.inside.example'] });
    expect(await refusal(both)).toMatch(/^ValidationException: .*db\.inside\.example/);
  }, 60_000);
});

describe.skipIf(isMissing)('by a listener of the account (http-01)', () => {
  let names: Awaited<ReturnType<typeof startNames>>;
  let httpPort: number;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailey-acme-'));
    names = await startNames();
    httpPort = await freePort();
    pebble = await startPebble({ folder, dnsServer: names.at, httpPort });
    const { directory, ca } = pebble;
    const acme = { directory, ca, httpPort, names: ['*.tea.example'] };
    instance = await startInstance({ ...testConfig, edge: { processes: 2 }, certificates: { acme } });
  });
  afterAll(async () => {
    pebble?.stop();
    names?.stop();
    await instance?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the authority is answered before web ACL and rules, as soon as there is a listener', async () => {
    const arn = await request('shop.tea.example', { ValidationMethod: 'EMAIL', KeyAlgorithm: 'RSA_2048' });
    expect(await approveByMail('shop.tea.example')).toBe(200);
    await pause(8_000);
    // Nobody listens where the authority would ask: nothing is ordered.
    expect(await describeOne(arn)).toMatchObject({ Status: 'PENDING_VALIDATION' });

    const elb = elbClient(instance);
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'tea', { SecurityGroups: [await openGroup()] });
    await makeListener(elb, LoadBalancerArn, httpPort);
    const waf = new WAFV2Client(instance.clientOptions());
    const VisibilityConfig = { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'closed' };
    const { Summary } = await waf.send(
      new CreateWebACLCommand({ Name: 'closed', Scope: 'REGIONAL', DefaultAction: { Block: {} }, VisibilityConfig }),
    );
    await waf.send(new AssociateWebACLCommand({ WebACLArn: Summary?.ARN, ResourceArn: LoadBalancerArn }));
    const page = `/.well-known/acme-challenge/${'x'.repeat(43)}`;
    const asked = () => ask({ port: httpPort, path: page, headers: { host: 'shop.tea.example' } });
    // Nobody had a listener before: its processes are only starting now.
    for (let left = withinMs / 100; left > 0; left -= 1) {
      const answer = await asked().catch(() => undefined);
      if (answer?.status === 403) break;
      await pause(100);
    }
    expect((await asked()).status).toBe(403);
    await instance.advance(301);
    const found = await issued(arn);
    expect(found.Issuer).toMatch(/Pebble/);
    expect((await asked()).status).toBe(403);
  }, 120_000);

  test('a wildcard cannot be proven so: it waits', async () => {
    const arn = await request('*.tea.example', { ValidationMethod: 'EMAIL' });
    expect(await approveByMail('tea.example')).toBe(200);
    await pause(8_000);
    expect((await describeOne(arn)).Status).toBe('PENDING_VALIDATION');
  }, 60_000);
});
