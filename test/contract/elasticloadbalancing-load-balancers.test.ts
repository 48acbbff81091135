/** Load balancers from making to deletion, over HTTP with the real SDK. */
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeAccountLimitsCommand,
  DescribeCapacityReservationCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeSSLPoliciesCommand,
  DescribeTagsCommand,
  ModifyCapacityReservationCommand,
  ModifyIpPoolsCommand,
  ModifyLoadBalancerAttributesCommand,
  RemoveTagsCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateBucketCommand, ListObjectsV2Command, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  defaultGroupId,
  elbClient,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  refusal,
  region,
  subnetIds,
  vpcId,
} from '../support/elb.ts';
import { accountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
});
afterAll(() => instance.stop());

const arn = (rest: string): string => `arn:aws:elasticloadbalancing:${region}:${accountId}:${rest}`;
const nobody = arn('loadbalancer/app/nobody/0123456789abcdef');
const notFound = 'LoadBalancerNotFound: One or more load balancers not found';

describe('CreateLoadBalancer', () => {
  test('says all there is to say, and describes the same', async () => {
    const made = await makeLoadBalancer(elb, 'Shop-1', { Tags: [{ Key: 'team', Value: 'bar' }] });
    const { State, ...rest } = made;
    expect(State).toEqual({ Code: 'provisioning' });
    expect(rest).toEqual({
      LoadBalancerArn: expect.stringMatching(
        new RegExp(`^arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/app/Shop-1/[0-9a-f]{16}$`),
      ),
      DNSName: expect.stringMatching(/^Shop-1-[1-9]\d{9}\.us-east-1\.elb\.amazonaws\.com$/),
      CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
      CreatedTime: expect.any(Date),
      LoadBalancerName: 'Shop-1',
      Scheme: 'internet-facing',
      VpcId: vpcId,
      Type: 'application',
      AvailabilityZones: [
        { ZoneName: 'us-east-1a', SubnetId: subnetIds[0], LoadBalancerAddresses: [] },
        { ZoneName: 'us-east-1b', SubnetId: subnetIds[1], LoadBalancerAddresses: [] },
      ],
      SecurityGroups: [defaultGroupId],
      IpAddressType: 'ipv4',
    });
    const described = await elb.send(new DescribeLoadBalancersCommand({ Names: ['Shop-1'] }));
    expect(described.LoadBalancers).toEqual([{ ...rest, State: { Code: 'active' } }]);
    const tags = await elb.send(new DescribeTagsCommand({ ResourceArns: [made.LoadBalancerArn] }));
    expect(tags.TagDescriptions).toEqual([
      { ResourceArn: made.LoadBalancerArn, Tags: [{ Key: 'team', Value: 'bar' }] },
    ]);
  });

  test('is idempotent for the same settings, and refuses others under the name', async () => {
    const first = await makeLoadBalancer(elb, 'twice');
    const again = await makeLoadBalancer(elb, 'twice', { Subnets: [subnetIds[1] as string, subnetIds[0] as string] });
    expect(again.LoadBalancerArn).toBe(first.LoadBalancerArn);
    expect(await refusal(makeLoadBalancer(elb, 'twice', { Scheme: 'internal' }))).toBe(
      "DuplicateLoadBalancerName: A load balancer with the same name 'twice' exists, but with different settings",
    );
    expect(await refusal(makeLoadBalancer(elb, 'twice', { Type: 'network' }))).toMatch(/^DuplicateLoadBalancerName: /);
  });

  test('internal ones, and network load balancers', async () => {
    const inner = await makeLoadBalancer(elb, 'inner', { Scheme: 'internal' });
    expect(inner.DNSName).toMatch(/^internal-inner-\d{10}\.us-east-1\.elb\.amazonaws\.com$/);
    const net = await makeLoadBalancer(elb, 'net', {
      Type: 'network',
      Scheme: 'internal',
      SubnetMappings: [{ SubnetId: subnetIds[2], PrivateIPv4Address: '172.31.32.77' }],
    });
    expect(net.LoadBalancerArn).toContain(':loadbalancer/net/net/');
    expect(net.DNSName).toMatch(/^net-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com$/);
    expect(net.AvailabilityZones).toEqual([
      {
        ZoneName: 'us-east-1c',
        SubnetId: subnetIds[2],
        LoadBalancerAddresses: [{ PrivateIPv4Address: '172.31.32.77' }],
      },
    ]);
    expect(net.SecurityGroups).toBeUndefined();
  });

  const two = subnetIds.slice(0, 2);
  test.each([
    [{ Name: 'x'.repeat(33) }, /^ValidationError: Load balancer name 'x+' cannot be longer than '32' characters$/],
    [{ Name: '-x' }, /^ValidationError: Load balancer name '-x' cannot begin or end with '-'$/],
    [{ Name: 'a_b' }, /^ValidationError: .* can only contain characters that are alphanumeric characters or hyphens/],
    [{ Name: 'internal-x' }, /^ValidationError: Load balancer name 'internal-x' cannot begin with 'internal-'$/],
    [
      { Subnets: two.slice(0, 1) },
      /^ValidationError: At least two subnets in two different Availability Zones must be specified$/,
    ],
    [{ Subnets: [] }, /^ValidationError: At least two subnets/],
    [{ Subnets: ['subnet-0123456789abcdef0'] }, /^SubnetNotFound: The subnet ID 'subnet-0123456789abcdef0' does not/],
    [
      { Subnets: [two[0], two[0]] },
      /^InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability/,
    ],
    [{ SecurityGroups: ['sg-0123456789abcdef0'] }, /^InvalidSecurityGroup: One or more security groups are invalid$/],
    [{ SubnetMappings: [{ SubnetId: two[0] }], Subnets: two }, /^ValidationError: You must specify either subnets or/],
    [
      { Subnets: undefined, SubnetMappings: [{ SubnetId: two[0], AllocationId: 'eipalloc-1' }] },
      /^ValidationError: Addresses of subnet mappings/,
    ],
    [
      { Type: 'network', Subnets: undefined, SubnetMappings: [{ SubnetId: two[0], AllocationId: 'eipalloc-1' }] },
      /^AllocationIdNotFound: /,
    ],
    [{ Type: 'gateway' }, /^NotImplemented: A load balancer with type 'gateway' is not built by Bailey.$/],
    [{ IpAddressType: 'dualstack' }, /^InvalidSubnet: You must specify subnets with an associated IPv6 CIDR block/],
    [
      { Type: 'network', IpAddressType: 'dualstack-without-public-ipv4' },
      /^InvalidConfigurationRequest: The specified IP address type is not supported on load balancers with type 'net/,
    ],
    [
      {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
      },
      /^DuplicateTagKeys: /,
    ],
    [{ Scheme: 'sideways' }, /^ValidationError: 1 validation error detected: Value 'sideways' at 'scheme' failed/],
  ] as const)('refuses %j', async (more, expected) => {
    const input = { Name: 'refused', Subnets: two, ...more };
    const work = elb.send(new CreateLoadBalancerCommand(input as unknown as { Name: string }));
    expect(await refusal(work)).toMatch(expected);
  });
});

