/** DescribeVpcs, and the attributes of a VPC. */
import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  ModifyVpcAttributeRequest,
  ModifyVpcTenancyRequest,
  ModifyVpcTenancyResult,
} from '@aws-sdk/client-ec2';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { combination, invalidValue } from '../../network/errors.ts';
import { findVpc } from '../../network/find.ts';
import { partitionOf, type VpcRow, vpcs } from '../../network/state.ts';
import { shownVpc } from '../../network/vpc-parts.ts';

export const DescribeVpcs = reading<DescribeVpcsRequest, DescribeVpcsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<VpcRow>(
      call,
      { ...input, ids: input.VpcIds },
      {
        table: vpcs,
        kind: 'vpc',
        facts: {
          'vpc-id': ({ id }) => id,
          cidr: ({ blocks }) => blocks[0]?.cidr,
          'cidr-block': ({ blocks }) => blocks[0]?.cidr,
          cidrBlock: ({ blocks }) => blocks[0]?.cidr,
          'cidr-block-association.cidr-block': ({ blocks }) => blocks.map(({ cidr }) => cidr),
          'cidr-block-association.association-id': ({ blocks }) => blocks.map(({ association }) => association),
          'cidr-block-association.state': () => 'associated',
          'dhcp-options-id': (row) => row.dhcpOptions,
          'is-default': ({ isDefault }) => isDefault,
          isDefault: ({ isDefault }) => isDefault,
          'owner-id': () => call.scope.account,
          state: () => 'available',
        },
      },
    );
    return { Vpcs: rows.map((row) => shownVpc(row, row.tags, call.scope)), ...next };
  },
});

export const DescribeVpcAttribute = reading<DescribeVpcAttributeRequest, DescribeVpcAttributeResult>({
  checks: async (input, call) => [await on(call, 'vpc', input.VpcId)],
  async handle(input, call) {
    const vpc = await findVpc(call, input.VpcId);
    switch (input.Attribute) {
      case 'enableDnsSupport':
        return { VpcId: vpc.id, EnableDnsSupport: { Value: vpc.dnsSupport } };
      case 'enableDnsHostnames':
        return { VpcId: vpc.id, EnableDnsHostnames: { Value: vpc.dnsHostnames } };
      case 'enableNetworkAddressUsageMetrics':
        return { VpcId: vpc.id, EnableNetworkAddressUsageMetrics: { Value: vpc.addressMetrics } };
      default:
        throw invalidValue(input.Attribute, 'attribute');
    }
  },
});

export const ModifyVpcAttribute = changing<ModifyVpcAttributeRequest, object>({
  checks: async (input, call) => [await on(call, 'vpc', input.VpcId)],
  async handle(input, call) {
    const vpc = await findVpc(call, input.VpcId);
    const given = [input.EnableDnsSupport, input.EnableDnsHostnames, input.EnableNetworkAddressUsageMetrics];
    if (given.filter((one) => one !== undefined).length !== 1) {
      throw combination('Exactly one attribute of a VPC can be changed at a time.');
    }
    call.change.put(vpcs, partitionOf(call.scope), vpc.id, {
      ...vpc,
      dnsSupport: input.EnableDnsSupport?.Value ?? vpc.dnsSupport,
      dnsHostnames: input.EnableDnsHostnames?.Value ?? vpc.dnsHostnames,
      addressMetrics: input.EnableNetworkAddressUsageMetrics?.Value ?? vpc.addressMetrics,
    });
    return {};
  },
});

export const ModifyVpcTenancy = changing<ModifyVpcTenancyRequest, ModifyVpcTenancyResult>({
  checks: async (input, call) => [await on(call, 'vpc', input.VpcId)],
  async handle(input, call) {
    const vpc = await findVpc(call, input.VpcId);
    call.change.put(vpcs, partitionOf(call.scope), vpc.id, { ...vpc, tenancy: 'default' });
    return { ReturnValue: true };
  },
});
