/** Networks with the real SDK: VPCs, subnets, groups, ACLs, interfaces, routes, prefix lists, endpoints, flow logs, tags. */
import {
  AssignPrivateIpAddressesCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AttachNetworkInterfaceCommand,
  CreateDefaultSubnetCommand,
  CreateDefaultVpcCommand,
  CreateFlowLogsCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteFlowLogsCommand,
  DeleteInternetGatewayCommand,
  DeleteManagedPrefixListCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSubnetCommand,
  DeleteTagsCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeAccountAttributesCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeDhcpOptionsCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeFlowLogsCommand,
  DescribeInternetGatewaysCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfaceAttributeCommand,
  DescribeNetworkInterfacesCommand,
  DescribePrefixListsCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcClassicLinkCommand,
  DescribeVpcClassicLinkDnsSupportCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  DescribeVpnGatewaysCommand,
  DetachInternetGatewayCommand,
  DetachNetworkInterfaceCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  type EC2ServiceException,
  GetManagedPrefixListAssociationsCommand,
  GetManagedPrefixListEntriesCommand,
  ModifyManagedPrefixListCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  ModifyVpcTenancyCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceNetworkAclEntryCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  RestoreManagedPrefixListVersionCommand,
  UnassignPrivateIpAddressesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let ec2: EC2Client;
// biome-ignore lint/suspicious/noExplicitAny: commands of every operation.
const send = (command: any, client = ec2): Promise<any> => client.send(command);
const code = (command: unknown) =>
  send(command).then(
    () => 'succeeded',
    (error: EC2ServiceException) => error.name,
  );

beforeAll(async () => {
  instance = await startInstance();
  ec2 = new EC2Client(instance.clientOptions());
});
afterAll(async () => {
  ec2.destroy();
  await instance.stop();
});

const newVpc = async (CidrBlock = '10.0.0.0/16'): Promise<string> =>
  (await send(new CreateVpcCommand({ CidrBlock }))).Vpc.VpcId;
const newSubnet = async (VpcId: string, CidrBlock = '10.0.1.0/24'): Promise<string> =>
  (await send(new CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet.SubnetId;
const unknown = '0123456789abcdef0';

describe('the default network', () => {
  test('is there before anything was made, and stays what it was once something is', async () => {
    const before = await send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
    expect(before.Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true, OwnerId: accountId }]);
    const subnets = await send(new DescribeSubnetsCommand({}));
    expect(subnets.Subnets).toHaveLength(6);
    expect(subnets.Subnets.every((one: { DefaultForAz: boolean }) => one.DefaultForAz)).toBe(true);
    const other = new EC2Client(instance.clientOptions(undefined, 'eu-west-1'));
    expect((await send(new DescribeSubnetsCommand({}), other)).Subnets).toHaveLength(3);
    other.destroy();
    await send(new CreateInternetGatewayCommand({}));
    const after = await send(new DescribeVpcsCommand({ VpcIds: [before.Vpcs[0].VpcId] }));
    expect(after.Vpcs).toEqual(before.Vpcs);
    expect((await send(new DescribeSubnetsCommand({}))).Subnets).toEqual(subnets.Subnets);
  });

  test('can be taken apart and made again', async () => {
    const client = new EC2Client(instance.clientOptions(undefined, 'ap-south-1'));
    const call = (command: unknown) => send(command, client);
    await expect(call(new CreateDefaultVpcCommand({}))).rejects.toMatchObject({ name: 'DefaultVpcAlreadyExists' });
    const [vpc] = (await call(new DescribeVpcsCommand({}))).Vpcs;
    await expect(call(new DeleteVpcCommand({ VpcId: vpc.VpcId }))).rejects.toMatchObject({
      name: 'DependencyViolation',
    });
    for (const { SubnetId } of (await call(new DescribeSubnetsCommand({}))).Subnets)
      await call(new DeleteSubnetCommand({ SubnetId }));
    const [gateway] = (await call(new DescribeInternetGatewaysCommand({}))).InternetGateways;
    await call(new DetachInternetGatewayCommand({ InternetGatewayId: gateway.InternetGatewayId, VpcId: vpc.VpcId }));
    await call(new DeleteVpcCommand({ VpcId: vpc.VpcId }));
    expect((await call(new DescribeVpcsCommand({}))).Vpcs).toEqual([]);
    await expect(call(new CreateDefaultSubnetCommand({ AvailabilityZone: 'ap-south-1a' }))).rejects.toMatchObject({
      name: 'DefaultVpcDoesNotExist',
    });
    const made = await call(new CreateDefaultVpcCommand({}));
    expect(made.Vpc).toMatchObject({ IsDefault: true, CidrBlock: '172.31.0.0/16' });
    const [subnet] = (await call(new DescribeSubnetsCommand({}))).Subnets;
    await expect(
      call(new CreateDefaultSubnetCommand({ AvailabilityZone: subnet.AvailabilityZone })),
    ).rejects.toMatchObject({
      name: 'DefaultSubnetAlreadyExistsInAvailabilityZone',
    });
    await call(new DeleteSubnetCommand({ SubnetId: subnet.SubnetId }));
    const again = await call(new CreateDefaultSubnetCommand({ AvailabilityZone: subnet.AvailabilityZone }));
    expect(again.Subnet).toMatchObject({ DefaultForAz: true, CidrBlock: subnet.CidrBlock });
    client.destroy();
  });
});

describe('VPCs and subnets', () => {
  test('are made, described, changed and deleted', async () => {
    const { Vpc } = await send(
      new CreateVpcCommand({
        CidrBlock: '10.1.0.7/16',
        TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'shop' }] }],
      }),
    );
    expect(Vpc).toMatchObject({
      CidrBlock: '10.1.0.0/16',
      IsDefault: false,
      InstanceTenancy: 'default',
      Tags: [{ Key: 'Name', Value: 'shop' }],
    });
    const VpcId = Vpc.VpcId;
    const tagged = await send(new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['sh?p'] }] }));
    expect(tagged.Vpcs.map((one: { VpcId: string }) => one.VpcId)).toEqual([VpcId]);
    await send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    expect(await send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }))).toMatchObject({
      EnableDnsHostnames: { Value: true },
    });
    expect(await send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsSupport' }))).toMatchObject({
      EnableDnsSupport: { Value: true },
    });
    expect((await send(new ModifyVpcTenancyCommand({ VpcId, InstanceTenancy: 'default' }))).ReturnValue).toBe(true);
    const { Subnet } = await send(
      new CreateSubnetCommand({ VpcId, CidrBlock: '10.1.2.0/24', AvailabilityZone: 'us-east-1b' }),
    );
    expect(Subnet).toMatchObject({
      AvailabilityZone: 'us-east-1b',
      AvailabilityZoneId: 'use1-az2',
      AvailableIpAddressCount: 251,
      MapPublicIpOnLaunch: false,
    });
    await send(new ModifySubnetAttributeCommand({ SubnetId: Subnet.SubnetId, MapPublicIpOnLaunch: { Value: true } }));
    const described = await send(new DescribeSubnetsCommand({ SubnetIds: [Subnet.SubnetId] }));
    expect(described.Subnets[0].MapPublicIpOnLaunch).toBe(true);
    await send(new DeleteSubnetCommand({ SubnetId: Subnet.SubnetId }));
    await send(new DeleteVpcCommand({ VpcId }));
    expect(await code(new DescribeVpcsCommand({ VpcIds: [VpcId] }))).toBe('InvalidVpcID.NotFound');
  });

  test('are found by their block under all its names, and have no ClassicLink', async () => {
    const VpcId = await newVpc();
    const { CidrBlock } = (await send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))).Vpcs[0];
    for (const Name of ['cidr', 'cidr-block', 'cidrBlock']) {
      const found = await send(new DescribeVpcsCommand({ Filters: [{ Name, Values: [CidrBlock] }] }));
      expect(found.Vpcs.map((one: { VpcId: string }) => one.VpcId)).toContain(VpcId);
    }
    const VpcIds = [VpcId];
    expect((await send(new DescribeVpcClassicLinkCommand({ VpcIds }))).Vpcs).toMatchObject([
      { VpcId, ClassicLinkEnabled: false },
    ]);
    expect((await send(new DescribeVpcClassicLinkDnsSupportCommand({ VpcIds }))).Vpcs).toEqual([
      { VpcId, ClassicLinkDnsSupported: false },
    ]);
    const absent = [`vpc-${unknown}`];
    expect(await code(new DescribeVpcClassicLinkCommand({ VpcIds: absent }))).toBe('InvalidVpcID.NotFound');
    expect(await code(new DescribeVpcClassicLinkDnsSupportCommand({ VpcIds: absent }))).toBe('InvalidVpcID.NotFound');
    await send(new DeleteVpcCommand({ VpcId }));
  });

  test('refuse blocks that are wrong', async () => {
    const VpcId = await newVpc();
    expect(await code(new CreateVpcCommand({ CidrBlock: '10.0.0.0/8' }))).toBe('InvalidVpc.Range');
    expect(await code(new CreateVpcCommand({ CidrBlock: 'ten' }))).toBe('InvalidParameterValue');
    expect(await code(new CreateVpcCommand({}))).toBe('InvalidParameterCombination');
    await newSubnet(VpcId);
    await expect(send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.128/25' }))).rejects.toMatchObject({
      name: 'InvalidSubnet.Conflict',
      message: "The CIDR '10.0.1.128/25' conflicts with another subnet",
    });
    expect(await code(new CreateSubnetCommand({ VpcId, CidrBlock: '10.9.0.0/24' }))).toBe('InvalidSubnet.Range');
    expect(
      await code(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.3.0/24', AvailabilityZone: 'us-east-1z' })),
    ).toBe('InvalidParameterValue');
    expect(await code(new DeleteSubnetCommand({ SubnetId: `subnet-${unknown}` }))).toBe('InvalidSubnetID.NotFound');
    expect(await code(new DeleteVpcCommand({ VpcId: 'vpc-x' }))).toBe('InvalidVpcID.Malformed');
    expect(await code(new DescribeVpcsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] }))).toBe(
      'InvalidParameterValue',
    );
    expect(await code(new ModifyVpcAttributeCommand({ VpcId }))).toBe('InvalidParameterCombination');
    expect(await code(new ModifyVpcTenancyCommand({ VpcId: `vpc-${unknown}`, InstanceTenancy: 'default' }))).toBe(
      'InvalidVpcID.NotFound',
    );
    expect(
      await code(new DescribeVpcAttributeCommand({ VpcId: `vpc-${unknown}`, Attribute: 'enableDnsSupport' })),
    ).toBe('InvalidVpcID.NotFound');
    expect(await code(new ModifySubnetAttributeCommand({ SubnetId: `subnet-${unknown}` }))).toBe(
      'InvalidSubnetID.NotFound',
    );
    expect(await code(new DescribeSubnetsCommand({ SubnetIds: [`subnet-${unknown}`] }))).toBe(
      'InvalidSubnetID.NotFound',
    );
  });

  test('a dry run of what is allowed says so, and does nothing', async () => {
    const before = (await send(new DescribeVpcsCommand({}))).Vpcs.length;
    expect(await code(new CreateVpcCommand({ CidrBlock: '10.7.0.0/16', DryRun: true }))).toBe('DryRunOperation');
    expect((await send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(before);
    const nobody = new EC2Client(instance.clientOptions(nobodyKeys));
    await expect(send(new CreateVpcCommand({ CidrBlock: '10.7.0.0/16', DryRun: true }), nobody)).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
    });
    nobody.destroy();
  });

  test('come in pages', async () => {
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await send(new DescribeSubnetsCommand({ MaxResults: 5, NextToken }));
      seen.push(...page.Subnets.map((one: { SubnetId: string }) => one.SubnetId));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(new Set(seen).size).toBe((await send(new DescribeSubnetsCommand({}))).Subnets.length);
    expect(await code(new DescribeSubnetsCommand({ MaxResults: 5, NextToken: 'forged' }))).toBe(
      'InvalidParameterValue',
    );
  });
});

