/** What the inspection of a request answers: what is to be done, and everything that logs, samples and metrics say of it. */
import type { Evidence } from './detectors/detector.ts';

export type RuleType = 'REGULAR' | 'RATE_BASED' | 'GROUP' | 'MANAGED_RULE_GROUP';

export type TerminatingAction = 'ALLOW' | 'BLOCK' | 'CAPTCHA' | 'CHALLENGE' | 'MONETIZE';

export type AppliedAction = TerminatingAction | 'COUNT' | 'EXCLUDED_AS_COUNT';

/** Where something was found, in the words of AWS's logs. */
export type MatchLocation =
  | 'ALL_QUERY_ARGS'
  | 'BODY'
  | 'CLIENT_ADDRESS'
  | 'COOKIE'
  | 'HEADER'
  | 'HEADER_ORDER'
  | 'JA3_FINGERPRINT'
  | 'JA4_FINGERPRINT'
  | 'JSON_BODY'
  | 'LABEL'
  | 'METHOD'
  | 'QUERY_STRING'
  | 'SINGLE_QUERY_ARG'
  | 'URI'
  | 'URI_FRAGMENT';

export interface MatchDetail {
  /** `SQL_INJECTION`, `XSS`, `REGEX`, `BYTE_MATCH`, `SIZE`, … */
  readonly conditionType: string;
  readonly sensitivityLevel?: 'LOW' | 'HIGH';
  readonly location: MatchLocation;
  /** The bytes that matched, one character per byte, at most 200 in each. */
  readonly matchedData: readonly string[];
  /** The header, cookie, argument or JSON pointer it stood in. */
  readonly matchedFieldName?: string;
  /** Why: the detector's reason, where a detector found it. */
  readonly evidence?: Evidence;
}

export interface RuleMatch {
  readonly ruleId: string;
  readonly action: AppliedAction;
  readonly ruleMatchDetails: readonly MatchDetail[];
  /** The action that the rule itself has, where the web ACL changed it. */
  readonly overriddenAction?: AppliedAction;
}

export interface RuleGroupOutcome {
  /** The group's ARN, or `VENDOR#GROUP` (with `#VERSION` where one was asked for). */
  readonly ruleGroupId: string;
  readonly terminatingRule?: RuleMatch;
  readonly nonTerminatingMatchingRules: readonly RuleMatch[];
  readonly excludedRules?: readonly { readonly exclusionType: 'EXCLUDED_AS_COUNT'; readonly ruleId: string }[];
}

export interface RateBasedOutcome {
  readonly rateBasedRuleId: string;
  readonly rateBasedRuleName: string;
  readonly limitKey: string;
  readonly maxRateAllowed: number;
  readonly evaluationWindowSec: number;
  readonly limitValue?: string;
  readonly customValues?: readonly { readonly key: string; readonly name?: string; readonly value: string }[];
}

export type TokenFailure = 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'TOKEN_DOMAIN_MISMATCH';

/** Of the last CAPTCHA or challenge that a rule asked for. */
export interface TokenOutcome {
  /** Where the request ends there: 405 or 202. */
  readonly responseCode?: number;
  /** Seconds since the epoch. */
  readonly solveTimestamp?: number;
  readonly failureReason?: TokenFailure;
}

/** A rule that matched, for metrics and samples. */
export interface RuleOutcome {
  /** Of the web ACL's rule, or of the rule within a group. */
  readonly ruleName: string;
  readonly metricName: string;
  readonly action: AppliedAction;
  readonly overriddenAction?: AppliedAction;
  readonly isMetered: boolean;
  readonly isSampled: boolean;
  /** Within a group: what it is called in the logs. */
  readonly ruleGroupId?: string;
}

export interface BlockResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bodyKey?: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** A rule that could not be evaluated: what the fail mode made of it is the verdict. */
interface EngineFailure {
  readonly ruleId: string;
  readonly message: string;
  readonly mode: 'closed' | 'open';
}

export interface Verdict {
  readonly action: TerminatingAction;
  /** `Default_Action` where no rule ended the inspection. */
  readonly terminatingRuleId: string;
  readonly terminatingRuleType: RuleType;
  readonly terminatingRuleMatchDetails: readonly MatchDetail[];
  readonly ruleGroupList: readonly RuleGroupOutcome[];
  readonly rateBasedRuleList: readonly RateBasedOutcome[];
  readonly nonTerminatingMatchingRules: readonly RuleMatch[];
  /** Fully qualified. */
  readonly labels: readonly string[];
  /** For the origin, where the request goes on; names have their prefix. */
  readonly insertedHeaders: readonly (readonly [name: string, value: string])[];
  /** Where the request ends here. */
  readonly response?: BlockResponse;
  readonly captchaResponse?: TokenOutcome;
  readonly challengeResponse?: TokenOutcome;
  /** For how long a puzzle that is solved now is good, in seconds: of the rule that asks for it. */
  readonly immunitySeconds?: number;
  /** `REQUEST_BODY`, `REQUEST_HEADERS`, `REQUEST_COOKIES`, `REQUEST_JSON_BODY`. */
  readonly oversizeFields: readonly string[];
  readonly requestBodySize: number;
  readonly requestBodySizeInspectedByWAF: number;
  readonly outcomes: readonly RuleOutcome[];
  /** Whether a request that met the default action is sampled. */
  readonly isDefaultSampled: boolean;
  readonly failure?: EngineFailure;
}
