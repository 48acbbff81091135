/** AWS's default quotas, which DescribeAccountLimits lists and the operations keep. */

/** "Quotas for your Application Load Balancers", and the same page of Network Load Balancers. */
export const limits = {
  'application-load-balancers': 50,
  'network-load-balancers': 50,
  'target-groups': 3000,
  'target-groups-per-application-load-balancer': 100,
  'target-groups-per-action-on-application-load-balancer': 5,
  'target-groups-per-action-on-network-load-balancer': 1,
  'targets-per-application-load-balancer': 1000,
  'targets-per-network-load-balancer': 3000,
  'targets-per-target-group': 1000,
  'listeners-per-application-load-balancer': 50,
  'listeners-per-network-load-balancer': 50,
  'rules-per-application-load-balancer': 100,
  'certificates-per-application-load-balancer': 25,
  'certificates-per-network-load-balancer': 25,
  'condition-values-per-alb-rule': 5,
  'condition-wildcards-per-alb-rule': 5,
  'trust-stores-per-account': 20,
  'ca-certificates-per-trust-store': 25,
  'revocation-lists-per-trust-store': 30,
  'revocation-entries-per-trust-store': 500_000,
} as const;

/** Bytes of a bundle or a revocation file: far above what the quotas of their entries allow. */
export const fileLimit = 32 * 1024 * 1024;

/** @param unit `listeners`, `certificates`, … */
export function perLoadBalancer(
  type: 'application' | 'network',
  unit: 'listeners' | 'certificates' | 'targets',
): number {
  return limits[`${unit}-per-${type}-load-balancer`];
}
