/** Certificates that are imported: checked, listed, used by listeners, replaced, over HTTP with the real SDK. */
import {
  ACMClient,
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ExportCertificateCommand,
  GetAccountConfigurationCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  type ImportCertificateCommandInput,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
  PutAccountConfigurationCommand,
  RemoveTagsFromCertificateCommand,
  UpdateCertificateOptionsCommand,
} from '@aws-sdk/client-acm';
import { DeleteListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Made, makeCertificate } from '../support/certificates.ts';
import { elbClient, makeHttpsListener, makeLoadBalancer, refusal } from '../support/elb.ts';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let acm: ACMClient;
let root: Made;
let intermediate: Made;
let leaf: Made;
beforeAll(async () => {
  instance = await startInstance();
  acm = new ACMClient(instance.clientOptions());
  root = await makeCertificate({ name: 'Root', isAuthority: true });
  intermediate = await makeCertificate({ name: 'Intermediate', isAuthority: true, issuer: root });
  leaf = await makeCertificate({
    name: 'shop.example.com',
    names: ['shop.example.com', '*.shop.example.com'],
    issuer: intermediate,
    rsa: true,
  });
});
afterAll(() => instance.stop());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nobody = `arn:aws:acm:us-east-1:${accountId}:certificate/00000000-0000-4000-8000-000000000000`;
const missing = `ResourceNotFoundException: Could not find certificate ${nobody}.`;

async function importOne(more: Partial<ImportCertificateCommandInput> = {}, client = acm): Promise<string> {
  const { CertificateArn } = await client.send(
    new ImportCertificateCommand({
      Certificate: bytes(leaf.pem),
      PrivateKey: bytes(leaf.privateKey),
      CertificateChain: bytes(`${intermediate.pem}\n${root.pem}`),
      ...more,
    }),
  );
  return CertificateArn as string;
}

