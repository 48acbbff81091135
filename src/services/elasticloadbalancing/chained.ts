/** Application load balancers as targets of network load balancers: who may be one, and what of it must stay. */
import type { Reader } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { loadBalancerArn, loadBalancerPath, parseArn } from './arns.ts';
import { invalidTarget, resourceInUse, validation } from './errors.ts';
import { loadBalancerAt } from './find.ts';
import {
  type LoadBalancerRow,
  listeners,
  regional,
  type TargetGroupRow,
  targetGroupPartition,
  targetGroups,
  targets,
} from './state.ts';

/**
 * Of the same account, region and VPC, with a listener on the port.
 * @see Network Load Balancers User Guide, "Use an Application Load Balancer as a target of a Network Load Balancer"
 * @throws AwsError InvalidTarget, ValidationError
 */
export async function requireLoadBalancer(
  { change, scope }: Pick<CheckCall, 'change' | 'scope'>,
  group: TargetGroupRow,
  arn: string,
  port: number,
): Promise<void> {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'loadbalancer' || !parsed.path.startsWith('app/')) {
    throw validation(`The target '${arn}' is not a valid application load balancer ARN`);
  }
  const row = regional(parsed) === regional(scope) ? await loadBalancerAt(change, parsed) : undefined;
  if (!row) throw invalidTarget(`The following targets do not exist: '${arn}'`);
  if (row.vpcId !== group.vpcId) {
    throw invalidTarget(`The following targets are not in the target group VPC '${group.vpcId}': '${arn}'`);
  }
  const own = await change.list(listeners, regional(row), { prefix: `${loadBalancerPath(row)}/` });
  if (!own.some(({ value }) => value.port === port)) {
    throw validation(
      'If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides',
    );
  }
}

/** A listener stays while some target group sends to its port. @throws AwsError ResourceInUse */
export async function requireUnsent(reader: Reader, row: LoadBalancerRow, port: number): Promise<void> {
  if ((await portsSentTo(reader, row)).has(port)) {
    throw resourceInUse(
      `Listener port '${port}' is in use by registered target '${loadBalancerArn(row)}' and cannot be removed.`,
    );
  }
}

/** @throws AwsError ResourceInUse */
export async function requireNoTarget(reader: Reader, row: LoadBalancerRow): Promise<void> {
  if ((await portsSentTo(reader, row)).size > 0) {
    throw resourceInUse(
      `Load balancer '${loadBalancerArn(row)}' cannot be deleted because it is currently associated with another service`,
    );
  }
}

async function portsSentTo(reader: Reader, row: LoadBalancerRow): Promise<Set<number>> {
  const ports = new Set<number>();
  if (row.type !== 'application') return ports;
  const arn = loadBalancerArn(row);
  for (const { value: group } of await reader.list(targetGroups, regional(row))) {
    if (group.targetType !== 'alb') continue;
    for (const { value } of await reader.list(targets, targetGroupPartition(group))) {
      if (value.id === arn && !value.draining) ports.add(value.port);
    }
  }
  return ports;
}
