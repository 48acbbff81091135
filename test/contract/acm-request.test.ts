/** Certificates that are requested: proven by mail, signed by the instance's authority, exported, renewed, revoked. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ACMClient,
  type CertificateDetail,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ExportCertificateCommand,
  GetCertificateCommand,
  ListCertificateDomainValidationsCommand,
  RenewCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
  ResendValidationEmailCommand,
  RevokeCertificateCommand,
  UpdateCertificateOptionsCommand,
} from '@aws-sdk/client-acm';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elbClient, makeHttpsListener, makeLoadBalancer, refusal } from '../support/elb.ts';
import { accountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let acm: ACMClient;
beforeAll(async () => {
  instance = await startInstance();
  acm = new ACMClient(instance.clientOptions());
});
afterAll(() => instance.stop());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nobody = `arn:aws:acm:us-east-1:${accountId}:certificate/00000000-0000-4000-8000-000000000000`;
const missing = `ResourceNotFoundException: Could not find certificate ${nobody}.`;

async function request(DomainName: string, more: Partial<RequestCertificateCommandInput> = {}): Promise<string> {
  const { CertificateArn } = await acm.send(new RequestCertificateCommand({ DomainName, ...more }));
  return CertificateArn as string;
}

async function describeOne(CertificateArn: string): Promise<CertificateDetail> {
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
  return Certificate as CertificateDetail;
}

/** Mails to an address about a domain, oldest first. */
async function mails(to: string, domain: string): Promise<string[]> {
  const folder = join(instance.dataDir as string, 'mail');
  const texts = await Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), 'utf8')));
  return texts.filter((text) => text.startsWith(`To: ${to}\n`) && text.includes(`certificate for ${domain} `));
}

async function approveByMail(to: string, domain: string): Promise<Response> {
  const link = (await mails(to, domain)).at(-1)?.match(/http:\S+/)?.[0];
  return fetch(link as string, { method: 'POST' });
}