describe('ImportCertificate', () => {
  test('is described in full, and shows no key', async () => {
    const CertificateArn = await importOne({ Tags: [{ Key: 'team', Value: 'bar' }] });
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
    expect(Certificate).toEqual({
      CertificateArn,
      DomainName: 'shop.example.com',
      SubjectAlternativeNames: ['shop.example.com', '*.shop.example.com'],
      Serial: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2})*$/),
      Subject: 'CN=shop.example.com',
      Issuer: 'CN=Intermediate',
      CreatedAt: expect.any(Date),
      ImportedAt: expect.any(Date),
      NotBefore: leaf.certificate.notBefore,
      NotAfter: leaf.certificate.notAfter,
      Status: 'ISSUED',
      Type: 'IMPORTED',
      KeyAlgorithm: 'RSA_2048',
      SignatureAlgorithm: 'SHA256WITHECDSA',
      InUseBy: [],
      KeyUsages: [],
      ExtendedKeyUsages: [],
      RenewalEligibility: 'INELIGIBLE',
      Options: { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'DISABLED' },
      CertificateKeyPairOrigin: 'CUSTOMER_PROVIDED',
    });
    const got = await acm.send(new GetCertificateCommand({ CertificateArn }));
    expect(got.Certificate?.trim()).toBe(leaf.pem);
    expect(got.CertificateChain?.trim()).toBe(`${intermediate.pem}\n${root.pem}`);
    const Passphrase = bytes('correct horse');
    expect(await refusal(acm.send(new ExportCertificateCommand({ CertificateArn, Passphrase })))).toMatch(
      /^ValidationException: .* cannot be exported/,
    );
    const stranger = new ACMClient(instance.clientOptions(otherAdminKeys));
    expect(await refusal(stranger.send(new DescribeCertificateCommand({ CertificateArn })))).toMatch(/^AccessDenied/);
    await acm.send(new DeleteCertificateCommand({ CertificateArn }));
  });

  test('refuses what does not fit together', async () => {
    const other = await makeCertificate({ name: 'other.example.com', issuer: intermediate });
    const past = await makeCertificate({
      name: 'past.example.com',
      from: new Date('2020-01-01'),
      to: new Date('2021-01-01'),
    });
    const self = await makeCertificate({ name: 'self.example.com' });
    const cases: [Partial<ImportCertificateCommandInput>, RegExp][] = [
      [{ PrivateKey: bytes(other.privateKey) }, /The private key does not match/],
      [{ Certificate: bytes('nonsense') }, /The certificate is not in PEM format/],
      [{ Certificate: bytes(`${leaf.pem}\n${root.pem}`) }, /The certificate field contains more than one certificate/],
      [{ PrivateKey: bytes('nonsense') }, /The private key is not in PEM format/],
      [{ CertificateChain: bytes(root.pem) }, /Could not validate the certificate with the certificate chain/],
      [{ CertificateChain: undefined }, /Provided certificate is not a valid self signed/],
      [
        { Certificate: bytes(past.pem), PrivateKey: bytes(past.privateKey), CertificateChain: undefined },
        /The certificate that is provided has expired/,
      ],
    ];
    for (const [more, expected] of cases) {
      const found = await refusal(importOne(more));
      expect(found).toMatch(/^ValidationException: /);
      expect(found).toMatch(expected);
      expect(found).not.toContain('PRIVATE KEY');
    }
    const alone = { Certificate: bytes(self.pem), PrivateKey: bytes(self.privateKey), CertificateChain: undefined };
    await acm.send(new DeleteCertificateCommand({ CertificateArn: await importOne(alone) }));
    const denied = importOne({}, new ACMClient(instance.clientOptions(nobodyKeys)));
    expect(await refusal(denied)).toMatch(/^AccessDeniedException: .*acm:ImportCertificate/);
  });

  test('again under the same ARN', async () => {
    const CertificateArn = await importOne();
    const next = await makeCertificate({ name: 'shop.example.com', issuer: intermediate, rsa: true });
    const replacement = { CertificateArn, Certificate: bytes(next.pem), PrivateKey: bytes(next.privateKey) };
    expect(await importOne(replacement)).toBe(CertificateArn);
    expect((await acm.send(new GetCertificateCommand({ CertificateArn }))).Certificate?.trim()).toBe(next.pem);
    expect(await refusal(importOne({ ...replacement, Tags: [{ Key: 'a', Value: 'b' }] }))).toBe(
      'ValidationException: Tagging is not permitted on re-import.',
    );
    const curve = await makeCertificate({ name: 'shop.example.com', issuer: intermediate });
    const changed = { CertificateArn, Certificate: bytes(curve.pem), PrivateKey: bytes(curve.privateKey) };
    expect(await refusal(importOne(changed))).toMatch(/^ValidationException: The key algorithm/);
    expect(await refusal(importOne({ ...replacement, CertificateArn: nobody }))).toBe(missing);
    await acm.send(new DeleteCertificateCommand({ CertificateArn }));
  });
});

test('a certificate that a listener presents says so, and stays', async () => {
  const elb = elbClient(instance);
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'secure');
  const CertificateArn = await importOne();
  const { ListenerArn } = await makeHttpsListener(elb, LoadBalancerArn, 8543, CertificateArn);
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
  expect(Certificate?.InUseBy).toEqual([LoadBalancerArn]);
  expect(await refusal(acm.send(new DeleteCertificateCommand({ CertificateArn })))).toBe(
    `ResourceInUseException: Certificate ${CertificateArn} in account ${accountId} is in use.`,
  );
  await elb.send(new DeleteListenerCommand({ ListenerArn }));
  await acm.send(new DeleteCertificateCommand({ CertificateArn }));
  expect(await refusal(acm.send(new DeleteCertificateCommand({ CertificateArn: nobody })))).toBe(missing);
  expect(await refusal(acm.send(new GetCertificateCommand({ CertificateArn: nobody })))).toBe(missing);
  expect(await refusal(acm.send(new DescribeCertificateCommand({ CertificateArn: nobody })))).toBe(missing);
  const wrong = `arn:aws:acm:us-east-1:${accountId}:certificate/x`;
  expect(await refusal(acm.send(new DescribeCertificateCommand({ CertificateArn: wrong })))).toMatch(/^InvalidArnExc/);
});

