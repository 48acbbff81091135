/** Which rules forward to which target groups: looked up, checked against the load balancer, and kept as an index. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Change, Reader } from '../../../store/store.ts';
import type { CheckCall } from '../../service.ts';
import { loadBalancerArn, loadBalancerOf, loadBalancerPath, parseArn } from '../arns.ts';
import {
  associatedElsewhere,
  incompatibleProtocols,
  invalidAction,
  invalidConfiguration,
  targetGroupsNotFound,
  tooMany,
} from '../errors.ts';
import { targetGroupAt } from '../find.ts';
import { limits } from '../limits.ts';
import {
  type ListenerProtocol,
  type LoadBalancerRow,
  type RuleRow,
  regional,
  rules,
  type TargetGroupRow,
  targetGroupPartition,
  targetGroupUses,
} from '../state.ts';
import { targetGroupsOf } from './actions.ts';

/** What a listener of a protocol may forward to. */
const compatible: Readonly<Record<ListenerProtocol, ReadonlySet<string>>> = {
  HTTP: new Set(['HTTP', 'HTTPS']),
  HTTPS: new Set(['HTTP', 'HTTPS']),
  TCP: new Set(['TCP', 'TCP_UDP']),
  TLS: new Set(['TCP', 'TLS']),
  UDP: new Set(['UDP', 'TCP_UDP']),
  TCP_UDP: new Set(['TCP_UDP']),
};

/** @throws AwsError TargetGroupNotFound, IncompatibleProtocols, InvalidLoadBalancerAction, TargetGroupAssociationLimit, InvalidConfigurationRequest */
export async function requireTargetGroups(
  { change, scope }: Pick<CheckCall, 'change' | 'scope'>,
  actions: readonly Action[],
  loadBalancer: LoadBalancerRow,
  protocol: ListenerProtocol,
): Promise<void> {
  const arns = targetGroupsOf(actions);
  for (const arn of arns) {
    const parsed = parseArn(arn);
    const isHere = parsed?.kind === 'targetgroup' && regional(parsed) === regional(scope);
    const group = isHere ? await targetGroupAt(change, parsed) : undefined;
    if (!group) throw targetGroupsNotFound([arn]);
    if (!compatible[protocol].has(group.protocol)) {
      throw incompatibleProtocols(`The listener and the following target groups have incompatible protocols: ${arn}`);
    }
    if (group.targetType === 'alb' && protocol !== 'TCP') {
      throw invalidAction(
        `Listener protocol '${protocol}' is not supported with a target group with the target-type 'ALB'`,
      );
    }
    const { protocolVersion: version = 'HTTP1' } = group;
    if (version !== 'HTTP1' && protocol !== 'HTTPS') {
      throw invalidAction(
        `Listener protocol '${protocol}' is not supported with a target group with the protocol-version '${version}'`,
      );
    }
    if (group.vpcId !== loadBalancer.vpcId) {
      throw invalidConfiguration(
        `The following target groups are in a different VPC than load balancer '${loadBalancerArn(loadBalancer)}': ${arn}`,
      );
    }
    const own = loadBalancerPath(loadBalancer);
    if ((await loadBalancersUsing(change, group)).some((path) => path !== own)) throw associatedElsewhere(arn);
  }
  if (arns.length > 0) await requireFewGroups(change, loadBalancer, arns);
}

async function requireFewGroups(reader: Reader, loadBalancer: LoadBalancerRow, more: readonly string[]): Promise<void> {
  const most = limits['target-groups-per-application-load-balancer'];
  const own = await reader.list(rules, regional(loadBalancer), { prefix: `${loadBalancerPath(loadBalancer)}/` });
  const all = new Set([...more, ...own.flatMap(({ value }) => targetGroupsOf(value.actions))]);
  if (all.size > most) {
    throw tooMany('TooManyUniqueTargetGroupsPerLoadBalancer', most, 'target groups of a load balancer');
  }
}

/** Paths (`app/NAME/ID`) of the load balancers whose rules forward to a target group: one, or none. */
export async function loadBalancersUsing(reader: Reader, group: TargetGroupRow): Promise<string[]> {
  const uses = await reader.list(targetGroupUses, targetGroupPartition(group));
  return [...new Set(uses.map(({ id }) => loadBalancerOf(id)))];
}

/** @param before the same rule as it was */
export function putRule(change: Change, row: RuleRow, before?: RuleRow): void {
  change.put(rules, regional(row), row.path, row);
  const now = new Set(targetGroupsOf(row.actions));
  for (const arn of targetGroupsOf(before?.actions ?? [])) {
    if (!now.has(arn)) change.delete(targetGroupUses, partitionOf(arn), row.path);
  }
  for (const arn of now) change.put(targetGroupUses, partitionOf(arn), row.path, {});
}

export function deleteRule(change: Change, row: RuleRow): void {
  change.delete(rules, regional(row), row.path);
  for (const arn of targetGroupsOf(row.actions)) change.delete(targetGroupUses, partitionOf(arn), row.path);
}

function partitionOf(arn: string): string {
  const parsed = parseArn(arn);
  if (!parsed) throw new Error('a rule holds what is no ARN of a target group');
  return targetGroupPartition(parsed);
}