/** Issued within a round or two of the job. */
async function issued(CertificateArn: string): Promise<CertificateDetail> {
  for (let round = 0; round < 50; round += 1) {
    const found = await describeOne(CertificateArn);
    if (found.Status !== 'PENDING_VALIDATION') return found;
    await instance.advance(5);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the certificate was not issued');
}

async function requestAndApprove(domain: string, more: Partial<RequestCertificateCommandInput> = {}): Promise<string> {
  const arn = await request(domain, more);
  expect((await approveByMail(`admin@${domain}`, domain)).status).toBe(200);
  expect((await issued(arn)).Status).toBe('ISSUED');
  return arn;
}

describe('RequestCertificate', () => {
  test('waits for a record in the DNS, which is the same for a name and its wildcard', async () => {
    const arn = await request('shop.example.com', {
      ValidationMethod: 'DNS',
      SubjectAlternativeNames: ['*.shop.example.com', 'bar.example.com'],
      KeyAlgorithm: 'EC_prime256v1',
    });
    const found = await describeOne(arn);
    expect(found).toMatchObject({
      DomainName: 'shop.example.com',
      SubjectAlternativeNames: ['shop.example.com', '*.shop.example.com', 'bar.example.com'],
      Status: 'PENDING_VALIDATION',
      Type: 'AMAZON_ISSUED',
      KeyAlgorithm: 'EC_prime256v1',
      RenewalEligibility: 'INELIGIBLE',
      Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    });
    const [plain, wild, bar] = found.DomainValidationOptions ?? [];
    expect(plain?.ResourceRecord).toEqual({
      Name: expect.stringMatching(/^_[0-9a-f]{32}\.shop\.example\.com\.$/),
      Type: 'CNAME',
      Value: expect.stringMatching(/^_[0-9a-f]{32}\.bailey\.acm-validations\.aws\.$/),
    });
    expect(wild?.ResourceRecord).toEqual(plain?.ResourceRecord);
    expect(bar?.ResourceRecord).not.toEqual(plain?.ResourceRecord);
    const summaries = await acm.send(new ListCertificateDomainValidationsCommand({ CertificateArn: arn }));
    expect(summaries.DomainValidationSummaryList?.[0]).toEqual({
      DomainName: 'shop.example.com',
      ActiveValidationConfiguration: {
        ValidationMethod: 'DNS',
        ValidationStatus: 'PENDING_VALIDATION',
        ValidationChallenge: { DnsValidationChallenge: { ResourceRecord: plain?.ResourceRecord } },
      },
    });
    const wrong = new ListCertificateDomainValidationsCommand({ CertificateArn: nobody });
    expect(await refusal(acm.send(wrong))).toBe(missing);
    expect(await refusal(acm.send(new GetCertificateCommand({ CertificateArn: arn })))).toMatch(/^RequestInProgress/);
    const Passphrase = bytes('correct horse');
    expect(await refusal(acm.send(new ExportCertificateCommand({ CertificateArn: arn, Passphrase })))).toMatch(
      /^ValidationException: /,
    );
    await acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
  });

  test('is issued when the record is in a hosted zone of this instance, whoever else has a zone of that name', async () => {
    const proven = async (client: Route53Client, arn: string, domain: string): Promise<void> => {
      const { HostedZone } = await client.send(
        new CreateHostedZoneCommand({ Name: domain, CallerReference: `${domain} ${arn}` }),
      );
      const [proof] = (await describeOne(arn)).DomainValidationOptions ?? [];
      const { Name, Value } = proof?.ResourceRecord ?? {};
      const ResourceRecordSet = { Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] } as ResourceRecordSet;
      await client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: HostedZone?.Id,
          ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] },
        }),
      );
    };
    const mine = new Route53Client(instance.clientOptions());
    const theirs = new Route53Client(instance.clientOptions(otherAdminKeys));
    const arn = await request('proven.example.net', { ValidationMethod: 'DNS' });
    await proven(mine, arn, 'proven.example.net');
    expect((await issued(arn)).DomainValidationOptions?.[0]?.ValidationStatus).toBe('SUCCESS');

    await theirs.send(new CreateHostedZoneCommand({ Name: 'taken.example.net', CallerReference: 'first' }));
    await instance.advance(1);
    const squatted = await request('taken.example.net', { ValidationMethod: 'DNS' });
    await proven(mine, squatted, 'taken.example.net');
    await instance.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await describeOne(squatted)).Status).toBe('PENDING_VALIDATION');
  });

  test('is idempotent for an hour by its token', async () => {
    const IdempotencyToken = 'token1';
    const first = await request('idem.example.com', { IdempotencyToken });
    expect(await request('idem.example.com', { IdempotencyToken })).toBe(first);
    expect(await refusal(request('other.example.com', { IdempotencyToken }))).toMatch(/^ConflictException: /);
    const exported = request('idem.example.com', { IdempotencyToken, Options: { Export: 'ENABLED' } });
    expect(await refusal(exported)).toMatch(/^ConflictException: /);
    expect(await request('idem.example.com', { IdempotencyToken: 'token2' })).not.toBe(first);
  });

  test('refuses names of this instance and of AWS, and what cannot be requested', async () => {
    for (const name of [
      's3.us-east-1.amazonaws.com',
      'd111111abcdef8.cloudfront.net',
      'x.bailey.localhost',
      '*.bailey.localhost',
    ]) {
      expect(await describeOne(await request(name))).toMatchObject({
        Status: 'FAILED',
        FailureReason: 'DOMAIN_NOT_ALLOWED',
      });
    }
    expect(await refusal(request('nodot'))).toMatch(/^ValidationException: 1 validation error detected/);
    expect(await refusal(request('a.example.com', { KeyAlgorithm: 'RSA_4096' }))).toMatch(/^ValidationException: /);
    const eleven = Array.from({ length: 10 }, (_, place) => `n${place}.example.com`);
    expect(await refusal(request('a.example.com', { SubjectAlternativeNames: eleven }))).toMatch(/^LimitExceeded/);
    const elsewhere = [{ DomainName: 'a.example.com', ValidationDomain: 'example.org' }];
    expect(await refusal(request('a.example.com', { DomainValidationOptions: elsewhere }))).toMatch(
      /^InvalidDomainValidationOptionsException: /,
    );
    const authority = `arn:aws:acm-pca:us-east-1:${accountId}:certificate-authority/x`;
    expect(await refusal(request('a.example.com', { CertificateAuthorityArn: authority }))).toMatch(/^NotImplemented/);
  });

  test('times out after 72 hours without proof', async () => {
    const arn = await request('late.example.com', { ValidationMethod: 'DNS' });
    await instance.advance(73 * 3600);
    expect((await issued(arn)).Status).toBe('VALIDATION_TIMED_OUT');
  });
});

