/** CreateSubnet, CreateDefaultSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute. */
import type {
  CreateDefaultSubnetRequest,
  CreateDefaultSubnetResult,
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  ModifySubnetAttributeRequest,
  Subnet,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { ec2Arn } from '../../arns.ts';
import { canonical, overlaps, rangeOf, usableAddresses, within } from '../../network/blocks.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { newSubnet } from '../../network/default-network.ts';
import { describe } from '../../network/describe.ts';
import { combination, invalidValue, refused } from '../../network/errors.ts';
import { findSubnet, findVpc } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { readAll } from '../../network/rows.ts';
import {
  networkAcls,
  networkInterfaces,
  partitionOf,
  routeTables,
  type SubnetRow,
  subnets,
  vpcs,
} from '../../network/state.ts';
import { givenTags, putTags, shownTags, type Tags, taggingChecks } from '../../network/tags.ts';
import { zoneIdOf, zonesOf } from '../../network/zones.ts';

export const CreateSubnet = changing<CreateSubnetRequest, CreateSubnetResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'subnet');
    return [await on(call, 'subnet', undefined, values), await on(call, 'vpc', input.VpcId), ...checks];
  },
  async handle(input, call) {
    const { change, scope, random } = call;
    const vpc = await findVpc(call, input.VpcId);
    const given = input.CidrBlock;
    if (given === undefined) throw combination('Either CidrBlock or Ipv4IpamPoolId must be provided.');
    const cidr = canonical(given);
    const bits = rangeOf(given)?.bits ?? 0;
    if (cidr === undefined) throw invalidValue(given, 'cidrBlock', 'This is not a valid CIDR block.');
    if (bits < 16 || bits > 28 || !vpc.blocks.some((block) => within(cidr, block.cidr))) {
      throw refused('InvalidSubnet.Range', `The CIDR '${given}' is invalid.`);
    }
    const siblings = (await readAll(change, subnets, scope)).filter((one) => one.vpc === vpc.id);
    if (siblings.some((one) => overlaps(one.cidr, cidr))) {
      throw refused('InvalidSubnet.Conflict', `The CIDR '${given}' conflicts with another subnet`);
    }
    const zones = await zonesOf(change, scope.region);
    const zone = input.AvailabilityZone ?? zones.find(({ id }) => id === input.AvailabilityZoneId)?.name;
    const wanted = zone ?? (input.AvailabilityZoneId === undefined ? zones[0]?.name : undefined);
    if (!zones.some(({ name }) => name === wanted)) {
      const known = zones.map(({ name }) => name).join(', ');
      throw invalidValue(
        wanted ?? input.AvailabilityZoneId,
        'availabilityZone',
        `Subnets can currently only be created in the following availability zones: ${known}.`,
      );
    }
    const row = newSubnet({
      id: newId(random, 'subnet'),
      vpc: vpc.id,
      cidr,
      zone: wanted ?? '',
      isDefault: false,
      mapsPublicIp: false,
    });
    const tags = givenTags(input.TagSpecifications, 'subnet');
    await addSubnet(call, row, tags);
    return { Subnet: await shown(call, row, tags) };
  },
});

/** With the default network ACL of its VPC. */
async function addSubnet(call: Call, row: SubnetRow, tags: Tags): Promise<void> {
  const { change, scope, random } = call;
  change.put(subnets, partitionOf(scope), row.id, row);
  putTags(change, scope, 'subnet', row.id, tags);
  const acl = (await readAll(change, networkAcls, scope)).find((one) => one.vpc === row.vpc && one.isDefault);
  if (!acl) return;
  const associations = [...acl.associations, { id: newId(random, 'aclassoc'), subnet: row.id }];
  change.put(networkAcls, partitionOf(scope), acl.id, { ...acl, associations });
}

export const CreateDefaultSubnet = changing<CreateDefaultSubnetRequest, CreateDefaultSubnetResult>({
  checks: async (_input, call) => [await on(call, 'subnet', undefined)],
  async handle(input, call) {
    const { change, scope, random } = call;
    const vpc = (await readAll(change, vpcs, scope)).find(({ isDefault }) => isDefault);
    if (!vpc) throw refused('DefaultVpcDoesNotExist', 'No default VPC exists for this account in this region.');
    const zone = (await zonesOf(change, scope.region)).find(
      ({ name, id }) => name === input.AvailabilityZone || id === input.AvailabilityZoneId,
    );
    if (!zone) throw invalidValue(input.AvailabilityZone ?? input.AvailabilityZoneId, 'availabilityZone');
    const siblings = (await readAll(change, subnets, scope)).filter((one) => one.vpc === vpc.id);
    if (siblings.some((one) => one.isDefault && one.zone === zone.name)) {
      throw refused('DefaultSubnetAlreadyExistsInAvailabilityZone', `'${zone.name}' already has a default subnet.`);
    }
    const blocks = Array.from({ length: 16 }, (_, index) => `172.31.${index * 16}.0/20`);
    const cidr = blocks.find((block) => !siblings.some((one) => overlaps(one.cidr, block)));
    if (cidr === undefined) throw refused('InsufficientCidrBlocks', 'No /20 of the default VPC is free.');
    const row = newSubnet({
      id: newId(random, 'subnet'),
      vpc: vpc.id,
      cidr,
      zone: zone.name,
      isDefault: true,
      mapsPublicIp: true,
    });
    await addSubnet(call, row, {});
    return { Subnet: await shown(call, row, {}) };
  },
});

