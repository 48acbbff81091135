/** GetSampledRequests: requests that met a rule, as edge nodes saw them, with protected fields hidden. */
import type {
  DataProtection,
  GetSampledRequestsRequest,
  GetSampledRequestsResponse,
  SampledHTTPRequest,
} from '@aws-sdk/client-wafv2';
import type { RuleOutcome, TokenOutcome, Verdict } from '../../../engines/waf/verdict.ts';
import type { Call } from '../../service.ts';
import { operation } from '../../service.ts';
import { parseArn } from '../arns.ts';
import { arnCheck } from '../checks.ts';
import { findByArn, requireScope } from '../entity.ts';
import { invalidParameter, nonexistentItem, reasons } from '../errors.ts';
import { Protection } from '../logging/protection.ts';
import type { WafPorts } from '../ports.ts';
import { ruleGroups, tokenKeys, type WebAclRow, webAcls } from '../state.ts';
import { readWindow, shownWindow } from '../time-window.ts';
import type { InspectedRequest } from '../traffic/inspected-request.ts';

const everything = 'ALL';
const byDefault = 'Default_Action';

export const GetSampledRequests = operation<GetSampledRequestsRequest, GetSampledRequestsResponse, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'GetSampledRequests', input.WebAclArn)],
  async handle(input, call, { traffic }) {
    requireScope(call, input.Scope);
    const acl = await findByArn(call, webAcls, 'webacl', input.WebAclArn);
    if (acl.scope !== input.Scope) throw invalidParameter('SCOPE_VALUE', input.Scope, reasons.scope);
    const span = readWindow(input.TimeWindow, call.now);
    const metric = input.RuleMetricName;
    if (!(await metricNames(call, acl)).has(metric)) throw nonexistentItem();
    const protection = await protectionOf(call, acl, input.WebAclArn);
    const found = traffic
      .requests(input.WebAclArn, span.from, span.to)
      .flatMap((one) => sampleOf(one, metric, protection));
    const weights = found.reduce((sum, { Weight = 0 }) => sum + Weight, 0);
    const counted = traffic.population(input.WebAclArn, metric === everything ? undefined : metric, span.from, span.to);
    return {
      SampledRequests: spread(found, input.MaxItems),
      PopulationSize: Math.max(counted, weights),
      TimeWindow: shownWindow(span),
    };
  },
});

/** Metric names of the web ACL's rules, and of the rules in its own groups. */
async function metricNames(call: Call, acl: WebAclRow): Promise<ReadonlySet<string>> {
  const names = new Set([everything, byDefault]);
  const own = (acl.settings.VisibilityConfig as { readonly MetricName?: string } | undefined)?.MetricName;
  if (own !== undefined) names.add(own);
  for (const rule of [...(acl.managed?.before ?? []), ...acl.rules, ...(acl.managed?.after ?? [])]) {
    names.add(rule.VisibilityConfig.MetricName);
    const arn = rule.Statement.RuleGroupReferenceStatement?.ARN;
    if (arn === undefined || parseArn(arn) === undefined) continue;
    const group = await findByArn(call, ruleGroups, 'rulegroup', arn);
    for (const inner of group.rules) names.add(inner.VisibilityConfig.MetricName);
    for (const { Name } of group.rules) names.add(Name);
  }
  return names;
}

async function protectionOf(call: Call, acl: WebAclRow, arn: string): Promise<Protection> {
  const secret = (await call.change.get(tokenKeys, arn, 'token-key'))?.key ?? '';
  const config = acl.settings.DataProtectionConfig as { readonly DataProtections: DataProtection[] } | undefined;
  return new Protection(config, secret);
}

/** As it met that rule; nothing where it did not, or where the rule is not sampled. */
function sampleOf(inspected: InspectedRequest, metric: string, protection: Protection): SampledHTTPRequest[] {
  const { verdict } = inspected;
  if (metric === everything)
    return [
      shown(
        inspected,
        protection,
        verdict.outcomes.findLast((one) => one.isSampled),
      ),
    ];
  if (metric === byDefault) {
    const isDefault = verdict.terminatingRuleId === byDefault && verdict.isDefaultSampled;
    return isDefault ? [shown(inspected, protection, undefined)] : [];
  }
  const outcome = verdict.outcomes.find((one) => one.metricName === metric && one.isSampled);
  return outcome ? [shown(inspected, protection, outcome)] : [];
}

function shown(
  inspected: InspectedRequest,
  protection: Protection,
  outcome: RuleOutcome | undefined,
): SampledHTTPRequest {
  const { request, verdict } = inspected;
  const within = nameWithinGroup(verdict, outcome);
  return {
    Request: {
      ClientIP: request.source.ip,
      Country: request.source.country ?? '-',
      URI: protection.path(request.path),
      Method: protection.method(request.method),
      HTTPVersion: request.version,
      Headers: protection.headers(request.headers).map(({ name, value }) => ({ Name: name, Value: value })),
    },
    Weight: inspected.weight,
    Timestamp: new Date(inspected.at),
    Action: outcome?.action ?? verdict.action,
    ...(within !== undefined && { RuleNameWithinRuleGroup: within }),
    ...(verdict.insertedHeaders.length > 0 && {
      RequestHeadersInserted: verdict.insertedHeaders.map(([Name, Value]) => ({ Name, Value })),
    }),
    ...(verdict.response && { ResponseCodeSent: verdict.response.status }),
    ...(verdict.labels.length > 0 && { Labels: verdict.labels.map((Name) => ({ Name })) }),
    ...(verdict.captchaResponse && { CaptchaResponse: token(verdict.captchaResponse) }),
    ...(verdict.challengeResponse && { ChallengeResponse: token(verdict.challengeResponse) }),
    ...(outcome?.overriddenAction !== undefined && { OverriddenAction: outcome.overriddenAction }),
  };
}

/** `VENDOR#GROUP#RULE`, or `GROUP#RULE` for groups of the account; undefined for rules that are in none. */
function nameWithinGroup(verdict: Verdict, outcome: RuleOutcome | undefined): string | undefined {
  const stands = (group: string, rule: string): string => {
    const [vendor = '', name = ''] = group.split('#');
    return `${parseArn(group)?.name ?? `${vendor}#${name}`}#${rule}`;
  };
  if (outcome?.ruleGroupId !== undefined) return stands(outcome.ruleGroupId, outcome.ruleName);
  const isGroup = verdict.terminatingRuleType === 'GROUP' || verdict.terminatingRuleType === 'MANAGED_RULE_GROUP';
  if (!isGroup || outcome?.ruleName !== verdict.terminatingRuleId) return undefined;
  const group = verdict.ruleGroupList.findLast(({ terminatingRule }) => terminatingRule !== undefined);
  return group?.terminatingRule && stands(group.ruleGroupId, group.terminatingRule.ruleId);
}

function token({ responseCode, solveTimestamp, failureReason }: TokenOutcome) {
  return {
    ...(responseCode !== undefined && { ResponseCode: responseCode }),
    ...(solveTimestamp !== undefined && { SolveTimestamp: solveTimestamp }),
    ...(failureReason !== undefined && { FailureReason: failureReason }),
  };
}

/** Evenly over the time, where there are more than were asked for. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T);
}