describe('network ACLs', () => {
  test('hold numbered lines, and subnets change from one to another', async () => {
    const VpcId = await newVpc('10.2.0.0/16');
    const SubnetId = await newSubnet(VpcId, '10.2.0.0/24');
    const filter = { Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] };
    const [standard] = (await send(new DescribeNetworkAclsCommand(filter))).NetworkAcls;
    expect(standard).toMatchObject({ IsDefault: true, VpcId });
    expect(standard.Entries).toHaveLength(4);
    const { NetworkAcl } = await send(new CreateNetworkAclCommand({ VpcId }));
    const NetworkAclId = NetworkAcl.NetworkAclId;
    expect(NetworkAcl.Entries.map((one: { RuleNumber: number }) => one.RuleNumber)).toEqual([32_767, 32_767]);
    const line = {
      NetworkAclId,
      RuleNumber: 100,
      Protocol: '6',
      RuleAction: 'allow',
      Egress: false,
      CidrBlock: '0.0.0.0/0',
      PortRange: { From: 80, To: 80 },
    } as const;
    await send(new CreateNetworkAclEntryCommand(line));
    expect(await code(new CreateNetworkAclEntryCommand(line))).toBe('NetworkAclEntryAlreadyExists');
    await send(new ReplaceNetworkAclEntryCommand({ ...line, RuleAction: 'deny' }));
    const [changed] = (await send(new DescribeNetworkAclsCommand({ NetworkAclIds: [NetworkAclId] }))).NetworkAcls;
    expect(changed.Entries[0]).toMatchObject({
      RuleNumber: 100,
      RuleAction: 'deny',
      Protocol: '6',
      PortRange: { From: 80, To: 80 },
    });
    const association = standard.Associations.find(
      (one: { SubnetId: string }) => one.SubnetId === SubnetId,
    ).NetworkAclAssociationId;
    const moved = await send(new ReplaceNetworkAclAssociationCommand({ AssociationId: association, NetworkAclId }));
    expect(moved.NewAssociationId).toMatch(/^aclassoc-[0-9a-f]{17}$/);
    expect((await send(new DescribeNetworkAclsCommand(filter))).NetworkAcls[0].NetworkAclId).toBe(NetworkAclId);
    expect(await code(new ReplaceNetworkAclAssociationCommand({ AssociationId: association, NetworkAclId }))).toBe(
      'InvalidAssociationID.NotFound',
    );
    expect(await code(new DeleteNetworkAclCommand({ NetworkAclId }))).toBe('DependencyViolation');
    expect(await code(new DeleteNetworkAclCommand({ NetworkAclId: standard.NetworkAclId }))).toBe(
      'InvalidParameterValue',
    );
    await send(
      new ReplaceNetworkAclAssociationCommand({
        AssociationId: moved.NewAssociationId,
        NetworkAclId: standard.NetworkAclId,
      }),
    );
    await send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 100, Egress: false }));
    expect(await code(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 100, Egress: false }))).toBe(
      'InvalidNetworkAclEntry.NotFound',
    );
    expect(await code(new ReplaceNetworkAclEntryCommand(line))).toBe('InvalidNetworkAclEntry.NotFound');
    await send(new DeleteNetworkAclCommand({ NetworkAclId }));
    expect(await code(new DescribeNetworkAclsCommand({ NetworkAclIds: [NetworkAclId] }))).toBe(
      'InvalidNetworkAclID.NotFound',
    );
    expect(await code(new CreateNetworkAclCommand({ VpcId: `vpc-${unknown}` }))).toBe('InvalidVpcID.NotFound');
  });
});

