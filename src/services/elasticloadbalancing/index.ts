/**
 * Elastic Load Balancing (version 2): load balancers, listeners, rules and target groups that the edge serves.
 * Others read of it what `reading.ts` exports; the edge reads the tables of `state.ts`, and `attributes/*`.
 */
import { type Service, service } from '../service.ts';
import { rotationJob } from './authentication-keys.ts';
import { drainingJob } from './jobs.ts';
import { DescribeAccountLimits, DescribeSSLPolicies } from './operations/account-limits.ts';
import { DescribeCapacityReservation, ModifyCapacityReservation } from './operations/capacity.ts';
import { CreateListener } from './operations/create-listener.ts';
import { CreateLoadBalancer } from './operations/create-load-balancer.ts';
import { DescribeListenerAttributes, ModifyListenerAttributes } from './operations/listener-attributes.ts';
import {
  AddListenerCertificates,
  DescribeListenerCertificates,
  RemoveListenerCertificates,
} from './operations/listener-certificates.ts';
import { DeleteListener, DescribeListeners } from './operations/listeners.ts';
import { DescribeLoadBalancerAttributes, ModifyLoadBalancerAttributes } from './operations/load-balancer-attributes.ts';
import {
  ModifyIpPools,
  SetIpAddressType,
  SetSecurityGroups,
  SetSubnets,
} from './operations/load-balancer-placement.ts';
import { DeleteLoadBalancer, DescribeLoadBalancers } from './operations/load-balancers.ts';
import { ModifyListener } from './operations/modify-listener.ts';
import { ModifyRule, SetRulePriorities } from './operations/modify-rule.ts';
import { CreateRule, DeleteRule, DescribeRules } from './operations/rules.ts';
import { AddTags, DescribeTags, RemoveTags } from './operations/tags.ts';
import { DescribeTargetGroupAttributes, ModifyTargetGroupAttributes } from './operations/target-group-attributes.ts';
import {
  CreateTargetGroup,
  DeleteTargetGroup,
  DescribeTargetGroups,
  ModifyTargetGroup,
} from './operations/target-groups.ts';
import { DeregisterTargets, DescribeTargetHealth, RegisterTargets } from './operations/targets.ts';
import { GetTrustStoreCaCertificatesBundle, GetTrustStoreRevocationContent } from './operations/trust-store-content.ts';
import {
  AddTrustStoreRevocations,
  DescribeTrustStoreRevocations,
  RemoveTrustStoreRevocations,
} from './operations/trust-store-revocations.ts';
import {
  DeleteSharedTrustStoreAssociation,
  DescribeTrustStoreAssociations,
  GetResourcePolicy,
} from './operations/trust-store-sharing.ts';
import {
  CreateTrustStore,
  DeleteTrustStore,
  DescribeTrustStores,
  ModifyTrustStore,
} from './operations/trust-stores.ts';
import type { ElbPorts } from './ports.ts';

export function elasticloadbalancing(ports: ElbPorts): Service {
  return service(
    'elasticloadbalancing',
    {
      AddListenerCertificates,
      AddTags,
      AddTrustStoreRevocations,
      CreateListener,
      CreateLoadBalancer,
      CreateRule,
      CreateTargetGroup,
      CreateTrustStore,
      DeleteListener,
      DeleteLoadBalancer,
      DeleteRule,
      DeleteSharedTrustStoreAssociation,
      DeleteTargetGroup,
      DeleteTrustStore,
      DeregisterTargets,
      DescribeAccountLimits,
      DescribeCapacityReservation,
      DescribeListenerAttributes,
      DescribeListenerCertificates,
      DescribeListeners,
      DescribeLoadBalancerAttributes,
      DescribeLoadBalancers,
      DescribeRules,
      DescribeSSLPolicies,
      DescribeTags,
      DescribeTargetGroupAttributes,
      DescribeTargetGroups,
      DescribeTargetHealth,
      DescribeTrustStoreAssociations,
      DescribeTrustStoreRevocations,
      DescribeTrustStores,
      GetResourcePolicy,
      GetTrustStoreCaCertificatesBundle,
      GetTrustStoreRevocationContent,
      ModifyCapacityReservation,
      ModifyIpPools,
      ModifyListener,
      ModifyListenerAttributes,
      ModifyLoadBalancerAttributes,
      ModifyRule,
      ModifyTargetGroup,
      ModifyTargetGroupAttributes,
      ModifyTrustStore,
      RegisterTargets,
      RemoveListenerCertificates,
      RemoveTags,
      RemoveTrustStoreRevocations,
      SetIpAddressType,
      SetRulePriorities,
      SetSecurityGroups,
      SetSubnets,
    },
    ports,
    [drainingJob(ports), rotationJob(ports)],
  );
}
