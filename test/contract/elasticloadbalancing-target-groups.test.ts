/** Target groups, their attributes, targets and health, over HTTP with the real SDK. */
import {
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elbClient, makeListener, makeLoadBalancer, makeTargetGroup, refusal, vpcId } from '../support/elb.ts';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
});
afterAll(() => instance.stop());

const nobody = `arn:aws:elasticloadbalancing:us-east-1:${accountId}:targetgroup/no/0123456789abcdef`;
const notFound = 'TargetGroupNotFound: One or more target groups not found';

describe('CreateTargetGroup', () => {
  test('has AWS’s defaults by protocol, and describes the same', async () => {
    const pages = await makeTargetGroup(elb, 'pages', { Tags: [{ Key: 'team', Value: 'bar' }] });
    expect(pages).toEqual({
      TargetGroupArn: expect.stringMatching(/:targetgroup\/pages\/[0-9a-f]{16}$/),
      TargetGroupName: 'pages',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: vpcId,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [],
      TargetType: 'ip',
      ProtocolVersion: 'HTTP1',
      IpAddressType: 'ipv4',
    });
    expect((await elb.send(new DescribeTargetGroupsCommand({ Names: ['pages'] }))).TargetGroups).toEqual([pages]);
    const again = await makeTargetGroup(elb, 'pages', { Tags: [{ Key: 'team', Value: 'bar' }] });
    expect(again).toEqual(pages);
    expect(await refusal(makeTargetGroup(elb, 'pages', { Port: 81 }))).toBe(
      "DuplicateTargetGroupName: A target group with the same name 'pages' exists, but with different settings",
    );
    const tags = await elb.send(new DescribeTagsCommand({ ResourceArns: [pages.TargetGroupArn] }));
    expect(tags.TagDescriptions?.[0]?.Tags).toEqual([{ Key: 'team', Value: 'bar' }]);
    const stream = await makeTargetGroup(elb, 'stream', { Protocol: 'TCP', TargetType: 'instance' });
    expect(stream).toMatchObject({ HealthCheckProtocol: 'TCP', HealthCheckTimeoutSeconds: 10 });
    expect(stream.Matcher).toBeUndefined();
    expect(stream.ProtocolVersion).toBeUndefined();
    for (const Protocol of ['UDP', 'TCP_UDP'] as const) {
      const name = `defaults-${Protocol.replace('_', '-')}`;
      const group = await makeTargetGroup(elb, name, { Protocol });
      expect(group).toMatchObject({ Protocol, HealthCheckProtocol: 'TCP', HealthCheckPort: 'traffic-port' });
      expect(group.ProtocolVersion).toBeUndefined();
      const web = await makeTargetGroup(elb, `${name}-web`, { Protocol, HealthCheckProtocol: 'HTTP' });
      expect(web).toMatchObject({
        HealthCheckProtocol: 'HTTP',
        HealthCheckPath: '/',
        Matcher: { HttpCode: '200-399' },
      });
    }
  });

  test.each([
    [{ Name: 'a_b' }, /^ValidationError: Target group name 'a_b' can only contain/],
    [{ Name: 'x'.repeat(33) }, /^ValidationError: Target group name 'x+' cannot be longer than '32' characters$/],
    [{ Protocol: undefined }, /^ValidationError: A protocol must be specified$/],
    [{ Port: undefined }, /^ValidationError: A port must be specified$/],
    [{ VpcId: undefined }, /^ValidationError: A VPC ID must be specified$/],
    [{ VpcId: 'vpc-0123456789abcdef0' }, /^ValidationError: The VPC ID 'vpc-0123456789abcdef0' is not found$/],
    [{ TargetType: 'lambda' }, /^NotImplemented: The target type 'lambda' is not built by Bailey.$/],
    [{ Protocol: 'QUIC' }, /^NotImplemented: The target group protocol 'QUIC' is not built by Bailey.$/],
    [{ Protocol: 'UDP', ProtocolVersion: 'HTTP1' }, /^ValidationError: A protocol version cannot be specified/],
    [
      { Protocol: 'UDP', HealthCheckProtocol: 'UDP' },
      /^ValidationError: Health check protocol 'UDP' must be one of 'HTTP, HTTPS, TCP'$/,
    ],
    [{ Protocol: 'GENEVE' }, /^NotImplemented: The target group protocol 'GENEVE' is not built by Bailey.$/],
    [{ ProtocolVersion: 'SPDY' }, /^ValidationError: Protocol version 'SPDY' must be one of/],
    [{ Protocol: 'TCP', ProtocolVersion: 'HTTP1' }, /^ValidationError: A protocol version cannot be specified/],
    [{ HealthCheckProtocol: 'TCP' }, /^ValidationError: Health check protocol 'TCP' must be one of 'HTTP, HTTPS'$/],
    [{ HealthCheckEnabled: false }, /^ValidationError: Health check enabled must be true for target groups with targe/],
    [{ HealthCheckPath: 'x' }, /^ValidationError: Health check path 'x' must begin with a '\/' character$/],
    [{ HealthCheckPath: '/x\r\nY: z' }, /^ValidationError: Health check path/],
    [{ HealthCheckPort: '0' }, /^ValidationError: Health check port '0'/],
    [{ Matcher: { HttpCode: '500' } }, /^ValidationError: Health check matcher code '500' must be within '200-499'/],
    [{ Matcher: { GrpcCode: '0' } }, /^ValidationError: The matcher of a target group without GRPC/],
    [
      { HealthCheckTimeoutSeconds: 30 },
      /^ValidationError: Health check timeout '30' must be smaller than the interval '30'$/,
    ],
    [{ HealthCheckIntervalSeconds: 4 }, /^ValidationError: 1 validation error detected/],
  ] as [Partial<CreateTargetGroupCommandInput>, RegExp][])('refuses %j', async (more, expected) => {
    const input = {
      Name: 'refused',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
      ...more,
    } as CreateTargetGroupCommandInput;
    expect(await refusal(elb.send(new CreateTargetGroupCommand(input)))).toMatch(expected);
  });
});

