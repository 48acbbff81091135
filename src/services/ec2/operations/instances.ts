/**
 * DescribeInstances and TerminateInstances. Instances are hosts that the operator has registered; where there are none,
 * calls are decided in full and then say that hosts are not built.
 */
import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  Instance,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import { type Call, operation } from '../../service.ts';
import { ec2Arn } from '../arns.ts';
import { withoutHosts } from '../dry-run.ts';
import { describe } from '../network/describe.ts';
import { shownInterface } from '../network/interfaces.ts';
import { readAll } from '../network/rows.ts';
import { type InstanceRow, instances, type NetworkInterfaceRow, networkInterfaces } from '../network/state.ts';
import { shownTags, type Tags } from '../network/tags.ts';
import type { Ec2Ports } from '../ports.ts';

export const DescribeInstances = operation<DescribeInstancesRequest, DescribeInstancesResult, Ec2Ports>({
  checks: (_input, call) => [
    {
      action: 'ec2:DescribeInstances',
      resource: { arn: '*', account: call.scope.account },
      context: { 'ec2:Region': call.scope.region },
    },
  ],
  async handle(input, call) {
    if (input.DryRun || (await readAll(call.change, instances, call.scope)).length === 0) {
      throw withoutHosts('DescribeInstances', input.DryRun);
    }
    const interfaces = await readAll(call.change, networkInterfaces, call.scope);
    const own = (row: InstanceRow) => interfaces.filter(({ attachment }) => attachment?.instance === row.id);
    const { rows, next } = await describe<InstanceRow>(
      call,
      { ...input, ids: input.InstanceIds },
      {
        table: instances,
        kind: 'instance',
        facts: {
          'instance-id': ({ id }) => id,
          'instance-type': ({ type }) => type,
          'instance-state-name': () => 'running',
          'instance-state-code': () => '16',
          'image-id': ({ image }) => image,
          'availability-zone': ({ zone }) => zone,
          'vpc-id': ({ vpc }) => vpc,
          'subnet-id': ({ subnet }) => subnet,
          'owner-id': () => call.scope.account,
          'private-ip-address': (row) => own(row)[0]?.addresses[0],
          'instance.group-id': (row) => own(row).flatMap(({ groups }) => groups),
          'network-interface.network-interface-id': (row) => own(row).map(({ id }) => id),
        },
      },
    );
    return {
      Reservations: await Promise.all(
        rows.map(async (row) => ({
          ReservationId: `r-${row.id.slice('i-'.length)}`,
          OwnerId: call.scope.account,
          Groups: [],
          Instances: [await shown(call, row, own(row), row.tags)],
        })),
      ),
      ...next,
    };
  },
});

async function shown(call: Call, row: InstanceRow, own: readonly NetworkInterfaceRow[], tags: Tags): Promise<Instance> {
  const interfaces = await Promise.all(own.map((one) => shownInterface(call, one, {})));
  const [primary] = interfaces;
  return {
    InstanceId: row.id,
    InstanceType: row.type as 't3.micro',
    ImageId: row.image,
    State: { Code: 16, Name: 'running' },
    LaunchTime: new Date(row.launchedAt),
    Placement: { AvailabilityZone: row.zone, Tenancy: 'default', GroupName: '' },
    VpcId: row.vpc,
    SubnetId: row.subnet,
    PrivateIpAddress: primary?.PrivateIpAddress,
    PrivateDnsName: primary?.PrivateDnsName,
    SecurityGroups: primary?.Groups,
    SourceDestCheck: primary?.SourceDestCheck,
    NetworkInterfaces: interfaces.map(({ Attachment, TagSet: _tags, ...one }) => ({
      ...one,
      InterfaceType: one.InterfaceType ?? 'interface',
      Attachment: Attachment && { ...Attachment, InstanceId: undefined, InstanceOwnerId: undefined },
    })) as Instance['NetworkInterfaces'],
    Tags: shownTags(tags),
  };
}

export const TerminateInstances = operation<TerminateInstancesRequest, TerminateInstancesResult, Ec2Ports>({
  checks(input, call) {
    const ids = new Set(input.InstanceIds);
    return (ids.size > 0 ? [...ids] : ['*']).map((id) => ({
      action: 'ec2:TerminateInstances',
      resource: { arn: ec2Arn(call, 'instance', id), account: call.scope.account },
      context: { 'ec2:Region': call.scope.region, 'ec2:InstanceID': id },
    }));
  },
  handle(input) {
    throw withoutHosts('TerminateInstances', input.DryRun);
  },
});
