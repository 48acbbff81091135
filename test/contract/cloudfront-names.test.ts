/** What distributions are tied to: names and certificates, web ACLs, zones, protections, and invalidations of their cache. */
import { ACMClient, DeleteCertificateCommand, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import {
  AssociateAliasCommand,
  AssociateDistributionWebACLCommand,
  type CloudFrontClient,
  CreateDistributionCommand,
  CreateInvalidationCommand,
  DisassociateDistributionWebACLCommand,
  type DistributionConfig,
  GetDistributionConfigCommand,
  GetInvalidationCommand,
  ListConflictingAliasesCommand,
  ListDistributionsByWebACLIdCommand,
  ListInvalidationsCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { DeleteServerCertificateCommand, IAMClient, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CreateProtectionCommand,
  CreateSubscriptionCommand,
  DescribeProtectionCommand,
  ShieldClient,
} from '@aws-sdk/client-shield';
import { DeleteWebACLCommand, type WAFV2Client } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { cloudFrontClient, distributionConfig, importedCertificate, makeDistribution } from '../support/cloudfront.ts';
import { refused } from '../support/encrypted-objects.ts';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allowNobody, makeWebAcl, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let cloudfront: CloudFrontClient;
let other: CloudFrontClient;
let waf: WAFV2Client;
let acm: ACMClient;
beforeAll(async () => {
  instance = await startInstance();
  cloudfront = cloudFrontClient(instance);
  other = cloudFrontClient(instance, otherAdminKeys);
  waf = wafClient(instance);
  acm = new ACMClient(instance.clientOptions());
});
afterAll(() => instance.stop());

const named = (arn: string, ...names: string[]): Partial<DistributionConfig> => ({
  Aliases: { Quantity: names.length, Items: names },
  ViewerCertificate: {
    ACMCertificateArn: arn,
    SSLSupportMethod: 'sni-only',
    MinimumProtocolVersion: 'TLSv1.2_2021',
  },
});
const create = (over: Partial<DistributionConfig>, client = cloudfront) =>
  refused(client.send(new CreateDistributionCommand({ DistributionConfig: distributionConfig(over) })));
const configOf = async (Id: string | undefined) =>
  (await cloudfront.send(new GetDistributionConfigCommand({ Id }))) as {
    DistributionConfig: DistributionConfig;
    ETag: string;
  };

describe('alternate domain names', () => {
  test('take a certificate of one’s own, in us-east-1, that is good for them', async () => {
    const { arn } = await importedCertificate(instance, ['shop.example.com', '*.tea.example.com']);
    expect((await create(named(arn, 'shop.example.com', 'green.tea.example.com', '*.tea.example.com'))).name).toBe(
      'succeeded',
    );
    for (const name of ['www.example.com', 'a.b.tea.example.com', 'tea.example.com', '*.example.com']) {
      const answer = await create(named(arn, name));
      expect([name, answer.name]).toEqual([name, 'InvalidViewerCertificate']);
      expect(answer.message).toContain("doesn't cover");
    }
    const theirs = await importedCertificate(instance, ['theirs.example.com'], otherAdminKeys);
    const missing = `arn:aws:acm:us-east-1:${accountId}:certificate/00000000-0000-4000-8000-000000000000`;
    for (const one of [theirs.arn, missing]) {
      expect((await create(named(one, 'theirs.example.com'))).message).toContain("doesn't exist");
    }
    const european = { ...instance, clientOptions: (keys = undefined) => instance.clientOptions(keys, 'eu-central-1') };
    const elsewhere = await importedCertificate(european as TestInstance, ['far.example.com']);
    expect(elsewhere.arn).toContain(':eu-central-1:');
    expect((await create(named(elsewhere.arn, 'far.example.com'))).name).toBe('InvalidViewerCertificate');
  });

  test('read back as they were put, by both of their names for a certificate', async () => {
    const { arn } = await importedCertificate(instance, ['back.example.com']);
    const { distribution } = await makeDistribution(cloudfront, named(arn, 'back.example.com'));
    const { DistributionConfig, ETag } = await configOf(distribution.Id);
    expect(DistributionConfig.ViewerCertificate).toEqual({
      CloudFrontDefaultCertificate: false,
      ACMCertificateArn: arn,
      Certificate: arn,
      CertificateSource: 'acm',
      SSLSupportMethod: 'sni-only',
      MinimumProtocolVersion: 'TLSv1.2_2021',
    });
    await cloudfront.send(new UpdateDistributionCommand({ Id: distribution.Id, IfMatch: ETag, DistributionConfig }));
    expect((await configOf(distribution.Id)).DistributionConfig).toEqual(DistributionConfig);
  });

  test('belong to one distribution of all, and leave with it', async () => {
    const { arn } = await importedCertificate(instance, ['one.example.com']);
    const { distribution } = await makeDistribution(cloudfront, named(arn, 'one.example.com'));
    expect(await create(named(arn, 'ONE.example.com'))).toMatchObject({ name: 'CNAMEAlreadyExists', status: 409 });
    const { DistributionConfig, ETag } = await configOf(distribution.Id);
    const without = { ...DistributionConfig, Aliases: { Quantity: 0 } };
    await cloudfront.send(
      new UpdateDistributionCommand({ Id: distribution.Id, IfMatch: ETag, DistributionConfig: without }),
    );
    expect((await create(named(arn, 'one.example.com'))).name).toBe('succeeded');
  });

  test('of another account do not overlap', async () => {
    const mine = await importedCertificate(instance, ['*.market.example.com']);
    const theirs = await importedCertificate(instance, ['stall.market.example.com'], otherAdminKeys);
    await makeDistribution(cloudfront, named(mine.arn, '*.market.example.com'));
    expect((await create(named(theirs.arn, 'stall.market.example.com'), other)).name).toBe('CNAMEAlreadyExists');
    // One's own may: the closest name wins.
    expect((await create(named(mine.arn, 'stall.market.example.com'))).name).toBe('succeeded');
  });

  test('belong to the account whose hosted zone contained them first, whatever a certificate says', async () => {
    const route53 = new Route53Client(instance.clientOptions(otherAdminKeys));
    await route53.send(new CreateHostedZoneCommand({ Name: 'owned.example.org', CallerReference: 'owned' }));
    const mine = await importedCertificate(instance, ['www.owned.example.org']);
    const answer = await create(named(mine.arn, 'www.owned.example.org'));
    expect(answer.name).toBe('InvalidViewerCertificate');
    expect(answer.message).toContain('another account');
    const theirs = await importedCertificate(instance, ['www.owned.example.org'], otherAdminKeys);
    expect((await create(named(theirs.arn, 'www.owned.example.org'), other)).name).toBe('succeeded');
    route53.destroy();
  });

  test('move between distributions of an account', async () => {
    const { arn } = await importedCertificate(instance, ['move.example.com', 'stay.example.com']);
    const from = (await makeDistribution(cloudfront, named(arn, 'move.example.com'))).distribution.Id;
    const to = (await makeDistribution(cloudfront, named(arn, 'stay.example.com'))).distribution.Id;
    const move = (TargetDistributionId: string | undefined, Alias: string, client = cloudfront) =>
      refused(client.send(new AssociateAliasCommand({ TargetDistributionId, Alias })));
    expect((await move(to, 'move.example.com')).name).toBe('succeeded');
    expect((await configOf(from)).DistributionConfig.Aliases).toEqual({ Quantity: 0 });
    expect((await configOf(to)).DistributionConfig.Aliases?.Items).toEqual(['stay.example.com', 'move.example.com']);
    expect((await move(to, 'other.example.com')).name).toBe('InvalidViewerCertificate');
    expect((await move('E0000000000000', 'move.example.com')).name).toBe('NoSuchDistribution');
    const theirs = await importedCertificate(instance, ['move.example.com'], otherAdminKeys);
    const thief = (await makeDistribution(other, named(theirs.arn))).distribution.Id;
    expect((await move(thief, 'move.example.com', other)).name).toBe('IllegalUpdate');
    const conflicts = await other.send(
      new ListConflictingAliasesCommand({ DistributionId: thief, Alias: 'move.example.com' }),
    );
    expect(conflicts.ConflictingAliasesList).toMatchObject({
      Quantity: 1,
      Items: [
        {
          Alias: 'move.example.com',
          AccountId: `******${accountId.slice(-6)}`,
          DistributionId: expect.stringMatching(/^\*{8}[A-Z0-9]{6}$/),
        },
      ],
    });
    const stranger = new ListConflictingAliasesCommand({ DistributionId: thief, Alias: 'stay.example.com' });
    expect((await refused(other.send(stranger))).name).toBe('InvalidViewerCertificate');
  });
});

test('a certificate that a distribution shows is in use, in ACM and in IAM', async () => {
  const { arn } = await importedCertificate(instance, ['used.example.com']);
  const { distribution } = await makeDistribution(cloudfront, named(arn, 'used.example.com'));
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  expect(Certificate?.InUseBy).toEqual([distribution.ARN]);
  expect((await refused(acm.send(new DeleteCertificateCommand({ CertificateArn: arn })))).name).toBe(
    'ResourceInUseException',
  );
  const iam = new IAMClient(instance.clientOptions());
  const made = await makeCertificate({ name: 'old.example.com' });
  const { ServerCertificateMetadata: uploaded } = await iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: 'old',
      Path: '/cloudfront/',
      CertificateBody: made.pem,
      PrivateKey: made.privateKey,
    }),
  );
  const IAMCertificateId = uploaded?.ServerCertificateId;
  const ViewerCertificate = { IAMCertificateId, SSLSupportMethod: 'sni-only' } as const;
  await makeDistribution(cloudfront, { Aliases: { Quantity: 1, Items: ['old.example.com'] }, ViewerCertificate });
  expect((await refused(iam.send(new DeleteServerCertificateCommand({ ServerCertificateName: 'old' })))).name).toBe(
    'DeleteConflictException',
  );
  expect((await create({ ViewerCertificate: { ...ViewerCertificate, IAMCertificateId: 'ASCANONE' } })).name).toBe(
    'InvalidViewerCertificate',
  );
  iam.destroy();
});

