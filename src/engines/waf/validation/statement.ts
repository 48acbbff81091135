/** What statements must be like, and where they may stand. */
import { InvalidParameter } from '../invalid-parameter.ts';
import { RegexFault } from '../regex/fault.ts';
import { compileRegex } from '../regex/regex.ts';
import { searchText } from '../statements/byte-match.ts';
import type { GroupOverrides, ManagedRuleGroupConfig, Statement } from '../types.ts';
import { validateAction } from './action.ts';
import { validateInspecting } from './field.ts';
import { validateRateBased } from './rate-based.ts';
import { onlyMember, reasons, requireUnique } from './reasons.ts';
import type { ValidationOptions } from './rules.ts';

const deepestNesting = 20;
const longestSearch = 200;
const longestRegex = 512;
const mostSystems = 100;
const mostCountries = 50;
const mostOverrides = 100;
const mostExemptions = 5;

const topOnly: readonly string[] = ['RateBasedStatement', 'RuleGroupReferenceStatement', 'ManagedRuleGroupStatement'];
const configured: readonly string[] = [
  'AWSManagedRulesATPRuleSet',
  'AWSManagedRulesACFPRuleSet',
  'AWSManagedRulesAntiDDoSRuleSet',
];

export function validateStatement(statement: Statement, options: ValidationOptions, depth = 0): void {
  const name = onlyMember(statement ?? {}, 'STATEMENT', 'Statement');
  if (depth > 0 && topOnly.includes(name)) throw new InvalidParameter('STATEMENT', name, reasons.nested);
  if (depth > deepestNesting) throw new InvalidParameter('STATEMENT', name, reasons.maximum);
  const several = statement.AndStatement ?? statement.OrStatement;
  if (several) {
    if ((several.Statements ?? []).length < 2) {
      throw new InvalidParameter(
        statement.AndStatement ? 'AND_STATEMENT' : 'OR_STATEMENT',
        'Statements',
        reasons.minimum,
      );
    }
    for (const nested of several.Statements) validateStatement(nested, options, depth + 1);
  } else if (statement.NotStatement) validateStatement(statement.NotStatement.Statement, options, depth + 1);
  else if (statement.RateBasedStatement) {
    validateRateBased(statement.RateBasedStatement);
    const scopeDown = statement.RateBasedStatement.ScopeDownStatement;
    if (scopeDown) validateStatement(scopeDown, options, depth + 1);
  } else if (statement.ManagedRuleGroupStatement) validateManaged(statement.ManagedRuleGroupStatement, options, depth);
  else if (statement.RuleGroupReferenceStatement) validateOverrides(statement.RuleGroupReferenceStatement, options);
  else validateLeaf(statement);
}

function validateLeaf(statement: Statement): void {
  const bytes = statement.ByteMatchStatement;
  if (bytes) {
    // Base64 is a third longer than what it says.
    if ((bytes.SearchString ?? '').length > 2 * longestSearch) {
      throw new InvalidParameter('BYTE_MATCH_STATEMENT', 'SearchString', reasons.maximum);
    }
    const text = searchText(bytes.SearchString ?? '');
    if (text.length < 1) throw new InvalidParameter('BYTE_MATCH_STATEMENT', 'SearchString', reasons.minimum);
    if (text.length > longestSearch)
      throw new InvalidParameter('BYTE_MATCH_STATEMENT', 'SearchString', reasons.maximum);
    if (bytes.PositionalConstraint === 'CONTAINS_WORD' && !/^\w+$/.test(text)) {
      throw new InvalidParameter('BYTE_MATCH_STATEMENT', 'SearchString', reasons.format);
    }
    validateInspecting(bytes, bytes.PositionalConstraint === 'EXACTLY');
    return;
  }
  const inspecting =
    statement.SqliMatchStatement ??
    statement.XssMatchStatement ??
    statement.SizeConstraintStatement ??
    statement.RegexPatternSetReferenceStatement ??
    statement.RegexMatchStatement;
  if (inspecting) validateInspecting(inspecting, false);
  if (statement.RegexMatchStatement) validateRegex(statement.RegexMatchStatement.RegexString);
  const { GeoMatchStatement: geo, AsnMatchStatement: asn } = statement;
  if (geo && (geo.CountryCodes ?? []).length === 0) {
    throw new InvalidParameter('GEO_MATCH_STATEMENT', 'CountryCodes', reasons.minimum);
  }
  if (geo && (geo.CountryCodes ?? []).length > mostCountries) {
    throw new InvalidParameter('GEO_MATCH_STATEMENT', 'CountryCodes', reasons.maximum);
  }
  if (asn && (asn.AsnList ?? []).length === 0) throw new InvalidParameter('STATEMENT', 'AsnList', reasons.minimum);
  if (asn && asn.AsnList.length > mostSystems) throw new InvalidParameter('STATEMENT', 'AsnList', reasons.maximum);
}

