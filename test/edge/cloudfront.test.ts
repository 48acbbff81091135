/** Distributions as their owner puts them up by the API, and as viewers see them: real requests through the edge. */

import { Resolver } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import {
  AssociateDistributionWebACLCommand,
  type CloudFrontClient,
  CreateInvalidationCommand,
  type Distribution,
  type DistributionConfig,
  GetDistributionConfigCommand,
  GetInvalidationCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateProtectionCommand, CreateSubscriptionCommand, ShieldClient } from '@aws-sdk/client-shield';
import { GetSampledRequestsCommand } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  allViewer,
  cachingDisabled,
  cachingOptimized,
  cloudFrontClient,
  distributionConfig,
  importedCertificate,
  makeDistribution,
} from '../support/cloudfront.ts';
import { answering, defaultGroupId, elbClient, makeListener, makeLoadBalancer } from '../support/elb.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { makeWebAcl, pathRule, wafClient } from '../support/wafv2.ts';
import { type Answer, ask, freePort, type Origin, origin, pause } from './edge.fixture.ts';

let instance: TestInstance;
let cloudfront: CloudFrontClient;
let web: Origin;
let port: number;
let securePort: number;
let dnsPort: number;
let seen: { line: string; headers: NodeJS.Dict<string | string[]> }[] = [];

beforeAll(async () => {
  [port, securePort, dnsPort] = [await freePort(), await freePort(), await freePort()];
  instance = await startInstance(undefined, { cloudfront: { port, securePort }, dnsPort });
  cloudfront = cloudFrontClient(instance);
  web = await origin((incoming, outgoing) => {
    seen.push({ line: `${incoming.method} ${incoming.url}`, headers: incoming.headers });
    outgoing.setHeader('content-type', 'text/plain');
    if (incoming.url?.includes('long')) outgoing.end('coffee '.repeat(1_000));
    else outgoing.end(`cup ${seen.length}`);
  });
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  cloudfront.destroy();
  await instance.stop();
  await web.close();
});

const get = (host: string | undefined, path = '/', headers: Record<string, string> = {}, method = 'GET') =>
  ask({ port, path, method, headers: { host: host ?? '', ...headers } });

/** A machine with other things to do starts processes, and the vault, in its own time. */
async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await what()) return;
    await pause(50);
  }
  throw new Error('it did not come to that within 25 seconds');
}

/** What is configured reaches the edge within moments. */
async function served(host: string | undefined, status = 200): Promise<void> {
  await until(() =>
    get(host, '/is-it-there').then(
      (answer) => answer.status === status,
      () => false,
    ),
  );
  seen = [];
}

async function up(over: Partial<DistributionConfig> = {}): Promise<Distribution> {
  const { distribution } = await makeDistribution(cloudfront, over, web.port);
  await served(distribution.DomainName);
  return distribution;
}

async function update({ Id }: Distribution, over: Partial<DistributionConfig>): Promise<void> {
  const { DistributionConfig, ETag } = await cloudfront.send(new GetDistributionConfigCommand({ Id }));
  const config = { ...(DistributionConfig as DistributionConfig), ...over };
  await cloudfront.send(new UpdateDistributionCommand({ Id, IfMatch: ETag, DistributionConfig: config }));
}

const behavior = (over: object) =>
  ({ DefaultCacheBehavior: { ...distributionConfig().DefaultCacheBehavior, ...over } }) as Partial<DistributionConfig>;

