/** CreateTargetGroup, DescribeTargetGroups, ModifyTargetGroup, DeleteTargetGroup. */
import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { loadBalancerPath, targetGroupArn } from '../arns.ts';
import { anyCheck, arnCheck, newCheck } from '../checks.ts';
import { resourceInUse, sameName, targetGroupNotFound, tooMany, validation } from '../errors.ts';
import { findLoadBalancer, findTargetGroup, requireArn, targetGroupAt } from '../find.ts';
import { modifiedHealthCheck } from '../health-checks.ts';
import { limits } from '../limits.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { loadBalancersUsing } from '../rules/uses.ts';
import {
  regional,
  type TargetGroupRow,
  targetGroupPartition,
  targetGroups,
  targetGroupUses,
  targets,
} from '../state.ts';
import { isSameGroup, readTargetGroup, shownTargetGroup } from '../target-groups.ts';

export const CreateTargetGroup = operation<CreateTargetGroupInput, CreateTargetGroupOutput, ElbPorts>({
  checks: (input, call) => newCheck(call, 'CreateTargetGroup', `targetgroup/${input.Name}/*`, input.Tags),
  async handle(input, call, ports) {
    const wanted = await readTargetGroup(input, call, ports);
    const place = regional(call.scope);
    const existing = await call.change.get(targetGroups, place, wanted.name);
    if (existing) {
      if (!isSameGroup(existing, wanted)) throw sameName('DuplicateTargetGroupName', 'target group', wanted.name);
      return { TargetGroups: [await shownTargetGroup(call.change, existing)] };
    }
    const most = limits['target-groups'];
    if ((await call.change.list(targetGroups, place, { limit: most })).length >= most) {
      throw tooMany('TooManyTargetGroups', most, 'target groups');
    }
    call.change.put(targetGroups, place, wanted.name, wanted);
    return { TargetGroups: [await shownTargetGroup(call.change, wanted)] };
  },
});

export const DescribeTargetGroups = operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTargetGroups')],
  async handle(input, call) {
    const { change, scope } = call;
    const { LoadBalancerArn: balancer, TargetGroupArns: arns = [], Names: names = [] } = input;
    if ([balancer !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length > 1) {
      throw validation('You can specify one of a load balancer ARN, target group ARNs and target group names');
    }
    const rows: TargetGroupRow[] = [];
    if (arns.length > 0) {
      for (const arn of new Set(arns)) rows.push(await findTargetGroup(call, arn));
    } else if (names.length > 0) {
      for (const name of new Set(names)) {
        const row = await change.get(targetGroups, regional(scope), name);
        if (!row) throw targetGroupNotFound();
        rows.push(row);
      }
    } else {
      const path = balancer === undefined ? undefined : loadBalancerPath(await findLoadBalancer(call, balancer));
      for (const { value } of await change.list(targetGroups, regional(scope))) {
        if (path === undefined || (await loadBalancersUsing(change, value)).includes(path)) rows.push(value);
      }
    }
    rows.sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, rest } = pageOf(call, input, rows, ({ name }) => name);
    return { TargetGroups: await Promise.all(items.map((row) => shownTargetGroup(change, row))), ...rest };
  },
});

export const ModifyTargetGroup = operation<ModifyTargetGroupInput, ModifyTargetGroupOutput, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyTargetGroup', input.TargetGroupArn)],
  async handle(input, call) {
    const row = await findTargetGroup(call, input.TargetGroupArn);
    const changed = { ...row, healthCheck: modifiedHealthCheck(row, input) };
    call.change.put(targetGroups, regional(row), row.name, changed);
    return { TargetGroups: [await shownTargetGroup(call.change, changed)] };
  },
});

/** Deleting one that is not there succeeds. */
export const DeleteTargetGroup = operation<DeleteTargetGroupInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteTargetGroup', input.TargetGroupArn)],
  async handle(input, call) {
    const { change, scope } = call;
    const parsed = requireArn(input.TargetGroupArn, 'targetgroup');
    const row = regional(parsed) === regional(scope) ? await targetGroupAt(change, parsed) : undefined;
    if (!row) return {};
    const partition = targetGroupPartition(row);
    if ((await change.list(targetGroupUses, partition, { limit: 1 })).length > 0) {
      throw resourceInUse(`Target group '${targetGroupArn(row)}' is currently in use by a listener or a rule`);
    }
    for (const { id } of await change.list(targets, partition)) change.delete(targets, partition, id);
    change.delete(targetGroups, regional(row), row.name);
    return {};
  },
});