describe('proof by mail', () => {
  test('the link of the mail approves; the certificate is signed by the instance’s authority', async () => {
    const arn = await request('mail.example.com');
    const [proof] = (await describeOne(arn)).DomainValidationOptions ?? [];
    expect(proof).toMatchObject({
      ValidationMethod: 'EMAIL',
      ValidationDomain: 'mail.example.com',
      ValidationStatus: 'PENDING_VALIDATION',
    });
    expect(proof?.ValidationEmails).toContain('hostmaster@mail.example.com');
    const link = (await mails('admin@mail.example.com', 'mail.example.com'))[0]?.match(/http:\S+/)?.[0] as string;
    expect((await fetch(`${link.slice(0, -4)}AAAA`)).status).toBe(404);
    // Programs that look at mail follow its links: that approves nothing.
    expect(await (await fetch(link, { headers: { 'sec-fetch-site': 'none' } })).text()).toContain(
      '<form method="post">',
    );
    expect((await describeOne(arn)).DomainValidationOptions?.[0]?.ValidationStatus).toBe('PENDING_VALIDATION');
    const post = { method: 'POST', headers: { origin: instance.endpoint } };
    expect((await fetch(link, post)).status).toBe(200);
    const found = await issued(arn);
    expect(found).toMatchObject({
      Status: 'ISSUED',
      KeyAlgorithm: 'RSA_2048',
      Subject: 'CN=mail.example.com, O=Bailey',
      SignatureAlgorithm: 'SHA256WITHECDSA',
      ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
    });
    expect((await fetch(link, post)).status).toBe(410);
    const { Certificate, CertificateChain } = await acm.send(new GetCertificateCommand({ CertificateArn: arn }));
    const certificate = new X509Certificate(Certificate as string);
    expect(certificate.subjectAltName).toBe('DNS:mail.example.com');
    expect(certificate.verify(new X509Certificate(CertificateChain as string).publicKey)).toBe(true);
    expect(certificate.validFromDate.getTime()).toBeLessThan(Date.now());
  });

  test('the link leads to this instance, under whatever name the request came', async () => {
    const { port } = new URL(instance.endpoint);
    const client = new ACMClient({ ...instance.clientOptions(), endpoint: `http://localhost:${port}` });
    await client.send(new RequestCertificateCommand({ DomainName: 'host.example.com' }));
    const [mail] = await mails('admin@host.example.com', 'host.example.com');
    expect(mail).toContain(`${instance.endpoint}/_bailey/certificates/approve/`);
  });

  test('ResendValidationEmail writes to another domain above', async () => {
    const arn = await request('a.b.example.com');
    const resend = (Domain: string, ValidationDomain: string, CertificateArn = arn) =>
      acm.send(new ResendValidationEmailCommand({ CertificateArn, Domain, ValidationDomain }));
    expect(await mails('admin@example.com', 'a.b.example.com')).toHaveLength(0);
    await resend('a.b.example.com', 'example.com');
    expect(await mails('admin@example.com', 'a.b.example.com')).toHaveLength(1);
    expect(await refusal(resend('a.b.example.com', 'example.org'))).toMatch(/^InvalidDomainValidationOptions/);
    expect(await refusal(resend('c.example.com', 'example.com'))).toMatch(/^InvalidDomainValidationOptions/);
    expect(await refusal(resend('a.b.example.com', 'example.com', nobody))).toBe(missing);
    const dns = await request('dns.example.com', { ValidationMethod: 'DNS' });
    expect(await refusal(resend('dns.example.com', 'example.com', dns))).toMatch(/^InvalidStateException: /);
  });
});

