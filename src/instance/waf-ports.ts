/** What AWS WAF asks of its neighbours: load balancers and distributions that a web ACL can protect. */
import { loadBalancers } from '../services/elasticloadbalancing/state.ts';
import type { ProtectedResources } from '../services/wafv2/ports.ts';

export const protectedResources: ProtectedResources = {
  async loadBalancer(reader, arn) {
    const [, , , region = '', account = '', resource = ''] = arn.split(':');
    const [, , name = '', id = ''] = resource.split('/');
    const row = await reader.get(loadBalancers, `${account}/${region}`, name);
    if (row?.id !== id || row.type !== 'application') return undefined;
    return { account: row.account, tags: row.tags };
  },
  // There are no distributions yet.
  isUsedByDistribution: async () => false,
};
