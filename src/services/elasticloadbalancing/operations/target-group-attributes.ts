/** DescribeTargetGroupAttributes and ModifyTargetGroupAttributes. */
import type {
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { listTargetGroupAttributes, mergeTargetGroupAttributes } from '../attributes/target-group.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { findTargetGroup } from '../find.ts';
import type { ElbPorts } from '../ports.ts';
import { regional, targetGroups } from '../state.ts';

export const DescribeTargetGroupAttributes = operation<
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTargetGroupAttributes')],
  handle: async (input, call) => ({
    Attributes: listTargetGroupAttributes(await findTargetGroup(call, input.TargetGroupArn)),
  }),
});

export const ModifyTargetGroupAttributes = operation<
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
  ElbPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyTargetGroupAttributes', input.TargetGroupArn)],
  async handle(input, call) {
    const row = await findTargetGroup(call, input.TargetGroupArn);
    const changed = { ...row, attributes: mergeTargetGroupAttributes(row, input.Attributes) };
    call.change.put(targetGroups, regional(row), row.name, changed);
    return { Attributes: listTargetGroupAttributes(changed) };
  },
});
