/** Distributions of CloudFront with the real SDK: made, read back, changed, listed, deleted, and who may. */
import {
  type CloudFrontClient,
  CreateDistributionCommand,
  CreateDistributionWithTagsCommand,
  DeleteDistributionCommand,
  type DistributionConfig,
  GetCachePolicyCommand,
  GetCachePolicyConfigCommand,
  GetDistributionCommand,
  GetDistributionConfigCommand,
  GetOriginRequestPolicyCommand,
  GetOriginRequestPolicyConfigCommand,
  ListCachePoliciesCommand,
  ListDistributionsByCachePolicyIdCommand,
  ListDistributionsByOriginRequestPolicyIdCommand,
  ListDistributionsCommand,
  ListOriginRequestPoliciesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  allViewer,
  cachingDisabled,
  cachingOptimized,
  cloudFrontClient,
  distributionConfig,
  makeDistribution,
} from '../support/cloudfront.ts';
import { refused } from '../support/encrypted-objects.ts';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allowNobody } from '../support/wafv2.ts';

let instance: TestInstance;
let cloudfront: CloudFrontClient;
let other: CloudFrontClient;
let nobody: CloudFrontClient;
beforeAll(async () => {
  instance = await startInstance();
  cloudfront = cloudFrontClient(instance);
  other = cloudFrontClient(instance, otherAdminKeys);
  nobody = cloudFrontClient(instance, nobodyKeys);
});
afterAll(() => instance.stop());

const configOf = async (Id: string): Promise<{ config: DistributionConfig; etag: string }> => {
  const { DistributionConfig, ETag = '' } = await cloudfront.send(new GetDistributionConfigCommand({ Id }));
  return { config: DistributionConfig as DistributionConfig, etag: ETag };
};
const create = (over: Partial<DistributionConfig>) =>
  refused(cloudfront.send(new CreateDistributionCommand({ DistributionConfig: distributionConfig(over) })));
const behavior = (over: object) =>
  ({ DefaultCacheBehavior: { ...distributionConfig().DefaultCacheBehavior, ...over } }) as Partial<DistributionConfig>;
const origin = (over: object) => {
  const [first] = distributionConfig().Origins?.Items ?? [];
  return { Origins: { Quantity: 1, Items: [{ ...first, ...over }] } } as Partial<DistributionConfig>;
};
const custom = (over: object) =>
  origin({
    CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'http-only', ...over },
  });

