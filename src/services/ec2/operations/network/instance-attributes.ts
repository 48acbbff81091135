/** DescribeInstanceAttribute and ModifyInstanceAttribute, as far as they speak of the network of a registered host. */
import type {
  DescribeInstanceAttributeRequest,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { on, onEach } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { combination, notFound, refused, requireId } from '../../network/errors.ts';
import { groupsFor, putInterface } from '../../network/interfaces.ts';
import { read } from '../../network/rows.ts';
import { type InstanceRow, instances, type NetworkInterfaceRow, networkInterfaces } from '../../network/state.ts';

async function find(call: Call, id: string | undefined): Promise<{ row: InstanceRow; primary: NetworkInterfaceRow }> {
  requireId('instance', id ?? '');
  const row = await read(call.change, instances, call.scope, id ?? '');
  const primary = row && (await read(call.change, networkInterfaces, call.scope, row.interface));
  if (!row || !primary) throw notFound('instance', id ?? '');
  return { row, primary };
}

export const DescribeInstanceAttribute = reading<DescribeInstanceAttributeRequest, InstanceAttribute>({
  checks: async (input, call) => [await on(call, 'instance', input.InstanceId)],
  async handle(input, call) {
    const { row, primary } = await find(call, input.InstanceId);
    switch (input.Attribute) {
      case 'groupSet':
        return { InstanceId: row.id, Groups: primary.groups.map((id) => ({ GroupId: id })) };
      case 'sourceDestCheck':
        return { InstanceId: row.id, SourceDestCheck: { Value: primary.checksSource } };
      case 'instanceType':
        return { InstanceId: row.id, InstanceType: { Value: row.type } };
      default:
        throw refused(
          'UnsupportedOperation',
          `The attribute ${input.Attribute} of registered hosts is not built by Bailey.`,
        );
    }
  },
});

export const ModifyInstanceAttribute = changing<ModifyInstanceAttributeRequest, object>({
  checks: async (input, call) => [
    await on(call, 'instance', input.InstanceId),
    ...(input.Groups === undefined ? [] : await onEach(call, 'security-group', input.Groups)),
  ],
  async handle(input, call) {
    const { primary } = await find(call, input.InstanceId);
    const { Groups: groups, SourceDestCheck: check } = input;
    if ((groups === undefined) === (check === undefined)) {
      throw combination('Of registered hosts the groups or the source check can be changed, one at a time.');
    }
    putInterface(call, {
      ...primary,
      groups: groups === undefined ? primary.groups : await groupsFor(call, primary.vpc, groups),
      checksSource: check?.Value ?? primary.checksSource,
    });
    return {};
  },
});
