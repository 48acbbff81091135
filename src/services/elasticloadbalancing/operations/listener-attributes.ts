/** DescribeListenerAttributes and ModifyListenerAttributes. */
import type {
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { listListenerAttributes, mergeListenerAttributes } from '../attributes/listener.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { findListener } from '../find.ts';
import { putListener } from '../listeners.ts';
import type { ElbPorts } from '../ports.ts';

export const DescribeListenerAttributes = operation<
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeListenerAttributes')],
  handle: async (input, call) => ({
    Attributes: listListenerAttributes(await findListener(call, input.ListenerArn)),
  }),
});

export const ModifyListenerAttributes = operation<
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
  ElbPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyListenerAttributes', input.ListenerArn)],
  async handle(input, call) {
    const row = await findListener(call, input.ListenerArn);
    const changed = { ...row, attributes: mergeListenerAttributes(row, input.Attributes) };
    putListener(call.change, changed, row);
    return { Attributes: listListenerAttributes(changed) };
  },
});