function tls(host: string, path = '/', options: object = {}): Promise<Answer & { readonly names: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(
      { host: '127.0.0.1', port: securePort, path, servername: host, headers: { host }, agent: false, ...options },
      (answer) => {
        const names = (answer.socket as TLSSocket).getPeerCertificate().subjectaltname ?? '';
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const { headers, trailers, statusCode: status = 0 } = answer;
          resolve({ status, headers, trailers, body: Buffer.concat(chunks).toString(), names });
        });
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

describe('the cache', () => {
  test('asks the origin once, says so, and asks anew after an invalidation', async () => {
    const { DomainName, Id } = await up();
    const cache = async (path: string) => (await get(DomainName, path)).headers['x-cache'];
    expect(await cache('/menu/tea')).toBe('Miss from cloudfront');
    expect(await cache('/menu/tea')).toBe('Hit from cloudfront');
    expect(await cache('/about')).toBe('Miss from cloudfront');
    expect(seen.map(({ line }) => line)).toEqual(['GET /menu/tea', 'GET /about']);
    const { Invalidation } = await cloudfront.send(
      new CreateInvalidationCommand({
        DistributionId: Id,
        InvalidationBatch: { CallerReference: 'prices', Paths: { Quantity: 1, Items: ['/menu/*'] } },
      }),
    );
    const shown = await cloudfront.send(new GetInvalidationCommand({ DistributionId: Id, Id: Invalidation?.Id }));
    expect(shown.Invalidation?.Status).toBe('Completed');
    await until(async () => (await cache('/menu/tea')) === 'Miss from cloudfront');
    expect(await cache('/about')).toBe('Hit from cloudfront');
  });

  test('keeps nobody’s own answers for others', async () => {
    const mine = { authorization: 'Basic YWxpY2U6c2VjcmV0', cookie: 'session=alice' };
    const standard = await up();
    await get(standard.DomainName, '/account', mine);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    expect(seen[0]?.headers).not.toHaveProperty('cookie');
    // Shown to the origin by a policy, and no part of the key.
    const open = await up(behavior({ OriginRequestPolicyId: allViewer }));
    await get(open.DomainName, '/account', mine);
    expect(seen[0]?.headers).toMatchObject(mine);
    expect((await get(open.DomainName, '/account')).headers['x-cache']).toBe('Miss from cloudfront');
  });

  test('compresses what it keeps, for those who take it', async () => {
    const { DomainName } = await up(behavior({ Compress: true }));
    const takes = { 'accept-encoding': 'gzip, deflate' };
    expect((await get(DomainName, '/long', takes)).headers['x-cache']).toBe('Miss from cloudfront');
    await until(async () => (await get(DomainName, '/long', takes)).headers['content-encoding'] === 'gzip');
    const hit = await get(DomainName, '/long', takes);
    expect(hit.headers['x-cache']).toBe('Hit from cloudfront');
    expect(gunzipSync(Buffer.from(hit.body, 'latin1')).toString()).toBe('coffee '.repeat(1_000));
    const plain = await get(DomainName, '/long');
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(plain.body).toBe('coffee '.repeat(1_000));
  });

  test('is out of the way where it is disabled, and an origin sees what its policy says', async () => {
    const { DomainName } = await up(
      behavior({
        CachePolicyId: cachingDisabled,
        OriginRequestPolicyId: allViewer,
        AllowedMethods: {
          Quantity: 7,
          Items: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
          CachedMethods: { Quantity: 2, Items: ['GET', 'HEAD'] },
        },
      }),
    );
    for (const _ of [1, 2]) await get(DomainName, '/order?item=tea', { cookie: 'a=1', 'x-table': '7' });
    expect(seen.map(({ line }) => line)).toEqual(['GET /order?item=tea', 'GET /order?item=tea']);
    expect(seen[0]?.headers).toMatchObject({ host: DomainName, cookie: 'a=1', 'x-table': '7' });
    expect((await get(DomainName, '/order', {}, 'DELETE')).status).toBe(200);
  });

  test('tells answers apart by forwarded values, and the origin sees the whole query', async () => {
    const { DomainName } = await up(
      behavior({
        CachePolicyId: undefined,
        ForwardedValues: {
          QueryString: true,
          QueryStringCacheKeys: { Quantity: 1, Items: ['page'] },
          Cookies: { Forward: 'none' },
        },
      }),
    );
    await get(DomainName, '/list?page=1&from=mail');
    expect((await get(DomainName, '/list?page=1&from=shop')).headers['x-cache']).toBe('Hit from cloudfront');
    await get(DomainName, '/list?page=2');
    expect(seen.map(({ line }) => line)).toEqual(['GET /list?page=1&from=mail', 'GET /list?page=2']);
  });
});

test('headers of the distribution’s own cannot be sent by viewers in their place', async () => {
  const [first] = distributionConfig({}, web.port).Origins?.Items ?? [];
  const CustomHeaders = { Quantity: 1, Items: [{ HeaderName: 'X-From-Edge', HeaderValue: 'secret' }] };
  const { DomainName } = await up({
    Origins: { Quantity: 1, Items: [{ ...first, CustomHeaders }] } as DistributionConfig['Origins'],
    ...behavior({ OriginRequestPolicyId: allViewer }),
  });
  await get(DomainName, '/', { 'x-from-edge': 'forged' });
  expect(seen[0]?.headers['x-from-edge']).toBe('secret');
});

test('a distribution that is disabled, and a host that is nobody’s, are answered 403', async () => {
  const distribution = await up();
  await update(distribution, { Enabled: false });
  await served(distribution.DomainName, 403);
  for (const host of [distribution.DomainName, 'nobody.example']) {
    const answer = await get(host);
    expect([answer.status, answer.headers.server, answer.headers['x-cache']]).toEqual([
      403,
      'CloudFront',
      'Error from cloudfront',
    ]);
    expect(answer.body).toContain('The request could not be satisfied.');
  }
  await update(distribution, { Enabled: true });
  await served(distribution.DomainName);
});

test('M-187 a web ACL of scope CLOUDFRONT blocks before the cache, and the other distributions go on', async () => {
  const waf = wafClient(instance);
  const acl = await makeWebAcl(waf, { Scope: 'CLOUDFRONT', Rules: [pathRule('no-admin', 0, '/admin')] });
  const [shop, other] = [await up(), await up()];
  expect((await get(shop.DomainName, '/admin')).status).toBe(200);
  await cloudfront.send(new AssociateDistributionWebACLCommand({ Id: shop.Id, WebACLArn: acl.ARN }));
  await until(async () => (await get(shop.DomainName, '/admin')).status === 403);
  expect((await get(shop.DomainName, '/menu')).status).toBe(200);
  expect((await get(other.DomainName, '/admin')).status).toBe(200);
  const TimeWindow = { StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 600_000) };
  const sampled = async () => {
    const { SampledRequests = [] } = await waf.send(
      new GetSampledRequestsCommand({
        WebAclArn: acl.ARN,
        RuleMetricName: 'no-admin',
        Scope: 'CLOUDFRONT',
        TimeWindow,
        MaxItems: 10,
      }),
    );
    return SampledRequests.map(({ Action, Request }) => `${Action} ${Request?.URI}`);
  };
  await until(async () => (await sampled()).includes('BLOCK /admin'));
});

