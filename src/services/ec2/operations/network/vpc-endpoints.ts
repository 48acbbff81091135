/** VPC endpoints: ways to this instance's services whose policies are asked on every call that comes by them. */
import type {
  CreateVpcEndpointRequest,
  CreateVpcEndpointResult,
  DeleteVpcEndpointsRequest,
  DeleteVpcEndpointsResult,
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult,
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult,
  ModifyVpcEndpointRequest,
  ModifyVpcEndpointResult,
  UnsuccessfulItem,
  VpcEndpoint,
} from '@aws-sdk/client-ec2';
import { parsePolicy } from '../../../../engines/policy/index.ts';
import type { Call } from '../../../service.ts';
import { on, onAll, onEach } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { endpointServices, endpointTypes } from '../../network/endpoint-services.ts';
import { invalidValue, refused } from '../../network/errors.ts';
import { findEndpoint, findRouteTable, findSubnet, findVpc } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { addressesFor, groupsFor, newInterface, putInterface } from '../../network/interfaces.ts';
import { pageOf } from '../../network/pages.ts';
import { read, readAll } from '../../network/rows.ts';
import {
  networkInterfaces,
  partitionOf,
  securityGroups,
  type VpcEndpointRow,
  vpcEndpoints,
} from '../../network/state.ts';
import { givenTags, putTags, shownTags, type Tags, taggingChecks } from '../../network/tags.ts';
import { zonesOf } from '../../network/zones.ts';

/** VPC User Guide, "Default endpoint policy". */
const fullAccess = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] });

function policyOf(text: string): string {
  try {
    parsePolicy(text, 'endpoint');
  } catch (error) {
    throw refused('InvalidPolicyDocument', `The policy document is not valid: ${(error as Error).message}`);
  }
  return text;
}

export const CreateVpcEndpoint = changing<CreateVpcEndpointRequest, CreateVpcEndpointResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'vpc-endpoint');
    return [
      await on(call, 'vpc-endpoint', undefined, { ...values, 'ec2:VpceServiceName': input.ServiceName }),
      await on(call, 'vpc', input.VpcId),
      ...(input.RouteTableIds === undefined ? [] : await onEach(call, 'route-table', input.RouteTableIds)),
      ...(input.SubnetIds === undefined ? [] : await onEach(call, 'subnet', input.SubnetIds)),
      ...(input.SecurityGroupIds === undefined ? [] : await onEach(call, 'security-group', input.SecurityGroupIds)),
      ...checks,
    ];
  },
  async handle(input, call) {
    const { change, scope, random, now } = call;
    const vpc = await findVpc(call, input.VpcId);
    const type = input.VpcEndpointType ?? 'Gateway';
    const service = input.ServiceName ?? '';
    if (!endpointServices(scope.region).includes(service)) {
      throw refused('InvalidServiceName', `The Vpc Endpoint Service '${service}' does not exist`);
    }
    if ((type !== 'Gateway' && type !== 'Interface') || !endpointTypes(service).includes(type)) {
      throw refused(
        'InvalidParameter',
        `Endpoint type (${type}) does not match available service types (${endpointTypes(service).join(', ')}).`,
      );
    }
    const policy = policyOf(input.PolicyDocument ?? fullAccess);
    const routes = type === 'Gateway' ? (input.RouteTableIds ?? []) : [];
    for (const id of routes) await findRouteTable(call, id);
    const tags = givenTags(input.TagSpecifications, 'vpc-endpoint');
    const id = newId(random, 'vpce');
    const groups = type === 'Interface' ? await groupsFor(call, vpc.id, input.SecurityGroupIds) : [];
    const subnetIds = type === 'Interface' ? (input.SubnetIds ?? []) : [];
    const interfaces = await Promise.all(subnetIds.map((subnet) => endpointInterface(call, id, subnet, groups)));
    const row: VpcEndpointRow = {
      id,
      vpc: vpc.id,
      service,
      type,
      policy,
      routeTables: routes,
      subnets: subnetIds,
      groups,
      interfaces,
      privateDns: type === 'Interface' && (input.PrivateDnsEnabled ?? true),
      createdAt: now,
    };
    change.put(vpcEndpoints, partitionOf(scope), id, row);
    putTags(change, scope, 'vpc-endpoint', id, tags);
    return { VpcEndpoint: await shown(call, row, tags) };
  },
});

async function endpointInterface(
  call: Call,
  endpoint: string,
  subnetId: string,
  groups: readonly string[],
): Promise<string> {
  const subnet = await findSubnet(call, subnetId);
  const addresses = await addressesFor(call, subnet, [], 1);
  const row = newInterface(call, subnet, {
    addresses,
    groups,
    description: `VPC Endpoint Interface ${endpoint}`,
    type: 'vpc_endpoint',
    requesterId: 'amazon-vpce',
  });
  putInterface(call, row);
  return row.id;
}

