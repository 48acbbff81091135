/** Makes several of what services list, and says by which input operations find it. */
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  KMSClient,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateProtectionGroupCommand, CreateSubscriptionCommand, ShieldClient } from '@aws-sdk/client-shield';
import { vpcId } from './elb.ts';
import { accountId } from './instance.ts';

/** More than the smallest page of any service. */
const several = [1, 2, 3, 4, 5, 6, 7];
type Options = ConstructorParameters<typeof EC2Client>[0] & object;
type Inputs = Record<string, object>;

export async function seedLists(options: Options): Promise<Readonly<Inputs>> {
  const found = await Promise.all(
    [keys, networks, balancers, zones, logs, metrics, certificates, protections].map((seed) => seed(options)),
  );
  return Object.assign({}, ...found);
}

async function keys(options: Options): Promise<Inputs> {
  const kms = new KMSClient(options);
  const arns: string[] = [];
  for (const n of several) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    arns.push(KeyMetadata?.Arn as string);
    await kms.send(new CreateAliasCommand({ AliasName: `alias/a${n}`, TargetKeyId: arns.at(-1) }));
  }
  const [KeyId] = arns;
  const role = `arn:aws:iam::${accountId}:root`;
  for (const n of several) {
    const grant = { KeyId, GranteePrincipal: role, RetiringPrincipal: role, Name: `g${n}` };
    await kms.send(new CreateGrantCommand({ ...grant, Operations: ['Encrypt'] }));
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: `t${n}`, TagValue: '1' }] }));
  }
  return {
    'kms:ListGrants': { KeyId },
    'kms:ListResourceTags': { KeyId },
    'kms:ListKeyPolicies': { KeyId },
    'kms:ListKeyRotations': { KeyId },
    'kms:ListRetirableGrants': { RetiringPrincipal: role },
  };
}

async function networks(options: Options): Promise<Inputs> {
  const ec2 = new EC2Client(options);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.7.0.0/16' }));
  const VpcId = Vpc?.VpcId;
  for (const n of several) {
    if (n < 4) await ec2.send(new CreateVpcCommand({ CidrBlock: `10.${n}.0.0/16` }));
    await ec2.send(new CreateSecurityGroupCommand({ GroupName: `g${n}`, Description: 'one of several', VpcId }));
    await ec2.send(new CreateNetworkAclCommand({ VpcId }));
    await ec2.send(new CreateRouteTableCommand({ VpcId }));
    const list = { PrefixListName: `l${n}`, AddressFamily: 'IPv4', MaxEntries: 3 };
    await ec2.send(new CreateManagedPrefixListCommand(list));
  }
  return { 'ec2:GetSecurityGroupsForVpc': { VpcId } };
}

async function balancers(options: Options): Promise<Inputs> {
  const elb = new ElasticLoadBalancingV2Client(options);
  for (const n of several) {
    const where = { Protocol: 'HTTP', Port: 80, VpcId: vpcId } as const;
    await elb.send(new CreateTargetGroupCommand({ Name: `t${n}`, ...where }));
  }
  return {};
}

async function zones(options: Options): Promise<Inputs> {
  const route53 = new Route53Client(options);
  for (const n of several) {
    await route53.send(new CreateHostedZoneCommand({ Name: `z${n}.example`, CallerReference: `z${n}` }));
  }
  return {};
}

async function logs(options: Options): Promise<Inputs> {
  const client = new CloudWatchLogsClient(options);
  const logGroupName = 'g1';
  for (const n of several) {
    await client.send(new CreateLogGroupCommand({ logGroupName: `g${n}` }));
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: `s${n}` }));
  }
  const logEvents = several.map((n) => ({ timestamp: Date.now() - 1000 + n, message: `line ${n}` }));
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's1', logEvents }));
  return {
    'logs:DescribeLogStreams': { logGroupName },
    'logs:FilterLogEvents': { logGroupName },
    'logs:GetLogEvents': { logGroupName, logStreamName: 's1', startFromHead: true },
  };
}

async function metrics(options: Options): Promise<Inputs> {
  const cloudwatch = new CloudWatchClient(options);
  const alarm = { Namespace: 'Shop', MetricName: 'Orders', Period: 60, EvaluationPeriods: 1, Threshold: 1 };
  for (const n of several) {
    const how = { Statistic: 'Sum', ComparisonOperator: 'GreaterThanThreshold' } as const;
    await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName: `a${n}`, ...alarm, ...how }));
    const MetricData = [{ MetricName: `Orders${n}`, Value: n }];
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  }
  return {};
}

async function certificates(options: Options): Promise<Inputs> {
  const acm = new ACMClient(options);
  for (const n of several)
    await acm.send(new RequestCertificateCommand({ DomainName: `c${n}.example`, ValidationMethod: 'DNS' }));
  return {};
}

async function protections(options: Options): Promise<Inputs> {
  const shield = new ShieldClient(options);
  await shield.send(new CreateSubscriptionCommand({}));
  for (const n of several) {
    const group = { ProtectionGroupId: `p${n}`, Aggregation: 'SUM', Pattern: 'ALL' } as const;
    await shield.send(new CreateProtectionGroupCommand(group));
  }
  return { 'shield:ListResourcesInProtectionGroup': { ProtectionGroupId: 'p1' } };
}