export const DeleteSubnet = changing<DeleteSubnetRequest, object>({
  checks: async (input, call) => [await on(call, 'subnet', input.SubnetId)],
  async handle(input, call, ports) {
    const { change, scope } = call;
    const { id } = await findSubnet(call, input.SubnetId);
    const partition = partitionOf(scope);
    const holdsInterface = (await readAll(change, networkInterfaces, scope)).some((one) => one.subnet === id);
    if (holdsInterface || (await ports.loadBalancers.use(change, scope, id))) {
      throw refused('DependencyViolation', `The subnet '${id}' has dependencies and cannot be deleted.`);
    }
    for (const acl of await readAll(change, networkAcls, scope)) {
      const associations = acl.associations.filter(({ subnet }) => subnet !== id);
      if (associations.length < acl.associations.length)
        change.put(networkAcls, partition, acl.id, { ...acl, associations });
    }
    for (const table of await readAll(change, routeTables, scope)) {
      const associations = table.associations.filter(({ subnet }) => subnet !== id);
      if (associations.length < table.associations.length)
        change.put(routeTables, partition, table.id, { ...table, associations });
    }
    change.delete(subnets, partition, id);
    putTags(change, scope, 'subnet', id, {});
    return {};
  },
});

export const DescribeSubnets = reading<DescribeSubnetsRequest, DescribeSubnetsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const zoneId = (row: SubnetRow) => zoneIdOf(row.zone);
    const { rows, next } = await describe<SubnetRow>(
      call,
      { ...input, ids: input.SubnetIds },
      {
        table: subnets,
        kind: 'subnet',
        facts: {
          'subnet-id': ({ id }) => id,
          'subnet-arn': ({ id }) => ec2Arn(call, 'subnet', id),
          'vpc-id': ({ vpc }) => vpc,
          'cidr-block': ({ cidr }) => cidr,
          cidr: ({ cidr }) => cidr,
          cidrBlock: ({ cidr }) => cidr,
          'availability-zone': ({ zone }) => zone,
          availabilityZone: ({ zone }) => zone,
          'availability-zone-id': zoneId,
          availabilityZoneId: zoneId,
          'default-for-az': ({ isDefault }) => isDefault,
          defaultForAz: ({ isDefault }) => isDefault,
          'map-public-ip-on-launch': (row) => row.mapsPublicIp,
          'owner-id': () => call.scope.account,
          state: () => 'available',
          'ipv6-native': () => false,
        },
      },
    );
    return { Subnets: await Promise.all(rows.map((row) => shown(call, row, row.tags))), ...next };
  },
});

export const ModifySubnetAttribute = changing<ModifySubnetAttributeRequest, object>({
  checks: async (input, call) => [await on(call, 'subnet', input.SubnetId)],
  async handle(input, call) {
    const row = await findSubnet(call, input.SubnetId);
    if (input.CustomerOwnedIpv4Pool !== undefined || input.EnableLniAtDeviceIndex !== undefined) {
      throw refused('UnsupportedOperation', 'Outposts are not built by Bailey.');
    }
    call.change.put(subnets, partitionOf(call.scope), row.id, {
      ...row,
      mapsPublicIp: input.MapPublicIpOnLaunch?.Value ?? row.mapsPublicIp,
      assignsIpv6: input.AssignIpv6AddressOnCreation?.Value ?? row.assignsIpv6,
      dns64: input.EnableDns64?.Value ?? row.dns64,
      hostnameType: input.PrivateDnsHostnameTypeOnLaunch ?? row.hostnameType,
      hostnameARecord: input.EnableResourceNameDnsARecordOnLaunch?.Value ?? row.hostnameARecord,
      hostnameAaaaRecord: input.EnableResourceNameDnsAAAARecordOnLaunch?.Value ?? row.hostnameAaaaRecord,
    });
    return {};
  },
});

async function shown(call: Call, row: SubnetRow, tags: Tags): Promise<Subnet> {
  const { account } = call.scope;
  const used = (await readAll(call.change, networkInterfaces, call.scope))
    .filter((one) => one.subnet === row.id)
    .reduce((sum, one) => sum + one.addresses.length, 0);
  return {
    SubnetId: row.id,
    SubnetArn: ec2Arn(call, 'subnet', row.id),
    VpcId: row.vpc,
    CidrBlock: row.cidr,
    AvailabilityZone: row.zone,
    AvailabilityZoneId: zoneIdOf(row.zone),
    AvailableIpAddressCount: usableAddresses(row.cidr) - used,
    DefaultForAz: row.isDefault,
    MapPublicIpOnLaunch: row.mapsPublicIp,
    MapCustomerOwnedIpOnLaunch: row.mapsCustomerOwnedIp,
    AssignIpv6AddressOnCreation: row.assignsIpv6,
    EnableDns64: row.dns64,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet: [],
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: row.hostnameType as 'ip-name',
      EnableResourceNameDnsARecord: row.hostnameARecord,
      EnableResourceNameDnsAAAARecord: row.hostnameAaaaRecord,
    },
    OwnerId: account,
    State: 'available',
    Tags: shownTags(tags),
  };
}
