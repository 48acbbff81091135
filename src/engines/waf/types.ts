/**
 * Web ACLs, rules and statements, in the shape and with the names of AWS's own API.
 * `Given<Rule>` is what a caller may hand in: the SDK's types, whose required members may be undefined, fit it.
 */
import type { FieldToMatch } from './field-types.ts';

export type Given<T> = T extends Uint8Array | string | number | boolean | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Given<Element>[]
    : T extends object
      ? { readonly [Key in keyof T]: Given<T[Key]> | undefined }
      : T;

type Empty = Readonly<Record<never, never>>;

export interface CustomHTTPHeader {
  readonly Name: string;
  readonly Value: string;
}

interface CustomRequestHandling {
  readonly InsertHeaders: readonly CustomHTTPHeader[];
}

export interface CustomResponse {
  readonly ResponseCode: number;
  readonly CustomResponseBodyKey?: string;
  readonly ResponseHeaders?: readonly CustomHTTPHeader[];
}

/** What an action does with a request that may go on: Allow, Count, and Captcha and Challenge with a valid token. */
interface PassingAction {
  readonly CustomRequestHandling?: CustomRequestHandling;
}

/** Exactly one member is set. */
export interface RuleAction {
  readonly Block?: { readonly CustomResponse?: CustomResponse };
  readonly Allow?: PassingAction;
  readonly Count?: PassingAction;
  readonly Captcha?: PassingAction;
  readonly Challenge?: PassingAction;
  readonly Monetize?: { readonly PriceMultiplier?: string };
}

export type DefaultAction = Pick<RuleAction, 'Block' | 'Allow'>;

interface OverrideAction {
  readonly Count?: PassingAction;
  readonly None?: Empty;
}

export type TextTransformationType =
  | 'BASE64_DECODE'
  | 'BASE64_DECODE_EXT'
  | 'CMD_LINE'
  | 'CMD_LINE_UNIX'
  | 'CMD_LINE_WIN'
  | 'COMPRESS_WHITE_SPACE'
  | 'CSS_DECODE'
  | 'ESCAPE_SEQ_DECODE'
  | 'HEX_DECODE'
  | 'HTML_ENTITY_DECODE'
  | 'JS_DECODE'
  | 'JS_DECODE_EXT'
  | 'LOWERCASE'
  | 'MD5'
  | 'NONE'
  | 'NORMALIZE_PATH'
  | 'NORMALIZE_PATH_WIN'
  | 'REMOVE_COMMENTS_CHAR'
  | 'REMOVE_NULLS'
  | 'REMOVE_WHITESPACE'
  | 'REPLACE_COMMENTS'
  | 'REPLACE_NULLS'
  | 'SHA256'
  | 'SQL_HEX_DECODE'
  | 'TRIM'
  | 'TRIM_LEFT'
  | 'TRIM_RIGHT'
  | 'UPPERCASE'
  | 'URL_DECODE'
  | 'URL_DECODE_UNI'
  | 'UTF8_TO_UNICODE';

export interface TextTransformation {
  readonly Priority: number;
  readonly Type: TextTransformationType;
}

export type PreParseTextTransformationType =
  | 'COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA'
  | 'NONE'
  | 'REPLACE_SEMICOLONS_WITH_AMPERSANDS'
  | 'URL_DECODE'
  | 'URL_DECODE_UNI';

export interface PreParseTextTransformation {
  readonly Priority: number;
  readonly Type: PreParseTextTransformationType;
}

/** What all statements that look into a part of the request have. */
export interface Inspecting {
  readonly FieldToMatch: FieldToMatch;
  readonly TextTransformations: readonly TextTransformation[];
  readonly PreParseTextTransformations?: readonly PreParseTextTransformation[];
}

export interface ByteMatchStatement extends Inspecting {
  /** As text: base64, as in AWS's JSON documents. */
  readonly SearchString: Uint8Array | string;
  readonly PositionalConstraint: 'CONTAINS' | 'CONTAINS_WORD' | 'ENDS_WITH' | 'EXACTLY' | 'STARTS_WITH';
}

export interface SqliMatchStatement extends Inspecting {
  readonly SensitivityLevel?: 'LOW' | 'HIGH';
}

export type XssMatchStatement = Inspecting;

export interface SizeConstraintStatement extends Inspecting {
  readonly ComparisonOperator: 'EQ' | 'NE' | 'LE' | 'LT' | 'GE' | 'GT';
  readonly Size: number;
}

export interface RegexMatchStatement extends Inspecting {
  readonly RegexString: string;
}

export interface RegexPatternSetReferenceStatement extends Inspecting {
  readonly ARN: string;
}

type Fallback = 'MATCH' | 'NO_MATCH';