describe('network interfaces', () => {
  test('have addresses of their subnet and groups of their VPC', async () => {
    const VpcId = await newVpc('10.3.0.0/16');
    const SubnetId = await newSubnet(VpcId, '10.3.0.0/28');
    const { NetworkInterface } = await send(
      new CreateNetworkInterfaceCommand({
        SubnetId,
        Description: 'till',
        PrivateIpAddress: '10.3.0.9',
        SecondaryPrivateIpAddressCount: 1,
      }),
    );
    const NetworkInterfaceId = NetworkInterface.NetworkInterfaceId;
    expect(NetworkInterface).toMatchObject({
      PrivateIpAddress: '10.3.0.9',
      VpcId,
      SourceDestCheck: true,
      Groups: [{ GroupName: 'default' }],
    });
    expect(
      NetworkInterface.PrivateIpAddresses.map((one: { PrivateIpAddress: string }) => one.PrivateIpAddress),
    ).toEqual(['10.3.0.9', '10.3.0.4']);
    const added = await send(
      new AssignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.3.0.7'] }),
    );
    expect(added.AssignedPrivateIpAddresses).toEqual([{ PrivateIpAddress: '10.3.0.7' }]);
    expect(
      await code(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.3.0.7'] })),
    ).toBe('InvalidIPAddress.InUse');
    expect(
      await code(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.3.0.1'] })),
    ).toBe('InvalidParameterValue');
    await send(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.3.0.7'] }));
    expect(
      await code(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: ['10.3.0.9'] })),
    ).toBe('InvalidParameterValue');
    await send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }));
    expect(
      await send(new DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Attribute: 'sourceDestCheck' })),
    ).toMatchObject({ SourceDestCheck: { Value: false } });
    expect(await code(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId }))).toBe(
      'InvalidParameterCombination',
    );
    const found = await send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'description', Values: ['till'] }] }),
    );
    expect(found.NetworkInterfaces.map((one: { Status: string }) => one.Status)).toEqual(['available']);
    expect(await code(new CreateNetworkInterfaceCommand({ SubnetId, SecondaryPrivateIpAddressCount: 20 }))).toBe(
      'InsufficientFreeAddressesInSubnet',
    );
    expect(
      await code(new AttachNetworkInterfaceCommand({ NetworkInterfaceId, InstanceId: `i-${unknown}`, DeviceIndex: 1 })),
    ).toBe('InvalidInstanceID.NotFound');
    expect(await code(new DetachNetworkInterfaceCommand({ AttachmentId: `eni-attach-${unknown}` }))).toBe(
      'InvalidAttachmentID.NotFound',
    );
    expect(await code(new DeleteSubnetCommand({ SubnetId }))).toBe('DependencyViolation');
    await send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    expect(await code(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] }))).toBe(
      'InvalidNetworkInterfaceID.NotFound',
    );
    expect(await code(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))).toBe(
      'InvalidNetworkInterfaceID.NotFound',
    );
    expect(
      await code(new DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Attribute: 'groupSet' })),
    ).toBe('InvalidNetworkInterfaceID.NotFound');
  });
});

