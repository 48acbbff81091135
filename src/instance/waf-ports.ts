/** What AWS WAF asks of its neighbours (what a web ACL can protect), and what Bailey's own API asks of it. */
import type { Firewall } from '../services/bailey/ports.ts';
import { distributionsUsing } from '../services/cloudfront/reading.ts';
import { loadBalancers } from '../services/elasticloadbalancing/state.ts';
import { explainRequest } from '../services/wafv2/explanation/explain.ts';
import { createManagedRuleSet } from '../services/wafv2/managed-rule-set.ts';
import type { ProtectedResources } from '../services/wafv2/ports.ts';
import { type ReplayParts, replay } from '../services/wafv2/replay/replay.ts';
import { replayText } from '../services/wafv2/replay/replay-text.ts';

export const protectedResources: ProtectedResources = {
  async loadBalancer(reader, arn) {
    const [, , , region = '', account = '', resource = ''] = arn.split(':');
    const [, , name = '', id = ''] = resource.split('/');
    const row = await reader.get(loadBalancers, `${account}/${region}`, name);
    if (row?.id !== id || row.type !== 'application') return undefined;
    return { account: row.account, tags: row.tags };
  },
  isUsedByDistribution: async (reader, arn) => (await distributionsUsing(reader, arn)).length > 0,
};

export function firewallOf(parts: ReplayParts): Firewall {
  const { traffic, quotas } = parts;
  return {
    explain: (call, requestId) => explainRequest(call.change, traffic, call.caller.account, requestId, call.now),
    async replay(call, input) {
      const found = await replay(call, parts, input);
      return { ...found, text: replayText(found) };
    },
    createManagedRuleSet: (call, wanted) => createManagedRuleSet(call, wanted, quotas),
  };
}