describe('a distribution', () => {
  test('is made with a name of its own, and is in progress until the edge has it', async () => {
    const given = distributionConfig();
    const answer = await cloudfront.send(new CreateDistributionCommand({ DistributionConfig: given }));
    const { Distribution: made } = answer;
    expect(made?.Id).toMatch(/^E[A-Z0-9]{13}$/);
    expect(made?.DomainName).toMatch(/^d[a-z0-9]{13}\.cloudfront\.net$/);
    expect(made?.ARN).toBe(`arn:aws:cloudfront::${accountId}:distribution/${made?.Id}`);
    expect(made?.Status).toBe('InProgress');
    expect(answer.Location).toBe(`https://cloudfront.amazonaws.com/2020-05-31/distribution/${made?.Id}`);
    expect(answer.$metadata.httpStatusCode).toBe(201);
    const read = await cloudfront.send(new GetDistributionCommand({ Id: made?.Id }));
    expect(read.ETag).toBe(answer.ETag);
    expect(read.Distribution).toEqual({ ...made, Status: 'Deployed' });
    expect(read.Distribution?.DistributionConfig).toMatchObject(given as object);
  });

  test('reads back as it was put: putting what was read changes nothing but the version', async () => {
    const { distribution } = await makeDistribution(cloudfront, {
      DefaultRootObject: 'index.html',
      CacheBehaviors: {
        Quantity: 1,
        Items: [
          {
            PathPattern: '/api/*',
            TargetOriginId: 'web',
            ViewerProtocolPolicy: 'redirect-to-https',
            AllowedMethods: {
              Quantity: 7,
              Items: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
              CachedMethods: { Quantity: 2, Items: ['GET', 'HEAD'] },
            },
            Compress: true,
            ForwardedValues: {
              QueryString: true,
              Cookies: { Forward: 'whitelist', WhitelistedNames: { Quantity: 1, Items: ['session'] } },
              Headers: { Quantity: 1, Items: ['Origin'] },
            },
            MinTTL: 0,
            DefaultTTL: 60,
            MaxTTL: 120,
          },
        ],
      },
      PriceClass: 'PriceClass_100',
      IsIPV6Enabled: true,
    });
    const Id = distribution.Id ?? '';
    const first = await configOf(Id);
    const DistributionConfig = first.config;
    const update = new UpdateDistributionCommand({ Id, IfMatch: first.etag, DistributionConfig });
    const { ETag, Distribution } = await cloudfront.send(update);
    expect(Distribution?.DistributionConfig).toEqual(first.config);
    const second = await configOf(Id);
    expect(second.config).toEqual(first.config);
    expect(second.etag).toBe(ETag);
    expect(second.etag).not.toBe(first.etag);
  });

  test('a caller reference makes one distribution', async () => {
    const DistributionConfig = distributionConfig();
    const answer = await cloudfront.send(new CreateDistributionCommand({ DistributionConfig }));
    const again = await refused(cloudfront.send(new CreateDistributionCommand({ DistributionConfig })));
    expect(again).toMatchObject({ name: 'DistributionAlreadyExists', status: 409 });
    expect(again.message).toContain(answer.Distribution?.Id);
    // Another account has references of its own.
    await other.send(new CreateDistributionCommand({ DistributionConfig }));
  });

  test('is changed in the version that the caller knows, and keeps its reference', async () => {
    const { distribution, etag } = await makeDistribution(cloudfront);
    const Id = distribution.Id ?? '';
    const { config } = await configOf(Id);
    const put = (IfMatch: string | undefined, over: Partial<DistributionConfig> = {}) =>
      refused(
        cloudfront.send(new UpdateDistributionCommand({ Id, IfMatch, DistributionConfig: { ...config, ...over } })),
      );
    expect(await put(undefined)).toMatchObject({ name: 'InvalidIfMatchVersion', status: 400 });
    expect(await put('E0000000000000')).toMatchObject({ name: 'PreconditionFailed', status: 412 });
    expect(await put(etag, { CallerReference: 'another' })).toMatchObject({ name: 'IllegalUpdate' });
    expect(await put(etag, { Comment: 'changed' })).toMatchObject({ name: 'succeeded' });
    expect(await put(etag, { Comment: 'stale' })).toMatchObject({ name: 'PreconditionFailed' });
    expect((await configOf(Id)).config.Comment).toBe('changed');
  });

  test('is deleted once it is disabled', async () => {
    const { distribution, etag } = await makeDistribution(cloudfront);
    const Id = distribution.Id ?? '';
    const gone = (IfMatch?: string) => refused(cloudfront.send(new DeleteDistributionCommand({ Id, IfMatch })));
    expect(await gone(etag)).toMatchObject({ name: 'DistributionNotDisabled', status: 409 });
    const { config } = await configOf(Id);
    const { ETag } = await cloudfront.send(
      new UpdateDistributionCommand({ Id, IfMatch: etag, DistributionConfig: { ...config, Enabled: false } }),
    );
    expect(await gone()).toMatchObject({ name: 'InvalidIfMatchVersion' });
    expect(await gone(etag)).toMatchObject({ name: 'PreconditionFailed' });
    expect(await gone(ETag)).toMatchObject({ name: 'succeeded' });
    expect(await gone(ETag)).toMatchObject({ name: 'NoSuchDistribution', status: 404 });
  });

  test('of another account is nobody’s', async () => {
    const { distribution, etag } = await makeDistribution(cloudfront);
    const { Id } = distribution;
    for (const command of [
      new GetDistributionCommand({ Id }),
      new GetDistributionConfigCommand({ Id }),
      new DeleteDistributionCommand({ Id, IfMatch: etag }),
      new UpdateDistributionCommand({ Id, IfMatch: etag, DistributionConfig: distributionConfig() }),
    ]) {
      // biome-ignore lint/suspicious/noExplicitAny: commands of several operations.
      expect(await refused(other.send(command as any))).toMatchObject({ name: 'NoSuchDistribution' });
    }
  });

  test('is listed, in pages', async () => {
    const before = (await other.send(new ListDistributionsCommand({}))).DistributionList?.Quantity ?? 0;
    const made = [await makeDistribution(other), await makeDistribution(other)].map((one) => one.distribution);
    const { DistributionList: list } = await other.send(new ListDistributionsCommand({}));
    expect(list).toMatchObject({ Quantity: before + 2, IsTruncated: false, MaxItems: 100, Marker: '' });
    for (const one of made) {
      const found = list?.Items?.find(({ Id }) => Id === one.Id);
      expect(found).toMatchObject({ ARN: one.ARN, Status: 'Deployed', DomainName: one.DomainName, Enabled: true });
    }
    const ids: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = (await other.send(new ListDistributionsCommand({ MaxItems: 1, ...(Marker && { Marker }) })))
        .DistributionList;
      ids.push(...(page?.Items ?? []).map(({ Id }) => Id));
      Marker = page?.NextMarker;
    } while (Marker !== undefined);
    expect(ids).toEqual(list?.Items?.map(({ Id }) => Id));
    expect(await refused(other.send(new ListDistributionsCommand({ Marker: 'forged' })))).toMatchObject({
      name: 'InvalidArgument',
    });
  });
});