test('export needs its option, encrypts the key, and makes the certificate renewable and revocable', async () => {
  const plain = await requestAndApprove('plain.example.com');
  const exportOne = (CertificateArn: string, passphrase = 'correct horse') =>
    acm.send(new ExportCertificateCommand({ CertificateArn, Passphrase: bytes(passphrase) }));
  expect(await refusal(exportOne(plain))).toMatch(/^ValidationException: .* cannot be exported/);
  const renew = (CertificateArn: string) => acm.send(new RenewCertificateCommand({ CertificateArn }));
  expect(await refusal(renew(plain))).toMatch(/^ValidationException: .* is not eligible for renewal/);
  expect(await refusal(renew(nobody))).toBe(missing);
  const revoke = (CertificateArn: string) =>
    acm.send(new RevokeCertificateCommand({ CertificateArn, RevocationReason: 'KEY_COMPROMISE' }));
  expect(await refusal(revoke(plain))).toMatch(/^ValidationException: /);

  const arn = await requestAndApprove('out.example.com', { Options: { Export: 'ENABLED' } });
  expect(await refusal(exportOne(arn, 'a#b$c'))).toMatch(/^ValidationException: The passphrase/);
  const { Certificate, PrivateKey } = await exportOne(arn);
  expect(PrivateKey).toContain('BEGIN ENCRYPTED PRIVATE KEY');
  const key = createPrivateKey({ key: PrivateKey as string, passphrase: 'correct horse' });
  expect(new X509Certificate(Certificate as string).checkPrivateKey(key)).toBe(true);
  expect(() => createPrivateKey({ key: PrivateKey as string, passphrase: 'wrong' })).toThrow();
  const before = await describeOne(arn);
  expect(before.RenewalEligibility).toBe('ELIGIBLE');
  await renew(arn);
  const after = await describeOne(arn);
  expect(after.Serial).not.toBe(before.Serial);
  expect(after.RenewalSummary?.RenewalStatus).toBe('SUCCESS');
  const options = (CertificateArn: string, Export: 'ENABLED' | 'DISABLED') =>
    acm.send(new UpdateCertificateOptionsCommand({ CertificateArn, Options: { Export } }));
  expect(await refusal(options(arn, 'DISABLED'))).toMatch(/^ValidationException: /);
  await options(arn, 'ENABLED');
  expect((await revoke(arn)).CertificateArn).toBe(arn);
  expect(await describeOne(arn)).toMatchObject({ Status: 'REVOKED', RevocationReason: 'KEY_COMPROMISE' });
  expect(await refusal(revoke(arn))).toMatch(/^ConflictException: /);
  const elb = elbClient(instance);
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'revoked');
  expect(await refusal(makeHttpsListener(elb, LoadBalancerArn, 8643, arn))).toMatch(/^UnsupportedCertificate: /);
});

test('what a listener presents is renewed before it ends; what nobody uses expires', async () => {
  const elb = elbClient(instance);
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'renewed');
  const used = await requestAndApprove('used.example.com');
  const unused = await requestAndApprove('unused.example.com');
  await makeHttpsListener(elb, LoadBalancerArn, 8644, used);
  const before = await describeOne(used);
  expect(before.RenewalEligibility).toBe('ELIGIBLE');
  const untilEnd = Math.ceil(((before.NotAfter as Date).getTime() - (before.IssuedAt as Date).getTime()) / 1000);
  await instance.advance(untilEnd - 10 * 86_400);
  for (let round = 0; round < 50 && (await describeOne(used)).Serial === before.Serial; round += 1) {
    await instance.advance(60);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const after = await describeOne(used);
  expect(after.Serial).not.toBe(before.Serial);
  expect((after.NotAfter as Date).getTime()).toBeGreaterThan((before.NotAfter as Date).getTime());
  await instance.advance(11 * 86_400);
  expect((await describeOne(unused)).Status).toBe('EXPIRED');
});