describe('routes and gateways', () => {
  test('lead out of a VPC', async () => {
    await send(new DeleteVpcCommand({ VpcId: await newVpc('10.4.0.0/16') }));
    const VpcId = (await send(new DescribeVpcsCommand({ Filters: [{ Name: 'cidr', Values: ['10.2.0.0/16'] }] })))
      .Vpcs[0].VpcId;
    const { InternetGateway } = await send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = InternetGateway.InternetGatewayId;
    const { RouteTable } = await send(new CreateRouteTableCommand({ VpcId }));
    const RouteTableId = RouteTable.RouteTableId;
    expect(RouteTable.Routes).toEqual([
      { DestinationCidrBlock: '10.2.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
    ]);
    const out = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId };
    expect(await code(new CreateRouteCommand(out))).toBe('InvalidParameterValue');
    await send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    expect(await code(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }))).toBe(
      'Resource.AlreadyAssociated',
    );
    expect((await send(new CreateRouteCommand(out))).Return).toBe(true);
    expect(await code(new CreateRouteCommand({ ...out, GatewayId: `igw-${unknown}` }))).toBe(
      'InvalidInternetGatewayID.NotFound',
    );
    await send(new ReplaceRouteCommand(out));
    expect(await code(new ReplaceRouteCommand({ ...out, DestinationCidrBlock: '9.9.9.0/24' }))).toBe(
      'InvalidRoute.NotFound',
    );
    const SubnetId = await newSubnet(VpcId, '10.2.9.0/24');
    const { AssociationId } = await send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    expect(await code(new DeleteRouteTableCommand({ RouteTableId }))).toBe('DependencyViolation');
    const [main] = (
      await send(
        new DescribeRouteTablesCommand({
          Filters: [
            { Name: 'vpc-id', Values: [VpcId] },
            { Name: 'association.main', Values: ['true'] },
          ],
        }),
      )
    ).RouteTables;
    const replaced = await send(
      new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: main.RouteTableId }),
    );
    await send(new DisassociateRouteTableCommand({ AssociationId: replaced.NewAssociationId }));
    expect(await code(new DisassociateRouteTableCommand({ AssociationId }))).toBe('InvalidAssociationID.NotFound');
    expect(await code(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId }))).toBe(
      'InvalidAssociationID.NotFound',
    );
    expect(await code(new AssociateRouteTableCommand({ RouteTableId, SubnetId: `subnet-${unknown}` }))).toBe(
      'InvalidSubnetID.NotFound',
    );
    await send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }));
    expect(await code(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }))).toBe(
      'InvalidRoute.NotFound',
    );
    await send(new DeleteRouteTableCommand({ RouteTableId }));
    expect(await code(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }))).toBe(
      'InvalidRouteTableID.NotFound',
    );
    expect(await code(new CreateRouteTableCommand({ VpcId: `vpc-${unknown}` }))).toBe('InvalidVpcID.NotFound');
    expect(await code(new DeleteInternetGatewayCommand({ InternetGatewayId }))).toBe('DependencyViolation');
    await send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    expect(await code(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }))).toBe('Gateway.NotAttached');
    await send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    expect(await code(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [InternetGatewayId] }))).toBe(
      'InvalidInternetGatewayID.NotFound',
    );
    expect(
      await code(
        new CreateInternetGatewayCommand({
          TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'a', Value: 'b' }] }],
        }),
      ),
    ).toBe('InvalidParameterValue');
    const [options] = (await send(new DescribeDhcpOptionsCommand({}))).DhcpOptions;
    expect(options.DhcpConfigurations).toContainEqual({ Key: 'domain-name', Values: [{ Value: 'ec2.internal' }] });
    expect(await code(new DescribeDhcpOptionsCommand({ DhcpOptionsIds: [`dopt-${unknown}`] }))).toBe(
      'InvalidDhcpOptionID.NotFound',
    );
  });
});

