/** Hosts that an operator has registered, and packets to them: what the API says holds on the wire at once. */
import { gunzipSync } from 'node:zlib';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flowLogRole } from '../support/flow-log-role.ts';
import {
  accountId,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { tcpProbe, tcpServer, Wires, whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.warn(`SKIPPED: packets to registered hosts: ${why}`);

describe.skipIf(why !== undefined)('packets to registered hosts', () => {
  let wires: Wires;
  let instance: TestInstance;
  let ec2: EC2Client;
  const node = process.execPath;
  let web: { address: string; device: string };

  beforeAll(async () => {
    wires = new Wires('172.31');
    web = wires.host('web', 1);
    const till = wires.host('till', 17);
    wires.host('str', 200);
    await wires.start(wires.namespace('web'), node, ['-e', tcpServer(8080)], 'listening');
    const host = { account: accountId, region: 'us-east-1' };
    instance = await startInstance({
      ...testConfig,
      packets: { namespace: wires.router },
      instances: [
        { ...host, name: 'web', privateIp: web.address, device: web.device },
        { ...host, name: 'till', privateIp: till.address, device: till.device },
      ],
    });
    ec2 = new EC2Client(instance.clientOptions());
  }, 60_000);
  afterAll(async () => {
    ec2?.destroy();
    await instance?.stop();
    wires?.close();
  });

  const probe = (from: string, wait = 700) =>
    wires.run(wires.namespace(from), node, ['-e', tcpProbe(web.address, 8080, wait)]).trim();
  const found = async (name: string) => {
    const answer = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: [name] }] }));
    return answer.Reservations?.[0]?.Instances?.[0];
  };
  /** The filter follows within a second. */
  const soon = () => new Promise((resolve) => setTimeout(resolve, 900));

  /** Puts the host into a new group: it is reached while a rule lets everybody in. */
  async function opensAndCloses(GroupName: string): Promise<string> {
    const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName }));
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    const InstanceId = (await found('web'))?.InstanceId;
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups: [GroupId] }));
    await soon();
    expect(probe('str')).toBe('open');
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    await soon();
    expect(probe('str')).toBe('silent');
    return GroupId;
  }

  test('stand in EC2 as instances', async () => {
    expect(await found('web')).toMatchObject({
      PrivateIpAddress: web.address,
      State: { Name: 'running' },
      SecurityGroups: [{ GroupName: 'default' }],
      SubnetId: expect.stringMatching(/^subnet-/),
    });
    const id = (await found('web'))?.InstanceId;
    expect(
      await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'groupSet' })),
    ).toMatchObject({ InstanceId: id });
    await expect(
      ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: 'i-0123456789abcdef0', Attribute: 'groupSet' })),
    ).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
  });

  test('M-171 members of the default group reach each other, strangers reach nobody, until a rule lets them', async () => {
    expect(probe('till')).toBe('open');
    expect(probe('str')).toBe('silent');
    const GroupId = await opensAndCloses('web');
    expect(probe('till')).toBe('silent');
    await expect(
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: 'i-0123456789abcdef0', Groups: [GroupId] })),
    ).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
  });

  test('a network of another account that has the same addresses keeps no rule from holding', async () => {
    const other = new EC2Client(instance.clientOptions(otherAdminKeys));
    // Networks overlap: everybody's default one has these blocks.
    const { Subnets } = await other.send(new DescribeSubnetsCommand({}));
    const SubnetId = Subnets?.find(({ CidrBlock }) => CidrBlock === '172.31.0.0/20')?.SubnetId;
    await other.send(new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress: web.address }));
    other.destroy();
    await opensAndCloses('again');
  });

  test('a table that somebody takes out of the kernel is loaded again', async () => {
    expect(probe('str')).toBe('silent');
    wires.filter('delete table inet bailey\n');
    await instance.advance(11);
    expect(probe('str')).toBe('silent');
  });

  test('hosts of one address are refused before anything starts', async () => {
    const host = { region: 'us-east-1', privateIp: '172.31.1.10', device: 'eth1' };
    const instances = [
      { ...host, name: 'one', account: accountId },
      { ...host, name: 'two', account: otherAccountId },
    ];
    const started = startInstance({ ...testConfig, packets: { enforce: false }, instances });
    await expect(started).rejects.toThrow('instances: 172.31.1.10 is the address of one and of two');
  });

  test('WAF trap 10: a member that leaves a referenced group is cut off within a second', async () => {
    const create = async (GroupName: string) =>
      (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'd' }))).GroupId ?? '';
    const [guarded, members, others] = [await create('guarded'), await create('members'), await create('others')];
    const UserIdGroupPairs = [{ GroupId: members }];
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: guarded,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs }],
      }),
    );
    const put = async (name: string, group: string) =>
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: (await found(name))?.InstanceId, Groups: [group] }));
    await put('web', guarded);
    await put('till', members);
    await soon();
    expect(probe('till')).toBe('open');
    await put('till', others);
    await soon();
    expect(probe('till')).toBe('silent');
    await put('till', members);
    await soon();
    expect(probe('till')).toBe('open');
  });

  test('network ACLs hold at the border of the subnet; flow logs tell what passed and what did not', async () => {
    const s3 = new S3Client(instance.clientOptions());
    await s3.send(new CreateBucketCommand({ Bucket: 'flow-records' }));
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'delivery.logs.amazonaws.com' },
          Action: 's3:PutObject',
          Resource: 'arn:aws:s3:::flow-records/AWSLogs/*',
          Condition: { StringEquals: { 'aws:SourceAccount': accountId, 's3:x-amz-acl': 'bucket-owner-full-control' } },
        },
      ],
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'flow-records', Policy }));
    const interfaceId = (await found('web'))?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? '';
    await ec2.send(
      new CreateFlowLogsCommand({
        ResourceType: 'NetworkInterface',
        ResourceIds: [interfaceId],
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::flow-records',
        MaxAggregationInterval: 60,
      }),
    );
    const logs = new CloudWatchLogsClient(instance.clientOptions());
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'flows' }));
    const iam = new IAMClient(instance.clientOptions());
    await ec2.send(
      new CreateFlowLogsCommand({
        ResourceType: 'VPC',
        ResourceIds: [(await found('web'))?.VpcId ?? ''],
        TrafficType: 'REJECT',
        LogGroupName: 'flows',
        DeliverLogsPermissionArn: await flowLogRole(iam),
        MaxAggregationInterval: 60,
      }),
    );
    await soon();
    expect(probe('till')).toBe('open');
    expect(probe('str')).toBe('silent');
    await instance.advance(11);
    await instance.advance(61);
    const told = await logs.send(new FilterLogEventsCommand({ logGroupName: 'flows', filterPattern: 'REJECT' }));
    expect(told.events?.length).toBeGreaterThan(0);
    expect(new Set(told.events?.map(({ logStreamName }) => logStreamName))).toContain(`${interfaceId}-reject`);
    iam.destroy();
    logs.destroy();
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'flow-records' }));
    const [file] = listed.Contents ?? [];
    expect(file?.Key).toMatch(
      new RegExp(
        `^AWSLogs/${accountId}/vpcflowlogs/us-east-1/\\d{4}/\\d{2}/\\d{2}/${accountId}_vpcflowlogs_us-east-1_fl-[0-9a-f]{17}_\\d{8}T\\d{4}Z_[0-9a-f]{8}\\.log\\.gz$`,
      ),
    );
    const object = await s3.send(new GetObjectCommand({ Bucket: 'flow-records', Key: file?.Key }));
    const text = gunzipSync(await (object.Body?.transformToByteArray() ?? new Uint8Array())).toString();
    const [header, ...lines] = text.trim().split('\n');
    expect(header).toBe(
      'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
    );
    expect(
      lines.some((line) =>
        new RegExp(
          `^2 ${accountId} ${interfaceId} 172\\.31\\.17\\.10 ${web.address} \\d+ 8080 6 \\d+ \\d+ \\d+ \\d+ ACCEPT OK$`,
        ).test(line),
      ),
    ).toBe(true);
    expect(
      lines.some((line) =>
        new RegExp(`^2 ${accountId} ${interfaceId} 172\\.31\\.200\\.10 ${web.address} \\d+ 8080 6 .* REJECT OK$`).test(
          line,
        ),
      ),
    ).toBe(true);
    s3.destroy();
    // Neither does what was counted keep a rule waiting.
    wires.filter('delete table inet bailey\n');
    const [acl] =
      (await ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name: 'default', Values: ['true'] }] })))
        .NetworkAcls ?? [];
    await ec2.send(
      new CreateNetworkAclEntryCommand({
        NetworkAclId: acl?.NetworkAclId,
        RuleNumber: 50,
        Protocol: '6',
        RuleAction: 'deny',
        Egress: false,
        CidrBlock: '172.31.17.0/24',
        PortRange: { From: 8080, To: 8080 },
      }),
    );
    await soon();
    expect(probe('till')).toBe('silent');
  }, 30_000);
});
