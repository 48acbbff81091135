/** Shield with the real SDK: the subscription, protections and their groups, who is told, and what answers attacks. */
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateHealthCheckCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  AssociateDRTLogBucketCommand,
  AssociateDRTRoleCommand,
  AssociateHealthCheckCommand,
  AssociateProactiveEngagementDetailsCommand,
  CreateProtectionCommand,
  CreateProtectionGroupCommand,
  CreateSubscriptionCommand,
  DeleteProtectionCommand,
  DeleteProtectionGroupCommand,
  DeleteSubscriptionCommand,
  DescribeAttackCommand,
  DescribeAttackStatisticsCommand,
  DescribeDRTAccessCommand,
  DescribeEmergencyContactSettingsCommand,
  DescribeProtectionCommand,
  DescribeProtectionGroupCommand,
  DescribeSubscriptionCommand,
  DisableApplicationLayerAutomaticResponseCommand,
  DisableProactiveEngagementCommand,
  DisassociateDRTLogBucketCommand,
  DisassociateDRTRoleCommand,
  DisassociateHealthCheckCommand,
  EnableApplicationLayerAutomaticResponseCommand,
  EnableProactiveEngagementCommand,
  GetSubscriptionStateCommand,
  ListAttacksCommand,
  ListProtectionGroupsCommand,
  ListProtectionsCommand,
  ListResourcesInProtectionGroupCommand,
  ListTagsForResourceCommand,
  ShieldClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApplicationLayerAutomaticResponseCommand,
  UpdateEmergencyContactSettingsCommand,
  UpdateProtectionGroupCommand,
  UpdateSubscriptionCommand,
} from '@aws-sdk/client-shield';
import { AssociateWebACLCommand, CreateWebACLCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let shield: ShieldClient;
let balancer: string;
let zone: string;
let webAcl: string;
const clients: { destroy(): void }[] = [];
const client = <T extends { destroy(): void }>(one: T): T => {
  clients.push(one);
  return one;
};
// biome-ignore lint/suspicious/noExplicitAny: commands of every operation.
const send = (command: any, to = shield): Promise<any> => to.send(command);
const code = (command: unknown, to = shield) =>
  send(command, to).then(
    () => 'succeeded',
    (error: Error) => error.name,
  );
const absent = 'ResourceNotFoundException';

beforeAll(async () => {
  instance = await startInstance();
  shield = client(new ShieldClient(instance.clientOptions()));
  const ec2 = client(new EC2Client(instance.clientOptions()));
  const elb = client(new ElasticLoadBalancingV2Client(instance.clientOptions()));
  const waf = client(new WAFV2Client(instance.clientOptions()));
  const route53 = client(new Route53Client(instance.clientOptions()));
  const subnets = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? [];
  const made = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'shop',
      Subnets: subnets.slice(0, 2).flatMap(({ SubnetId }) => SubnetId ?? []),
    }),
  );
  balancer = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  zone = `arn:aws:route53:::${(await route53.send(new CreateHostedZoneCommand({ Name: 'shop.example', CallerReference: 'r' }))).HostedZone?.Id?.slice(1)}`;
  const VisibilityConfig = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'shop' };
  const acl = await waf.send(
    new CreateWebACLCommand({ Name: 'shop', Scope: 'REGIONAL', DefaultAction: { Allow: {} }, VisibilityConfig }),
  );
  webAcl = acl.Summary?.ARN ?? '';
  await route53
    .send(
      new CreateHealthCheckCommand({
        CallerReference: 'h',
        HealthCheckConfig: { Type: 'TCP', IPAddress: '127.0.0.1', Port: 9 },
      }),
    )
    .then(({ HealthCheck }) => {
      healthCheck = `arn:aws:route53:::healthcheck/${HealthCheck?.Id}`;
    });
  await client(new IAMClient(instance.clientOptions())).send(
    new CreateRoleCommand({
      RoleName: 'drt',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'drt.shield.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    }),
  );
});
let healthCheck = '';
afterAll(async () => {
  for (const one of clients) one.destroy();
  await instance.stop();
});

