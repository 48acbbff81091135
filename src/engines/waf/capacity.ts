/** Web ACL capacity units: what rules cost, as AWS adds it up. */
import type { FieldToMatch } from './field-types.ts';
import type { Given, Inspecting, Rule, Statement } from './types.ts';

/** Capacities of groups; undefined where there is no such group. */
export interface GroupCapacities {
  ruleGroup(arn: string): number | undefined;
  managedRuleGroup(vendorName: string, name: string, version: string | undefined): number | undefined;
}

const perTransformation = 10;
const perCustomKey = 30;

/** Of groups that are not there, nothing is counted. */
export function capacityOf(rules: Given<readonly Rule[]>, groups: GroupCapacities): number {
  const shared = new Set<string>();
  let sum = 0;
  for (const rule of rules as readonly Rule[]) sum += costOf(rule.Statement, groups, shared);
  return sum + shared.size * perTransformation;
}

/** Transformations are collected in `shared`: the same one of the same part of a request is done, and paid for, once. */
function costOf(statement: Statement, groups: GroupCapacities, shared: Set<string>): number {
  const sum = (nested: readonly Statement[]): number =>
    nested.reduce((total, each) => total + costOf(each, groups, shared), 0);
  const looking = (inspecting: Inspecting, cost: number): number => {
    collect(inspecting, shared);
    if (inspecting.FieldToMatch.JsonBody) return cost * 2;
    return inspecting.FieldToMatch.AllQueryArguments ? cost + 10 : cost;
  };
  if (statement.ByteMatchStatement) {
    const { PositionalConstraint } = statement.ByteMatchStatement;
    return looking(statement.ByteMatchStatement, PositionalConstraint.startsWith('CONTAINS') ? 10 : 2);
  }
  if (statement.SqliMatchStatement) {
    return looking(statement.SqliMatchStatement, statement.SqliMatchStatement.SensitivityLevel === 'HIGH' ? 30 : 20);
  }
  if (statement.XssMatchStatement) return looking(statement.XssMatchStatement, 40);
  if (statement.SizeConstraintStatement) return looking(statement.SizeConstraintStatement, 1);
  if (statement.RegexMatchStatement) return looking(statement.RegexMatchStatement, 3);
  if (statement.RegexPatternSetReferenceStatement) return looking(statement.RegexPatternSetReferenceStatement, 25);
  if (statement.GeoMatchStatement || statement.AsnMatchStatement || statement.LabelMatchStatement) return 1;
  if (statement.IPSetReferenceStatement) {
    return statement.IPSetReferenceStatement.IPSetForwardedIPConfig?.Position === 'ANY' ? 5 : 1;
  }
  if (statement.AndStatement) return sum(statement.AndStatement.Statements);
  if (statement.OrStatement) return sum(statement.OrStatement.Statements);
  if (statement.NotStatement) return sum([statement.NotStatement.Statement]);
  const rate = statement.RateBasedStatement;
  if (rate) {
    const keys = rate.AggregateKeyType === 'CUSTOM_KEYS' ? (rate.CustomKeys ?? []).length : 0;
    return 2 + perCustomKey * keys + (rate.ScopeDownStatement ? sum([rate.ScopeDownStatement]) : 0);
  }
  if (statement.RuleGroupReferenceStatement) return groups.ruleGroup(statement.RuleGroupReferenceStatement.ARN) ?? 0;
  const managed = statement.ManagedRuleGroupStatement;
  if (!managed) return 0;
  const capacity = groups.managedRuleGroup(managed.VendorName, managed.Name, managed.Version) ?? 0;
  return capacity + (managed.ScopeDownStatement ? sum([managed.ScopeDownStatement]) : 0);
}

function collect(inspecting: Inspecting, shared: Set<string>): void {
  const part = partOf(inspecting.FieldToMatch);
  for (const { Type } of inspecting.TextTransformations) if (Type !== 'NONE') shared.add(`${part} ${Type}`);
  for (const { Type } of inspecting.PreParseTextTransformations ?? []) {
    if (Type !== 'NONE') shared.add(`query before parsing ${Type}`);
  }
}

/** The part of a request, whatever is done when there is too much of it or none. */
function partOf(field: FieldToMatch): string {
  if (field.SingleHeader) return `header ${field.SingleHeader.Name.toLowerCase()}`;
  if (field.SingleQueryArgument) return `argument ${field.SingleQueryArgument.Name.toLowerCase()}`;
  const several = field.Headers ?? field.Cookies ?? field.JsonBody;
  const name = Object.keys(field).find((key) => field[key as keyof FieldToMatch] !== undefined) ?? '';
  return several ? `${name} ${several.MatchScope} ${JSON.stringify(several.MatchPattern)}` : name;
}
