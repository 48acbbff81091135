/** Internet gateways, and the options that DHCP gives. */
import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeDhcpOptionsRequest,
  DescribeDhcpOptionsResult,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DetachInternetGatewayRequest,
  InternetGateway,
} from '@aws-sdk/client-ec2';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { refused } from '../../network/errors.ts';
import { findGateway, findVpc } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { readAll } from '../../network/rows.ts';
import {
  type DhcpOptionsRow,
  dhcpOptions,
  type InternetGatewayRow,
  internetGateways,
  partitionOf,
} from '../../network/state.ts';
import { givenTags, putTags, shownTags, type Tags, taggingChecks } from '../../network/tags.ts';

export const CreateInternetGateway = changing<CreateInternetGatewayRequest, CreateInternetGatewayResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'internet-gateway');
    return [await on(call, 'internet-gateway', undefined, values), ...checks];
  },
  handle(input, call) {
    const { change, scope, random } = call;
    const tags = givenTags(input.TagSpecifications, 'internet-gateway');
    const row = { id: newId(random, 'igw') };
    change.put(internetGateways, partitionOf(scope), row.id, row);
    putTags(change, scope, 'internet-gateway', row.id, tags);
    return { InternetGateway: shown(row, tags, scope.account) };
  },
});

export const DeleteInternetGateway = changing<DeleteInternetGatewayRequest, object>({
  checks: async (input, call) => [await on(call, 'internet-gateway', input.InternetGatewayId)],
  async handle(input, call) {
    const { id, vpc } = await findGateway(call, input.InternetGatewayId);
    if (vpc !== undefined) {
      throw refused('DependencyViolation', `The internetGateway '${id}' has dependencies and cannot be deleted.`);
    }
    call.change.delete(internetGateways, partitionOf(call.scope), id);
    putTags(call.change, call.scope, 'internet-gateway', id, {});
    return {};
  },
});

export const AttachInternetGateway = changing<AttachInternetGatewayRequest, object>({
  checks: async (input, call) => [
    await on(call, 'internet-gateway', input.InternetGatewayId),
    await on(call, 'vpc', input.VpcId),
  ],
  async handle(input, call) {
    const gateway = await findGateway(call, input.InternetGatewayId);
    const vpc = await findVpc(call, input.VpcId);
    if (gateway.vpc !== undefined) {
      throw refused(
        'Resource.AlreadyAssociated',
        `resource ${gateway.id} is already attached to network ${gateway.vpc}`,
      );
    }
    if ((await readAll(call.change, internetGateways, call.scope)).some((one) => one.vpc === vpc.id)) {
      throw refused('InvalidParameterValue', `Network ${vpc.id} already has an internet gateway attached`);
    }
    call.change.put(internetGateways, partitionOf(call.scope), gateway.id, { ...gateway, vpc: vpc.id });
    return {};
  },
});

export const DetachInternetGateway = changing<DetachInternetGatewayRequest, object>({
  checks: async (input, call) => [
    await on(call, 'internet-gateway', input.InternetGatewayId),
    await on(call, 'vpc', input.VpcId),
  ],
  async handle(input, call) {
    const gateway = await findGateway(call, input.InternetGatewayId);
    const vpc = await findVpc(call, input.VpcId);
    if (gateway.vpc !== vpc.id) {
      throw refused('Gateway.NotAttached', `resource ${gateway.id} is not attached to network ${vpc.id}`);
    }
    call.change.put(internetGateways, partitionOf(call.scope), gateway.id, { id: gateway.id });
    return {};
  },
});

export const DescribeInternetGateways = reading<DescribeInternetGatewaysRequest, DescribeInternetGatewaysResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<InternetGatewayRow>(
      call,
      { ...input, ids: input.InternetGatewayIds },
      {
        table: internetGateways,
        kind: 'internet-gateway',
        facts: {
          'internet-gateway-id': ({ id }) => id,
          'attachment.vpc-id': ({ vpc }) => vpc,
          'attachment.state': ({ vpc }) => (vpc === undefined ? undefined : 'available'),
          'owner-id': () => call.scope.account,
        },
      },
    );
    return { InternetGateways: rows.map((row) => shown(row, row.tags, call.scope.account)), ...next };
  },
});

function shown(row: InternetGatewayRow, tags: Tags, account: string): InternetGateway {
  return {
    InternetGatewayId: row.id,
    OwnerId: account,
    // AWS says "available" here, which the SDK's types do not know.
    Attachments: row.vpc === undefined ? [] : [{ VpcId: row.vpc, State: 'available' as 'attached' }],
    Tags: shownTags(tags),
  };
}

export const DescribeDhcpOptions = reading<DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<DhcpOptionsRow>(
      call,
      { ...input, ids: input.DhcpOptionsIds },
      {
        table: dhcpOptions,
        kind: 'dhcp-options',
        facts: {
          'dhcp-options-id': ({ id }) => id,
          key: ({ values }) => Object.keys(values),
          value: ({ values }) => Object.values(values).flat(),
          'owner-id': () => call.scope.account,
        },
      },
    );
    return {
      DhcpOptions: rows.map((row) => ({
        DhcpOptionsId: row.id,
        OwnerId: call.scope.account,
        DhcpConfigurations: Object.entries(row.values).map(([Key, values]) => ({
          Key,
          Values: values.map((Value) => ({ Value })),
        })),
        Tags: shownTags(row.tags),
      })),
      ...next,
    };
  },
});
