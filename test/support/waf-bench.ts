/** Web ACLs without a running instance: a store, the operations' handlers, and the engine that inspects. */
import type { CreateWebACLRequest } from '@aws-sdk/client-wafv2';
import { resourcesOf } from '../../src/engines/waf/bundle.ts';
import { compileWebAcl } from '../../src/engines/waf/compile.ts';
import { inspect } from '../../src/engines/waf/inspect.ts';
import { managedRuleGroup } from '../../src/engines/waf/managed/index.ts';
import type { HttpRequest } from '../../src/engines/waf/request.ts';
import { createWafState } from '../../src/engines/waf/state.ts';
import { CreateWebACL } from '../../src/services/wafv2/operations/create-web-acl.ts';
import type { WafPorts } from '../../src/services/wafv2/ports.ts';
import { quotasWith } from '../../src/services/wafv2/quotas.ts';
import { resolveWebAcl } from '../../src/services/wafv2/resolved.ts';
import type { InspectedRequest } from '../../src/services/wafv2/traffic/inspected-request.ts';
import { Traffic } from '../../src/services/wafv2/traffic/traffic.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import { Bench } from './call.ts';
import { httpRequest, inspected } from './waf-requests.ts';

export function wafBench(): Bench<WafPorts> {
  const store = openMemoryStore();
  const ports: WafPorts = {
    principals: { uniqueId: async () => undefined, accountExists: async () => true },
    resources: { loadBalancer: async () => undefined, isUsedByDistribution: async () => false },
    traffic: new Traffic(),
    store,
    deliverySeconds: 5,
    quotas: quotasWith(),
  };
  return new Bench(ports, store);
}

export interface BenchAcl {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  /** Inspects, and reports what was seen as a node would. */
  see(request: Partial<HttpRequest>, more?: Partial<InspectedRequest>): InspectedRequest;
}

export async function benchAcl(bench: Bench<WafPorts>, more: Partial<CreateWebACLRequest> = {}): Promise<BenchAcl> {
  const { Summary } = await bench.run('CreateWebACL', CreateWebACL, {
    Name: 'shop',
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'shop' },
    ...more,
  });
  const arn = Summary?.ARN ?? '';
  const resolved = await resolveWebAcl(bench.store, arn, bench.now);
  if (!resolved) throw new Error('The web ACL is not there.');
  const compiled = compileWebAcl(resolved.definition.webAcl, resourcesOf(resolved.definition, managedRuleGroup));
  const state = createWafState({});
  return {
    name: Summary?.Name ?? '',
    id: Summary?.Id ?? '',
    arn,
    see(request, rest = {}) {
      const asked = httpRequest(request);
      const one = inspected(arn, {
        request: asked,
        at: bench.now,
        verdict: inspect(compiled, asked, state, rest.at ?? bench.now),
        ...rest,
      });
      bench.ports.traffic.report([one]);
      return one;
    },
  };
}