describe('prefix lists', () => {
  test('have versions', async () => {
    const { PrefixList } = await send(
      new CreateManagedPrefixListCommand({
        PrefixListName: 'shops',
        AddressFamily: 'IPv4',
        MaxEntries: 2,
        Entries: [{ Cidr: '192.0.2.0/24', Description: 'one' }],
      }),
    );
    const PrefixListId = PrefixList.PrefixListId;
    expect(PrefixList).toMatchObject({ State: 'create-in-progress', Version: 1 });
    await send(
      new ModifyManagedPrefixListCommand({
        PrefixListId,
        CurrentVersion: 1,
        AddEntries: [{ Cidr: '198.51.100.0/24' }],
        RemoveEntries: [{ Cidr: '192.0.2.0/24' }],
      }),
    );
    const entries = (TargetVersion?: number) =>
      send(new GetManagedPrefixListEntriesCommand({ PrefixListId, TargetVersion }));
    expect((await entries()).Entries).toEqual([{ Cidr: '198.51.100.0/24' }]);
    expect((await entries(1)).Entries).toEqual([{ Cidr: '192.0.2.0/24', Description: 'one' }]);
    expect(
      await code(
        new ModifyManagedPrefixListCommand({
          PrefixListId,
          CurrentVersion: 1,
          AddEntries: [{ Cidr: '203.0.113.0/24' }],
        }),
      ),
    ).toBe('PrefixListVersionMismatch');
    await send(new RestoreManagedPrefixListVersionCommand({ PrefixListId, CurrentVersion: 2, PreviousVersion: 1 }));
    expect((await entries()).Entries).toEqual([{ Cidr: '192.0.2.0/24', Description: 'one' }]);
    expect(
      await code(new RestoreManagedPrefixListVersionCommand({ PrefixListId, CurrentVersion: 9, PreviousVersion: 1 })),
    ).toBe('PrefixListVersionMismatch');
    expect(
      (await send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [PrefixListId] }))).PrefixLists[0],
    ).toMatchObject({ Version: 3, PrefixListName: 'shops' });
    expect(
      (await send(new DescribePrefixListsCommand({ PrefixListIds: [PrefixListId] }))).PrefixLists[0].Cidrs,
    ).toEqual(['192.0.2.0/24']);
    expect(
      (await send(new GetManagedPrefixListAssociationsCommand({ PrefixListId }))).PrefixListAssociations ?? [],
    ).toEqual([]);
    const full = {
      PrefixListName: 'x',
      AddressFamily: 'IPv4',
      MaxEntries: 1,
      Entries: [{ Cidr: '192.0.2.0/24' }, { Cidr: '198.51.100.0/24' }],
    };
    expect(await code(new CreateManagedPrefixListCommand(full))).toBe('PrefixListMaxEntriesExceeded');
    await send(new DeleteManagedPrefixListCommand({ PrefixListId }));
    for (const Command of [
      GetManagedPrefixListEntriesCommand,
      GetManagedPrefixListAssociationsCommand,
      DeleteManagedPrefixListCommand,
    ]) {
      expect(await code(new Command({ PrefixListId }))).toBe('InvalidPrefixListID.NotFound');
    }
    expect(await code(new DescribePrefixListsCommand({ PrefixListIds: [PrefixListId] }))).toBe(
      'InvalidPrefixListID.NotFound',
    );
    expect(await code(new DescribeManagedPrefixListsCommand({ PrefixListIds: [PrefixListId] }))).toBe(
      'InvalidPrefixListID.NotFound',
    );
  });
});