describe('what is refused', () => {
  test.each<[string, Partial<DistributionConfig>, string]>([
    ['no origin', { Origins: { Quantity: 0, Items: [] } }, 'MalformedXML'],
    ['a wrong quantity', { Aliases: { Quantity: 2, Items: ['a.example.com'] } }, 'InconsistentQuantities'],
    ['an address for an origin', origin({ DomainName: '169.254.169.254' }), 'InvalidArgument'],
    ['an IPv6 address for an origin', origin({ DomainName: '[::1]' }), 'InvalidArgument'],
    ['a number for an origin', origin({ DomainName: '2130706433' }), 'InvalidArgument'],
    ['no name for an origin', origin({ DomainName: 'no name' }), 'InvalidOrigin'],
    ['a distribution for an origin', origin({ DomainName: 'd111111abcdef8.cloudfront.net' }), 'InvalidOrigin'],
    ['no kind of origin', origin({ CustomOriginConfig: undefined }), 'InvalidOrigin'],
    ['a forbidden port', custom({ HTTPPort: 22 }), 'InvalidArgument'],
    ['a path that ends with a slash', origin({ OriginPath: '/a/' }), 'InvalidArgument'],
    ['a path that breaks the line', origin({ OriginPath: '/a\r\nX: y' }), 'InvalidArgument'],
    ['a target that is no origin', behavior({ TargetOriginId: 'nowhere' }), 'NoSuchOrigin'],
    ['a cache policy that there is not', behavior({ CachePolicyId: allViewer }), 'NoSuchCachePolicy'],
    [
      'an origin request policy that there is not',
      behavior({ OriginRequestPolicyId: cachingOptimized }),
      'NoSuchOriginRequestPolicy',
    ],
    ['neither policy nor values', behavior({ CachePolicyId: undefined }), 'InvalidArgument'],
    ['times beside a policy', behavior({ MinTTL: 1 }), 'InvalidArgument'],
    [
      'times out of order',
      behavior({
        CachePolicyId: undefined,
        ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
        MinTTL: 10,
        DefaultTTL: 5,
      }),
      'InvalidTTLOrder',
    ],
    [
      'cookies without names',
      behavior({
        CachePolicyId: undefined,
        ForwardedValues: { QueryString: false, Cookies: { Forward: 'whitelist' } },
      }),
      'InvalidForwardCookies',
    ],
    ['methods of no set', behavior({ AllowedMethods: { Quantity: 1, Items: ['POST'] } }), 'InvalidArgument'],
    ['a root object with a slash', { DefaultRootObject: '/index.html' }, 'InvalidDefaultRootObject'],
    [
      'a name without a certificate',
      { Aliases: { Quantity: 1, Items: ['a.example.com'] } },
      'InvalidViewerCertificate',
    ],
    ['a name that is none', { Aliases: { Quantity: 1, Items: ['a b.example.com'] } }, 'InvalidArgument'],
    ['a name of AWS', { Aliases: { Quantity: 1, Items: ['x.cloudfront.net'] } }, 'InvalidArgument'],
    ['a web ACL that is none', { WebACLId: '473e64fd-f30b-4765-81a0-62ad96dd167a' }, 'InvalidWebACLId'],
    ['a comment that is too long', { Comment: 'x'.repeat(129) }, 'InvalidArgument'],
  ])('%s', async (_what, over, code) => {
    expect((await create(over)).name).toBe(code);
  });

  test.each<[string, Partial<DistributionConfig>]>([
    ['Logging', { Logging: { Enabled: true, IncludeCookies: false, Bucket: 'b.s3.amazonaws.com', Prefix: '' } }],
    [
      'GeoRestriction',
      { Restrictions: { GeoRestriction: { RestrictionType: 'whitelist', Quantity: 1, Items: ['DE'] } } },
    ],
    ['CustomErrorResponses', { CustomErrorResponses: { Quantity: 1, Items: [{ ErrorCode: 404 }] } }],
    ['HttpVersion', { HttpVersion: 'http3' }],
    ['Staging', { Staging: true }],
    ['OriginShield', origin({ OriginShield: { Enabled: true, OriginShieldRegion: 'us-east-1' } })],
    ['OriginAccessControlId', origin({ OriginAccessControlId: 'E2QWRUHAPOMQZL' })],
    ['ConnectionAttempts', origin({ ConnectionAttempts: 1 })],
    ['OriginSslProtocols', custom({ OriginSslProtocols: { Quantity: 1, Items: ['TLSv1'] } })],
    ['TrustedKeyGroups', behavior({ TrustedKeyGroups: { Enabled: true, Quantity: 1, Items: ['group'] } })],
    [
      'FunctionAssociations',
      behavior({
        FunctionAssociations: {
          Quantity: 1,
          Items: [{ EventType: 'viewer-request', FunctionARN: `arn:aws:cloudfront::${accountId}:function/f` }],
        },
      }),
    ],
    ['ResponseHeadersPolicyId', behavior({ ResponseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03' })],
    ['The header CloudFront-', behavior({ OriginRequestPolicyId: '33f36d7e-f396-46d9-90e0-52428a34d9dc' })],
  ])('%s, which the edge cannot do, by its name', async (member, over) => {
    const answer = await create(over);
    expect(answer.name).toBe('InvalidArgument');
    expect(answer.message).toContain(member);
    expect(answer.message).toContain('not served by the edge');
  });

  test.each(['Host', 'X-Amz-Cf-Id', 'Content-Length', 'Bad Name', 'x-edge-a'])('the custom header %s', async (name) => {
    const CustomHeaders = { Quantity: 1, Items: [{ HeaderName: name, HeaderValue: 'x' }] };
    expect((await create(origin({ CustomHeaders }))).name).toBe('InvalidArgument');
  });

  test('a value of a header that begins another header', async () => {
    const CustomHeaders = { Quantity: 1, Items: [{ HeaderName: 'X-A', HeaderValue: 'x\r\nX-B: y' }] };
    expect((await create(origin({ CustomHeaders }))).name).toBe('InvalidArgument');
  });

  test('too much of anything', async () => {
    const [first] = distributionConfig().Origins?.Items ?? [];
    const Items = Array.from({ length: 101 }, (_, index) => ({ ...first, Id: `o${index}` }));
    const origins = { Quantity: Items.length, Items } as DistributionConfig['Origins'];
    expect((await create({ Origins: origins })).name).toBe('TooManyOrigins');
    const standard = distributionConfig().DefaultCacheBehavior;
    const behaviors = Array.from({ length: 76 }, (_, index) => ({ ...standard, PathPattern: `/p${index}` }));
    const CacheBehaviors = { Quantity: 76, Items: behaviors } as DistributionConfig['CacheBehaviors'];
    expect((await create({ CacheBehaviors })).name).toBe('TooManyCacheBehaviors');
    const names = Array.from({ length: 101 }, (_, index) => `n${index}.example.com`);
    expect((await create({ Aliases: { Quantity: 101, Items: names } })).name).toBe('TooManyDistributionCNAMEs');
  });
});

test('an origin may be a bucket of this instance, and no other bucket', async () => {
  const s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket: 'coffee-pictures' }));
  const bucket = (name: string, over: object = {}) =>
    origin({
      DomainName: `${name}.s3.us-east-1.amazonaws.com`,
      CustomOriginConfig: undefined,
      S3OriginConfig: { OriginAccessIdentity: '' },
      ...over,
    });
  expect((await create(bucket('coffee-pictures'))).name).toBe('succeeded');
  expect((await create(bucket('nobodys-pictures'))).name).toBe('InvalidOrigin');
  expect((await create(bucket('x', { DomainName: 'shop.example.com' }))).name).toBe('InvalidOrigin');
  const identity = { S3OriginConfig: { OriginAccessIdentity: 'origin-access-identity/cloudfront/E1' } };
  expect((await create(bucket('coffee-pictures', identity))).message).toContain('OriginAccessIdentity');
  s3.destroy();
});