/** For pattern sets too. */
export function validateRegex(pattern: string): void {
  if (pattern === undefined || pattern === '')
    throw new InvalidParameter('REGEX_PATTERN_SET', 'RegexString', reasons.minimum);
  if (pattern.length > longestRegex) throw new InvalidParameter('REGEX_PATTERN_SET', pattern, reasons.maximum);
  try {
    compileRegex(pattern);
  } catch (error) {
    if (!(error instanceof RegexFault)) throw error;
    throw new InvalidParameter(
      'REGEX_PATTERN_SET',
      pattern,
      `${reasons.format} In the regular expression: ${error.message}.`,
    );
  }
}

function validateManaged(
  statement: NonNullable<Statement['ManagedRuleGroupStatement']>,
  options: ValidationOptions,
  depth: number,
): void {
  validateOverrides(statement, options);
  if (statement.ScopeDownStatement) validateStatement(statement.ScopeDownStatement, options, depth + 1);
  const { VendorName, Name } = statement;
  const configs = statement.ManagedRuleGroupConfigs ?? [];
  for (const config of configs) validateConfig(VendorName === 'AWS' ? Name : '', config, options.scope);
  if (VendorName !== 'AWS' || !configured.includes(Name)) return;
  const key = Name as 'AWSManagedRulesATPRuleSet';
  // The older form of the first names the login path without a rule set.
  if (configs.some((config) => config[key] || (key === configured[0] && config.LoginPath !== undefined))) return;
  throw new InvalidParameter('MANAGED_RULE_GROUP_CONFIG', Name, reasons.required);
}

/** What the settings of older web ACLs for the first of `configured` are called. */
const withoutRuleSet: readonly string[] = ['LoginPath', 'PayloadType', 'UsernameField', 'PasswordField'];

/** A group takes its own settings, and of those none that nothing would act upon. */
function validateConfig(group: string, config: ManagedRuleGroupConfig, scope: ValidationOptions['scope']): void {
  for (const [member, value] of Object.entries(config)) {
    const isOwn = member === group || (group === configured[0] && withoutRuleSet.includes(member));
    if (value !== undefined && !isOwn) {
      throw new InvalidParameter('MANAGED_RULE_GROUP_CONFIG', member, reasons.notAllowed);
    }
  }
  validateChallenge(config.AWSManagedRulesAntiDDoSRuleSet?.ClientSideActionConfig?.Challenge);
  const { AWSManagedRulesATPRuleSet: logins, AWSManagedRulesACFPRuleSet: registrations } = config;
  if (!logins?.ResponseInspection && !registrations?.ResponseInspection) return;
  throw new InvalidParameter(
    logins ? 'ATP_RULE_SET_RESPONSE_INSPECTION' : 'ACP_RULE_SET_RESPONSE_INSPECTION',
    'ResponseInspection',
    // "Response inspection is available only in web ACLs that protect CloudFront distributions."
    scope === 'CLOUDFRONT' ? 'It is not built. Leave it out.' : reasons.notAllowed,
  );
}

type FloodSettings = NonNullable<ManagedRuleGroupConfig['AWSManagedRulesAntiDDoSRuleSet']>;

/** Where browsers are challenged, it takes expressions for what can not answer a challenge: one to five. */
function validateChallenge(challenge: FloodSettings['ClientSideActionConfig']['Challenge'] | undefined): void {
  const exempt = challenge?.ExemptUriRegularExpressions ?? [];
  const refuse = (reason: string): never => {
    throw new InvalidParameter('MANAGED_RULE_GROUP_CONFIG', 'ExemptUriRegularExpressions', reason);
  };
  if (challenge?.UsageOfAction === 'ENABLED' && exempt.length === 0) refuse(reasons.required);
  if (exempt.length > mostExemptions) refuse(reasons.maximum);
  for (const { RegexString } of exempt) validateRegex(RegexString ?? '');
}

function validateOverrides(overrides: GroupOverrides, options: ValidationOptions): void {
  const changed = (overrides.RuleActionOverrides ?? []).map(({ Name }) => Name);
  const excluded = (overrides.ExcludedRules ?? []).map(({ Name }) => Name);
  if (changed.length > mostOverrides || excluded.length > mostOverrides) {
    throw new InvalidParameter('EXCLUDED_RULE', 'RuleActionOverrides', reasons.maximum);
  }
  requireUnique([...changed, ...excluded], 'EXCLUDED_RULE', 'Name');
  for (const { ActionToUse } of overrides.RuleActionOverrides ?? []) validateAction(ActionToUse, options);
}