export interface ForwardedIPConfig {
  readonly HeaderName: string;
  readonly FallbackBehavior: Fallback;
}

interface IPSetForwardedIPConfig extends ForwardedIPConfig {
  readonly Position: 'FIRST' | 'LAST' | 'ANY';
}

export interface GeoMatchStatement {
  readonly CountryCodes?: readonly string[];
  readonly ForwardedIPConfig?: ForwardedIPConfig;
}

export interface AsnMatchStatement {
  readonly AsnList: readonly number[];
  readonly ForwardedIPConfig?: ForwardedIPConfig;
}

export interface IPSetReferenceStatement {
  readonly ARN: string;
  readonly IPSetForwardedIPConfig?: IPSetForwardedIPConfig;
}

export interface LabelMatchStatement {
  readonly Scope: 'LABEL' | 'NAMESPACE';
  readonly Key: string;
}

interface Named {
  readonly Name: string;
}

interface NamedAndTransformed extends Named {
  readonly TextTransformations: readonly TextTransformation[];
}

/** Exactly one member is set. */
export interface RateBasedStatementCustomKey {
  readonly Header?: NamedAndTransformed;
  readonly Cookie?: NamedAndTransformed;
  readonly QueryArgument?: NamedAndTransformed;
  readonly QueryString?: { readonly TextTransformations: readonly TextTransformation[] };
  readonly HTTPMethod?: Empty;
  readonly ForwardedIP?: Empty;
  readonly IP?: Empty;
  readonly LabelNamespace?: { readonly Namespace: string };
  readonly UriPath?: { readonly TextTransformations: readonly TextTransformation[] };
  readonly JA3Fingerprint?: { readonly FallbackBehavior: Fallback };
  readonly JA4Fingerprint?: { readonly FallbackBehavior: Fallback };
  readonly ASN?: Empty;
}

export interface RateBasedStatement {
  readonly Limit: number;
  readonly EvaluationWindowSec?: number;
  readonly AggregateKeyType: 'IP' | 'FORWARDED_IP' | 'CUSTOM_KEYS' | 'CONSTANT';
  readonly ScopeDownStatement?: Statement;
  readonly ForwardedIPConfig?: ForwardedIPConfig;
  readonly CustomKeys?: readonly RateBasedStatementCustomKey[];
}

interface RuleActionOverride {
  readonly Name: string;
  readonly ActionToUse: RuleAction;
}

/** How a web ACL changes the actions of a group's rules. */
export interface GroupOverrides {
  readonly ExcludedRules?: readonly Named[];
  readonly RuleActionOverrides?: readonly RuleActionOverride[];
}

export interface RuleGroupReferenceStatement extends GroupOverrides {
  readonly ARN: string;
}

interface Identified {
  readonly Identifier: string;
}

interface RequestInspection {
  readonly PayloadType: 'JSON' | 'FORM_ENCODED';
  readonly UsernameField?: Identified;
  readonly PasswordField?: Identified;
}

interface ResponseInspection {
  readonly StatusCode?: { readonly SuccessCodes: readonly number[]; readonly FailureCodes: readonly number[] };
  readonly Header?: {
    readonly Name: string;
    readonly SuccessValues: readonly string[];
    readonly FailureValues: readonly string[];
  };
  readonly BodyContains?: { readonly SuccessStrings: readonly string[]; readonly FailureStrings: readonly string[] };
  readonly Json?: {
    readonly Identifier: string;
    readonly SuccessValues: readonly string[];
    readonly FailureValues: readonly string[];
  };
}

type Sensitivity = 'LOW' | 'MEDIUM' | 'HIGH';

/** Settings of single managed groups; groups without settings ignore it. */
export interface ManagedRuleGroupConfig {
  readonly LoginPath?: string;
  readonly PayloadType?: 'JSON' | 'FORM_ENCODED';
  readonly UsernameField?: Identified;
  readonly PasswordField?: Identified;
  readonly AWSManagedRulesBotControlRuleSet?: {
    readonly InspectionLevel: 'COMMON' | 'TARGETED';
    readonly EnableMachineLearning?: boolean;
  };
  readonly AWSManagedRulesATPRuleSet?: {
    readonly LoginPath: string;
    readonly RequestInspection?: RequestInspection;
    readonly ResponseInspection?: ResponseInspection;
    readonly EnableRegexInPath?: boolean;
  };
  readonly AWSManagedRulesACFPRuleSet?: {
    readonly CreationPath: string;
    readonly RegistrationPagePath: string;
    readonly RequestInspection: RequestInspection & {
      readonly EmailField?: Identified;
      readonly PhoneNumberFields?: readonly Identified[];
      readonly AddressFields?: readonly Identified[];
    };
    readonly ResponseInspection?: ResponseInspection;
    readonly EnableRegexInPath?: boolean;
  };
  readonly AWSManagedRulesAntiDDoSRuleSet?: {
    readonly ClientSideActionConfig: {
      readonly Challenge: {
        readonly UsageOfAction: 'ENABLED' | 'DISABLED';
        readonly Sensitivity?: Sensitivity;
        readonly ExemptUriRegularExpressions?: readonly { readonly RegexString?: string }[];
      };
    };
    readonly SensitivityToBlock?: Sensitivity;
  };
}