test('without a subscription Advanced says so, and Standard needs none', async () => {
  expect((await send(new GetSubscriptionStateCommand({}))).SubscriptionState).toBe('INACTIVE');
  for (const command of [
    new DescribeSubscriptionCommand({}),
    new UpdateSubscriptionCommand({ AutoRenew: 'ENABLED' }),
    new DeleteSubscriptionCommand({}),
    new CreateProtectionCommand({ Name: 'p', ResourceArn: balancer }),
    new ListProtectionsCommand({}),
    new CreateProtectionGroupCommand({ ProtectionGroupId: 'g', Aggregation: 'SUM', Pattern: 'ALL' }),
    new DescribeDRTAccessCommand({}),
    new AssociateDRTRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/drt` }),
    new DisassociateDRTRoleCommand({}),
    new DescribeEmergencyContactSettingsCommand({}),
    new UpdateEmergencyContactSettingsCommand({}),
    new AssociateProactiveEngagementDetailsCommand({ EmergencyContactList: [{ EmailAddress: 'a@b.example' }] }),
    new EnableProactiveEngagementCommand({}),
    new DisableProactiveEngagementCommand({}),
    new EnableApplicationLayerAutomaticResponseCommand({ ResourceArn: balancer, Action: { Count: {} } }),
  ]) {
    await expect(send(command), command.constructor.name).rejects.toMatchObject({
      name: absent,
      message: 'The subscription does not exist.',
    });
  }
  expect((await send(new ListAttacksCommand({}))).AttackSummaries).toEqual([]);
  expect((await send(new DescribeAttackStatisticsCommand({}))).DataItems).toEqual([{ AttackCount: 0 }]);
  const nobody = client(new ShieldClient(instance.clientOptions(nobodyKeys)));
  expect(await code(new GetSubscriptionStateCommand({}), nobody)).toBe('AccessDeniedException');
  expect(await code(new DescribeAttackStatisticsCommand({}), nobody)).toBe('AccessDeniedException');
});

test('M-180 a subscription is a commitment of a year', async () => {
  await send(new CreateSubscriptionCommand({}));
  expect(await code(new CreateSubscriptionCommand({}))).toBe('ResourceAlreadyExistsException');
  const { Subscription } = await send(new DescribeSubscriptionCommand({}));
  expect(Subscription).toMatchObject({
    TimeCommitmentInSeconds: 31_536_000,
    AutoRenew: 'ENABLED',
    ProactiveEngagementStatus: 'DISABLED',
  });
  expect(Subscription.EndTime - Subscription.StartTime).toBe(31_536_000_000);
  expect(await code(new DeleteSubscriptionCommand({}))).toBe('LockedSubscriptionException');
  expect(await code(new UpdateSubscriptionCommand({ AutoRenew: 'DISABLED' }))).toBe('InvalidParameterException');
  await send(new UpdateSubscriptionCommand({ AutoRenew: 'ENABLED' }));
  expect((await send(new GetSubscriptionStateCommand({}))).SubscriptionState).toBe('ACTIVE');
});

describe('protections', () => {
  let ProtectionId: string;

  test('M-183 take load balancers and hosted zones, once each', async () => {
    ({ ProtectionId } = await send(
      new CreateProtectionCommand({ Name: 'shop', ResourceArn: balancer, Tags: [{ Key: 'team', Value: 'till' }] }),
    ));
    const dns = await send(new CreateProtectionCommand({ Name: 'names', ResourceArn: zone }));
    await expect(send(new CreateProtectionCommand({ Name: 'again', ResourceArn: balancer }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    expect(await code(new CreateProtectionCommand({ Name: 'x', ResourceArn: `${balancer}0` }))).toBe(absent);
    expect(await code(new CreateProtectionCommand({ Name: 'x', ResourceArn: 'arn:nothing:of:this:kind:here' }))).toBe(
      'ValidationException',
    );
    const described = await send(new DescribeProtectionCommand({ ResourceArn: balancer }));
    expect(described.Protection).toEqual({
      Id: ProtectionId,
      Name: 'shop',
      ResourceArn: balancer,
      HealthCheckIds: [],
      ProtectionArn: `arn:aws:shield::${accountId}:protection/${ProtectionId}`,
    });
    expect((await send(new ListProtectionsCommand({}))).Protections).toHaveLength(2);
    expect(
      (await send(new ListProtectionsCommand({ InclusionFilters: { ResourceTypes: ['ROUTE_53_HOSTED_ZONE'] } })))
        .Protections,
    ).toMatchObject([{ Name: 'names' }]);
    const first = await send(new ListProtectionsCommand({ MaxResults: 1 }));
    expect(
      (await send(new ListProtectionsCommand({ MaxResults: 1, NextToken: first.NextToken }))).Protections,
    ).toHaveLength(1);
    expect(await code(new ListProtectionsCommand({ NextToken: 'forged' }))).toBe('InvalidPaginationTokenException');
    await send(new DeleteProtectionCommand({ ProtectionId: dns.ProtectionId }));
    expect(await code(new DeleteProtectionCommand({ ProtectionId: dns.ProtectionId }))).toBe(absent);
    expect(await code(new DescribeProtectionCommand({ ProtectionId: dns.ProtectionId }))).toBe(absent);
    expect(await code(new DescribeProtectionCommand({}))).toBe('InvalidParameterException');
    const other = client(new ShieldClient(instance.clientOptions(otherAdminKeys)));
    await send(new CreateSubscriptionCommand({}), other);
    expect(await code(new CreateProtectionCommand({ Name: 'x', ResourceArn: balancer }), other)).toBe(
      'InvalidResourceException',
    );
  });

  test('have one health check', async () => {
    const pair = { ProtectionId, HealthCheckArn: healthCheck };
    await send(new AssociateHealthCheckCommand(pair));
    expect((await send(new DescribeProtectionCommand({ ProtectionId }))).Protection.HealthCheckIds).toHaveLength(1);
    expect(await code(new AssociateHealthCheckCommand(pair))).toBe('LimitsExceededException');
    await send(new DisassociateHealthCheckCommand(pair));
    expect(await code(new DisassociateHealthCheckCommand(pair))).toBe(absent);
    expect(
      await code(
        new AssociateHealthCheckCommand({
          ...pair,
          HealthCheckArn: 'arn:aws:route53:::healthcheck/00000000-0000-0000-0000-000000000000',
        }),
      ),
    ).toBe(absent);
  });

  test('have tags, as their groups do', async () => {
    const ResourceARN = `arn:aws:shield::${accountId}:protection/${ProtectionId}`;
    await send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'x', Value: 'y' }] }));
    await send(new UntagResourceCommand({ ResourceARN, TagKeys: ['x'] }));
    expect((await send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
      { Key: 'team', Value: 'till' },
    ]);
    const none = `arn:aws:shield::${accountId}:protection/none`;
    expect(await code(new TagResourceCommand({ ResourceARN: none, Tags: [] }))).toBe(absent);
    expect(await code(new UntagResourceCommand({ ResourceARN: none, TagKeys: [] }))).toBe(absent);
    expect(await code(new ListTagsForResourceCommand({ ResourceARN: none }))).toBe(absent);
  });

  test('are put together in groups', async () => {
    const ProtectionGroupId = 'all';
    await send(new CreateProtectionGroupCommand({ ProtectionGroupId, Aggregation: 'MAX', Pattern: 'ALL' }));
    expect(
      await code(new CreateProtectionGroupCommand({ ProtectionGroupId, Aggregation: 'MAX', Pattern: 'ALL' })),
    ).toBe('ResourceAlreadyExistsException');
    expect((await send(new ListResourcesInProtectionGroupCommand({ ProtectionGroupId }))).ResourceArns).toEqual([
      balancer,
    ]);
    await send(
      new UpdateProtectionGroupCommand({
        ProtectionGroupId,
        Aggregation: 'SUM',
        Pattern: 'BY_RESOURCE_TYPE',
        ResourceType: 'ROUTE_53_HOSTED_ZONE',
      }),
    );
    expect((await send(new ListResourcesInProtectionGroupCommand({ ProtectionGroupId }))).ResourceArns).toEqual([]);
    await send(
      new UpdateProtectionGroupCommand({
        ProtectionGroupId,
        Aggregation: 'SUM',
        Pattern: 'ARBITRARY',
        Members: [balancer],
      }),
    );
    expect((await send(new DescribeProtectionGroupCommand({ ProtectionGroupId }))).ProtectionGroup).toMatchObject({
      Pattern: 'ARBITRARY',
      Members: [balancer],
    });
    expect(
      (await send(new ListProtectionGroupsCommand({ InclusionFilters: { Patterns: ['ARBITRARY'] } }))).ProtectionGroups,
    ).toHaveLength(1);
    expect(
      await code(
        new UpdateProtectionGroupCommand({
          ProtectionGroupId,
          Aggregation: 'SUM',
          Pattern: 'ARBITRARY',
          Members: [zone],
        }),
      ),
    ).toBe(absent);
    expect(
      await code(
        new UpdateProtectionGroupCommand({
          ProtectionGroupId,
          Aggregation: 'SUM',
          Pattern: 'ALL',
          Members: [balancer],
        }),
      ),
    ).toBe('InvalidParameterException');
    expect(await code(new ListProtectionGroupsCommand({ NextToken: 'forged' }))).toBe(
      'InvalidPaginationTokenException',
    );
    await send(new DeleteProtectionGroupCommand({ ProtectionGroupId }));
    for (const command of [
      new DeleteProtectionGroupCommand({ ProtectionGroupId }),
      new DescribeProtectionGroupCommand({ ProtectionGroupId }),
      new UpdateProtectionGroupCommand({ ProtectionGroupId, Aggregation: 'SUM', Pattern: 'ALL' }),
      new ListResourcesInProtectionGroupCommand({ ProtectionGroupId }),
    ]) {
      expect(await code(command)).toBe(absent);
    }
  });

  test('answer attacks by themselves where a web ACL stands before the resource', async () => {
    const response = { ResourceArn: balancer, Action: { Block: {} } };
    expect(await code(new EnableApplicationLayerAutomaticResponseCommand(response))).toBe('InvalidOperationException');
    expect(await code(new UpdateApplicationLayerAutomaticResponseCommand(response))).toBe('InvalidOperationException');
    expect(await code(new DisableApplicationLayerAutomaticResponseCommand(response))).toBe('InvalidOperationException');
    await client(new WAFV2Client(instance.clientOptions())).send(
      new AssociateWebACLCommand({ WebACLArn: webAcl, ResourceArn: balancer }),
    );
    await send(new EnableApplicationLayerAutomaticResponseCommand(response));
    const configuration = async () =>
      (await send(new DescribeProtectionCommand({ ProtectionId }))).Protection
        .ApplicationLayerAutomaticResponseConfiguration;
    expect(await configuration()).toEqual({ Status: 'ENABLED', Action: { Block: {} } });
    await send(new UpdateApplicationLayerAutomaticResponseCommand({ ResourceArn: balancer, Action: { Count: {} } }));
    expect(await configuration()).toEqual({ Status: 'ENABLED', Action: { Count: {} } });
    await send(new DisableApplicationLayerAutomaticResponseCommand({ ResourceArn: balancer }));
    expect(await configuration()).toBeUndefined();
  });
});

test('the response team gets a role and buckets; contacts are told', async () => {
  const LogBucket = 'shop-logs';
  expect(await code(new AssociateDRTLogBucketCommand({ LogBucket }))).toBe('NoAssociatedRoleException');
  expect(await code(new AssociateDRTRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/none` }))).toBe(absent);
  const RoleArn = `arn:aws:iam::${accountId}:role/drt`;
  await send(new AssociateDRTRoleCommand({ RoleArn }));
  await send(new AssociateDRTLogBucketCommand({ LogBucket }));
  expect(await send(new DescribeDRTAccessCommand({}))).toMatchObject({ RoleArn, LogBucketList: [LogBucket] });
  expect(await code(new DisassociateDRTRoleCommand({}))).toBe('InvalidOperationException');
  await send(new DisassociateDRTLogBucketCommand({ LogBucket }));
  expect(await code(new DisassociateDRTLogBucketCommand({ LogBucket }))).toBe(absent);
  await send(new DisassociateDRTRoleCommand({}));
  expect(await code(new EnableProactiveEngagementCommand({}))).toBe('InvalidOperationException');
  const contact = { EmailAddress: 'owner@coffee.example', PhoneNumber: '+15550100', ContactNotes: 'day and night' };
  await send(new AssociateProactiveEngagementDetailsCommand({ EmergencyContactList: [contact] }));
  expect((await send(new DescribeEmergencyContactSettingsCommand({}))).EmergencyContactList).toEqual([contact]);
  expect(await code(new UpdateEmergencyContactSettingsCommand({ EmergencyContactList: [] }))).toBe(
    'InvalidParameterException',
  );
  await send(new DisableProactiveEngagementCommand({}));
  await send(new UpdateEmergencyContactSettingsCommand({ EmergencyContactList: [contact] }));
  await send(new EnableProactiveEngagementCommand({}));
  expect((await send(new DescribeSubscriptionCommand({}))).Subscription.ProactiveEngagementStatus).toBe('ENABLED');
});

