/** Flow logs of load balancers: what came in, and what security groups refused before a byte of it was read. */
import { connect } from 'node:net';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AssignPrivateIpAddressesCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  DeleteNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { DeleteLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId } from '../support/instance.ts';
import { pause, until } from './edge.fixture.ts';
import { makeFlowLogRole } from './flow-log-role.fixture.ts';
import { openShop, type Shop } from './shop.fixture.ts';

let shop: Shop;
let logs: CloudWatchLogsClient;
let iam: IAMClient;
beforeAll(async () => {
  shop = await openShop();
  logs = new CloudWatchLogsClient(shop.instance.clientOptions());
  iam = new IAMClient(shop.instance.clientOptions());
}, 60_000);
afterAll(async () => {
  logs?.destroy();
  iam?.destroy();
  await shop?.close();
});

const interfaces = async () => {
  const Filters = [{ Name: 'requester-id', Values: ['amazon-elb'] }];
  return (await shop.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces ?? [];
};
const admits = (CidrIp: string) => ({
  GroupId: shop.securityGroup,
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: shop.port, ToPort: shop.port, IpRanges: [{ CidrIp }] }],
});
const isLetIn = (from: string) =>
  shop.ask('/', { from }).then(
    () => true,
    () => false,
  );

async function log(
  logGroupName: string,
  type: 'NetworkInterface' | 'Subnet' | 'VPC',
  id: string,
  traffic: 'REJECT' | 'ALL',
  DeliverLogsPermissionArn: string,
) {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const { Unsuccessful } = await shop.ec2.send(
    new CreateFlowLogsCommand({
      ResourceType: type,
      ResourceIds: [id],
      TrafficType: traffic,
      LogGroupName: logGroupName,
      DeliverLogsPermissionArn,
      MaxAggregationInterval: 60,
    }),
  );
  expect(Unsuccessful).toEqual([]);
}
const told = async (logGroupName: string) =>
  ((await logs.send(new FilterLogEventsCommand({ logGroupName }))).events ?? []).map(({ message = '' }) => message);

test('a load balancer has an interface in each of its subnets, which is not the customer’s to delete', async () => {
  const all = await interfaces();
  expect(all).toHaveLength(2);
  expect(new Set(all.map(({ SubnetId }) => SubnetId)).size).toBe(2);
  for (const one of all) {
    expect(one).toMatchObject({
      Description: `ELB ${shop.balancerArn.split(':loadbalancer/')[1]}`,
      RequesterManaged: true,
      Status: 'in-use',
      Groups: [{ GroupId: shop.securityGroup }],
    });
    const NetworkInterfaceId = one.NetworkInterfaceId;
    await expect(shop.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))).rejects.toMatchObject({
      name: 'InvalidNetworkInterface.InUse',
    });
  }
});

test('the interface of a load balancer is changed by its own API alone, and is no host’s', async () => {
  const { ec2, securityGroup } = shop;
  const [before] = await interfaces();
  const NetworkInterfaceId = before?.NetworkInterfaceId;
  for (const change of [{ Groups: [securityGroup] }, { Description: { Value: 'nobody’s' } }]) {
    await expect(
      ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, ...change })),
    ).rejects.toMatchObject({ name: 'AuthFailure' });
  }
  const more = { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 1 };
  await expect(ec2.send(new AssignPrivateIpAddressesCommand(more))).rejects.toMatchObject({ name: 'AuthFailure' });
  expect((await interfaces())[0]).toEqual(before);
});

test('flow logs of interface, subnet and VPC: who was refused, and who was let in', async () => {
  const { ec2, port, instance } = shop;
  const sorted = (await interfaces()).sort((a, b) =>
    (a.AvailabilityZone ?? '') < (b.AvailabilityZone ?? '') ? -1 : 1,
  );
  const [first] = sorted;
  const arn = await makeFlowLogRole(iam);
  await log('of-interface', 'NetworkInterface', first?.NetworkInterfaceId ?? '', 'REJECT', arn);
  await log('of-subnet', 'Subnet', first?.SubnetId ?? '', 'ALL', arn);
  await log('of-vpc', 'VPC', first?.VpcId ?? '', 'ALL', arn);
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits('127.0.0.1/32')));
  await ec2.send(new RevokeSecurityGroupIngressCommand(admits('0.0.0.0/0')));
  await until(async () => !(await isLetIn('127.0.0.9')));
  await pause(300);
  expect(await isLetIn('127.0.0.1')).toBe(true);
  for (let n = 0; n < 3; n++) expect(await isLetIn('127.0.0.2')).toBe(false);
  // More than are told of one by one.
  const many = Array.from({ length: 40 }, () => connect({ port, host: '127.0.0.1', localAddress: '127.0.0.3' }));
  await Promise.all(many.map((one) => new Promise((resolve) => one.on('error', resolve).on('close', resolve))));
  // What the edge tells four times a second.
  await pause(600);
  await instance.advance(11);
  await instance.advance(61);
  const own = first?.PrivateIpAddress?.replaceAll('.', '\\.');
  const eni = first?.NetworkInterfaceId;
  const start = `^2 ${accountId} ${eni}`;
  const refused = new RegExp(`${start} 127\\.0\\.0\\.2 ${own} \\d+ ${port} 6 1 40 \\d+ \\d+ REJECT OK$`);
  const accepted = new RegExp(`${start} 127\\.0\\.0\\.1 ${own} \\d+ ${port} 6 \\d+ \\d{3,} \\d+ \\d+ ACCEPT OK$`);
  const answered = new RegExp(`${start} ${own} 127\\.0\\.0\\.1 ${port} \\d+ 6 \\d+ \\d{3,} \\d+ \\d+ ACCEPT OK$`);
  for (const group of ['of-interface', 'of-subnet', 'of-vpc']) {
    const lines = await told(group);
    expect(lines.filter((line) => refused.test(line))).toHaveLength(3);
    // All forty are counted, whether alone or together.
    const flood = lines.map((line) => line.split(' ')).filter((fields) => fields[3] === '127.0.0.3');
    expect(flood.reduce((sum, fields) => sum + Number(fields[8]), 0)).toBe(40);
    expect(flood.length).toBeLessThan(40);
    expect(flood.some((fields) => fields[5] === '-')).toBe(true);
    expect(lines.some((line) => accepted.test(line))).toBe(group !== 'of-interface');
    expect(lines.some((line) => answered.test(line))).toBe(group !== 'of-interface');
  }
}, 30_000);

test('interfaces go with their load balancer', async () => {
  await shop.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: shop.balancerArn }));
  expect(await interfaces()).toEqual([]);
});