describe('policies that AWS manages', () => {
  test('are listed and shown', async () => {
    const { CachePolicyList: list } = await cloudfront.send(new ListCachePoliciesCommand({ Type: 'managed' }));
    expect(list?.Items?.map(({ CachePolicy }) => CachePolicy?.CachePolicyConfig?.Name)).toContain(
      'Managed-CachingOptimized',
    );
    expect((await cloudfront.send(new ListCachePoliciesCommand({ Type: 'custom' }))).CachePolicyList?.Quantity).toBe(0);
    for (const { CachePolicy } of list?.Items ?? []) {
      const { Id } = CachePolicy ?? {};
      const shown = await cloudfront.send(new GetCachePolicyCommand({ Id }));
      expect(shown.CachePolicy).toEqual(CachePolicy);
      const config = await cloudfront.send(new GetCachePolicyConfigCommand({ Id }));
      expect(config).toMatchObject({ ETag: shown.ETag, CachePolicyConfig: CachePolicy?.CachePolicyConfig });
    }
    const others =
      (await cloudfront.send(new ListOriginRequestPoliciesCommand({}))).OriginRequestPolicyList?.Items ?? [];
    expect(others).toHaveLength(8);
    for (const { OriginRequestPolicy: policy } of others) {
      const Id = policy?.Id;
      const shown = await cloudfront.send(new GetOriginRequestPolicyCommand({ Id }));
      expect(shown.OriginRequestPolicy).toEqual(policy);
      const config = await cloudfront.send(new GetOriginRequestPolicyConfigCommand({ Id }));
      expect(config.OriginRequestPolicyConfig).toEqual(policy?.OriginRequestPolicyConfig);
    }
  });

  test('are there or not', async () => {
    const Id = '00000000-0000-4000-8000-000000000000';
    for (const command of [new GetCachePolicyCommand({ Id }), new GetCachePolicyConfigCommand({ Id })]) {
      // biome-ignore lint/suspicious/noExplicitAny: commands of several operations.
      expect(await refused(cloudfront.send(command as any))).toMatchObject({ name: 'NoSuchCachePolicy', status: 404 });
    }
    for (const command of [
      new GetOriginRequestPolicyCommand({ Id }),
      new GetOriginRequestPolicyConfigCommand({ Id }),
    ]) {
      // biome-ignore lint/suspicious/noExplicitAny: commands of several operations.
      expect((await refused(cloudfront.send(command as any))).name).toBe('NoSuchOriginRequestPolicy');
    }
    const marker = 'forged';
    expect((await refused(cloudfront.send(new ListCachePoliciesCommand({ Marker: marker })))).name).toBe(
      'InvalidArgument',
    );
    expect((await refused(cloudfront.send(new ListOriginRequestPoliciesCommand({ Marker: marker })))).name).toBe(
      'InvalidArgument',
    );
  });

  test('know the distributions that name them', async () => {
    const { distribution } = await makeDistribution(
      cloudfront,
      behavior({ CachePolicyId: cachingDisabled, OriginRequestPolicyId: allViewer }),
    );
    const byCache = await cloudfront.send(
      new ListDistributionsByCachePolicyIdCommand({ CachePolicyId: cachingDisabled }),
    );
    expect(byCache.DistributionIdList?.Items).toEqual([distribution.Id]);
    const byRequest = new ListDistributionsByOriginRequestPolicyIdCommand({ OriginRequestPolicyId: allViewer });
    expect((await cloudfront.send(byRequest)).DistributionIdList?.Items).toEqual([distribution.Id]);
    const none = '00000000-0000-4000-8000-000000000000';
    expect(
      (await refused(cloudfront.send(new ListDistributionsByCachePolicyIdCommand({ CachePolicyId: none })))).name,
    ).toBe('NoSuchCachePolicy');
    const nothing = new ListDistributionsByOriginRequestPolicyIdCommand({ OriginRequestPolicyId: none });
    expect((await refused(cloudfront.send(nothing))).name).toBe('NoSuchOriginRequestPolicy');
  });
});

