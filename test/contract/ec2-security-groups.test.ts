/** Security groups with the real SDK: rules in every form, their limits, and what policies may say of them. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupReferencesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeStaleSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type EC2ServiceException,
  GetSecurityGroupsForVpcCommand,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  UpdateSecurityGroupRuleDescriptionsEgressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let ec2: EC2Client;
let vpc: string;
let GroupId: string;
let number = 0;
// biome-ignore lint/suspicious/noExplicitAny: commands of every operation.
const send = (command: any, client = ec2): Promise<any> => client.send(command);
const code = (command: unknown, client = ec2) =>
  send(command, client).then(
    () => 'succeeded',
    (error: EC2ServiceException) => error.name,
  );

beforeAll(async () => {
  instance = await startInstance();
  ec2 = new EC2Client(instance.clientOptions());
  vpc = (await send(new DescribeVpcsCommand({}))).Vpcs[0].VpcId;
});
afterAll(async () => {
  ec2.destroy();
  await instance.stop();
});
beforeEach(async () => {
  number += 1;
  GroupId = (await send(new CreateSecurityGroupCommand({ GroupName: `g${number}`, Description: 'of a test' }))).GroupId;
});

const web: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }],
};
const group = async (id = GroupId) =>
  (await send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups[0];

test('a new group lets nothing in and everything out', async () => {
  expect(await group()).toEqual({
    Description: 'of a test',
    GroupId,
    GroupName: `g${number}`,
    OwnerId: accountId,
    SecurityGroupArn: `arn:aws:ec2:us-east-1:${accountId}:security-group/${GroupId}`,
    VpcId: vpc,
    IpPermissions: [],
    IpPermissionsEgress: [
      {
        IpProtocol: '-1',
        IpRanges: [{ CidrIp: '0.0.0.0/0' }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [],
      },
    ],
    Tags: [],
  });
});

test('rules are added one by one, shown together, and removed by what they say or by their ids', async () => {
  const more: IpPermission = {
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    Ipv6Ranges: [{ CidrIpv6: '::/0' }],
    UserIdGroupPairs: [{ GroupId }],
  };
  const made = await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [web, more] }));
  expect(made.SecurityGroupRules).toHaveLength(3);
  expect(made.SecurityGroupRules[0]).toMatchObject({
    IsEgress: false,
    IpProtocol: 'tcp',
    FromPort: 443,
    CidrIpv4: '0.0.0.0/0',
    Description: 'all',
  });
  expect((await group()).IpPermissions).toEqual([
    {
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }],
      Ipv6Ranges: [{ CidrIpv6: '::/0' }],
      PrefixListIds: [],
      UserIdGroupPairs: [{ GroupId, UserId: accountId }],
    },
  ]);
  await send(
    new RevokeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ ...web, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  const ids = (
    await send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }))
  ).SecurityGroupRules;
  expect(ids).toHaveLength(3);
  const ingress = ids
    .filter((one: { IsEgress: boolean }) => !one.IsEgress)
    .map((one: { SecurityGroupRuleId: string }) => one.SecurityGroupRuleId);
  const gone = await send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: ingress }));
  expect(gone.RevokedSecurityGroupRules).toHaveLength(2);
  expect((await group()).IpPermissions).toEqual([]);
  expect(await code(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: ingress }))).toBe(
    'InvalidSecurityGroupRuleId.NotFound',
  );
});

test('the parameters of before IpPermissions are taken too', async () => {
  await send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpProtocol: 'udp',
      FromPort: 53,
      ToPort: 53,
      CidrIp: '10.0.0.0/8',
    }),
  );
  expect((await group()).IpPermissions).toMatchObject([
    { IpProtocol: 'udp', FromPort: 53, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
  ]);
});

test('what goes out is ruled the same way', async () => {
  const all = { GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] };
  expect(await code(new AuthorizeSecurityGroupEgressCommand(all))).toBe('InvalidPermission.Duplicate');
  await send(new RevokeSecurityGroupEgressCommand(all));
  await expect(send(new RevokeSecurityGroupEgressCommand(all))).rejects.toMatchObject({
    name: 'InvalidPermission.NotFound',
    message: 'The specified rule does not exist in this security group.',
  });
  await send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [web] }));
  expect((await group()).IpPermissionsEgress).toMatchObject([{ FromPort: 443 }]);
});

describe('rules that are none', () => {
  test.each<[string, IpPermission, string, string?]>([
    [
      'a protocol',
      { ...web, IpProtocol: 'http' },
      'InvalidParameterValue',
      "Invalid value 'http' for IP protocol. Unknown protocol.",
    ],
    [
      'a block',
      { ...web, IpRanges: [{ CidrIp: '1.2.3.4/33' }] },
      'InvalidParameterValue',
      'CIDR block 1.2.3.4/33 is malformed',
    ],
    ['an address without its bits', { ...web, IpRanges: [{ CidrIp: '1.2.3.4' }] }, 'InvalidParameterValue'],
    ['IPv6 among IPv4', { ...web, IpRanges: [{ CidrIp: '::/0' }] }, 'InvalidParameterValue'],
    ['ports the wrong way round', { ...web, FromPort: 80, ToPort: 22 }, 'InvalidParameterValue'],
    ['a port beyond all ports', { ...web, ToPort: 65_536 }, 'InvalidParameterValue'],
    ['no ports', { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue'],
    [
      'a group that is not there',
      { ...web, IpRanges: [], UserIdGroupPairs: [{ GroupId: 'sg-0123456789abcdef0' }] },
      'InvalidGroup.NotFound',
    ],
    [
      'a list that is not there',
      { ...web, IpRanges: [], PrefixListIds: [{ PrefixListId: 'pl-0123456789abcdef0' }] },
      'InvalidPrefixListID.NotFound',
    ],
    ['nobody', { ...web, IpRanges: [] }, 'MissingParameter'],
    [
      'a description with signs',
      { ...web, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'a<b' }] },
      'InvalidParameterValue',
    ],
  ])('%s', async (_name, permission, name, message) => {
    const error = await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] })).catch(
      (one) => one,
    );
    expect(error.name).toBe(name);
    if (message !== undefined) expect(error.message).toBe(message);
    expect((await group()).IpPermissions).toEqual([]);
  });

  test('the same rule twice', async () => {
    await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [web] }));
    await expect(
      send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [web] })),
    ).rejects.toMatchObject({
      name: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW" already exists',
    });
    const twice = { ...web, FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '10.0.0.0/8' }] };
    expect(await code(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [twice] }))).toBe(
      'InvalidParameterValue',
    );
  });

  test('the sixty-first rule', async () => {
    const IpRanges = Array.from({ length: 60 }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }));
    await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ ...web, IpRanges }] }));
    expect(await code(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [web] }))).toBe(
      'RulesPerSecurityGroupLimitExceeded',
    );
  });
});

test('ICMP has types and codes, other protocols have numbers', async () => {
  const ranges = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  const IpPermissions = [
    { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, ...ranges },
    { IpProtocol: '47', ...ranges },
    { IpProtocol: '6', FromPort: 22, ToPort: 22, ...ranges },
  ];
  await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const shown = (await group()).IpPermissions.map((one: IpPermission) => [one.IpProtocol, one.FromPort, one.ToPort]);
  expect(shown).toHaveLength(3);
  expect(shown).toEqual(
    expect.arrayContaining([
      ['icmp', 8, -1],
      ['47', undefined, undefined],
      ['tcp', 22, 22],
    ]),
  );
});

test('rules are changed in place', async () => {
  const made = await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [web] }));
  const [{ SecurityGroupRuleId }] = made.SecurityGroupRules;
  const changed = { IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443, CidrIpv4: '10.0.0.0/8', Description: 'inside' };
  await send(
    new ModifySecurityGroupRulesCommand({
      GroupId,
      SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule: changed }],
    }),
  );
  const [rule] = (await send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [SecurityGroupRuleId] })))
    .SecurityGroupRules;
  expect(rule).toMatchObject(changed);
  const IpPermissions = [
    { IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443, IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'changed' }] },
  ];
  await send(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId, IpPermissions }));
  expect((await group()).IpPermissions[0].IpRanges).toEqual([{ CidrIp: '10.0.0.0/8', Description: 'changed' }]);
  await send(
    new UpdateSecurityGroupRuleDescriptionsEgressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'out' }] }],
    }),
  );
  expect((await group()).IpPermissionsEgress[0].IpRanges[0].Description).toBe('out');
  expect(await code(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId, IpPermissions: [web] }))).toBe(
    'InvalidPermission.NotFound',
  );
  expect(await code(new UpdateSecurityGroupRuleDescriptionsEgressCommand({ GroupId, IpPermissions: [web] }))).toBe(
    'InvalidPermission.NotFound',
  );
  const unknown = { SecurityGroupRuleId: 'sgr-0123456789abcdef0', SecurityGroupRule: changed };
  expect(await code(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules: [unknown] }))).toBe(
    'InvalidSecurityGroupRuleId.NotFound',
  );
});

test('groups that are in use or the default cannot be deleted', async () => {
  const second = (await send(new CreateSecurityGroupCommand({ GroupName: `second${number}`, Description: 'd' })))
    .GroupId;
  await send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: second,
      IpPermissions: [{ ...web, IpRanges: [], UserIdGroupPairs: [{ GroupId }] }],
    }),
  );
  await expect(send(new DeleteSecurityGroupCommand({ GroupId }))).rejects.toMatchObject({
    name: 'DependencyViolation',
    message: `resource ${GroupId} has a dependent object`,
  });
  await send(new DeleteSecurityGroupCommand({ GroupId: second }));
  const [subnet] = (await send(new DescribeSubnetsCommand({}))).Subnets;
  const made = await send(new CreateNetworkInterfaceCommand({ SubnetId: subnet.SubnetId, Groups: [GroupId] }));
  expect(await code(new DeleteSecurityGroupCommand({ GroupId }))).toBe('DependencyViolation');
  await send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: made.NetworkInterface.NetworkInterfaceId }));
  expect(await send(new DeleteSecurityGroupCommand({ GroupId }))).toMatchObject({ Return: true, GroupId });
  const standard = (
    await send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['default'] }] }))
  ).SecurityGroups[0];
  expect(await code(new DeleteSecurityGroupCommand({ GroupId: standard.GroupId }))).toBe('CannotDelete');
  await expect(send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))).rejects.toMatchObject({
    name: 'InvalidGroup.NotFound',
    message: `The security group '${GroupId}' does not exist`,
  });
});

test('names are unique within a VPC', async () => {
  await expect(
    send(new CreateSecurityGroupCommand({ GroupName: `g${number}`, Description: 'again' })),
  ).rejects.toMatchObject({
    name: 'InvalidGroup.Duplicate',
    message: `The security group 'g${number}' already exists for VPC '${vpc}'`,
  });
  const other = await send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const made = await send(
    new CreateSecurityGroupCommand({ GroupName: `g${number}`, Description: 'elsewhere', VpcId: other.Vpc.VpcId }),
  );
  expect(made.GroupId).not.toBe(GroupId);
  const listed = await send(new GetSecurityGroupsForVpcCommand({ VpcId: other.Vpc.VpcId }));
  expect(listed.SecurityGroupForVpcs.map((one: { GroupName: string }) => one.GroupName).sort()).toEqual([
    'default',
    `g${number}`,
  ]);
  expect(await code(new GetSecurityGroupsForVpcCommand({ VpcId: 'vpc-0123456789abcdef0' }))).toBe(
    'InvalidVpcID.NotFound',
  );
  expect(
    (await send(new DescribeSecurityGroupReferencesCommand({ GroupId: [GroupId] }))).SecurityGroupReferenceSet ?? [],
  ).toEqual([]);
  expect(await code(new DescribeSecurityGroupReferencesCommand({ GroupId: ['sg-0123456789abcdef0'] }))).toBe(
    'InvalidGroup.NotFound',
  );
  expect((await send(new DescribeStaleSecurityGroupsCommand({ VpcId: vpc }))).StaleSecurityGroupSet ?? []).toEqual([]);
  expect(await code(new DescribeStaleSecurityGroupsCommand({ VpcId: 'vpc-0123456789abcdef0' }))).toBe(
    'InvalidVpcID.NotFound',
  );
});

test('filters look at rules and at prefix lists', async () => {
  const list = await send(
    new CreateManagedPrefixListCommand({ PrefixListName: `l${number}`, AddressFamily: 'IPv4', MaxEntries: 1 }),
  );
  const PrefixListIds = [{ PrefixListId: list.PrefixList.PrefixListId }];
  await send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ ...web, FromPort: 9443, ToPort: 9443, PrefixListIds }],
    }),
  );
  const ids = async (Name: string, value: string) =>
    (await send(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [value] }] }))).SecurityGroups.map(
      (one: { GroupId: string }) => one.GroupId,
    );
  expect(await ids('ip-permission.from-port', '9443')).toEqual([GroupId]);
  expect(await ids('ip-permission.prefix-list-id', list.PrefixList.PrefixListId)).toEqual([GroupId]);
  expect(await ids('egress.ip-permission.from-port', '9443')).toEqual([]);
});

test('policies speak of the group, its VPC and its tags', async () => {
  const iam = new IAMClient(instance.clientOptions());
  const nobody = new EC2Client(instance.clientOptions(nobodyKeys));
  const allow = (Condition: object) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'nobody',
        PolicyName: 'groups',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'ec2:AuthorizeSecurityGroupIngress',
              Resource: `arn:aws:ec2:us-east-1:${accountId}:security-group/*`,
              Condition,
            },
          ],
        }),
      }),
    );
  const attempt = () =>
    code(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [web], DryRun: true }), nobody);
  await allow({ StringEquals: { 'aws:ResourceTag/team': 'till' } });
  expect(await attempt()).toBe('UnauthorizedOperation');
  await send(new CreateTagsCommand({ Resources: [GroupId], Tags: [{ Key: 'team', Value: 'till' }] }));
  expect(await attempt()).toBe('DryRunOperation');
  await allow({ StringEquals: { 'ec2:ResourceTag/team': 'till', 'ec2:SecurityGroupID': GroupId } });
  expect(await attempt()).toBe('DryRunOperation');
  await allow({ ArnEquals: { 'ec2:Vpc': `arn:aws:ec2:us-east-1:${accountId}:vpc/vpc-0123456789abcdef0` } });
  expect(await attempt()).toBe('UnauthorizedOperation');
  await allow({ ArnEquals: { 'ec2:Vpc': `arn:aws:ec2:us-east-1:${accountId}:vpc/${vpc}` } });
  expect(await attempt()).toBe('DryRunOperation');
  iam.destroy();
  nobody.destroy();
});

test('blocks are kept in one form, and groups of other accounts are named by their ids', async () => {
  const tcp = { IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443 };
  const blocks: IpPermission = { ...tcp, Ipv6Ranges: [{ CidrIpv6: '2001:DB8::1.2.3.4/64' }] };
  const made = await send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [blocks] }));
  expect(made.SecurityGroupRules[0]).toMatchObject({ CidrIpv6: '2001:db8::/64' });
  const again: IpPermission = { ...tcp, Ipv6Ranges: [{ CidrIpv6: '2001:db8:0:0:1::/64' }] };
  expect(await code(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [again] }))).toBe(
    'InvalidPermission.Duplicate',
  );
  for (const pair of [{ GroupName: 'default' }, { GroupId: 'sg-1; flush ruleset' }, { GroupId: 'nobody here' }]) {
    const theirs: IpPermission = { ...tcp, UserIdGroupPairs: [{ ...pair, UserId: '444455556666' }] };
    expect(await code(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [theirs] }))).toBe(
      'InvalidGroupId.Malformed',
    );
  }
});