describe('web ACLs', () => {
  test('M-187 are of scope CLOUDFRONT, and held while a distribution names them', async () => {
    const acl = await makeWebAcl(waf, { Scope: 'CLOUDFRONT' });
    const { distribution, etag } = await makeDistribution(cloudfront, { WebACLId: acl.ARN });
    const gone = ({ Name, Id, LockToken }: typeof acl) =>
      refused(waf.send(new DeleteWebACLCommand({ Name, Id, LockToken, Scope: 'CLOUDFRONT' })));
    expect((await gone(acl)).name).toBe('WAFAssociatedItemException');
    const listed = async (WebACLId: string) =>
      (await cloudfront.send(new ListDistributionsByWebACLIdCommand({ WebACLId }))).DistributionList?.Items?.map(
        ({ Id }) => Id,
      );
    expect(await listed(acl.ARN)).toEqual([distribution.Id]);
    expect(await listed('null')).not.toContain(distribution.Id);
    const { Id } = distribution;
    const untied = await cloudfront.send(new DisassociateDistributionWebACLCommand({ Id, IfMatch: etag }));
    expect(untied.Id).toBe(Id);
    expect((await configOf(Id)).DistributionConfig.WebACLId).toBe('');
    expect(await listed('null')).toContain(Id);
    const stale = new AssociateDistributionWebACLCommand({ Id, WebACLArn: acl.ARN, IfMatch: etag });
    expect((await refused(cloudfront.send(stale))).name).toBe('PreconditionFailed');
    const tied = await cloudfront.send(
      new AssociateDistributionWebACLCommand({ Id, WebACLArn: acl.ARN, IfMatch: untied.ETag }),
    );
    expect(tied).toMatchObject({ Id, WebACLArn: acl.ARN });
    expect((await configOf(Id)).ETag).toBe(tied.ETag);
    await cloudfront.send(new DisassociateDistributionWebACLCommand({ Id }));
    expect((await gone(acl)).name).toBe('succeeded');
  });

  test('of another scope or account, and distributions that there are not, are refused', async () => {
    const regional = await makeWebAcl(waf);
    expect((await create({ WebACLId: regional.ARN })).name).toBe('InvalidWebACLId');
    const theirs = await makeWebAcl(wafClient(instance, otherAdminKeys), { Scope: 'CLOUDFRONT' });
    expect(['InvalidWebACLId', 'AccessDenied']).toContain((await create({ WebACLId: theirs.ARN })).name);
    const { distribution } = await makeDistribution(cloudfront);
    const tie = (Id: string | undefined, WebACLArn: string) =>
      refused(cloudfront.send(new AssociateDistributionWebACLCommand({ Id, WebACLArn })));
    expect((await tie(distribution.Id, regional.ARN)).name).toBe('InvalidArgument');
    expect((await tie(distribution.Id, `${regional.ARN}0`)).name).toBe('EntityNotFound');
    const acl = await makeWebAcl(waf, { Scope: 'CLOUDFRONT' });
    expect((await tie('E0000000000000', acl.ARN)).name).toBe('EntityNotFound');
    expect(
      (await refused(cloudfront.send(new DisassociateDistributionWebACLCommand({ Id: 'E0000000000000' })))).name,
    ).toBe('EntityNotFound');
    const forged = new ListDistributionsByWebACLIdCommand({ WebACLId: acl.ARN, Marker: 'forged' });
    expect((await refused(cloudfront.send(forged))).name).toBe('InvalidArgument');
  });

  test('are put before a distribution by those who may see them', async () => {
    const acl = await makeWebAcl(waf, { Scope: 'CLOUDFRONT' });
    const { distribution } = await makeDistribution(cloudfront);
    const nobody = cloudFrontClient(instance, nobodyKeys);
    const Id = distribution.Id;
    const arn = distribution.ARN ?? '';
    const tie = () => refused(nobody.send(new AssociateDistributionWebACLCommand({ Id, WebACLArn: acl.ARN })));
    await allowNobody(
      instance,
      ['cloudfront:AssociateDistributionWebACL', arn],
      ['cloudfront:UpdateDistribution', arn],
    );
    expect((await tie()).message).toContain(`wafv2:GetWebACL on resource: ${acl.ARN}`);
    const { DistributionConfig, ETag } = await configOf(Id);
    const update = (WebACLId: string) =>
      refused(
        nobody.send(
          new UpdateDistributionCommand({ Id, IfMatch: ETag, DistributionConfig: { ...DistributionConfig, WebACLId } }),
        ),
      );
    expect((await update(acl.ARN)).message).toContain('wafv2:GetWebACL');
    await allowNobody(
      instance,
      ['cloudfront:AssociateDistributionWebACL', arn],
      ['cloudfront:UpdateDistribution', arn],
      ['wafv2:GetWebACL', acl.ARN],
    );
    expect((await update(acl.ARN)).name).toBe('succeeded');
    expect((await tie()).name).toBe('succeeded');
    nobody.destroy();
  });
});

