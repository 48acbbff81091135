/** Attributes of network interfaces, their addresses, and what they are attached to. */
import type {
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult,
  AttachNetworkInterfaceRequest,
  AttachNetworkInterfaceResult,
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult,
  DetachNetworkInterfaceRequest,
  ModifyNetworkInterfaceAttributeRequest,
  UnassignPrivateIpAddressesRequest,
} from '@aws-sdk/client-ec2';
import { on, onAll, onEach } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { combination, invalidValue, notFound, refused } from '../../network/errors.ts';
import { findInterface, findOwnInterface, findSubnet } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { addressesFor, groupsFor, putInterface, shownInterface, statusOf } from '../../network/interfaces.ts';
import { read, readAll } from '../../network/rows.ts';
import { instances, networkInterfaces } from '../../network/state.ts';

export const DescribeNetworkInterfaceAttribute = reading<
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const row = await findInterface(call, input.NetworkInterfaceId);
    const shown = await shownInterface(call, row, {});
    const id = { NetworkInterfaceId: row.id };
    switch (input.Attribute) {
      case 'description':
        return { ...id, Description: { Value: row.description } };
      case 'groupSet':
        return { ...id, Groups: shown.Groups };
      case 'sourceDestCheck':
        return { ...id, SourceDestCheck: { Value: row.checksSource } };
      case 'attachment':
        return { ...id, Attachment: shown.Attachment };
      default:
        throw invalidValue(input.Attribute, 'attribute');
    }
  },
});

export const ModifyNetworkInterfaceAttribute = changing<ModifyNetworkInterfaceAttributeRequest, object>({
  checks: async (input, call) => [
    await on(call, 'network-interface', input.NetworkInterfaceId),
    ...(input.Groups === undefined ? [] : await onEach(call, 'security-group', input.Groups)),
  ],
  async handle(input, call) {
    const row = await findOwnInterface(call, input.NetworkInterfaceId);
    const given = [input.Description, input.Groups, input.SourceDestCheck, input.Attachment].filter(
      (one) => one !== undefined,
    );
    if (given.length !== 1) throw combination('Exactly one attribute of a network interface can be changed at a time.');
    if (input.Attachment && row.attachment?.id !== input.Attachment.AttachmentId) {
      throw refused('InvalidAttachmentID.NotFound', `The attachment '${input.Attachment.AttachmentId}' does not exist`);
    }
    putInterface(call, {
      ...row,
      description: input.Description?.Value ?? row.description,
      groups: input.Groups === undefined ? row.groups : await groupsFor(call, row.vpc, input.Groups),
      checksSource: input.SourceDestCheck?.Value ?? row.checksSource,
      ...(input.Attachment &&
        row.attachment && {
          attachment: {
            ...row.attachment,
            deleteOnTermination: input.Attachment.DeleteOnTermination ?? row.attachment.deleteOnTermination,
          },
        }),
    });
    return {};
  },
});

export const AssignPrivateIpAddresses = changing<AssignPrivateIpAddressesRequest, AssignPrivateIpAddressesResult>({
  checks: async (input, call) => [await on(call, 'network-interface', input.NetworkInterfaceId)],
  async handle(input, call) {
    const row = await findOwnInterface(call, input.NetworkInterfaceId);
    const subnet = await findSubnet(call, row.subnet);
    const given = input.PrivateIpAddresses ?? [];
    const more = input.SecondaryPrivateIpAddressCount ?? 0;
    if (given.length > 0 === more > 0) throw combination('Either addresses or their number must be given.');
    const added = await addressesFor(call, subnet, given, more);
    putInterface(call, { ...row, addresses: [...row.addresses, ...added] });
    return {
      NetworkInterfaceId: row.id,
      AssignedPrivateIpAddresses: added.map((address) => ({ PrivateIpAddress: address })),
    };
  },
});

export const UnassignPrivateIpAddresses = changing<UnassignPrivateIpAddressesRequest, object>({
  checks: async (input, call) => [await on(call, 'network-interface', input.NetworkInterfaceId)],
  async handle(input, call) {
    const row = await findOwnInterface(call, input.NetworkInterfaceId);
    const [primary, ...others] = row.addresses;
    for (const address of input.PrivateIpAddresses ?? []) {
      if (others.includes(address)) continue;
      const why =
        address === primary ? 'The primary address of an interface cannot be taken away.' : 'It is not assigned.';
      throw invalidValue(address, 'privateIpAddress', why);
    }
    putInterface(call, { ...row, addresses: row.addresses.filter((one) => !input.PrivateIpAddresses?.includes(one)) });
    return {};
  },
});

export const AttachNetworkInterface = changing<AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult>({
  checks: async (input, call) => [
    await on(call, 'network-interface', input.NetworkInterfaceId),
    await on(call, 'instance', input.InstanceId),
  ],
  async handle(input, call) {
    const row = await findInterface(call, input.NetworkInterfaceId);
    if (statusOf(row) === 'in-use')
      throw refused('InvalidNetworkInterface.InUse', `Network interface '${row.id}' is currently in use.`);
    const instance = await read(call.change, instances, call.scope, input.InstanceId ?? '');
    if (!instance) throw notFound('instance', input.InstanceId ?? '');
    if (row.zone !== instance.zone) {
      throw refused(
        'InvalidParameterCombination',
        'The interface and the instance are in different availability zones.',
      );
    }
    const index = input.DeviceIndex ?? 0;
    const others = (await readAll(call.change, networkInterfaces, call.scope)).filter(
      (one) => one.attachment?.instance === instance.id,
    );
    if (others.some((one) => one.attachment?.deviceIndex === index)) {
      throw refused(
        'InvalidParameterValue',
        `Instance '${instance.id}' already has an interface attached at device index '${index}'.`,
      );
    }
    const id = newId(call.random, 'eni-attach');
    putInterface(call, {
      ...row,
      attachment: { id, instance: instance.id, deviceIndex: index, attachedAt: call.now, deleteOnTermination: false },
    });
    return { AttachmentId: id };
  },
});

export const DetachNetworkInterface = changing<DetachNetworkInterfaceRequest, object>({
  async checks(input, call) {
    const all = await readAll(call.change, networkInterfaces, call.scope);
    const row = all.find(({ attachment }) => attachment?.id === input.AttachmentId);
    return [
      await on(call, 'network-interface', row?.id ?? '*'),
      await on(call, 'instance', row?.attachment?.instance ?? '*'),
    ];
  },
  async handle(input, call) {
    const all = await readAll(call.change, networkInterfaces, call.scope);
    const row = all.find(({ attachment }) => attachment?.id === input.AttachmentId);
    if (!row?.attachment)
      throw refused('InvalidAttachmentID.NotFound', `The attachment '${input.AttachmentId}' does not exist`);
    if (row.attachment.deviceIndex === 0) {
      throw refused('OperationNotPermitted', 'The network interface at device index 0 cannot be detached.');
    }
    const { attachment: _gone, ...rest } = row;
    putInterface(call, rest);
    return {};
  },
});