test('ModifyTargetGroup changes health checks only', async () => {
  const { TargetGroupArn } = await makeTargetGroup(elb, 'checked', { Protocol: 'TCP' });
  const modify = (more: object) => elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, ...more }));
  const web = await modify({ HealthCheckProtocol: 'HTTP', HealthCheckPath: '/ok', Matcher: { HttpCode: '200-299' } });
  expect(web.TargetGroups?.[0]).toMatchObject({
    HealthCheckProtocol: 'HTTP',
    HealthCheckPath: '/ok',
    Matcher: { HttpCode: '200-299' },
    HealthCheckTimeoutSeconds: 10,
  });
  const plain = await modify({ HealthCheckProtocol: 'TCP', HealthyThresholdCount: 3 });
  expect(plain.TargetGroups?.[0]?.HealthCheckPath).toBeUndefined();
  expect(plain.TargetGroups?.[0]?.HealthyThresholdCount).toBe(3);
  expect(await refusal(modify({ HealthCheckPath: '/x' }))).toMatch(/^ValidationError: Health check path and matcher/);
  const gone = new ModifyTargetGroupCommand({ TargetGroupArn: nobody });
  expect(await refusal(elb.send(gone))).toBe(notFound);
});

describe('attributes', () => {
  test('have AWS’s defaults', async () => {
    const attributes = async (TargetGroupArn: string) =>
      Object.fromEntries(
        ((await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))).Attributes ?? []).map(
          ({ Key, Value }) => [Key, Value],
        ),
      );
    const shared = {
      'deregistration_delay.timeout_seconds': '300',
      'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
      'stickiness.enabled': 'false',
      'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
      'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
      'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
      'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
    };
    const pages = await makeTargetGroup(elb, 'attributes');
    expect(await attributes(pages.TargetGroupArn)).toEqual({
      ...shared,
      'load_balancing.algorithm.anomaly_mitigation': 'off',
      'load_balancing.algorithm.type': 'round_robin',
      'slow_start.duration_seconds': '0',
      'stickiness.app_cookie.cookie_name': '',
      'stickiness.app_cookie.duration_seconds': '86400',
      'stickiness.lb_cookie.duration_seconds': '86400',
      'stickiness.type': 'lb_cookie',
    });
    const stream = await makeTargetGroup(elb, 'attributes-tcp', { Protocol: 'TCP' });
    expect(await attributes(stream.TargetGroupArn)).toEqual({
      ...shared,
      'deregistration_delay.connection_termination.enabled': 'false',
      'preserve_client_ip.enabled': 'false',
      'proxy_protocol_v2.enabled': 'false',
      'stickiness.type': 'source_ip',
      'target_health_state.unhealthy.connection_termination.enabled': 'true',
      'target_health_state.unhealthy.draining_interval_seconds': '0',
    });
    const datagrams = await makeTargetGroup(elb, 'attributes-udp', { Protocol: 'UDP' });
    expect(await attributes(datagrams.TargetGroupArn)).toEqual({
      ...shared,
      'deregistration_delay.connection_termination.enabled': 'true',
      'preserve_client_ip.enabled': 'true',
      'proxy_protocol_v2.enabled': 'false',
      'stickiness.type': 'source_ip',
    });
    expect(await refusal(elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: nobody })))).toBe(
      notFound,
    );
  });

  test('are changed, and checked against each other', async () => {
    const { TargetGroupArn } = await makeTargetGroup(elb, 'attributes');
    const modify = (values: Record<string, string>) =>
      elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn,
          Attributes: Object.entries(values).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
    const { Attributes } = await modify({ 'stickiness.enabled': 'true', 'slow_start.duration_seconds': '30' });
    expect(Attributes).toContainEqual({ Key: 'slow_start.duration_seconds', Value: '30' });
    expect(await refusal(modify({ 'deregistration_delay.timeout_seconds': '3601' }))).toBe(
      "ValidationError: 'deregistration_delay.timeout_seconds' value '3601' must be between '0-3600' inclusive",
    );
    expect(await refusal(modify({ 'stickiness.type': 'source_ip' }))).toBe(
      "InvalidConfigurationRequest: Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol",
    );
    expect(await refusal(modify({ 'stickiness.type': 'app_cookie' }))).toBe(
      "InvalidConfigurationRequest: You must set an application cookie name to enable stickiness of type 'app_cookie'",
    );
    expect(await refusal(modify({ 'stickiness.app_cookie.cookie_name': 'AWSALBAPP-0' }))).toMatch(/^InvalidConfigur/);
    expect(await refusal(modify({ 'stickiness.app_cookie.cookie_name': 'a;b' }))).toMatch(/^ValidationError: /);
    expect(await refusal(modify({ 'load_balancing.algorithm.type': 'weighted_random' }))).toMatch(/^InvalidConfigur/);
    expect(await refusal(modify({ 'slow_start.duration_seconds': '29' }))).toMatch(/^ValidationError: /);
    expect(await refusal(modify({ 'proxy_protocol_v2.enabled': 'true' }))).toMatch(/^InvalidConfigurationRequest: /);
    // What the edge would not do cannot be set.
    expect(await refusal(modify({ 'load_balancing.algorithm.anomaly_mitigation': 'on' }))).toMatch(/^NotImplemented: /);
    expect(await refusal(modify({ nonsense: 'x' }))).toBe(
      "ValidationError: Target group attribute key 'nonsense' is not recognized",
    );
  });
});