test('M-183 a distribution can be protected by Shield, and an alias may lead to it', async () => {
  const acl = await makeWebAcl(waf, { Scope: 'CLOUDFRONT' });
  const { distribution } = await makeDistribution(cloudfront, { WebACLId: acl.ARN });
  const shield = new ShieldClient(instance.clientOptions());
  await shield.send(new CreateSubscriptionCommand({}));
  const ResourceArn = distribution.ARN ?? '';
  await shield.send(new CreateProtectionCommand({ Name: 'shop', ResourceArn }));
  expect((await shield.send(new DescribeProtectionCommand({ ResourceArn }))).Protection?.ResourceArn).toBe(ResourceArn);
  const missing = new CreateProtectionCommand({ Name: 'none', ResourceArn: ResourceArn.replace(/.$/, '_') });
  expect((await refused(shield.send(missing))).name).not.toBe('succeeded');
  const route53 = new Route53Client(instance.clientOptions());
  const { HostedZone } = await route53.send(
    new CreateHostedZoneCommand({ Name: 'shop.example', CallerReference: '1' }),
  );
  const alias = (HostedZoneId: string, DNSName: string | undefined) =>
    refused(
      route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: HostedZone?.Id,
          ChangeBatch: {
            Changes: [
              {
                Action: 'UPSERT',
                ResourceRecordSet: {
                  Name: 'shop.example',
                  Type: 'A',
                  AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false },
                },
              },
            ],
          },
        }),
      ),
    );
  expect((await alias('Z2FDTNDATAQYW2', distribution.DomainName)).name).toBe('succeeded');
  expect((await alias('Z35SXDOTRQ7X7K', distribution.DomainName)).name).toBe('InvalidChangeBatch');
  expect((await alias('Z2FDTNDATAQYW2', 'd0000000000000.cloudfront.net')).name).toBe('InvalidChangeBatch');
  for (const one of [shield, route53]) one.destroy();
});

