/** Why a web ACL stopped a request, or let it through: for people, as short as it can be told. */
import type { HttpRequest } from '../../../engines/waf/request.ts';
import type { MatchDetail, RuleMatch, Verdict } from '../../../engines/waf/verdict.ts';
import type { Protection } from '../logging/protection.ts';
import { printable } from '../printable.ts';
import type { InspectedRequest } from '../traffic/inspected-request.ts';
import { type Exclusion, innerRule } from './exclusion.ts';

const done: Readonly<Record<Verdict['action'], string>> = {
  ALLOW: 'allowed',
  BLOCK: 'blocked',
  CAPTCHA: 'stopped for a CAPTCHA',
  CHALLENGE: 'stopped for a challenge',
  MONETIZE: 'asked to pay',
};

export function requestText(
  { request, verdict, requestId, at }: InspectedRequest,
  webAclName: string,
  protection: Protection,
  exclusion: Exclusion | undefined,
): string {
  const lines = [`${new Date(at).toISOString()}  ${requestId}  ${asked(request, protection)}`];
  const status = verdict.response ? ` with status ${verdict.response.status}` : '';
  lines.push(`${done[verdict.action]}${status} by the web ACL ${webAclName}: ${by(verdict)}`);
  const inner = innerRule(verdict.ruleGroupList);
  const details =
    verdict.terminatingRuleMatchDetails.length > 0 ? verdict.terminatingRuleMatchDetails : inner?.ruleMatchDetails;
  for (const detail of protection.details(details ?? [])) lines.push(...found(detail));
  for (const rate of protection.rates(verdict.rateBasedRuleList)) {
    const key = rate.customValues?.map(({ key, name, value }) => `${key}${name ? ` ${name}` : ''} ${value}`).join(', ');
    lines.push(
      `  more than ${rate.maxRateAllowed} requests in ${rate.evaluationWindowSec} s by ${key ?? `${rate.limitKey} ${rate.limitValue ?? ''}`.trim()} (${rate.rateBasedRuleName})`,
    );
  }
  if (verdict.failure) {
    lines.push(
      `  the rule ${verdict.failure.ruleId} failed (${verdict.failure.message}), and fails ${verdict.failure.mode}`,
    );
  }
  for (const match of passed(verdict)) {
    lines.push(
      `also matched: ${match.ruleId} (${match.action}${match.overriddenAction ? `, itself ${match.overriddenAction}` : ''})`,
    );
    for (const detail of protection.details(match.ruleMatchDetails)) lines.push(...found(detail));
  }
  if (verdict.labels.length > 0) lines.push(`labels: ${verdict.labels.join(' ')}`);
  if (verdict.oversizeFields.length > 0)
    lines.push(`larger than what is inspected: ${verdict.oversizeFields.join(' ')}`);
  if (exclusion) {
    lines.push('', `If that was wrong, the narrowest way out: ${exclusion.sentence}`);
    lines.push(JSON.stringify(exclusion.rules, undefined, 2));
    lines.push("Put it into the web ACL's rules, and try them first: bailey waf what-if WEB-ACL-ARN FILE");
  }
  return lines.join('\n');
}

function asked(request: HttpRequest, protection: Protection): string {
  const query = protection.query(request.query);
  const target = `${request.host}${protection.path(request.path)}${query === '' ? '' : `?${query}`}`;
  const country = request.source.country ? ` (${request.source.country})` : '';
  return `${request.source.ip}${country}  ${protection.method(request.method)}  ${printable(target)}`;
}

function by(verdict: Verdict): string {
  if (verdict.terminatingRuleId === 'Default_Action') return 'no rule ended it, so the default action did';
  const group = verdict.ruleGroupList.findLast(({ terminatingRule }) => terminatingRule !== undefined);
  const rule = group?.terminatingRule ? `rule ${group.terminatingRule.ruleId} of ${group.ruleGroupId}, in ` : '';
  return `${rule}rule ${verdict.terminatingRuleId}`;
}

function found({ conditionType, location, matchedFieldName, matchedData, evidence }: MatchDetail): string[] {
  const where = `${location}${matchedFieldName === undefined ? '' : ` ${printable(matchedFieldName)}`}`;
  const lines = [
    `  ${conditionType} in ${where}: ${matchedData.map((data) => JSON.stringify(printable(data))).join(' ')}`,
  ];
  if (evidence) {
    lines.push(`    ${printable(evidence.reason)} (score ${evidence.confidence.toFixed(2)})`);
    if (!matchedData.includes(evidence.matched))
      lines.push(`    decoded: ${JSON.stringify(printable(evidence.matched))}`);
  }
  return lines;
}

/** Rules that matched and let the request go on. */
function passed(verdict: Verdict): readonly RuleMatch[] {
  return [
    ...verdict.nonTerminatingMatchingRules,
    ...verdict.ruleGroupList.flatMap((one) => one.nonTerminatingMatchingRules),
  ];
}