test('M-183 a protected distribution goes on serving, and CloudWatch counts what comes for it', async () => {
  const shield = new ShieldClient(instance.clientOptions());
  const distribution = await up();
  await shield.send(new CreateSubscriptionCommand({}));
  await shield.send(new CreateProtectionCommand({ Name: 'shop', ResourceArn: distribution.ARN }));
  await served(distribution.DomainName);
  const cloudwatch = new CloudWatchClient(instance.clientOptions());
  const requests = async () => {
    const { Datapoints = [] } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/CloudFront',
        MetricName: 'Requests',
        Dimensions: [
          { Name: 'DistributionId', Value: distribution.Id },
          { Name: 'Region', Value: 'Global' },
        ],
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 600_000),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
  };
  let counted = 0;
  for (let tries = 0; counted === 0 && tries < 60; tries++) {
    await get(distribution.DomainName);
    await pause(250);
    counted = await requests();
  }
  expect(counted).toBeGreaterThan(0);
  for (const one of [shield, cloudwatch]) one.destroy();
});

describe('TLS', () => {
  test('shows the certificate of an alternate name, and of this instance for all others', async () => {
    const { arn, made } = await importedCertificate(instance, ['shop.example.com']);
    const distribution = await up({
      Aliases: { Quantity: 1, Items: ['shop.example.com'] },
      ViewerCertificate: {
        ACMCertificateArn: arn,
        SSLSupportMethod: 'sni-only',
        MinimumProtocolVersion: 'TLSv1.2_2021',
      },
    });
    await until(() =>
      tls('shop.example.com', '/', { ca: made.pem }).then(
        () => true,
        () => false,
      ),
    );
    expect((await tls('shop.example.com', '/', { ca: made.pem })).names).toBe('DNS:shop.example.com');
    const standard = await up();
    const name = standard.DomainName ?? '';
    const root = join(instance.dataDir, 'ca', 'root.pem');
    await until(
      () =>
        existsSync(root) &&
        tls(name, '/', { ca: readFileSync(root) }).then(
          () => true,
          () => false,
        ),
    );
    const answer = await tls(name, '/', { ca: readFileSync(root) });
    expect([answer.status, answer.names]).toEqual([200, 'DNS:*.cloudfront.net']);
    await expect(tls(name, '/', { ca: readFileSync(root), maxVersion: 'TLSv1.1' })).rejects.toThrow();
    // Whoever has a certificate for other names has this one for its own all the same.
    const own = await tls(distribution.DomainName ?? '', '/', { ca: readFileSync(root) });
    expect([own.status, own.names]).toEqual([200, 'DNS:*.cloudfront.net']);
    await update(distribution, {
      DefaultCacheBehavior: {
        ...distributionConfig().DefaultCacheBehavior,
        ViewerProtocolPolicy: 'redirect-to-https',
      } as never,
    });
    await served('shop.example.com', 301);
    const moved = await get('shop.example.com', '/menu?a=1');
    expect([moved.status, moved.headers.location]).toEqual([301, `https://shop.example.com:${securePort}/menu?a=1`]);
  });
});