export const ModifyVpcEndpoint = changing<ModifyVpcEndpointRequest, ModifyVpcEndpointResult>({
  checks: async (input, call) => [await on(call, 'vpc-endpoint', input.VpcEndpointId)],
  async handle(input, call) {
    const row = await findEndpoint(call, input.VpcEndpointId);
    const joined = (before: readonly string[], added: readonly string[] = [], removed: readonly string[] = []) => [
      ...new Set([...before.filter((one) => !removed.includes(one)), ...added]),
    ];
    for (const id of input.AddRouteTableIds ?? []) await findRouteTable(call, id);
    if (input.AddSubnetIds || input.RemoveSubnetIds) {
      throw refused(
        'UnsupportedOperation',
        'The subnets of an interface endpoint are chosen when it is made; changing them is not built by Bailey.',
      );
    }
    const groups = joined(row.groups, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds);
    await groupsFor(call, row.vpc, groups);
    const next: VpcEndpointRow = {
      ...row,
      groups,
      routeTables: joined(row.routeTables, input.AddRouteTableIds, input.RemoveRouteTableIds),
      policy: input.ResetPolicy
        ? fullAccess
        : input.PolicyDocument === undefined
          ? row.policy
          : policyOf(input.PolicyDocument),
      privateDns: input.PrivateDnsEnabled ?? row.privateDns,
    };
    for (const id of row.interfaces) {
      const own = await read(call.change, networkInterfaces, call.scope, id);
      if (own) putInterface(call, { ...own, groups });
    }
    call.change.put(vpcEndpoints, partitionOf(call.scope), row.id, next);
    return { Return: true };
  },
});

export const DeleteVpcEndpoints = changing<DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult>({
  checks: (input, call) => onEach(call, 'vpc-endpoint', input.VpcEndpointIds),
  async handle(input, call) {
    const { change, scope } = call;
    const failed: UnsuccessfulItem[] = [];
    for (const id of input.VpcEndpointIds ?? []) {
      const row = await read(change, vpcEndpoints, scope, id);
      if (!row) {
        failed.push({
          ResourceId: id,
          Error: { Code: 'InvalidVpcEndpointId.NotFound', Message: `The Vpc Endpoint Id '${id}' does not exist` },
        });
        continue;
      }
      for (const one of row.interfaces) change.delete(networkInterfaces, partitionOf(scope), one);
      change.delete(vpcEndpoints, partitionOf(scope), id);
      putTags(change, scope, 'vpc-endpoint', id, {});
    }
    return { Unsuccessful: failed };
  },
});

export const DescribeVpcEndpoints = reading<DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<VpcEndpointRow>(
      call,
      { ...input, ids: input.VpcEndpointIds },
      {
        table: vpcEndpoints,
        kind: 'vpc-endpoint',
        facts: {
          'vpc-endpoint-id': ({ id }) => id,
          'vpc-id': ({ vpc }) => vpc,
          'service-name': ({ service }) => service,
          'vpc-endpoint-type': ({ type }) => type,
          'vpc-endpoint-state': () => 'available',
        },
      },
    );
    return { VpcEndpoints: await Promise.all(rows.map((row) => shown(call, row, row.tags))), ...next };
  },
});

async function shown(call: Call, row: VpcEndpointRow, tags: Tags): Promise<VpcEndpoint> {
  const names = new Map((await readAll(call.change, securityGroups, call.scope)).map(({ id, name }) => [id, name]));
  return {
    VpcEndpointId: row.id,
    VpcEndpointType: row.type,
    VpcId: row.vpc,
    ServiceName: row.service,
    // AWS writes it small, the SDK's types do not.
    State: 'available' as 'Available',
    PolicyDocument: row.policy,
    RouteTableIds: [...row.routeTables],
    SubnetIds: [...row.subnets],
    Groups: row.groups.map((id) => ({ GroupId: id, GroupName: names.get(id) })),
    NetworkInterfaceIds: [...row.interfaces],
    PrivateDnsEnabled: row.privateDns,
    RequesterManaged: false,
    CreationTimestamp: new Date(row.createdAt),
    OwnerId: call.scope.account,
    Tags: shownTags(tags),
  };
}

export const DescribeVpcEndpointServices = reading<
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { region } = call.scope;
    const all = endpointServices(region);
    for (const name of input.ServiceNames ?? []) {
      if (!all.includes(name)) throw refused('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`);
    }
    if (input.Filters?.some(({ Name }) => Name !== 'service-name' && Name !== 'service-type')) {
      throw invalidValue(input.Filters[0]?.Name, 'filter', 'Known filters are service-name and service-type.');
    }
    const keeps = (name: string): boolean =>
      (input.Filters ?? []).every(({ Name, Values = [] }) =>
        Name === 'service-name' ? Values.includes(name) : endpointTypes(name).some((one) => Values.includes(one)),
      );
    const kept = all.filter((name) => (input.ServiceNames ?? [name]).includes(name) && keeps(name));
    const { rows, next } = pageOf(
      call,
      input,
      kept.map((id) => ({ id })),
    );
    const names = rows.map(({ id }) => id);
    const zones = await zonesOf(call.change, region);
    return {
      ...next,
      ServiceNames: names,
      ServiceDetails: names.map((name) => ({
        ServiceName: name,
        ServiceType: endpointTypes(name).map((ServiceType) => ({ ServiceType })),
        AvailabilityZones: zones.map((zone) => zone.name),
        Owner: 'amazon',
        AcceptanceRequired: false,
        ManagesVpcEndpoints: false,
        VpcEndpointPolicySupported: true,
        BaseEndpointDnsNames: [`${name.split('.').at(-1)}.${region}.vpce.amazonaws.com`],
        Tags: [],
      })),
    };
  },
});