export interface ManagedRuleGroupStatement extends GroupOverrides {
  readonly VendorName: string;
  readonly Name: string;
  readonly Version?: string;
  readonly ScopeDownStatement?: Statement;
  readonly ManagedRuleGroupConfigs?: readonly ManagedRuleGroupConfig[];
}

/** Exactly one member is set. */
export interface Statement {
  readonly ByteMatchStatement?: ByteMatchStatement;
  readonly SqliMatchStatement?: SqliMatchStatement;
  readonly XssMatchStatement?: XssMatchStatement;
  readonly SizeConstraintStatement?: SizeConstraintStatement;
  readonly GeoMatchStatement?: GeoMatchStatement;
  readonly AsnMatchStatement?: AsnMatchStatement;
  readonly IPSetReferenceStatement?: IPSetReferenceStatement;
  readonly RegexPatternSetReferenceStatement?: RegexPatternSetReferenceStatement;
  readonly RegexMatchStatement?: RegexMatchStatement;
  readonly LabelMatchStatement?: LabelMatchStatement;
  readonly RateBasedStatement?: RateBasedStatement;
  readonly RuleGroupReferenceStatement?: RuleGroupReferenceStatement;
  readonly ManagedRuleGroupStatement?: ManagedRuleGroupStatement;
  readonly AndStatement?: { readonly Statements: readonly Statement[] };
  readonly OrStatement?: { readonly Statements: readonly Statement[] };
  readonly NotStatement?: { readonly Statement: Statement };
}

export interface VisibilityConfig {
  readonly SampledRequestsEnabled: boolean;
  readonly CloudWatchMetricsEnabled: boolean;
  readonly MetricName: string;
}

/** For how many seconds a solved puzzle is good; 300 where nothing is said. */
export interface ImmunityConfig {
  readonly ImmunityTimeProperty?: { readonly ImmunityTime: number };
}

export interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Statement: Statement;
  /** Of rules that are no references to groups. */
  readonly Action?: RuleAction;
  /** Of references to groups. */
  readonly OverrideAction?: OverrideAction;
  readonly RuleLabels?: readonly Named[];
  readonly VisibilityConfig: VisibilityConfig;
  readonly CaptchaConfig?: ImmunityConfig;
  readonly ChallengeConfig?: ImmunityConfig;
}

interface CustomResponseBody {
  readonly ContentType: 'APPLICATION_JSON' | 'TEXT_HTML' | 'TEXT_PLAIN';
  readonly Content: string;
}

export type CustomResponseBodies = Readonly<Record<string, CustomResponseBody>>;

export interface WebACLDefinition {
  readonly Name: string;
  /** Gives the account of the labels' prefix: `awswaf:111122223333:webacl:NAME:`. */
  readonly ARN: string;
  readonly DefaultAction: DefaultAction;
  readonly Rules?: readonly Rule[];
  readonly VisibilityConfig: VisibilityConfig;
  readonly CustomResponseBodies?: CustomResponseBodies;
  readonly CaptchaConfig?: ImmunityConfig;
  readonly ChallengeConfig?: ImmunityConfig;
  readonly TokenDomains?: readonly string[];
  /** Rule groups that stand before and after the web ACL's own rules. */
  readonly PreProcessFirewallManagerRuleGroups?: readonly FirewallManagerRuleGroup[];
  readonly PostProcessFirewallManagerRuleGroups?: readonly FirewallManagerRuleGroup[];
}

export interface FirewallManagerRuleGroup {
  readonly Name: string;
  readonly Priority: number;
  readonly FirewallManagerStatement: Pick<Statement, 'ManagedRuleGroupStatement' | 'RuleGroupReferenceStatement'>;
  readonly OverrideAction: OverrideAction;
  readonly VisibilityConfig: VisibilityConfig;
}

export interface RuleGroupDefinition {
  readonly Name: string;
  /** Gives the account of the labels' prefix: `awswaf:111122223333:rulegroup:NAME:`. */
  readonly ARN: string;
  readonly Rules?: readonly Rule[];
  readonly VisibilityConfig: VisibilityConfig;
  readonly CustomResponseBodies?: CustomResponseBodies;
}
