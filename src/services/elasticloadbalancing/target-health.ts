/** The health of targets: what is registered says some of it, the nodes of the edge the rest. */
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CheckCall } from '../service.ts';
import { arnOf, parseArn, targetGroupArn } from './arns.ts';
import { loadBalancerAttributes } from './attributes/load-balancer.ts';
import { targetGroupAttributes } from './attributes/target-group.ts';
import { loadBalancerAt } from './find.ts';
import type { ElbPorts, ReportedHealth } from './ports.ts';
import { loadBalancersUsing } from './rules/uses.ts';
import type { LoadBalancerRow, TargetGroupRow, TargetRow } from './state.ts';

/** What is known of a group before its targets are looked at. */
export interface GroupUse {
  readonly group: TargetGroupRow;
  /** The one load balancer that sends to it. */
  readonly loadBalancer?: LoadBalancerRow;
}

type Asking = Pick<CheckCall, 'change' | 'scope' | 'now'>;

export async function useOf({ change }: Asking, group: TargetGroupRow): Promise<GroupUse> {
  const [path] = await loadBalancersUsing(change, group);
  const parsed = path === undefined ? undefined : parseArn(arnOf(group, `loadbalancer/${path}`));
  const loadBalancer = parsed && (await loadBalancerAt(change, parsed));
  return loadBalancer ? { group, loadBalancer } : { group };
}

const unused = (reason: TargetHealth['Reason'], Description: string): TargetHealth => ({
  State: 'unused',
  ...(reason && { Reason: reason }),
  Description,
});

/** @param target undefined: it was asked for, and is not registered */
export async function healthOf(
  call: Asking,
  { edge, networks }: Pick<ElbPorts, 'edge' | 'networks'>,
  { group, loadBalancer }: GroupUse,
  target: TargetRow | undefined,
): Promise<TargetHealth> {
  if (!target || (target.draining && target.draining.until <= call.now)) {
    return unused('Target.NotRegistered', 'Target is not registered to the target group');
  }
  if (target.draining) {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  if (!loadBalancer) {
    return unused('Target.NotInUse', 'Target group is not configured to receive traffic from the load balancer');
  }
  let { zone } = target;
  if (group.targetType === 'instance') {
    const instance = await networks.instance(call.change, call.scope, target.id);
    if (!instance?.isRunning) return unused('Target.InvalidState', 'Target is in the stopped state');
    zone = instance.zone;
  }
  if (!isZoneEnabled(loadBalancer, group, zone)) {
    return unused('Target.NotInUse', 'Target is in an Availability Zone that is not enabled for the load balancer');
  }
  return shown(edge.health(targetGroupArn(group), target));
}

/**
 * Whether a load balancer sends to targets of a zone. With cross-zone load balancing the nodes of network load balancers
 * send to every zone of the VPC.
 * @param zone undefined or `all`: of none in particular
 */
export function isZoneEnabled(loadBalancer: LoadBalancerRow, group: TargetGroupRow, zone: string | undefined): boolean {
  if (zone === undefined || zone === 'all') return true;
  if (loadBalancer.zones.some((enabled) => enabled.zone === zone)) return true;
  const own = targetGroupAttributes(group)['load_balancing.cross_zone.enabled'];
  const inherited = loadBalancerAttributes(loadBalancer)['load_balancing.cross_zone.enabled'];
  const isCrossZone = own === 'use_load_balancer_configuration' ? inherited === 'true' : own === 'true';
  // Application load balancers leave targets of other zones alone all the same.
  return isCrossZone && loadBalancer.type === 'network';
}

function shown(reported: ReportedHealth | undefined): TargetHealth {
  if (!reported) {
    return {
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    };
  }
  const { state, reason, description } = reported;
  if (state === 'healthy') return { State: 'healthy' };
  if (state === 'initial') {
    return {
      State: 'initial',
      Reason: (reason ?? 'Elb.InitialHealthChecking') as TargetHealth['Reason'] & string,
      Description: description ?? 'Initial health checks in progress',
    };
  }
  return {
    State: 'unhealthy',
    Reason: (reason ?? 'Target.FailedHealthChecks') as TargetHealth['Reason'] & string,
    Description: description ?? 'Health checks failed',
  };
}
