/** What an edge node reports of one request that a web ACL looked at. */
import type { BotIdentity } from '../../../engines/waf/bot-labels.ts';
import type { HttpRequest } from '../../../engines/waf/request.ts';
import type { Verdict } from '../../../engines/waf/verdict.ts';

export interface InspectedRequest {
  readonly webAclArn: string;
  /** As in the answer's `x-amzn-requestid`. */
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The body as far as it was inspected. */
  readonly request: HttpRequest;
  readonly verdict: Verdict;
  /** `ALB` with `ACCOUNT-app/NAME/ID`, `CF` with a distribution's id. */
  readonly source: { readonly name: 'ALB' | 'CF'; readonly id: string };
  /** For how many requests this one stands, where a node reports only some of them. */
  readonly weight: number;
  /** The web ACL logs: then nodes report every request, for the log. */
  readonly isLogged: boolean;
  /** For GetSampledRequests, explanations and replays. Requests that are stopped are always among them. */
  readonly isKept: boolean;
}

/** How often requests of one kind came, in the minute that `at` lies in. */
export interface TrafficCount {
  readonly webAclArn: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly requests: number;
  /** Requests by what they met: metric name of a rule or of a group, or `Default_Action`. */
  readonly metrics: readonly MetricCount[];
  readonly paths: readonly PathCount[];
}

interface MetricCount {
  readonly metricName: string;
  readonly action: string;
  readonly requests: number;
}

interface PathCount {
  readonly path: string;
  /** From the labels of the bot control group, where it has seen one. */
  readonly bot?: BotIdentity;
  readonly requests: number;
  /** How many of them were asked to pay. */
  readonly monetized?: number;
}

/** The addresses that a rate-based rule holds back at one node, now. */
export interface LimitedKeys {
  readonly webAclArn: string;
  readonly ruleName: string;
  /** Where the rule stands in a rule group that the web ACL's rule refers to. */
  readonly ruleGroupRuleName?: string;
  readonly addresses: readonly string[];
}
