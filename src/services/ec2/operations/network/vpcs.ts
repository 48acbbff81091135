/** CreateVpc, CreateDefaultVpc, DeleteVpc. */
import type {
  CreateDefaultVpcRequest,
  CreateDefaultVpcResult,
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
} from '@aws-sdk/client-ec2';
import { canonical, rangeOf } from '../../network/blocks.ts';
import { on } from '../../network/checks.ts';
import { changing } from '../../network/declare.ts';
import { defaultNetwork } from '../../network/default-network.ts';
import { combination, invalidValue, refused, vpcHasDependencies } from '../../network/errors.ts';
import { findVpc } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { readAll } from '../../network/rows.ts';
import {
  dhcpOptions,
  internetGateways,
  networkAcls,
  networkInterfaces,
  partitionOf,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from '../../network/state.ts';
import { givenTags, putTags, taggingChecks } from '../../network/tags.ts';
import { defaultsOfVpc, shownVpc } from '../../network/vpc-parts.ts';
import { zonesOf } from '../../network/zones.ts';

/** Amazon VPC quotas, "VPCs per Region". */
const MOST_VPCS = 5;

export const CreateVpc = changing<CreateVpcRequest, CreateVpcResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'vpc');
    return [await on(call, 'vpc', undefined, values), ...checks];
  },
  async handle(input, call) {
    const { change, scope, random } = call;
    if (input.Ipv4IpamPoolId !== undefined || input.AmazonProvidedIpv6CidrBlock || input.Ipv6CidrBlock !== undefined) {
      throw refused('UnsupportedOperation', 'IPAM pools and IPv6 blocks of VPCs are not built by Bailey.');
    }
    const given = input.CidrBlock;
    if (given === undefined) throw combination('Either CidrBlock or Ipv4IpamPoolId must be provided.');
    const cidr = canonical(given);
    const bits = rangeOf(given)?.bits;
    if (cidr === undefined || bits === undefined)
      throw invalidValue(given, 'cidrBlock', 'This is not a valid CIDR block.');
    if (bits < 16 || bits > 28) throw refused('InvalidVpc.Range', `The CIDR '${given}' is invalid.`);
    const tenancy = input.InstanceTenancy ?? 'default';
    if ((await readAll(change, vpcs, scope)).length >= MOST_VPCS) {
      throw refused('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
    }
    const row = {
      id: newId(random, 'vpc'),
      blocks: [{ cidr, association: newId(random, 'vpc-cidr-assoc') }],
      isDefault: false,
      tenancy,
      dhcpOptions: (await readAll(change, dhcpOptions, scope))[0]?.id ?? 'default',
      dnsSupport: true,
      dnsHostnames: false,
      addressMetrics: false,
    };
    const tags = givenTags(input.TagSpecifications, 'vpc');
    change.put(vpcs, partitionOf(scope), row.id, row);
    putTags(change, scope, 'vpc', row.id, tags);
    defaultsOfVpc(call, row);
    return { Vpc: shownVpc(row, tags, scope) };
  },
});

export const CreateDefaultVpc = changing<CreateDefaultVpcRequest, CreateDefaultVpcResult>({
  async checks(_input, call) {
    return [await on(call, 'vpc', undefined)];
  },
  async handle(_input, call) {
    const { change, scope, random } = call;
    const present = await readAll(change, vpcs, scope);
    if (present.some(({ isDefault }) => isDefault)) {
      throw refused('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.');
    }
    const partition = partitionOf(scope);
    const model = defaultNetwork(scope, await zonesOf(change, scope.region));
    const row = { ...model.vpc, id: newId(random, 'vpc') };
    change.put(vpcs, partition, row.id, row);
    const gateway = { id: newId(random, 'igw'), vpc: row.id };
    change.put(internetGateways, partition, gateway.id, gateway);
    const made = model.subnets.map((subnet) => ({ ...subnet, id: newId(random, 'subnet'), vpc: row.id }));
    for (const subnet of made) change.put(subnets, partition, subnet.id, subnet);
    defaultsOfVpc(call, row, { gateway: gateway.id, subnets: made.map(({ id }) => id) });
    return { Vpc: shownVpc(row, {}, scope) };
  },
});

export const DeleteVpc = changing<DeleteVpcRequest, object>({
  checks: async (input, call) => [await on(call, 'vpc', input.VpcId)],
  async handle(input, call) {
    const { change, scope } = call;
    const { id } = await findVpc(call, input.VpcId);
    const partition = partitionOf(scope);
    const ofVpc = async <T extends { vpc?: string }>(rows: Promise<readonly T[]>) =>
      (await rows).filter((row) => row.vpc === id);
    const groups = await ofVpc(readAll(change, securityGroups, scope));
    const acls = await ofVpc(readAll(change, networkAcls, scope));
    const tables = await ofVpc(readAll(change, routeTables, scope));
    const blocking = [
      ...(await ofVpc(readAll(change, subnets, scope))),
      ...(await ofVpc(readAll(change, networkInterfaces, scope))),
      ...(await ofVpc(readAll(change, internetGateways, scope))),
      ...(await ofVpc(readAll(change, vpcEndpoints, scope))),
      ...groups.filter(({ name }) => name !== 'default'),
      ...acls.filter(({ isDefault }) => !isDefault),
      ...tables.filter(({ associations }) => !associations.some(({ isMain }) => isMain)),
    ];
    if (blocking.length > 0) throw vpcHasDependencies(id);
    for (const group of groups) {
      for (const rule of await readAll(change, securityGroupRules, scope, `${group.id}/`)) {
        change.delete(securityGroupRules, partition, `${group.id}/${rule.id}`);
      }
      change.delete(securityGroups, partition, group.id);
    }
    for (const acl of acls) change.delete(networkAcls, partition, acl.id);
    for (const table of tables) change.delete(routeTables, partition, table.id);
    change.delete(vpcs, partition, id);
    for (const gone of [id, ...[...groups, ...acls, ...tables].map((row) => row.id)])
      putTags(change, scope, 'vpc', gone, {});
    return {};
  },
});
