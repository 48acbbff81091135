/** DescribeLoadBalancerAttributes and ModifyLoadBalancerAttributes. */
import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Call, operation } from '../../service.ts';
import { loadBalancerArn } from '../arns.ts';
import { listLoadBalancerAttributes, logKinds, mergeLoadBalancerAttributes } from '../attributes/load-balancer.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { invalidConfiguration } from '../errors.ts';
import { findLoadBalancer } from '../find.ts';
import { putLoadBalancer } from '../load-balancers.ts';
import { logDelivery } from '../log-delivery.ts';
import type { ElbPorts } from '../ports.ts';
import type { LoadBalancerRow } from '../state.ts';

export const DescribeLoadBalancerAttributes = operation<
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeLoadBalancerAttributes')],
  handle: async (input, call) => ({
    Attributes: listLoadBalancerAttributes(await findLoadBalancer(call, input.LoadBalancerArn)),
  }),
});

export const ModifyLoadBalancerAttributes = operation<
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
  ElbPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyLoadBalancerAttributes', input.LoadBalancerArn)],
  async handle(input, call) {
    const row = await findLoadBalancer(call, input.LoadBalancerArn);
    const changed = { ...row, attributes: mergeLoadBalancerAttributes(row, input.Attributes) };
    await requireBuckets(call, row, changed);
    putLoadBalancer(call.change, changed);
    return { Attributes: listLoadBalancerAttributes(changed) };
  },
});

/** Logs that are now switched on, or go elsewhere, must be welcome in their bucket: AWS writes a test file. */
async function requireBuckets(call: Call, before: LoadBalancerRow, after: LoadBalancerRow): Promise<void> {
  for (const [kind, file] of logKinds) {
    const { attributes } = after;
    const part = (name: string): string => attributes[`${kind}.s3.${name}`] ?? '';
    const isNew = ['enabled', 'bucket', 'prefix'].some(
      (name) => before.attributes[`${kind}.s3.${name}`] !== attributes[`${kind}.s3.${name}`],
    );
    if (part('enabled') !== 'true' || !isNew) continue;
    const isTaken = await call.once(`test file of ${kind}`, () =>
      logDelivery(call.actor, after)
        .put(part('bucket'), part('prefix'), file, new Uint8Array(0))
        .then(
          () => true,
          () => false,
        ),
    );
    if (!isTaken) {
      throw invalidConfiguration(`Access Denied for bucket: ${part('bucket')}. Please check S3bucket permission`);
    }
    call.note({ resources: [{ type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', ARN: loadBalancerArn(after) }] });
  }
}