test('attributes of groups of network load balancers: what the edge does can be set, and nothing else', async () => {
  const of = async (Protocol: 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP') => {
    const { TargetGroupArn } = await makeTargetGroup(elb, `set-${Protocol.replace('_', '-')}`, { Protocol });
    return (Key: string, Value: string) =>
      elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] }));
  };
  const ends = 'deregistration_delay.connection_termination.enabled';
  for (const protocol of ['TCP', 'UDP', 'TCP_UDP'] as const) {
    const set = await of(protocol);
    const { Attributes } = await set('stickiness.enabled', 'true');
    expect(Attributes).toContainEqual({ Key: 'stickiness.enabled', Value: 'true' });
    expect((await set(ends, 'true')).Attributes).toContainEqual({ Key: ends, Value: 'true' });
    const isTcp = protocol === 'TCP';
    const preserved = await refusal(set('preserve_client_ip.enabled', String(isTcp)));
    expect(preserved).toMatch(/^NotImplemented: Target group attribute 'preserve_client_ip.enabled'/);
    if (isTcp) continue;
    expect(await refusal(set(ends, 'false'))).toMatch(/^NotImplemented: Keeping flows of UDP after/);
    expect(await refusal(set('proxy_protocol_v2.enabled', 'true'))).toMatch(/^NotImplemented: PROXY protocol in UDP/);
    expect(await refusal(set('target_health_state.unhealthy.connection_termination.enabled', 'false'))).toMatch(
      /^InvalidConfigurationRequest: .* is not supported on target groups with the (?:TCP_)?UDP protocol$/,
    );
  }
  expect(await refusal((await of('TLS'))('stickiness.enabled', 'true'))).toBe(
    'InvalidConfigurationRequest: You cannot enable stickiness on target groups with the TLS protocol',
  );
});