test('attacks that nobody saw are not there', async () => {
  expect(await code(new DescribeAttackCommand({ AttackId: '00000000-0000-0000-0000-000000000000' }))).toBe(
    'AccessDeniedException',
  );
  expect(await code(new ListAttacksCommand({ NextToken: 'forged' }))).toMatch(/^InvalidP/);
});

test('once the first year is over, a renewed subscription may be given up, and an unrenewed one ends', async () => {
  const year = 31_536_000;
  const { Subscription } = await send(new DescribeSubscriptionCommand({}));
  await instance.advance(year - 60);
  expect(await code(new DeleteSubscriptionCommand({}))).toBe('LockedSubscriptionException');
  await instance.advance(120);
  const renewed = (await send(new DescribeSubscriptionCommand({}))).Subscription;
  expect(renewed.EndTime - Subscription.EndTime).toBe(year * 1000);
  await send(new DeleteSubscriptionCommand({}));
  expect((await send(new GetSubscriptionStateCommand({}))).SubscriptionState).toBe('INACTIVE');
  expect(await code(new DeleteSubscriptionCommand({}))).toBe(absent);

  await send(new CreateSubscriptionCommand({}));
  await instance.advance(year - 86_400);
  await send(new UpdateSubscriptionCommand({ AutoRenew: 'DISABLED' }));
  expect((await send(new GetSubscriptionStateCommand({}))).SubscriptionState).toBe('ACTIVE');
  await instance.advance(2 * 86_400);
  expect((await send(new GetSubscriptionStateCommand({}))).SubscriptionState).toBe('INACTIVE');
});
