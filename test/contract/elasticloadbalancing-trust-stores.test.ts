/** Trust stores: bundles and revocation lists from S3, read as the caller, over HTTP with the real SDK. */
import {
  AddTrustStoreRevocationsCommand,
  CreateTrustStoreCommand,
  DeleteListenerCommand,
  DeleteSharedTrustStoreAssociationCommand,
  DeleteTrustStoreCommand,
  DescribeTrustStoreAssociationsCommand,
  DescribeTrustStoreRevocationsCommand,
  DescribeTrustStoresCommand,
  GetResourcePolicyCommand,
  GetTrustStoreCaCertificatesBundleCommand,
  GetTrustStoreRevocationContentCommand,
  ModifyTrustStoreCommand,
  RemoveTrustStoreRevocationsCommand,
  type TrustStore,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UploadServerCertificateCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Made, makeCertificate, makeRevocationList } from '../support/certificates.ts';
import { elbClient, makeHttpsListener, makeLoadBalancer, refusal } from '../support/elb.ts';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
let s3: S3Client;
let root: Made;
const bucket = 'trust';
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
  s3 = new S3Client(instance.clientOptions());
  root = await makeCertificate({ name: 'Root', isAuthority: true });
  const second = await makeCertificate({ name: 'Second', isAuthority: true });
  const leaf = await makeCertificate({ name: 'leaf.example.com', issuer: root });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  await put('root.pem', root.pem);
  await put('two.pem', `# both\n${root.pem}\n${second.pem}\n`);
  await put('leaf.pem', leaf.pem);
  await put('nonsense.pem', 'nonsense');
  await put('list.crl', await makeRevocationList(root, ['01', '02', '03']));
});
afterAll(() => instance.stop());

const nobody = `arn:aws:elasticloadbalancing:us-east-1:${accountId}:truststore/no/0123456789abcdef`;
const notFound = 'TrustStoreNotFound: One or more trust stores not found';
const bundle = (key: string) => ({ CaCertificatesBundleS3Bucket: bucket, CaCertificatesBundleS3Key: key });

async function make(Name: string, key = 'root.pem', client = elb): Promise<TrustStore & { TrustStoreArn: string }> {
  const { TrustStores } = await client.send(new CreateTrustStoreCommand({ Name, ...bundle(key) }));
  return TrustStores?.[0] as TrustStore & { TrustStoreArn: string };
}

test('a trust store holds the authorities of its bundle', async () => {
  const made = await make('clients', 'two.pem');
  expect(made).toEqual({
    Name: 'clients',
    TrustStoreArn: expect.stringMatching(/:truststore\/clients\/[0-9a-f]{16}$/),
    Status: 'ACTIVE',
    NumberOfCaCertificates: 2,
    TotalRevokedEntries: 0,
  });
  expect((await elb.send(new DescribeTrustStoresCommand({ Names: ['clients'] }))).TrustStores).toEqual([made]);
  const { TrustStoreArn } = made;
  const changed = await elb.send(new ModifyTrustStoreCommand({ TrustStoreArn, ...bundle('root.pem') }));
  expect(changed.TrustStores?.[0]?.NumberOfCaCertificates).toBe(1);
  const { Location } = await elb.send(new GetTrustStoreCaCertificatesBundleCommand({ TrustStoreArn }));
  expect(await (await fetch(Location as string)).text()).toBe(root.pem);
  const forged = await fetch(`${(Location as string).slice(0, -4)}AAAA`);
  expect(forged.status).toBe(404);
  await instance.advance(601);
  expect((await fetch(Location as string)).status).toBe(404);

  expect(await refusal(make('clients'))).toMatch(/^DuplicateTrustStoreName: /);
  expect(await refusal(make('bad', 'missing.pem'))).toMatch(/^CaCertificatesBundleNotFound: /);
  expect(await refusal(make('bad', 'nonsense.pem'))).toMatch(/^InvalidCaCertificatesBundle: /);
  expect(await refusal(make('bad', 'leaf.pem'))).toMatch(/^InvalidCaCertificatesBundle: .* not of a certificate auth/);
  const modify = new ModifyTrustStoreCommand({ TrustStoreArn: nobody, ...bundle('root.pem') });
  expect(await refusal(elb.send(modify))).toBe(notFound);
  expect(await refusal(elb.send(new DescribeTrustStoresCommand({ TrustStoreArns: [nobody] })))).toBe(notFound);
  const content = new GetTrustStoreCaCertificatesBundleCommand({ TrustStoreArn: nobody });
  expect(await refusal(elb.send(content))).toBe(notFound);
});

