/** CreateNetworkInterface, DeleteNetworkInterface, DescribeNetworkInterfaces. */
import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
} from '@aws-sdk/client-ec2';
import { ec2Arn } from '../../arns.ts';
import { on, onAll, onEach } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { combination, refused } from '../../network/errors.ts';
import { findInterface, findSubnet } from '../../network/find.ts';
import {
  addressesFor,
  groupsFor,
  newInterface,
  putInterface,
  shownInterface,
  statusOf,
} from '../../network/interfaces.ts';
import { read, readAll } from '../../network/rows.ts';
import {
  type NetworkInterfaceRow,
  networkInterfaces,
  partitionOf,
  securityGroups,
  subnets,
} from '../../network/state.ts';
import { givenTags, putTags, taggingChecks } from '../../network/tags.ts';

export const CreateNetworkInterface = changing<CreateNetworkInterfaceRequest, CreateNetworkInterfaceResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'network-interface');
    const subnet =
      input.SubnetId === undefined ? undefined : await read(call.change, subnets, call.scope, input.SubnetId);
    const own = {
      ...values,
      'ec2:Subnet': input.SubnetId && ec2Arn(call, 'subnet', input.SubnetId),
      'ec2:Vpc': subnet && ec2Arn(call, 'vpc', subnet.vpc),
      'ec2:AvailabilityZone': subnet?.zone,
    };
    return [
      await on(call, 'network-interface', undefined, own),
      await on(call, 'subnet', input.SubnetId),
      ...(input.Groups === undefined ? [] : await onEach(call, 'security-group', input.Groups)),
      ...checks,
    ];
  },
  async handle(input, call) {
    const subnet = await findSubnet(call, input.SubnetId);
    const listed = input.PrivateIpAddresses ?? [];
    const primary = input.PrivateIpAddress ?? listed.find(({ Primary }) => Primary)?.PrivateIpAddress;
    const others = listed.filter(({ Primary }) => !Primary).flatMap(({ PrivateIpAddress: one }) => one ?? []);
    const more = input.SecondaryPrivateIpAddressCount ?? 0;
    if (others.length > 0 && more > 0) throw combination('Secondary addresses are either listed or counted.');
    const given = [...(primary === undefined ? [] : [primary]), ...others];
    const chosen = await addressesFor(call, subnet, given, (primary === undefined ? 1 : 0) + more);
    const addresses =
      primary === undefined && others.length > 0 ? [...chosen.slice(-1), ...chosen.slice(0, -1)] : chosen;
    const groups = await groupsFor(call, subnet.vpc, input.Groups);
    const tags = givenTags(input.TagSpecifications, 'network-interface');
    const row = newInterface(call, subnet, { addresses, groups, description: input.Description ?? '' });
    putInterface(call, row);
    putTags(call.change, call.scope, 'network-interface', row.id, tags);
    // A state that only this answer has, and the SDK's types do not.
    return { NetworkInterface: { ...(await shownInterface(call, row, tags)), Status: 'pending' as 'available' } };
  },
});

export const DeleteNetworkInterface = changing<DeleteNetworkInterfaceRequest, object>({
  checks: async (input, call) => [await on(call, 'network-interface', input.NetworkInterfaceId)],
  async handle(input, call) {
    const row = await findInterface(call, input.NetworkInterfaceId);
    if (statusOf(row) === 'in-use') {
      throw refused('InvalidNetworkInterface.InUse', `Network interface '${row.id}' is currently in use.`);
    }
    call.change.delete(networkInterfaces, partitionOf(call.scope), row.id);
    putTags(call.change, call.scope, 'network-interface', row.id, {});
    return {};
  },
});

export const DescribeNetworkInterfaces = reading<DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const names = new Map((await readAll(call.change, securityGroups, call.scope)).map(({ id, name }) => [id, name]));
    const { rows, next } = await describe<NetworkInterfaceRow>(
      call,
      { ...input, ids: input.NetworkInterfaceIds },
      {
        table: networkInterfaces,
        kind: 'network-interface',
        facts: {
          'network-interface-id': ({ id }) => id,
          'subnet-id': ({ subnet }) => subnet,
          'vpc-id': ({ vpc }) => vpc,
          'availability-zone': ({ zone }) => zone,
          description: (row) => row.description,
          'group-id': ({ groups }) => groups,
          'group-name': ({ groups }) => groups.flatMap((id) => names.get(id) ?? []),
          'mac-address': ({ mac }) => mac,
          'owner-id': () => call.scope.account,
          'interface-type': ({ type }) => type,
          'private-ip-address': ({ addresses }) => addresses[0],
          'addresses.private-ip-address': ({ addresses }) => addresses,
          'addresses.primary': ({ addresses }) => addresses.map((_, index) => String(index === 0)),
          'requester-id': ({ requesterId }) => requesterId,
          'requester-managed': ({ requesterId }) => requesterId !== undefined,
          'source-dest-check': ({ checksSource }) => checksSource,
          status: statusOf,
          'attachment.instance-id': ({ attachment }) => attachment?.instance,
          'attachment.attachment-id': ({ attachment }) => attachment?.id,
          'attachment.status': ({ attachment }) => attachment && 'attached',
          'attachment.device-index': ({ attachment }) => attachment?.deviceIndex,
        },
      },
    );
    return { NetworkInterfaces: await Promise.all(rows.map((row) => shownInterface(call, row, row.tags))), ...next };
  },
});