describe('flow logs and endpoints', () => {
  test('flow logs name what they watch and where they go', async () => {
    const [vpc] = (await send(new DescribeVpcsCommand({}))).Vpcs;
    const given = {
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::flows',
      MaxAggregationInterval: 60,
    } as const;
    const made = await send(new CreateFlowLogsCommand({ ...given, ResourceIds: [vpc.VpcId, `vpc-${unknown}`] }));
    expect(made.Unsuccessful).toMatchObject([
      { ResourceId: `vpc-${unknown}`, Error: { Code: 'InvalidVpcID.NotFound' } },
    ]);
    const [id] = made.FlowLogIds;
    expect((await send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }))).FlowLogs).toMatchObject([
      {
        ResourceId: vpc.VpcId,
        TrafficType: 'ALL',
        FlowLogStatus: 'ACTIVE',
        LogDestination: 'arn:aws:s3:::flows',
        MaxAggregationInterval: 60,
      },
    ]);
    expect(await code(new CreateFlowLogsCommand({ ...given, ResourceIds: [vpc.VpcId], LogFormat: 'colour' }))).toBe(
      'InvalidParameterValue',
    );
    expect((await send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }))).Unsuccessful ?? []).toEqual([]);
    expect((await send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }))).Unsuccessful).toMatchObject([
      { ResourceId: id },
    ]);
    expect(await code(new DeleteFlowLogsCommand({ FlowLogIds: [id], DryRun: true }))).toBe('DryRunOperation');
    expect(await code(new DescribeFlowLogsCommand({ FlowLogIds: [id] }))).toBe('InvalidFlowLogId.NotFound');
  });

  test('endpoints lead to services of this instance', async () => {
    const VpcId = (await send(new DescribeVpcsCommand({ Filters: [{ Name: 'cidr', Values: ['10.2.0.0/16'] }] })))
      .Vpcs[0].VpcId;
    const SubnetId = await newSubnet(VpcId, '10.2.20.0/24');
    const services = await send(new DescribeVpcEndpointServicesCommand({}));
    expect(services.ServiceNames).toContain('com.amazonaws.us-east-1.kms');
    expect(await code(new DescribeVpcEndpointServicesCommand({ ServiceNames: ['com.example.none'] }))).toBe(
      'InvalidServiceName',
    );
    const { VpcEndpoint } = await send(
      new CreateVpcEndpointCommand({
        VpcId,
        ServiceName: 'com.amazonaws.us-east-1.kms',
        VpcEndpointType: 'Interface',
        SubnetIds: [SubnetId],
      }),
    );
    expect(VpcEndpoint).toMatchObject({ State: 'available', SubnetIds: [SubnetId], PrivateDnsEnabled: true });
    expect(VpcEndpoint.NetworkInterfaceIds).toHaveLength(1);
    const VpcEndpointId = VpcEndpoint.VpcEndpointId;
    const PolicyDocument = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Encrypt","Resource":"*"}]}';
    await send(new ModifyVpcEndpointCommand({ VpcEndpointId, PolicyDocument }));
    expect(
      (await send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }))).VpcEndpoints[0].PolicyDocument,
    ).toBe(PolicyDocument);
    expect(await code(new ModifyVpcEndpointCommand({ VpcEndpointId, PolicyDocument: '{}' }))).toBe(
      'InvalidPolicyDocument',
    );
    expect(await code(new CreateVpcEndpointCommand({ VpcId, ServiceName: 'com.amazonaws.us-east-1.kms' }))).toBe(
      'InvalidParameter',
    );
    await requireManaged(VpcEndpoint.NetworkInterfaceIds[0]);
    await send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }));
    expect((await send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }))).Unsuccessful).toHaveLength(
      1,
    );
    expect(await code(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId], DryRun: true }))).toBe(
      'DryRunOperation',
    );
    expect(await code(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }))).toBe(
      'InvalidVpcEndpointId.NotFound',
    );
  });
});

