/** Connections that are open when their security group's rule goes: those that are tracked go on, those that are not end. */
import { connect } from 'node:net';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclEntryCommand,
  CreateSecurityGroupCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, pause, until } from './edge.fixture.ts';
import { openShop, type Shop } from './shop.fixture.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
}, 60_000);
afterAll(() => shop?.close());

/** A connection that asks again and again. */
async function talking(port: number) {
  const socket = connect(port, '127.0.0.1');
  const state = { answers: 0, isOver: false };
  socket.on('data', () => {
    state.answers += 1;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.isOver = true;
  });
  const timer = setInterval(() => socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n'), 50);
  await until(() => state.answers > 0 || state.isOver);
  return {
    state,
    end: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

const admits = (group: string, port: number, CidrIp: string) => ({
  GroupId: group,
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] }],
});

/** Opens a connection, takes the rule away, and answers whether the connection has ended. */
async function endsWithItsRule(group: string, port: number, cidr: string): Promise<boolean> {
  const { ec2 } = shop;
  const live = await talking(port);
  expect(live.state.isOver).toBe(false);
  await ec2.send(new RevokeSecurityGroupIngressCommand(admits(group, port, cidr)));
  await until(async () => {
    const other = connect(port, '127.0.0.1');
    const isShut = await new Promise<boolean>((resolve) => {
      other.on('error', () => resolve(true)).on('close', () => resolve(true));
      setTimeout(() => resolve(false), 150);
    });
    other.destroy();
    return isShut;
  });
  const before = live.state.answers;
  await pause(500);
  const { answers, isOver } = live.state;
  live.end();
  expect(isOver ? answers === before : answers > before + 2).toBe(true);
  return isOver;
}

test('WAF trap 10: a live connection to an application load balancer ends with a rule for everybody', async () => {
  const { ec2, port, securityGroup } = shop;
  expect(await endsWithItsRule(securityGroup, port, '0.0.0.0/0')).toBe(true);
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits(securityGroup, port, '127.0.0.0/8')));
  await until(() => shop.ask('/').then(Boolean, () => false));
  expect(await endsWithItsRule(securityGroup, port, '127.0.0.0/8')).toBe(false);
});

test('WAF trap 10: an untracked connection ends when its answers have no way out any more', async () => {
  const { ec2, port, securityGroup: GroupId } = shop;
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits(GroupId, port, '0.0.0.0/0')));
  await until(() => shop.ask('/').then(Boolean, () => false));
  const live = await talking(port);
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
  await until(() => live.state.isOver);
  live.end();
  // A new one is tracked, and its answers are let out for that.
  const later = await talking(port);
  await ec2.send(new RevokeSecurityGroupIngressCommand(admits(GroupId, port, '0.0.0.0/0')));
  await until(() =>
    shop.ask('/').then(
      () => false,
      () => true,
    ),
  );
  const before = later.state.answers;
  await pause(500);
  expect([later.state.isOver, later.state.answers > before + 2]).toEqual([false, true]);
  later.end();
});

test('the network ACL of the first subnet lets nobody in whom it denies, and ends what is tracked, too', async () => {
  const { ec2, elb, port, securityGroup, balancerArn } = shop;
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits(securityGroup, port, '127.0.0.0/8')));
  await until(() => shop.ask('/').then(Boolean, () => false));
  const live = await talking(port);
  const balancers = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancerArn] }));
  const subnet = balancers.LoadBalancers?.[0]?.AvailabilityZones?.[0]?.SubnetId ?? '';
  const { NetworkAcls } = await ec2.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnet] }] }),
  );
  const entry = { NetworkAclId: NetworkAcls?.[0]?.NetworkAclId, Egress: false };
  const PortRange = { From: port, To: port };
  const said = { Protocol: '6', CidrBlock: '127.0.0.1/32', PortRange };
  await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, ...said, RuleNumber: 50, RuleAction: 'deny' }));
  await until(() => live.state.isOver);
  live.end();
  await expect(shop.ask('/')).rejects.toThrow();
  await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, ...said, RuleNumber: 40, RuleAction: 'allow' }));
  await until(() => shop.ask('/').then(Boolean, () => false));
  for (const RuleNumber of [40, 50]) await ec2.send(new DeleteNetworkAclEntryCommand({ ...entry, RuleNumber }));
  await ec2.send(new RevokeSecurityGroupIngressCommand(admits(securityGroup, port, '127.0.0.0/8')));
});

test('WAF trap 10: through a network load balancer every connection is tracked', async () => {
  const { ec2, elb, balancerArn, originPort } = shop;
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'nlb', Description: 'nlb' }));
  const port = await freePort();
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits(GroupId, port, '0.0.0.0/0')));
  const { LoadBalancers: [first] = [] } = await elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancerArn] }),
  );
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'nlb',
      Type: 'network',
      Subnets: first?.AvailabilityZones?.map(({ SubnetId }) => SubnetId ?? ''),
      SecurityGroups: [GroupId],
    }),
  );
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name: 'nlb', Protocol: 'TCP', Port: 80, VpcId: first?.VpcId, TargetType: 'ip' }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Targets = [{ Id: '127.0.0.1', Port: originPort, AvailabilityZone: 'all' }];
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'TCP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  await until(async () => {
    const { state, end } = await talking(port);
    end();
    return state.answers > 0;
  });
  expect(await endsWithItsRule(GroupId, port, '0.0.0.0/0')).toBe(false);
}, 30_000);
