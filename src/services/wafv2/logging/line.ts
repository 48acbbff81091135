/** One line of a web ACL's log, in the form that AWS documents ("Log fields for web ACL traffic"). */
import type { MatchDetail, RuleGroupOutcome, RuleMatch, TokenOutcome, Verdict } from '../../../engines/waf/verdict.ts';
import type { InspectedRequest } from '../traffic/inspected-request.ts';
import type { Protection } from './protection.ts';

export function logLine(inspected: InspectedRequest, protection: Protection): string {
  const { request, verdict, source } = inspected;
  const { ip, country, ja3, ja4, asn } = request.source;
  return JSON.stringify({
    timestamp: inspected.at,
    formatVersion: 1,
    webaclId: inspected.webAclArn,
    terminatingRuleId: verdict.terminatingRuleId,
    terminatingRuleType: verdict.terminatingRuleType,
    action: verdict.action,
    terminatingRuleMatchDetails: details(verdict.terminatingRuleMatchDetails, protection),
    httpSourceName: source.name,
    httpSourceId: source.id,
    ruleGroupList: verdict.ruleGroupList.map((group) => groupOf(group, verdict, protection)),
    rateBasedRuleList: protection.rates(verdict.rateBasedRuleList),
    nonTerminatingMatchingRules: passed(verdict.nonTerminatingMatchingRules, verdict, protection),
    requestHeadersInserted:
      verdict.insertedHeaders.length === 0 ? null : verdict.insertedHeaders.map(([name, value]) => ({ name, value })),
    responseCodeSent: verdict.response?.status ?? null,
    httpRequest: {
      clientIp: ip,
      country: country ?? '-',
      headers: protection.headers(request.headers),
      uri: protection.path(request.path),
      args: protection.query(request.query),
      httpVersion: request.version,
      httpMethod: protection.method(request.method),
      requestId: inspected.requestId,
      fragment: '',
      scheme: request.isSecure ? 'https' : 'http',
      host: request.host,
    },
    ...(verdict.labels.length > 0 && { labels: verdict.labels.map((name) => ({ name })) }),
    ...(verdict.captchaResponse && { captchaResponse: token(verdict.captchaResponse) }),
    ...(verdict.challengeResponse && { challengeResponse: token(verdict.challengeResponse) }),
    ...(verdict.oversizeFields.length > 0 && { oversizeFields: verdict.oversizeFields }),
    ...(ja3 !== undefined && { ja3Fingerprint: ja3 }),
    ...(ja4 !== undefined && { ja4Fingerprint: ja4 }),
    ...(asn !== undefined && { clientAsn: asn }),
    requestBodySize: verdict.requestBodySize,
    requestBodySizeInspectedByWAF: verdict.requestBodySizeInspectedByWAF,
  });
}

function groupOf(group: RuleGroupOutcome, tokens: Tokens, protection: Protection) {
  return {
    ruleGroupId: group.ruleGroupId,
    terminatingRule: group.terminatingRule ? matchOf(group.terminatingRule, protection) : null,
    nonTerminatingMatchingRules: passed(group.nonTerminatingMatchingRules, tokens, protection),
    excludedRules: group.excludedRules ?? null,
    customerConfig: null,
  };
}

type Tokens = Pick<Verdict, 'captchaResponse' | 'challengeResponse'>;

/** Matches that the request went past: a rule that asks for a puzzle says when it was solved. */
function passed(matches: readonly RuleMatch[], tokens: Tokens, protection: Protection) {
  const solved = ({ solveTimestamp }: TokenOutcome) =>
    token({ ...(solveTimestamp !== undefined && { solveTimestamp }) });
  return matches.map((match) => ({
    ...matchOf(match, protection),
    ...(match.action === 'CAPTCHA' && tokens.captchaResponse && { captchaResponse: solved(tokens.captchaResponse) }),
    ...(match.action === 'CHALLENGE' &&
      tokens.challengeResponse && { challengeResponse: solved(tokens.challengeResponse) }),
  }));
}

function matchOf(match: RuleMatch, protection: Protection) {
  return {
    ruleId: match.ruleId,
    action: match.action,
    ...(match.overriddenAction !== undefined && { overriddenAction: match.overriddenAction }),
    ruleMatchDetails: details(match.ruleMatchDetails, protection),
  };
}

/** Without the detectors' own words: AWS's format has no place for them. */
function details(list: readonly MatchDetail[], protection: Protection) {
  return protection.details(list).map(({ evidence: _evidence, ...shown }) => shown);
}

/** As AWS's examples have it: 0 where the request went on, and where nothing was solved. */
function token({ responseCode = 0, solveTimestamp = 0, failureReason }: TokenOutcome) {
  return { responseCode, solveTimestamp, ...(failureReason !== undefined && { failureReason }) };
}
