/** The narrowest change of a web ACL that would let one stopped request through, and little else. */
import type { Rule, Statement } from '../../../engines/waf/types.ts';
import type { RuleGroupOutcome, Verdict } from '../../../engines/waf/verdict.ts';
import { printable } from '../printable.ts';

export interface Exclusion {
  /** What it does, for people. */
  readonly sentence: string;
  /** The rules that change or are new, as the API takes them. */
  readonly rules: readonly Rule[];
}

interface Stopped {
  readonly path: string;
  readonly verdict: Verdict;
}

/**
 * @param labelsOf fully qualified labels that a rule of a group adds
 * @returns undefined where nothing stopped the request
 */
export function exclusionFor(
  rules: readonly Rule[],
  stopped: Stopped,
  labelsOf: (group: Rule, ruleName: string) => readonly string[],
): Exclusion | undefined {
  const { verdict } = stopped;
  if (verdict.action === 'ALLOW') return undefined;
  const rule = rules.find(({ Name }) => Name === verdict.terminatingRuleId);
  if (!rule) return allowPath(rules, stopped);
  const {
    ManagedRuleGroupStatement: managed,
    RuleGroupReferenceStatement: own,
    RateBasedStatement: rate,
  } = rule.Statement;
  if (managed || own) return withinGroup(rules, rule, stopped, labelsOf);
  if (rate) {
    const { ScopeDownStatement: before } = rate;
    const ScopeDownStatement = before ? both(before, elsewhere(stopped.path)) : elsewhere(stopped.path);
    return {
      sentence: `Do not count requests for ${shown(stopped.path)} in the rate-based rule ${rule.Name}.`,
      rules: [{ ...rule, Statement: { RateBasedStatement: { ...rate, ScopeDownStatement } } }],
    };
  }
  return {
    sentence: `Let the rule ${rule.Name} act everywhere but on ${shown(stopped.path)}.`,
    rules: [{ ...rule, Statement: both(rule.Statement, elsewhere(stopped.path)) }],
  };
}

/** Only that one rule counts, and its label is stopped everywhere but here. */
function withinGroup(
  rules: readonly Rule[],
  rule: Rule,
  { path, verdict }: Stopped,
  labelsOf: (group: Rule, ruleName: string) => readonly string[],
): Exclusion | undefined {
  const inner = innerRule(verdict.ruleGroupList)?.ruleId;
  if (inner === undefined) return undefined;
  const { ManagedRuleGroupStatement: managed, RuleGroupReferenceStatement: own } = rule.Statement;
  const override = (before: { readonly RuleActionOverrides?: readonly { readonly Name: string }[] }) => ({
    RuleActionOverrides: [
      ...(before.RuleActionOverrides ?? []).filter(({ Name }) => Name !== inner),
      { Name: inner, ActionToUse: { Count: {} } },
    ] as NonNullable<typeof managed>['RuleActionOverrides'] & object,
  });
  const counting: Rule = {
    ...rule,
    Statement: {
      ...(managed && { ManagedRuleGroupStatement: { ...managed, ...override(managed) } }),
      ...(own && { RuleGroupReferenceStatement: { ...own, ...override(own) } }),
    },
  };
  const [label] = labelsOf(rule, inner);
  if (label === undefined) {
    return {
      sentence: `Let the rule ${inner} of ${rule.Name} count. It adds no label, so this holds for every path.`,
      rules: [counting],
    };
  }
  const name = `${rule.Name}-${inner}-elsewhere`.slice(0, 128);
  const stop: Rule = {
    Name: name,
    Priority: priorityAfter(rules, rule.Priority),
    Statement: both({ LabelMatchStatement: { Scope: 'LABEL', Key: label } }, elsewhere(path)),
    Action: { Block: {} },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: name },
  };
  return {
    sentence: `Let the rule ${inner} of ${rule.Name} count, and block what it labels everywhere but on ${shown(path)}.`,
    rules: [counting, stop],
  };
}

export function innerRule(groups: readonly RuleGroupOutcome[]): RuleGroupOutcome['terminatingRule'] {
  return groups.findLast(({ terminatingRule }) => terminatingRule !== undefined)?.terminatingRule;
}

/** The web ACL's default action stopped it: one path is opened. */
function allowPath(rules: readonly Rule[], { path, verdict }: Stopped): Exclusion | undefined {
  if (verdict.terminatingRuleId !== 'Default_Action') return undefined;
  const last = Math.max(-1, ...rules.map(({ Priority }) => Priority));
  const rule: Rule = {
    Name: 'allow-path',
    Priority: last + 1,
    Statement: here(path),
    Action: { Allow: {} },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'allow-path' },
  };
  return { sentence: `No rule allows it, and the default action stops it: allow ${shown(path)}.`, rules: [rule] };
}

/** The next priority that nobody has, before the rule that follows where there is room. */
function priorityAfter(rules: readonly Rule[], priority: number): number {
  const taken = new Set(rules.map((rule) => rule.Priority));
  let next = priority + 1;
  while (taken.has(next)) next += 1;
  return next;
}

const mostBytes = 200;
const shown = (path: string): string => printable(path, 100);

/** A search string has at most 200 bytes: a longer path is told by its beginning. */
function here(path: string): Statement {
  return {
    ByteMatchStatement: {
      SearchString: Buffer.from(path.slice(0, mostBytes), 'latin1').toString('base64'),
      FieldToMatch: { UriPath: {} },
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      PositionalConstraint: path.length > mostBytes ? 'STARTS_WITH' : 'EXACTLY',
    },
  };
}

const elsewhere = (path: string): Statement => ({ NotStatement: { Statement: here(path) } });

function both(first: Statement, second: Statement): Statement {
  const parts = first.AndStatement ? first.AndStatement.Statements : [first];
  return { AndStatement: { Statements: [...parts, second] } };
}