test('an application load balancer is the one target of a group of its own kind', async () => {
  const front = await makeLoadBalancer(elb, 'chain-front', { Type: 'network' });
  const back = await makeLoadBalancer(elb, 'chain-back');
  const group = await makeTargetGroup(elb, 'chain', { Protocol: 'TCP', TargetType: 'alb', Port: 8401 });
  expect(group).toMatchObject({
    TargetType: 'alb',
    HealthCheckProtocol: 'HTTP',
    HealthCheckPath: '/',
    Matcher: { HttpCode: '200-399' },
  });
  const { TargetGroupArn } = group;
  for (const Protocol of ['TLS', 'UDP', 'HTTP'] as const) {
    expect(await refusal(makeTargetGroup(elb, 'chain-other', { Protocol, TargetType: 'alb' }))).toBe(
      `ValidationError: Protocol '${Protocol}' is not supported with a target group with the target-type 'ALB'`,
    );
  }
  const byTcp = { Protocol: 'TCP', TargetType: 'alb', HealthCheckProtocol: 'TCP' } as const;
  expect(await refusal(makeTargetGroup(elb, 'chain-other', byTcp))).toMatch(/ must be one of 'HTTP, HTTPS'$/);
  const register = (Id: string, more: Partial<TargetDescription> = {}) =>
    elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, ...more }] }));
  const missing =
    /^ValidationError: If the target type is ALB, the target must have at least one listener that matches/;
  expect(await refusal(register(back.LoadBalancerArn))).toMatch(missing);
  const { ListenerArn } = await makeListener(elb, back.LoadBalancerArn, 8401);
  await makeListener(elb, back.LoadBalancerArn, 8402);
  expect(await refusal(register(front.LoadBalancerArn))).toMatch(
    /^ValidationError: .* is not a valid application load/,
  );
  expect(await refusal(register('127.0.0.1'))).toMatch(/^ValidationError: .* is not a valid application load balancer/);
  expect(await refusal(register(back.LoadBalancerArn.replace(/.$/, (last) => (last === '0' ? '1' : '0'))))).toMatch(
    /^InvalidTarget: The following targets do not exist/,
  );
  expect(await refusal(register(back.LoadBalancerArn, { AvailabilityZone: 'all' }))).toMatch(
    /^ValidationError: You can/,
  );
  await register(back.LoadBalancerArn);
  expect(await refusal(register(back.LoadBalancerArn, { Port: 8402 }))).toMatch(/^TooManyTargets: /);
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  expect(TargetHealthDescriptions).toMatchObject([{ Target: { Id: back.LoadBalancerArn, Port: 8401 } }]);
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }];
  expect(await refusal(elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes })))).toMatch(
    /^InvalidConfigurationRequest: Attributes cannot be modified/,
  );
  const inUse = `ResourceInUse: Listener port '8401' is in use by registered target '${back.LoadBalancerArn}' and cannot be removed.`;
  expect(await refusal(elb.send(new DeleteListenerCommand({ ListenerArn })))).toBe(inUse);
  expect(await refusal(elb.send(new ModifyListenerCommand({ ListenerArn, Port: 8403 })))).toBe(inUse);
  const gone = new DeleteLoadBalancerCommand({ LoadBalancerArn: back.LoadBalancerArn });
  expect(await refusal(elb.send(gone))).toMatch(/^ResourceInUse: .* is currently associated with another service$/);
  const Targets = [{ Id: back.LoadBalancerArn }];
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
  await elb.send(new DeleteListenerCommand({ ListenerArn }));
  await elb.send(gone);
});

