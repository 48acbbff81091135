/** DescribeInstances and TerminateInstances: decided in full; there are no instances until there are hosts. */
import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import { operation } from '../../service.ts';
import { ec2Arn } from '../arns.ts';
import { withoutHosts } from '../dry-run.ts';
import type { Ec2Ports } from '../ports.ts';

export const DescribeInstances = operation<DescribeInstancesRequest, DescribeInstancesResult, Ec2Ports>({
  checks: (_input, call) => [
    {
      action: 'ec2:DescribeInstances',
      resource: { arn: '*', account: call.scope.account },
      context: { 'ec2:Region': call.scope.region },
    },
  ],
  handle(input) {
    throw withoutHosts('DescribeInstances', input.DryRun);
  },
});

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