/** What a service has asked for is its own to change: nobody else does it, and nothing has changed then. */
async function requireManaged(NetworkInterfaceId: string): Promise<void> {
  const shown = async () =>
    (await send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] })))
      .NetworkInterfaces[0];
  const before = await shown();
  expect(before).toMatchObject({ RequesterManaged: true, Status: 'in-use' });
  const [group] = before.Groups;
  const refused = {
    name: 'AuthFailure',
    message: 'You do not have permission to access the specified resource.',
    $metadata: { httpStatusCode: 400 },
  };
  for (const change of [
    { Groups: [group.GroupId] },
    { Description: { Value: 'x' } },
    { SourceDestCheck: { Value: false } },
  ]) {
    await expect(
      send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, ...change })),
    ).rejects.toMatchObject(refused);
  }
  const PrivateIpAddresses = [before.PrivateIpAddress];
  for (const command of [
    new AssignPrivateIpAddressesCommand({ NetworkInterfaceId, SecondaryPrivateIpAddressCount: 1 }),
    new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses }),
  ]) {
    await expect(send(command)).rejects.toMatchObject(refused);
  }
  for (const command of [
    new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }),
    new AttachNetworkInterfaceCommand({ NetworkInterfaceId, InstanceId: `i-${unknown}`, DeviceIndex: 1 }),
  ]) {
    expect(await code(command)).toBe('InvalidNetworkInterface.InUse');
  }
  expect(await shown()).toEqual(before);
}