describe('tags', () => {
  test('come with a distribution, are added and taken away', async () => {
    const { Distribution } = await cloudfront.send(
      new CreateDistributionWithTagsCommand({
        DistributionConfigWithTags: {
          DistributionConfig: distributionConfig(),
          Tags: { Items: [{ Key: 'team', Value: 'till' }] },
        },
      }),
    );
    const Resource = Distribution?.ARN ?? '';
    const tags = async () => (await cloudfront.send(new ListTagsForResourceCommand({ Resource }))).Tags?.Items;
    expect(await tags()).toEqual([{ Key: 'team', Value: 'till' }]);
    await cloudfront.send(new TagResourceCommand({ Resource, Tags: { Items: [{ Key: 'a', Value: '' }] } }));
    expect(await tags()).toEqual([
      { Key: 'team', Value: 'till' },
      { Key: 'a', Value: '' },
    ]);
    await cloudfront.send(new UntagResourceCommand({ Resource, TagKeys: { Items: ['team'] } }));
    expect(await tags()).toEqual([{ Key: 'a', Value: '' }]);
  });

  test('are refused where they cannot be', async () => {
    const none = `arn:aws:cloudfront::${accountId}:distribution/E0000000000000`;
    const Tags = { Items: [{ Key: 'a', Value: 'b' }] };
    const code = async (command: object) =>
      // biome-ignore lint/suspicious/noExplicitAny: commands of several operations.
      (await refused(cloudfront.send(command as any))).name;
    expect(await code(new TagResourceCommand({ Resource: none, Tags }))).toBe('NoSuchResource');
    expect(await code(new UntagResourceCommand({ Resource: none, TagKeys: { Items: ['a'] } }))).toBe('NoSuchResource');
    expect(await code(new ListTagsForResourceCommand({ Resource: none }))).toBe('NoSuchResource');
    const reserved = { Items: [{ Key: 'aws:a', Value: 'b' }] };
    const DistributionConfigWithTags = { DistributionConfig: distributionConfig(), Tags: reserved };
    const made = await code(new CreateDistributionWithTagsCommand({ DistributionConfigWithTags }));
    expect(['InvalidTagging', 'InvalidArgument', 'ValidationException']).toContain(made);
  });
});