describe('invalidations', () => {
  const invalidate = (DistributionId: string | undefined, CallerReference: string, ...Items: string[]) =>
    new CreateInvalidationCommand({
      DistributionId,
      InvalidationBatch: { CallerReference, Paths: { Quantity: Items.length, Items } },
    });

  test('are made, shown and listed', async () => {
    const { Id } = (await makeDistribution(cloudfront)).distribution;
    const made = await cloudfront.send(invalidate(Id, 'one', '/images/*', '/index.html'));
    expect(made.Invalidation).toMatchObject({ Status: 'InProgress', InvalidationBatch: { CallerReference: 'one' } });
    expect(made.Location).toContain(`/distribution/${Id}/invalidation/${made.Invalidation?.Id}`);
    const shown = await cloudfront.send(new GetInvalidationCommand({ DistributionId: Id, Id: made.Invalidation?.Id }));
    expect(shown.Invalidation).toEqual({ ...made.Invalidation, Status: 'Completed' });
    // The same again is the same; with other paths it is not.
    const again = await cloudfront.send(invalidate(Id, 'one', '/images/*', '/index.html'));
    expect(again.Invalidation?.Id).toBe(made.Invalidation?.Id);
    expect((await refused(cloudfront.send(invalidate(Id, 'one', '/*')))).name).toBe('InvalidationBatchAlreadyExists');
    await cloudfront.send(invalidate(Id, 'two', '/*'));
    const { InvalidationList } = await cloudfront.send(new ListInvalidationsCommand({ DistributionId: Id }));
    expect(InvalidationList?.Items?.map(({ Status }) => Status)).toEqual(['Completed', 'Completed']);
    const page = await cloudfront.send(new ListInvalidationsCommand({ DistributionId: Id, MaxItems: 1 }));
    expect(page.InvalidationList).toMatchObject({ IsTruncated: true, Quantity: 1 });
  });

  test.each([[''], ['images'], ['/a*b'], ['/a b'], ['/a\n']])('%j is no path', async (path) => {
    const { Id } = (await makeDistribution(cloudfront)).distribution;
    expect((await refused(cloudfront.send(invalidate(Id, 'bad', path)))).name).toBe('InvalidArgument');
  });

  test('of nothing, too many, and of distributions that there are not', async () => {
    const { Id } = (await makeDistribution(cloudfront)).distribution;
    const stars = Array.from({ length: 16 }, (_, index) => `/${index}*`);
    expect((await refused(cloudfront.send(invalidate(Id, 'a', ...stars)))).name).toBe('TooManyInvalidationsInProgress');
    const paths = Array.from({ length: 3001 }, (_, index) => `/${index}`);
    expect((await refused(cloudfront.send(invalidate(Id, 'b', ...paths)))).name).toBe('BatchTooLarge');
    expect((await refused(cloudfront.send(invalidate('E0000000000000', 'c', '/*')))).name).toBe('NoSuchDistribution');
    const get = new GetInvalidationCommand({ DistributionId: Id, Id: 'INOTHING' });
    expect((await refused(cloudfront.send(get))).name).toBe('NoSuchInvalidation');
    const list = new ListInvalidationsCommand({ DistributionId: 'E0000000000000' });
    expect((await refused(cloudfront.send(list))).name).toBe('NoSuchDistribution');
  });
});