describe('tags, places, and what there is none of', () => {
  test('tags are put on every kind of resource, and taken away', async () => {
    const [subnet] = (await send(new DescribeSubnetsCommand({}))).Subnets;
    const Resources = [subnet.SubnetId];
    await send(
      new CreateTagsCommand({
        Resources,
        Tags: [
          { Key: 'team', Value: 'till' },
          { Key: 'n', Value: '' },
        ],
      }),
    );
    const tags = async () =>
      (await send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: Resources }] }))).Tags;
    expect(await tags()).toEqual([
      { Key: 'n', ResourceId: subnet.SubnetId, ResourceType: 'subnet', Value: '' },
      { Key: 'team', ResourceId: subnet.SubnetId, ResourceType: 'subnet', Value: 'till' },
    ]);
    await send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'team', Value: 'other' }, { Key: 'n' }] }));
    expect(await tags()).toHaveLength(1);
    expect(await code(new CreateTagsCommand({ Resources, Tags: [{ Key: 'aws:x', Value: '' }] }))).toBe(
      'InvalidParameterValue',
    );
    expect(await code(new CreateTagsCommand({ Resources: [`sg-${unknown}`], Tags: [{ Key: 'x', Value: '' }] }))).toBe(
      'InvalidGroup.NotFound',
    );
    expect(await code(new DeleteTagsCommand({ Resources: [`vpc-${unknown}`] }))).toBe('InvalidVpcID.NotFound');
    expect(await code(new DescribeTagsCommand({ Filters: [{ Name: 'colour', Values: ['x'] }] }))).toBe(
      'InvalidParameterValue',
    );
  });

  test('regions and zones are known', async () => {
    expect((await send(new DescribeRegionsCommand({ RegionNames: ['eu-west-1'] }))).Regions).toEqual([
      { Endpoint: 'ec2.eu-west-1.amazonaws.com', OptInStatus: 'opt-in-not-required', RegionName: 'eu-west-1' },
    ]);
    expect(await code(new DescribeRegionsCommand({ RegionNames: ['mars-1'] }))).toBe('InvalidParameterValue');
    const zones = await send(new DescribeAvailabilityZonesCommand({}));
    expect(zones.AvailabilityZones.map((one: { ZoneName: string }) => one.ZoneName)).toContain('us-east-1f');
    expect(await code(new DescribeAvailabilityZonesCommand({ ZoneNames: ['us-east-1z'] }))).toBe(
      'InvalidParameterValue',
    );
    const attributes = await send(new DescribeAccountAttributesCommand({ AttributeNames: ['supported-platforms'] }));
    expect(attributes.AccountAttributes[0].AttributeValues).toEqual([{ AttributeValue: 'VPC' }]);
    expect(await code(new DescribeAccountAttributesCommand({ AttributeNames: ['max-colours' as 'default-vpc'] }))).toBe(
      'InvalidParameterValue',
    );
  });

  test.each([
    [
      'NatGateways',
      (ids?: string[]) => new DescribeNatGatewaysCommand({ NatGatewayIds: ids }),
      'nat-1',
      'NatGatewayNotFound',
    ],
    [
      'Addresses',
      (ids?: string[]) => new DescribeAddressesCommand({ AllocationIds: ids }),
      'eipalloc-1',
      'InvalidAllocationID.NotFound',
    ],
    [
      'VpcPeeringConnections',
      (ids?: string[]) => new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: ids }),
      'pcx-1',
      'InvalidVpcPeeringConnectionID.NotFound',
    ],
    [
      'VpnGateways',
      (ids?: string[]) => new DescribeVpnGatewaysCommand({ VpnGatewayIds: ids }),
      'vgw-1',
      'InvalidVpnGatewayID.NotFound',
    ],
    [
      'EgressOnlyInternetGateways',
      (ids?: string[]) => new DescribeEgressOnlyInternetGatewaysCommand({ EgressOnlyInternetGatewayIds: ids }),
      'eigw-1',
      'InvalidGatewayID.NotFound',
    ],
  ])('there are no %s', async (member, command, id, error) => {
    expect((await send(command()))[member] ?? []).toEqual([]);
    expect(await code(command([id]))).toBe(error);
  });
});
