/** Load balancers for contract tests: a client, the default network's ids, and short ways to make things. */
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  type Action,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { defaultNetwork } from '../../src/services/ec2/network/default-network.ts';
import { accountId, type Keys, type TestInstance } from './instance.ts';

export const region = 'us-east-1';
const network = defaultNetwork({ account: accountId, region });
export const vpcId = network.vpc.id;
export const subnetIds = network.subnets.map(({ id }) => id);
export const defaultGroupId = network.group.id;

export function elbClient(instance: TestInstance, keys?: Keys): ElasticLoadBalancingV2Client {
  return new ElasticLoadBalancingV2Client(instance.clientOptions(keys));
}

/** The default group lets everybody in by TCP who comes from this machine: the edge asks the groups of load balancers. */
export async function admitLoopback(instance: TestInstance): Promise<void> {
  await new EC2Client(instance.clientOptions()).send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: defaultGroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65_535, IpRanges: [{ CidrIp: '127.0.0.0/8' }] }],
    }),
  );
}

/** `Code: message` of what a call was refused with; fails for calls that succeed. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as Error & { Code?: string; Error?: { Code?: string } },
  );
  if (!error) throw new Error('the call was expected to be refused');
  return `${error.Error?.Code ?? error.Code ?? error.name}: ${error.message}`;
}

export async function makeLoadBalancer(
  elb: ElasticLoadBalancingV2Client,
  Name: string,
  more: Partial<CreateLoadBalancerCommandInput> = {},
): Promise<LoadBalancer & { LoadBalancerArn: string }> {
  const input = { Name, ...(!more.SubnetMappings && { Subnets: subnetIds.slice(0, 2) }), ...more };
  const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand(input));
  return LoadBalancers?.[0] as LoadBalancer & { LoadBalancerArn: string };
}

export async function makeTargetGroup(
  elb: ElasticLoadBalancingV2Client,
  Name: string,
  more: Partial<CreateTargetGroupCommandInput> = {},
): Promise<TargetGroup & { TargetGroupArn: string }> {
  const input = { Name, Protocol: 'HTTP', Port: 8080, VpcId: vpcId, TargetType: 'ip', ...more } as const;
  const { TargetGroups } = await elb.send(new CreateTargetGroupCommand(input));
  return TargetGroups?.[0] as TargetGroup & { TargetGroupArn: string };
}

export const answering = (body: string): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: body },
});

export async function makeListener(
  elb: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  Port: number,
  action: Action = answering('hello'),
): Promise<Listener & { ListenerArn: string }> {
  const input = { LoadBalancerArn, Port, Protocol: 'HTTP', DefaultActions: [action] } as const;
  const { Listeners } = await elb.send(new CreateListenerCommand({ ...input, DefaultActions: [action] }));
  return Listeners?.[0] as Listener & { ListenerArn: string };
}

export async function makeHttpsListener(
  elb: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  Port: number,
  CertificateArn: string,
  more: Partial<CreateListenerCommandInput> = {},
): Promise<Listener & { ListenerArn: string }> {
  const input: CreateListenerCommandInput = {
    LoadBalancerArn,
    Port,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn }],
    DefaultActions: [answering('hello')],
    ...more,
  };
  const { Listeners } = await elb.send(new CreateListenerCommand(input));
  return Listeners?.[0] as Listener & { ListenerArn: string };
}