test('DescribeLoadBalancers pages, and says which names there are not', async () => {
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await elb.send(new DescribeLoadBalancersCommand({ PageSize: 1, Marker }));
    names.push(...(page.LoadBalancers ?? []).map(({ LoadBalancerName = '' }) => LoadBalancerName));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  expect(names).toEqual([...names].sort());
  expect(new Set(names)).toEqual(new Set(['Shop-1', 'inner', 'net', 'twice']));
  expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ Marker: 'forged' })))).toBe(
    "ValidationError: 'forged' is not a valid marker",
  );
  expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ Names: ['gone'] })))).toBe(
    "LoadBalancerNotFound: Load balancers '[gone]' not found",
  );
  expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [nobody] })))).toBe(notFound);
  const stranger = elbClient(instance, otherAdminKeys);
  const [own] = (await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers ?? [];
  const LoadBalancerArns = [own?.LoadBalancerArn as string];
  expect(await refusal(stranger.send(new DescribeLoadBalancersCommand({ LoadBalancerArns })))).toBe(notFound);
});

describe('attributes', () => {
  test('of application load balancers have AWS’s defaults', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'attributes');
    const { Attributes } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
    expect(Object.fromEntries((Attributes ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
      'access_logs.s3.enabled': 'false',
      'access_logs.s3.bucket': '',
      'access_logs.s3.prefix': '',
      'client_keep_alive.seconds': '3600',
      'connection_logs.s3.enabled': 'false',
      'connection_logs.s3.bucket': '',
      'connection_logs.s3.prefix': '',
      'deletion_protection.enabled': 'false',
      'health_check_logs.s3.enabled': 'false',
      'health_check_logs.s3.bucket': '',
      'health_check_logs.s3.prefix': '',
      'idle_timeout.timeout_seconds': '60',
      'ipv6.deny_all_igw_traffic': 'false',
      'load_balancing.cross_zone.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'defensive',
      'routing.http.drop_invalid_header_fields.enabled': 'false',
      'routing.http.preserve_host_header.enabled': 'false',
      'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
      'routing.http.xff_client_port.enabled': 'false',
      'routing.http.xff_header_processing.mode': 'append',
      'routing.http2.enabled': 'true',
      'waf.fail_open.enabled': 'false',
      'zonal_shift.config.enabled': 'false',
    });
  });

  test('are changed, and checked', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'attributes');
    const modify = (Key: string, Value: string) =>
      elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [{ Key, Value }] }));
    const { Attributes } = await modify('idle_timeout.timeout_seconds', '4000');
    expect(Attributes).toContainEqual({ Key: 'idle_timeout.timeout_seconds', Value: '4000' });
    expect(await refusal(modify('idle_timeout.timeout_seconds', '4001'))).toBe(
      "ValidationError: 'idle_timeout.timeout_seconds' value '4001' must be between '1-4000' inclusive",
    );
    expect(await refusal(modify('no.such', 'x'))).toBe(
      "ValidationError: Load balancer attribute key 'no.such' is not recognized",
    );
    expect(await refusal(modify('dns_record.client_routing_policy', 'any_availability_zone'))).toBe(
      "InvalidConfigurationRequest: Load balancer attribute key 'dns_record.client_routing_policy' is not supported on load balancers with type 'application'",
    );
    expect(await refusal(modify('load_balancing.cross_zone.enabled', 'false'))).toMatch(/^InvalidConfigurationRequest/);
    expect(await refusal(modify('access_logs.s3.enabled', 'true'))).toMatch(/^InvalidConfigurationRequest: /);
    // What the edge would not do cannot be set.
    expect(await refusal(modify('connection_logs.s3.enabled', 'true'))).toMatch(/^NotImplemented: /);
    await modify('connection_logs.s3.enabled', 'false');
    const gone = new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: nobody });
    expect(await refusal(elb.send(gone))).toBe(notFound);
  });

  test('access logs need a bucket that lets the service write', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'attributes');
    const s3 = new S3Client(instance.clientOptions());
    await s3.send(new CreateBucketCommand({ Bucket: 'lb-logs' }));
    const enable = () =>
      elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn,
          Attributes: [
            { Key: 'access_logs.s3.enabled', Value: 'true' },
            { Key: 'access_logs.s3.bucket', Value: 'lb-logs' },
            { Key: 'access_logs.s3.prefix', Value: 'shop' },
          ],
        }),
      );
    expect(await refusal(enable())).toBe(
      'InvalidConfigurationRequest: Access Denied for bucket: lb-logs. Please check S3bucket permission',
    );
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::lb-logs/shop/AWSLogs/${accountId}/*`,
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'lb-logs', Policy }));
    await enable();
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'lb-logs' }));
    expect(Contents?.map(({ Key }) => Key)).toEqual([`shop/AWSLogs/${accountId}/ELBAccessLogTestFile`]);
  });
});

describe('DeleteLoadBalancer', () => {
  test('takes listeners along, and succeeds for what is gone', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'doomed');
    const group = await makeTargetGroup(elb, 'doomed');
    const forward = { Type: 'forward', TargetGroupArn: group.TargetGroupArn } as const;
    const { ListenerArn } = await makeListener(elb, LoadBalancerArn, 8180, forward);
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    expect(await refusal(elb.send(new DescribeListenersCommand({ ListenerArns: [ListenerArn] })))).toBe(
      'ListenerNotFound: One or more listeners not found',
    );
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    const work = elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: 'arn:nonsense' }));
    expect(await refusal(work)).toBe("ValidationError: 'arn:nonsense' is not a valid load balancer ARN");
  });

  test('lets go of the subnets and groups that EC2 refused to delete before', async () => {
    const ec2 = new EC2Client(instance.clientOptions());
    const named = { GroupName: 'doors', Description: 'of the doomed', VpcId: vpcId };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(named));
    if (GroupId === undefined) throw new Error('no group');
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'holding', { SecurityGroups: [GroupId] });
    const [SubnetId] = subnetIds;
    const deleteSubnet = () => refusal(ec2.send(new DeleteSubnetCommand({ SubnetId })));
    const deleteGroup = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    expect(await deleteSubnet()).toMatch(/^DependencyViolation: /);
    expect(await refusal(deleteGroup())).toBe(`DependencyViolation: resource ${GroupId} has a dependent object`);
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await deleteGroup();
  });

  test('is stopped by deletion protection', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'protected');
    const set = (Value: string) =>
      elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn,
          Attributes: [{ Key: 'deletion_protection.enabled', Value }],
        }),
      );
    await set('true');
    expect(await refusal(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })))).toBe(
      `OperationNotPermitted: Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    );
    await set('false');
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
  });

  test('of another account is denied', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'mine');
    const stranger = elbClient(instance, otherAdminKeys);
    expect(await refusal(stranger.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })))).toMatch(/^AccessDenied: /);
  });
});

describe('placement', () => {
  test('SetSubnets, SetSecurityGroups, SetIpAddressType', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'moving');
    const moved = await elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: subnetIds.slice(1, 4) }));
    expect(moved.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual([
      'us-east-1b',
      'us-east-1c',
      'us-east-1d',
    ]);
    expect(await refusal(elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [subnetIds[0] as string] })))).toBe(
      'ValidationError: At least two subnets in two different Availability Zones must be specified',
    );
    const groups = new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [defaultGroupId] });
    expect((await elb.send(groups)).SecurityGroupIds).toEqual([defaultGroupId]);
    const wrong = new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: ['sg-00000000000000000'] });
    expect(await refusal(elb.send(wrong))).toBe('InvalidSecurityGroup: One or more security groups are invalid');
    const same = new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'ipv4' });
    expect((await elb.send(same)).IpAddressType).toBe('ipv4');
    const dual = new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'dualstack' });
    expect(await refusal(elb.send(dual))).toMatch(/^InvalidSubnet: /);
  });

  test('network load balancers keep the way they were made with security groups', async () => {
    const without = await makeLoadBalancer(elb, 'open', { Type: 'network' });
    const set = (LoadBalancerArn: string) =>
      elb.send(
        new SetSecurityGroupsCommand({
          LoadBalancerArn,
          SecurityGroups: [defaultGroupId],
          EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: 'off',
        }),
      );
    expect(await refusal(set(without.LoadBalancerArn))).toMatch(
      /^InvalidConfigurationRequest: You cannot add security/,
    );
    const guarded = await makeLoadBalancer(elb, 'guarded', { Type: 'network', SecurityGroups: [defaultGroupId] });
    expect(guarded.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic).toBe('on');
    expect((await set(guarded.LoadBalancerArn)).EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic).toBe('off');
  });

  test('ModifyIpPools: there are none to set', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'pools');
    const remove = new ModifyIpPoolsCommand({ LoadBalancerArn, RemoveIpamPools: ['ipv4'] });
    expect((await elb.send(remove)).IpamPools).toEqual({});
    const set = (arn: string) =>
      elb.send(new ModifyIpPoolsCommand({ LoadBalancerArn: arn, IpamPools: { Ipv4IpamPoolId: 'ipam-pool-1' } }));
    expect(await refusal(set(LoadBalancerArn))).toBe("ValidationError: The IPAM pool 'ipam-pool-1' does not exist");
    expect(await refusal(set(nobody))).toBe(notFound);
  });
});

describe('tags', () => {
  test('are added, replaced and removed', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'tagged', { Tags: [{ Key: 'a', Value: '1' }] });
    const ResourceArns = [LoadBalancerArn];
    const tags = async () => (await elb.send(new DescribeTagsCommand({ ResourceArns }))).TagDescriptions?.[0]?.Tags;
    await elb.send(
      new AddTagsCommand({
        ResourceArns,
        Tags: [
          { Key: 'b', Value: '2' },
          { Key: 'a', Value: '3' },
        ],
      }),
    );
    expect(await tags()).toEqual([
      { Key: 'a', Value: '3' },
      { Key: 'b', Value: '2' },
    ]);
    await elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['a', 'missing'] }));
    expect(await tags()).toEqual([{ Key: 'b', Value: '2' }]);
    const many = Array.from({ length: 50 }, (_, place) => ({ Key: `k${place}`, Value: 'v' }));
    expect(await refusal(elb.send(new AddTagsCommand({ ResourceArns, Tags: many })))).toMatch(/^TooManyTags: /);
    expect(await refusal(elb.send(new AddTagsCommand({ ResourceArns: [nobody], Tags: [{ Key: 'a' }] })))).toBe(
      notFound,
    );
    expect(await refusal(elb.send(new RemoveTagsCommand({ ResourceArns: [nobody], TagKeys: ['a'] })))).toBe(notFound);
    expect(await refusal(elb.send(new DescribeTagsCommand({ ResourceArns: [nobody] })))).toBe(notFound);
  });
});

test('capacity is reserved within what the nodes carry', async () => {
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'reserved');
  const modify = (CapacityUnits: number) =>
    elb.send(new ModifyCapacityReservationCommand({ LoadBalancerArn, MinimumLoadBalancerCapacity: { CapacityUnits } }));
  const reset = () =>
    elb.send(new ModifyCapacityReservationCommand({ LoadBalancerArn, ResetCapacityReservation: true }));
  expect(await modify(200)).toMatchObject({
    MinimumLoadBalancerCapacity: { CapacityUnits: 200 },
    DecreaseRequestsRemaining: 2,
    CapacityReservationState: [
      { State: { Code: 'provisioned' }, AvailabilityZone: 'us-east-1a', EffectiveCapacityUnits: 100 },
      { State: { Code: 'provisioned' }, AvailabilityZone: 'us-east-1b', EffectiveCapacityUnits: 100 },
    ],
  });
  expect(await refusal(modify(99))).toMatch(/^InvalidConfigurationRequest: /);
  expect(await refusal(modify(10_000_000))).toMatch(/^InsufficientCapacity: /);
  await modify(150);
  const described = await elb.send(new DescribeCapacityReservationCommand({ LoadBalancerArn }));
  expect(described).toMatchObject({
    MinimumLoadBalancerCapacity: { CapacityUnits: 150 },
    DecreaseRequestsRemaining: 1,
  });
  expect((await reset()).MinimumLoadBalancerCapacity).toBeUndefined();
  await modify(100);
  expect(await refusal(reset())).toMatch(/^CapacityDecreaseRequestsLimitExceeded: /);
  const gone = new DescribeCapacityReservationCommand({ LoadBalancerArn: nobody });
  expect(await refusal(elb.send(gone))).toBe(notFound);
});

test('DescribeAccountLimits and DescribeSSLPolicies', async () => {
  const { Limits } = await elb.send(new DescribeAccountLimitsCommand({}));
  expect(Limits).toContainEqual({ Name: 'rules-per-application-load-balancer', Max: '100' });
  const page = await elb.send(new DescribeAccountLimitsCommand({ PageSize: 2 }));
  expect(page.Limits).toHaveLength(2);
  const next = await elb.send(new DescribeAccountLimitsCommand({ Marker: page.NextMarker }));
  expect([...(page.Limits ?? []), ...(next.Limits ?? [])]).toEqual(Limits);
  expect(await refusal(elb.send(new DescribeAccountLimitsCommand({ Marker: 'x' })))).toMatch(/^ValidationError: /);

  const all = await elb.send(new DescribeSSLPoliciesCommand({}));
  expect(all.SslPolicies?.length).toBeGreaterThan(35);
  const [modern] =
    (await elb.send(new DescribeSSLPoliciesCommand({ Names: ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06'] })))
      .SslPolicies ?? [];
  expect(modern?.SslProtocols).toEqual(['TLSv1.3', 'TLSv1.2']);
  expect(modern?.Ciphers?.map(({ Name, Priority }) => `${Priority} ${Name}`)).toEqual([
    '1 TLS_AES_128_GCM_SHA256',
    '2 TLS_AES_256_GCM_SHA384',
    '3 TLS_CHACHA20_POLY1305_SHA256',
    '4 ECDHE-ECDSA-AES128-GCM-SHA256',
    '5 ECDHE-RSA-AES128-GCM-SHA256',
    '6 ECDHE-ECDSA-AES256-GCM-SHA384',
    '7 ECDHE-RSA-AES256-GCM-SHA384',
  ]);
  expect(await refusal(elb.send(new DescribeSSLPoliciesCommand({ Names: ['none'] })))).toBe(
    "SSLPolicyNotFound: SSL policy 'none' not found",
  );
});