describe('origins', () => {
  test('may be load balancers of this instance, by their names', async () => {
    const [elb, ec2] = [elbClient(instance), new EC2Client(instance.clientOptions())];
    const listenerPort = await freePort();
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: defaultGroupId,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: listenerPort, ToPort: listenerPort, IpRanges: [{ CidrIp: '127.0.0.0/8' }] },
        ],
      }),
    );
    const balancer = await makeLoadBalancer(elb, 'behind');
    await makeListener(elb, balancer.LoadBalancerArn, listenerPort, answering('from the load balancer'));
    const [first] = distributionConfig({}, listenerPort).Origins?.Items ?? [];
    const Items = [{ ...first, DomainName: balancer.DNSName }];
    const distribution = await up({ Origins: { Quantity: 1, Items } as DistributionConfig['Origins'] });
    expect((await get(distribution.DomainName)).body).toBe('from the load balancer');
    for (const one of [elb, ec2]) one.destroy();
  });

  test('may be buckets of this instance: what their policies allow to everybody', async () => {
    const s3 = new S3Client(instance.clientOptions());
    const Bucket = 'coffee-pictures';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'public/cup.txt', Body: 'a cup' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'private/recipe.txt', Body: 'a secret' }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/public/*` },
    ];
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
    const made = await makeDistribution(cloudfront, {
      Origins: {
        Quantity: 1,
        Items: [{ Id: 'web', DomainName: `${Bucket}.s3.amazonaws.com`, S3OriginConfig: { OriginAccessIdentity: '' } }],
      },
    });
    const host = made.distribution.DomainName;
    await until(async () => (await get(host, '/public/cup.txt')).status === 200);
    expect((await get(host, '/public/cup.txt')).body).toBe('a cup');
    const refused = await get(host, '/private/recipe.txt');
    expect([refused.status, refused.body.includes('a secret')]).toEqual([403, false]);
    // Nothing but the bucket is behind it.
    expect((await get(host, '/../')).status).not.toBe(200);
    s3.destroy();
  });
});

test('names of distributions, and aliases to them, lead to the edge', async () => {
  const distribution = await up();
  const route53 = new Route53Client(instance.clientOptions());
  const { HostedZone } = await route53.send(new CreateHostedZoneCommand({ Name: 'tea.example', CallerReference: '1' }));
  const AliasTarget = { HostedZoneId: 'Z2FDTNDATAQYW2', DNSName: distribution.DomainName, EvaluateTargetHealth: false };
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: HostedZone?.Id,
      ChangeBatch: {
        Changes: [{ Action: 'CREATE', ResourceRecordSet: { Name: 'www.tea.example', Type: 'A', AliasTarget } }],
      },
    }),
  );
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  for (const name of [distribution.DomainName ?? '', 'www.tea.example']) {
    await until(() =>
      resolver.resolve4(name).then(
        (found) => found.includes('127.0.0.1'),
        () => false,
      ),
    );
  }
  route53.destroy();
});

test('of two behaviors the first that fits serves the path', async () => {
  const standard = distributionConfig().DefaultCacheBehavior;
  const Items = [{ ...standard, CachePolicyId: cachingDisabled, PathPattern: '/api/*' }];
  const { DomainName } = await up({
    CacheBehaviors: { Quantity: 1, Items } as DistributionConfig['CacheBehaviors'],
    ...behavior({ CachePolicyId: cachingOptimized }),
  });
  for (const path of ['/api/a', '/api/a', '/page', '/page']) await get(DomainName, path);
  expect(seen.map(({ line }) => line)).toEqual(['GET /api/a', 'GET /api/a', 'GET /page']);
});
