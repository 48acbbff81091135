/** DescribeListeners and DeleteListener. */
import type {
  DeleteListenerInput,
  DescribeListenersInput,
  DescribeListenersOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { loadBalancerArnOf, loadBalancerPath } from '../arns.ts';
import { requireUnsent } from '../chained.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { validation } from '../errors.ts';
import { findListener, findLoadBalancer } from '../find.ts';
import { defaultRuleOf, deleteListener, shownListener } from '../listeners.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { type ListenerRow, listeners, regional } from '../state.ts';

export const DescribeListeners = operation<DescribeListenersInput, DescribeListenersOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeListeners')],
  async handle(input, call) {
    const { LoadBalancerArn: arn, ListenerArns: arns = [] } = input;
    if ((arn === undefined) === (arns.length === 0)) {
      throw validation('You must specify either listener ARNs or a load balancer ARN');
    }
    const rows: ListenerRow[] = [];
    for (const one of new Set(arns)) rows.push(await findListener(call, one));
    if (arn !== undefined) {
      const row = await findLoadBalancer(call, arn);
      const own = await call.change.list(listeners, regional(row), { prefix: `${loadBalancerPath(row)}/` });
      rows.push(...own.map(({ value }) => value));
    }
    rows.sort((a, b) => (a.path < b.path ? -1 : 1));
    const { items, rest } = pageOf(call, input, rows, ({ path }) => path);
    const shown = items.map(async (row) => shownListener(row, await defaultRuleOf(call.change, row)));
    return { Listeners: await Promise.all(shown), ...rest };
  },
});

export const DeleteListener = operation<DeleteListenerInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteListener', input.ListenerArn)],
  async handle(input, call) {
    const row = await findListener(call, input.ListenerArn);
    await requireUnsent(call.change, await findLoadBalancer(call, loadBalancerArnOf(row)), row.port);
    await deleteListener(call.change, row);
    return {};
  },
});
