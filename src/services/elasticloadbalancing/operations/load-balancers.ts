/** DescribeLoadBalancers and DeleteLoadBalancer. */
import type {
  DeleteLoadBalancerInput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { loadBalancerArn, loadBalancerPath } from '../arns.ts';
import { loadBalancerAttributes } from '../attributes/load-balancer.ts';
import { requireNoTarget } from '../chained.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { loadBalancersNotFound, notPermitted, validation } from '../errors.ts';
import { findLoadBalancer, loadBalancerAt, requireArn } from '../find.ts';
import { deleteListener } from '../listeners.ts';
import { shownLoadBalancer, stateOf } from '../load-balancers.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { type LoadBalancerRow, listeners, loadBalancers, loadBalancersByDns, regional } from '../state.ts';

export const DescribeLoadBalancers = operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeLoadBalancers')],
  async handle(input, call, ports) {
    const { LoadBalancerArns: arns = [], Names: names = [] } = input;
    if (arns.length > 0 && names.length > 0) {
      throw validation('Load balancer names and load balancer ARNs cannot be specified at the same time');
    }
    if (arns.length > 20 || names.length > 20) throw validation('You can specify up to 20 load balancers');
    const rows: LoadBalancerRow[] = [];
    if (arns.length > 0) {
      for (const arn of new Set(arns)) rows.push(await findLoadBalancer(call, arn));
    } else if (names.length > 0) {
      const missing: string[] = [];
      for (const name of new Set(names)) {
        const row = await call.change.get(loadBalancers, regional(call.scope), name);
        if (row) rows.push(row);
        else missing.push(name);
      }
      if (missing.length > 0) throw loadBalancersNotFound(missing);
    } else {
      rows.push(...(await call.change.list(loadBalancers, regional(call.scope))).map(({ value }) => value));
    }
    rows.sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, rest } = pageOf(call, input, rows, ({ name }) => name);
    const shown = items.map(async (row) => shownLoadBalancer(row, await stateOf(call.change, ports, row)));
    return { LoadBalancers: await Promise.all(shown), ...rest };
  },
});

/** "If the load balancer does not exist or has already been deleted, the call succeeds." */
export const DeleteLoadBalancer = operation<DeleteLoadBalancerInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteLoadBalancer', input.LoadBalancerArn)],
  async handle(input, call, { networks }) {
    const { change, scope } = call;
    const parsed = requireArn(input.LoadBalancerArn, 'loadbalancer');
    const isHere = regional(parsed) === regional(scope);
    const row = isHere ? await loadBalancerAt(change, parsed) : undefined;
    if (!row) return {};
    if (loadBalancerAttributes(row)['deletion_protection.enabled'] === 'true') {
      throw notPermitted(
        `Load balancer '${loadBalancerArn(row)}' cannot be deleted because deletion protection is enabled`,
      );
    }
    await requireNoTarget(change, row);
    const own = await change.list(listeners, regional(row), { prefix: `${loadBalancerPath(row)}/` });
    for (const { value } of own) await deleteListener(change, value);
    await networks.place(change, scope, { path: loadBalancerPath(row), groups: [], zones: [] });
    change.delete(loadBalancers, regional(row), row.name);
    change.delete(loadBalancersByDns, '', row.dnsName.toLowerCase());
    return {};
  },
});