describe('targets', () => {
  const health = async (TargetGroupArn: string, Targets?: TargetDescription[]) =>
    (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn, Targets }))).TargetHealthDescriptions;
  const register = (TargetGroupArn: string, ...Targets: TargetDescription[]) =>
    elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  const deregister = (TargetGroupArn: string, ...Targets: TargetDescription[]) =>
    elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));

  test('lie in the zone of their subnet, and are unused until a listener forwards to them', async () => {
    const { TargetGroupArn } = await makeTargetGroup(elb, 'targets');
    await register(
      TargetGroupArn,
      { Id: '172.31.0.5' },
      { Id: '172.31.20.5', Port: 9000 },
      { Id: '10.1.2.3', AvailabilityZone: 'all' },
      { Id: '127.0.0.1', Port: 9001 },
    );
    const unused = {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
    expect(await health(TargetGroupArn)).toEqual([
      {
        Target: { Id: '10.1.2.3', Port: 8080, AvailabilityZone: 'all' },
        HealthCheckPort: '8080',
        TargetHealth: unused,
      },
      {
        Target: { Id: '127.0.0.1', Port: 9001, AvailabilityZone: 'all' },
        HealthCheckPort: '9001',
        TargetHealth: unused,
      },
      {
        Target: { Id: '172.31.0.5', Port: 8080, AvailabilityZone: 'us-east-1a' },
        HealthCheckPort: '8080',
        TargetHealth: unused,
      },
      {
        Target: { Id: '172.31.20.5', Port: 9000, AvailabilityZone: 'us-east-1b' },
        HealthCheckPort: '9000',
        TargetHealth: unused,
      },
    ]);
    expect(await health(TargetGroupArn, [{ Id: '172.31.0.6' }])).toEqual([
      {
        Target: { Id: '172.31.0.6', Port: 8080 },
        HealthCheckPort: '8080',
        TargetHealth: {
          State: 'unused',
          Reason: 'Target.NotRegistered',
          Description: 'Target is not registered to the target group',
        },
      },
    ]);
    await deregister(TargetGroupArn, { Id: '172.31.0.5' }, { Id: '172.31.9.9' });
    expect(await health(TargetGroupArn)).toHaveLength(3);
  });

  test('are initial while a listener forwards to them, drain when they go, and are gone after the delay', async () => {
    const { TargetGroupArn } = await makeTargetGroup(elb, 'draining');
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'draining');
    const { ListenerArn } = await makeListener(elb, LoadBalancerArn, 8301, { Type: 'forward', TargetGroupArn });
    expect(ListenerArn).toBeDefined();
    await register(TargetGroupArn, { Id: '172.31.0.7' }, { Id: '172.31.0.8' }, { Id: '172.31.64.9' });
    const states = async () =>
      Object.fromEntries(
        ((await health(TargetGroupArn)) ?? []).map(({ Target, TargetHealth }) => [
          Target?.Id,
          `${TargetHealth?.State} ${TargetHealth?.Reason}`,
        ]),
      );
    const before = await states();
    expect(before['172.31.0.7']).toMatch(/^initial Elb\./);
    expect(before['172.31.64.9']).toBe('unused Target.NotInUse');
    await elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '60' }],
      }),
    );
    await deregister(TargetGroupArn, { Id: '172.31.0.7' }, { Id: '172.31.0.8' });
    expect((await states())['172.31.0.7']).toBe('draining Target.DeregistrationInProgress');
    // Taken back before it is gone.
    await register(TargetGroupArn, { Id: '172.31.0.8' });
    expect((await states())['172.31.0.8']).toMatch(/^initial Elb\./);
    await instance.advance(61);
    expect(Object.keys(await states()).sort()).toEqual(['172.31.0.8', '172.31.64.9']);
    const groups = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
    expect(groups.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)).toEqual(['draining']);
    expect(groups.TargetGroups?.[0]?.LoadBalancerArns).toEqual([LoadBalancerArn]);
  });

  test.each([
    ['8.8.8.8', /^ValidationError: The IP address '8.8.8.8' is not within a private range or a subnet of the VPC/],
    ['10.0.0.1', /^ValidationError: An Availability Zone must be specified for the IP address '10.0.0.1'/],
    ['169.254.169.254', /^ValidationError: The IP address '169.254.169.254' is not within a private range/],
    ['::ffff:8.8.8.8', /^ValidationError: The IP address '::ffff:8.8.8.8' is not a valid IPv4 address$/],
    ['example.com', /^ValidationError: The IP address 'example.com' is not a valid IPv4 address$/],
    ['i-0123456789abcdef0', /^ValidationError: The IP address 'i-0123456789abcdef0' is not a valid IPv4 address$/],
  ])('%s is refused as an address', async (Id, expected) => {
    const { TargetGroupArn } = await makeTargetGroup(elb, 'targets');
    expect(await refusal(register(TargetGroupArn, { Id }))).toMatch(expected);
  });

  test('instances must be there', async () => {
    const { TargetGroupArn } = await makeTargetGroup(elb, 'hosts', { TargetType: 'instance' });
    expect(await refusal(register(TargetGroupArn, { Id: 'i-0123456789abcdef0' }))).toBe(
      "InvalidTarget: The following targets do not exist: 'i-0123456789abcdef0'",
    );
    expect(await refusal(register(nobody, { Id: '172.31.0.5' }))).toBe(notFound);
    expect(await refusal(deregister(nobody, { Id: '172.31.0.5' }))).toBe(notFound);
    expect(await refusal(health(nobody))).toBe(notFound);
  });
});

test('DeleteTargetGroup succeeds for what is gone', async () => {
  const { TargetGroupArn } = await makeTargetGroup(elb, 'short-lived');
  await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
  expect(await refusal(elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] })))).toBe(
    notFound,
  );
  expect(await refusal(elb.send(new DescribeTargetGroupsCommand({ Names: ['short-lived'] })))).toBe(notFound);
});
