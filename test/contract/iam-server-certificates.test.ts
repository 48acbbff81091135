/** Server certificates in IAM, over HTTP with the real SDK. */
import {
  DeleteServerCertificateCommand,
  GetAccountSummaryCommand,
  GetServerCertificateCommand,
  IAMClient,
  ListServerCertificatesCommand,
  ListServerCertificateTagsCommand,
  TagServerCertificateCommand,
  UntagServerCertificateCommand,
  UpdateServerCertificateCommand,
  UploadServerCertificateCommand,
  type UploadServerCertificateCommandInput,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Made, makeCertificate } from '../support/certificates.ts';
import { elbClient, makeHttpsListener, makeLoadBalancer, refusal } from '../support/elb.ts';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
let root: Made;
let intermediate: Made;
let leaf: Made;
beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  root = await makeCertificate({ name: 'Root', isAuthority: true });
  intermediate = await makeCertificate({ name: 'Intermediate', isAuthority: true, issuer: root });
  leaf = await makeCertificate({ name: 'shop.example.com', issuer: intermediate });
});
afterAll(() => instance.stop());

const upload = (name: string, more: Partial<UploadServerCertificateCommandInput> = {}) =>
  iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: name,
      CertificateBody: leaf.pem,
      PrivateKey: leaf.privateKey,
      CertificateChain: `${intermediate.pem}\n${root.pem}`,
      ...more,
    }),
  );
const named = (ServerCertificateName: string) => ({ ServerCertificateName });
const missing = 'NoSuchEntity: The Server Certificate with name gone cannot be found.';

describe('UploadServerCertificate', () => {
  test('keeps it, and shows all but the private key', async () => {
    const { ServerCertificateMetadata, Tags } = await upload('Shop', {
      Path: '/cloudfront/',
      Tags: [{ Key: 'team', Value: 'bar' }],
    });
    expect(ServerCertificateMetadata).toEqual({
      Path: '/cloudfront/',
      ServerCertificateName: 'Shop',
      ServerCertificateId: expect.stringMatching(/^ASCA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${accountId}:server-certificate/cloudfront/Shop`,
      UploadDate: expect.any(Date),
      Expiration: new Date(leaf.certificate.notAfter),
    });
    expect(Tags).toEqual([{ Key: 'team', Value: 'bar' }]);
    const { ServerCertificate } = await iam.send(new GetServerCertificateCommand(named('shop')));
    expect(ServerCertificate?.CertificateBody).toBe(leaf.pem);
    expect(ServerCertificate?.CertificateChain).toBe(`${intermediate.pem}\n${root.pem}`);
    expect(JSON.stringify(ServerCertificate)).not.toContain('PRIVATE KEY');
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap?.ServerCertificates).toBe(1);
    expect(await refusal(upload('SHOP'))).toMatch(/^EntityAlreadyExists: /);
  });

  test('refuses what does not fit together', async () => {
    const other = await makeCertificate({ name: 'other.example.com', issuer: intermediate });
    const past = await makeCertificate({
      name: 'past.example.com',
      issuer: intermediate,
      from: new Date('2020-01-01'),
      to: new Date('2021-01-01'),
    });
    expect(await refusal(upload('bad', { PrivateKey: other.privateKey }))).toMatch(/^KeyPairMismatch: /);
    expect(await refusal(upload('bad', { CertificateBody: 'no certificate' }))).toMatch(
      /^MalformedCertificate: Unable/,
    );
    expect(await refusal(upload('bad', { CertificateBody: `${leaf.pem}\n${root.pem}` }))).toMatch(/^MalformedCert/);
    expect(await refusal(upload('bad', { PrivateKey: 'no key' }))).toMatch(
      /^MalformedCertificate: Invalid Private Key/,
    );
    expect(await refusal(upload('bad', { CertificateChain: root.pem }))).toMatch(/invalid certificate is: 0$/);
    expect(await refusal(upload('bad', { CertificateChain: `${intermediate.pem}\n${leaf.pem}` }))).toMatch(/is: 1$/);
    const expired = upload('bad', { CertificateBody: past.pem, PrivateKey: past.privateKey });
    expect(await refusal(expired)).toMatch(/^MalformedCertificate: Certificate is no longer valid/);
    const nobody = new IAMClient(instance.clientOptions(nobodyKeys));
    expect(await refusal(nobody.send(new ListServerCertificatesCommand({})))).toMatch(/^AccessDenied: /);
  });
});

test('lists by path, renames, tags and deletes', async () => {
  await upload('Bar', { CertificateChain: undefined });
  const list = async (PathPrefix?: string) =>
    (await iam.send(new ListServerCertificatesCommand({ PathPrefix }))).ServerCertificateMetadataList?.map(
      ({ ServerCertificateName }) => ServerCertificateName,
    );
  expect(await list()).toEqual(['Bar', 'Shop']);
  expect(await list('/cloudfront/')).toEqual(['Shop']);
  await iam.send(new UpdateServerCertificateCommand({ ...named('Bar'), NewServerCertificateName: 'Pub' }));
  expect(await list()).toEqual(['Pub', 'Shop']);
  const taken = new UpdateServerCertificateCommand({ ...named('Pub'), NewServerCertificateName: 'Shop' });
  expect(await refusal(iam.send(taken))).toMatch(/^EntityAlreadyExists: /);
  await iam.send(new TagServerCertificateCommand({ ...named('Pub'), Tags: [{ Key: 'a', Value: '1' }] }));
  expect((await iam.send(new ListServerCertificateTagsCommand(named('Pub')))).Tags).toEqual([{ Key: 'a', Value: '1' }]);
  await iam.send(new UntagServerCertificateCommand({ ...named('Pub'), TagKeys: ['a'] }));
  expect((await iam.send(new ListServerCertificateTagsCommand(named('Pub')))).Tags).toEqual([]);
  await iam.send(new DeleteServerCertificateCommand(named('Pub')));
  for (const command of [
    new DeleteServerCertificateCommand(named('gone')),
    new UpdateServerCertificateCommand({ ...named('gone'), NewPath: '/x/' }),
    new ListServerCertificateTagsCommand(named('gone')),
    new TagServerCertificateCommand({ ...named('gone'), Tags: [{ Key: 'a', Value: '1' }] }),
    new UntagServerCertificateCommand({ ...named('gone'), TagKeys: ['a'] }),
  ]) {
    expect(await refusal(iam.send(command as DeleteServerCertificateCommand))).toBe(missing);
  }
  expect(await refusal(iam.send(new GetServerCertificateCommand(named('gone'))))).toBe(missing);
});

test('a certificate that a listener presents stays', async () => {
  const elb = elbClient(instance);
  const balancer = await makeLoadBalancer(elb, 'secure');
  const { ServerCertificateMetadata } = await upload('Used');
  const arn = ServerCertificateMetadata?.Arn as string;
  const { ListenerArn } = await makeHttpsListener(elb, balancer.LoadBalancerArn, 8443, arn);
  expect(await refusal(iam.send(new DeleteServerCertificateCommand(named('Used'))))).toBe(
    `DeleteConflict: Certificate: ${ServerCertificateMetadata?.ServerCertificateId} is currently in use by ${ListenerArn}. Please remove it first before deleting it from IAM.`,
  );
});
