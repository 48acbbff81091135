/** DescribeAccountLimits and DescribeSSLPolicies: what holds for everybody. */
import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
  DescribeSSLPoliciesInput,
  DescribeSSLPoliciesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { anyCheck } from '../checks.ts';
import { sslPolicyNotFound } from '../errors.ts';
import { limits } from '../limits.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { sslPolicies } from '../ssl-policies.ts';

const listed = Object.entries(limits)
  .map(([Name, max]) => ({ Name, Max: String(max) }))
  .sort((a, b) => (a.Name < b.Name ? -1 : 1));

export const DescribeAccountLimits = operation<DescribeAccountLimitsInput, DescribeAccountLimitsOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeAccountLimits')],
  handle(input, call) {
    const { items, rest } = pageOf(call, input, listed, ({ Name }) => Name);
    return { Limits: items, ...rest };
  },
});

const places = new Map(sslPolicies.map(({ Name }, place) => [Name, String(place).padStart(4, '0')]));

export const DescribeSSLPolicies = operation<DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeSSLPolicies')],
  handle(input, call) {
    const { Names = [], LoadBalancerType: type } = input;
    for (const name of Names) if (!places.has(name)) throw sslPolicyNotFound(name);
    const wanted = sslPolicies.filter(
      ({ Name = '', SupportedLoadBalancerTypes: types = [] }) =>
        (Names.length === 0 || Names.includes(Name)) && (type === undefined || types.includes(type)),
    );
    const { items, rest } = pageOf(call, input, wanted, ({ Name }) => places.get(Name) ?? '');
    return { SslPolicies: items, ...rest };
  },
});