test('revocation lists are added, counted, read and removed', async () => {
  const { TrustStoreArn } = await make('revoking');
  const add = (S3Key: string) =>
    elb.send(new AddTrustStoreRevocationsCommand({ TrustStoreArn, RevocationContents: [{ S3Bucket: bucket, S3Key }] }));
  const entry = { TrustStoreArn, RevocationId: 1, RevocationType: 'CRL', NumberOfRevokedEntries: 3 };
  expect((await add('list.crl')).TrustStoreRevocations).toEqual([entry]);
  const describe = (RevocationIds?: number[]) =>
    elb.send(new DescribeTrustStoreRevocationsCommand({ TrustStoreArn, RevocationIds }));
  expect((await describe()).TrustStoreRevocations).toEqual([entry]);
  expect((await describe([1])).TrustStoreRevocations).toEqual([entry]);
  const stores = await elb.send(new DescribeTrustStoresCommand({ TrustStoreArns: [TrustStoreArn] }));
  expect(stores.TrustStores?.[0]?.TotalRevokedEntries).toBe(3);
  const read = (RevocationId: number) =>
    elb.send(new GetTrustStoreRevocationContentCommand({ TrustStoreArn, RevocationId }));
  const { Location } = await read(1);
  expect(await (await fetch(Location as string)).text()).toContain('-----BEGIN X509 CRL-----');
  expect(await refusal(add('root.pem'))).toMatch(/^InvalidRevocationContent: /);
  expect(await refusal(add('missing.crl'))).toMatch(/^RevocationContentNotFound: /);
  const remove = (...RevocationIds: number[]) =>
    elb.send(new RemoveTrustStoreRevocationsCommand({ TrustStoreArn, RevocationIds }));
  await remove(1);
  for (const work of [remove(1), describe([1]), read(1)]) {
    expect(await refusal(work)).toBe("RevocationIdNotFound: The revocation ID '1' does not exist");
  }
  // Ids are not given twice.
  expect((await add('list.crl')).TrustStoreRevocations?.[0]?.RevocationId).toBe(2);
});

test('a listener verifies by it, and keeps it from being deleted', async () => {
  const { TrustStoreArn } = await make('used');
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'mutual');
  const { pem, privateKey } = await makeCertificate({ name: 'shop.example.com' });
  const { ServerCertificateMetadata } = await new IAMClient(instance.clientOptions()).send(
    new UploadServerCertificateCommand({ ServerCertificateName: 'm', CertificateBody: pem, PrivateKey: privateKey }),
  );
  const listener = await makeHttpsListener(elb, LoadBalancerArn, 8401, ServerCertificateMetadata?.Arn as string, {
    MutualAuthentication: { Mode: 'verify', TrustStoreArn, AdvertiseTrustStoreCaNames: 'on' },
  });
  expect(listener.MutualAuthentication).toEqual({
    Mode: 'verify',
    TrustStoreArn,
    IgnoreClientCertificateExpiry: false,
    TrustStoreAssociationStatus: 'active',
    AdvertiseTrustStoreCaNames: 'on',
  });
  const associations = () => elb.send(new DescribeTrustStoreAssociationsCommand({ TrustStoreArn }));
  expect((await associations()).TrustStoreAssociations).toEqual([{ ResourceArn: listener.ListenerArn }]);
  expect(await refusal(elb.send(new DeleteTrustStoreCommand({ TrustStoreArn })))).toMatch(/^TrustStoreInUse: /);
  const own = { TrustStoreArn, ResourceArn: listener.ListenerArn };
  expect(await refusal(elb.send(new DeleteSharedTrustStoreAssociationCommand(own)))).toMatch(
    /^DeleteAssociationSameAccount: /,
  );
  const others = listener.ListenerArn.replace(accountId, '444455556666');
  const shared = new DeleteSharedTrustStoreAssociationCommand({ TrustStoreArn, ResourceArn: others });
  expect(await refusal(elb.send(shared))).toMatch(/^AssociationNotFound: /);
  await elb.send(new DeleteListenerCommand({ ListenerArn: listener.ListenerArn }));
  expect((await associations()).TrustStoreAssociations).toEqual([]);
  await elb.send(new DeleteTrustStoreCommand({ TrustStoreArn }));
  expect(await refusal(elb.send(new DeleteTrustStoreCommand({ TrustStoreArn })))).toBe(notFound);
  expect(await refusal(associations())).toBe(notFound);
});

test('GetResourcePolicy: a store that is not shared has none', async () => {
  const { TrustStoreArn } = await make('private');
  expect((await elb.send(new GetResourcePolicyCommand({ ResourceArn: TrustStoreArn }))).Policy).toBeUndefined();
  expect(await refusal(elb.send(new GetResourcePolicyCommand({ ResourceArn: nobody })))).toMatch(/^ResourceNotFound: /);
});

test('the bundle is read with the permissions of the caller, not of the service', async () => {
  const iam = new IAMClient(instance.clientOptions());
  await iam.send(new CreateUserCommand({ UserName: 'truster' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'truster' }));
  const allow = (Action: string[]) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'truster',
        PolicyName: 'p',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action, Resource: '*' },
        }),
      }),
    );
  const client = elbClient(instance, {
    accessKeyId: AccessKey?.AccessKeyId as string,
    secretAccessKey: AccessKey?.SecretAccessKey as string,
  });
  await allow(['elasticloadbalancing:CreateTrustStore']);
  expect(await refusal(make('theirs', 'root.pem', client))).toMatch(/^CaCertificatesBundleNotFound: .*s3:GetObject/);
  await allow(['elasticloadbalancing:CreateTrustStore', 's3:GetObject']);
  expect((await make('theirs', 'root.pem', client)).NumberOfCaCertificates).toBe(1);
});