describe('who may', () => {
  const make = (Tags?: { Key: string; Value: string }[]) =>
    refused(
      nobody.send(
        new CreateDistributionWithTagsCommand({
          DistributionConfigWithTags: { DistributionConfig: distributionConfig(), Tags: { Items: Tags } },
        }),
      ),
    );
  const all = `arn:aws:cloudfront::${accountId}:distribution/*`;

  test('making one with tags takes both permissions', async () => {
    const tags = [{ Key: 'team', Value: 'till' }];
    await allowNobody(instance, ['cloudfront:CreateDistribution', all]);
    const answer = await make(tags);
    expect(answer).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(answer.message).toContain('cloudfront:TagResource');
    await allowNobody(instance, ['cloudfront:TagResource', all]);
    expect((await make(tags)).message).toContain('cloudfront:CreateDistribution');
    await allowNobody(instance, ['cloudfront:CreateDistribution', all], ['cloudfront:TagResource', all]);
    expect((await make(tags)).name).toBe('succeeded');
  });

  test('permission is by distribution', async () => {
    const [mine, theirs] = [await makeDistribution(cloudfront), await makeDistribution(cloudfront)];
    await allowNobody(instance, ['cloudfront:GetDistribution', mine.distribution.ARN ?? '']);
    const get = (Id: string | undefined) => refused(nobody.send(new GetDistributionCommand({ Id })));
    expect((await get(mine.distribution.Id)).name).toBe('succeeded');
    expect((await get(theirs.distribution.Id)).name).toBe('AccessDenied');
    expect((await get('E0000000000000')).name).toBe('AccessDenied');
  });

  test('every call is made in us-east-1, and recorded there', async () => {
    const { distribution } = await makeDistribution(cloudfront);
    const elsewhere = cloudFrontClient({
      ...instance,
      clientOptions: (keys) => instance.clientOptions(keys, 'eu-central-1'),
    });
    await elsewhere.send(new GetDistributionCommand({ Id: distribution.Id }));
    const trail = new CloudTrailClient(instance.clientOptions());
    const { Events = [] } = await trail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'GetDistribution' }] }),
    );
    const records = Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent ?? '{}'));
    const found = records.find(({ requestParameters }) => requestParameters?.id === distribution.Id);
    expect(found).toMatchObject({ eventSource: 'cloudfront.amazonaws.com', awsRegion: 'us-east-1' });
    for (const one of [elsewhere, trail]) one.destroy();
  });
});
