/** A shop at an edge node with the real engine before it; what its target has seen is kept. */
import { inspectorMaker } from '../../src/edge/inspection/web-acl.ts';
import { EdgeNode } from '../../src/edge/node.ts';
import type { WebAclSettings } from '../../src/edge/snapshot.ts';
import type { Rule, Statement } from '../../src/engines/waf/types.ts';
import { freePort, listener, loadBalancer, mirror, origin, snapshot, targetGroup } from '../edge/edge.fixture.ts';

const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/traps/1';
export const visible = (MetricName: string) => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName,
});

export const rule = (Name: string, Priority: number, Statement: Statement, more: Partial<Rule> = {}): Rule => ({
  Name,
  Priority,
  Statement,
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
  ...more,
});

export const managed = (Name: string, Priority: number): Rule => ({
  Name,
  Priority,
  Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
  OverrideAction: { None: {} },
  VisibilityConfig: visible(Name),
});

export interface GuardedShop {
  readonly port: number;
  readonly node: EdgeNode;
  /** What the target has seen: method and URL. */
  readonly arrived: string[];
  /** Puts these rules before the shop, in place of others. */
  guard(
    rules: readonly Rule[],
    more?: Partial<WebAclSettings['definition']>,
    attributes?: Readonly<Record<string, string>>,
  ): Promise<void>;
  close(): Promise<void>;
}

export async function openGuardedShop(): Promise<GuardedShop> {
  const arrived: string[] = [];
  const target = await origin((incoming, outgoing) => {
    arrived.push(`${incoming.method} ${incoming.url}`);
    mirror(incoming, outgoing);
  });
  const port = await freePort();
  const node = new EdgeNode({ now: Date.now, random: Math.random, reusesPorts: false, inspectorFor: inspectorMaker() });
  let revision = 0;
  return {
    port,
    node,
    arrived,
    async guard(Rules, more = {}, attributes = {}) {
      revision += 1;
      const webAcl: WebAclSettings = {
        arn,
        name: 'traps',
        account: '111122223333',
        region: 'us-east-1',
        scope: 'REGIONAL',
        revision: String(revision),
        tokenKey: Buffer.alloc(32, 5).toString('base64'),
        inspectedBodyBytes: 8192,
        isLogged: true,
        definition: {
          webAcl: { Name: 'traps', ARN: arn, DefaultAction: { Allow: {} }, VisibilityConfig: visible('traps'), Rules },
          ipSets: {},
          regexPatternSets: {},
          ruleGroups: {},
          vendorGroups: {},
          ...more,
        },
      };
      await node.apply(
        snapshot({
          webAcls: [webAcl],
          loadBalancers: [loadBalancer([listener(port)], { webAcl: arn, attributes })],
          targetGroups: [targetGroup('web', [target.port])],
        }),
      );
    },
    async close() {
      await node.close(0);
      await target.close();
    },
  };
}