test('ListCertificates filters by key type, pages and sorts', async () => {
  const curve = await makeCertificate({ name: 'curve.example.com' });
  const first = await importOne();
  const second = await importOne({
    Certificate: bytes(curve.pem),
    PrivateKey: bytes(curve.privateKey),
    CertificateChain: undefined,
  });
  const list = async (more: object) =>
    (await acm.send(new ListCertificatesCommand(more))).CertificateSummaryList?.map((one) => one.CertificateArn);
  expect(await list({})).toEqual([first]);
  expect(await list({ Includes: { keyTypes: ['EC_prime256v1'] } })).toEqual([second]);
  const both = { Includes: { keyTypes: ['RSA_2048', 'EC_prime256v1'] }, SortBy: 'CREATED_AT', SortOrder: 'ASCENDING' };
  expect(await list(both)).toEqual([first, second]);
  const page = await acm.send(new ListCertificatesCommand({ ...both, MaxItems: 1 } as never));
  expect(await list({ ...both, NextToken: page.NextToken })).toEqual([second]);
  expect(await list({ CertificateStatuses: ['EXPIRED'] })).toEqual([]);
  expect(await refusal(acm.send(new ListCertificatesCommand({ NextToken: 'forged' })))).toMatch(/^InvalidArgsExcept/);
  expect(await refusal(acm.send(new ListCertificatesCommand({ SortBy: 'CREATED_AT' })))).toMatch(/^ValidationExcept/);
  for (const CertificateArn of [first, second]) await acm.send(new DeleteCertificateCommand({ CertificateArn }));
});

test('tags', async () => {
  const CertificateArn = await importOne();
  const add = (Tags: { Key: string; Value?: string }[], arn = CertificateArn) =>
    acm.send(new AddTagsToCertificateCommand({ CertificateArn: arn, Tags }));
  await add([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  const remove = (Tags: { Key: string; Value?: string }[], arn = CertificateArn) =>
    acm.send(new RemoveTagsFromCertificateCommand({ CertificateArn: arn, Tags }));
  await remove([{ Key: 'a' }, { Key: 'b', Value: 'other' }]);
  const list = (arn = CertificateArn) => acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn }));
  expect((await list()).Tags).toEqual([{ Key: 'b', Value: '2' }]);
  expect(await refusal(add([{ Key: 'aws:x', Value: '1' }]))).toMatch(/^InvalidTagException: /);
  for (const work of [add([{ Key: 'a' }], nobody), remove([{ Key: 'a' }], nobody), list(nobody)]) {
    expect(await refusal(work)).toBe(missing);
  }
  const options = (arn: string) =>
    acm.send(new UpdateCertificateOptionsCommand({ CertificateArn: arn, Options: { Export: 'DISABLED' } }));
  expect(await refusal(options(CertificateArn))).toMatch(/^InvalidStateException: /);
  expect(await refusal(options(nobody))).toBe(missing);
});

test('the account’s configuration', async () => {
  const get = async () => (await acm.send(new GetAccountConfigurationCommand({}))).ExpiryEvents?.DaysBeforeExpiry;
  expect(await get()).toBe(45);
  const put = (DaysBeforeExpiry: number) =>
    acm.send(new PutAccountConfigurationCommand({ IdempotencyToken: 'one', ExpiryEvents: { DaysBeforeExpiry } }));
  await put(10);
  expect(await get()).toBe(10);
  expect(await refusal(put(0))).toMatch(/^ValidationException: /);
  const nobodys = new ACMClient(instance.clientOptions(nobodyKeys));
  expect(await refusal(nobodys.send(new GetAccountConfigurationCommand({})))).toMatch(/^AccessDeniedException: /);
});
