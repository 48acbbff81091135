/** Inspects a request: rules in the order of their priority, until one ends it; then the default action. */
import type { CompiledWebAcl } from './compile.ts';
import { Inspection } from './inspection.ts';
import type { HttpRequest } from './request.ts';
import type { CompiledGroup, CompiledRule } from './rule-scope.ts';
import type { WafState } from './state.ts';
import type {
  AppliedAction,
  BlockResponse,
  MatchDetail,
  RuleGroupOutcome,
  RuleMatch,
  RuleOutcome,
  TerminatingAction,
  TokenOutcome,
  Verdict,
} from './verdict.ts';

/** `now`: milliseconds since the epoch. Never throws: what a rule cannot answer, the fail mode does. */
export function inspect(compiled: CompiledWebAcl, request: HttpRequest, state: WafState, now: number): Verdict {
  return new Run(compiled, request, state, now).verdict();
}

/** A rule that ended the inspection of its web ACL or group. */
interface Ending {
  readonly rule: CompiledRule;
  /** Where the rule is a group: its rule that ended it. */
  readonly member?: CompiledRule;
  readonly action: TerminatingAction;
  readonly details: readonly MatchDetail[];
  readonly response?: BlockResponse;
  readonly immunitySeconds?: number;
}

class Run {
  readonly #compiled: CompiledWebAcl;
  readonly #inspection: Inspection;
  readonly #groups: RuleGroupOutcome[] = [];
  readonly #nonTerminating: RuleMatch[] = [];
  readonly #outcomes: RuleOutcome[] = [];
  readonly #headers = new Map<string, string>();
  /** Of the group that is at work: its rules that matched without ending it, and those that are excluded. */
  readonly #matches: RuleMatch[] = [];
  readonly #excluded: string[] = [];
  #captcha: TokenOutcome | undefined;
  #challenge: TokenOutcome | undefined;
  /** The rule under evaluation, should it fail, and the group that holds it. */
  #current: CompiledRule | undefined;
  #currentGroup: CompiledRule | undefined;

  constructor(compiled: CompiledWebAcl, request: HttpRequest, state: WafState, now: number) {
    this.#compiled = compiled;
    this.#inspection = new Inspection(request, now, state, compiled.readings, compiled.tokenDomains);
  }

  verdict(): Verdict {
    let ending: Ending | undefined;
    try {
      ending = this.#rules();
    } catch (error) {
      return this.#failed(error);
    }
    const { defaultAction } = this.#compiled;
    // Of a rule that allows within a group that only counts, nothing is inserted.
    this.#insert((ending?.rule.group ? ending.member : ending?.rule)?.action.insertedHeaders ?? []);
    if (!ending) this.#insert(defaultAction.insertedHeaders);
    const action = ending?.action ?? (defaultAction.applied as TerminatingAction);
    const response = ending ? ending.response : defaultAction.response;
    return {
      ...this.#facts(),
      action,
      terminatingRuleId: ending?.rule.name ?? 'Default_Action',
      terminatingRuleType: ending?.rule.type ?? 'REGULAR',
      terminatingRuleMatchDetails: ending?.details ?? [],
      insertedHeaders: action === 'ALLOW' ? [...this.#headers] : [],
      ...(response ? { response } : {}),
      ...(ending?.immunitySeconds === undefined ? {} : { immunitySeconds: ending.immunitySeconds }),
      isDefaultSampled: !ending && this.#compiled.isSampled,
    };
  }

  #rules(): Ending | undefined {
    for (const rule of this.#compiled.rules) {
      this.#current = rule;
      this.#currentGroup = undefined;
      const ending = rule.group
        ? this.#group(rule, rule.group)
        : this.#rule(rule, this.#nonTerminating, undefined, undefined);
      if (ending) return ending;
    }
    return undefined;
  }

  /** A rule that is no group; what it does without ending goes into `matches`. */
  #rule(
    rule: CompiledRule,
    matches: RuleMatch[],
    excluded: string[] | undefined,
    ruleGroupId: string | undefined,
  ): Ending | undefined {
    const inspection = this.#inspection;
    if (inspection.details.length > 0) inspection.details.length = 0;
    let details: readonly MatchDetail[];
    if (rule.inspect) {
      details = rule.inspect(inspection);
      if (details.length === 0) {
        inspection.settleLabels();
        return undefined;
      }
    } else {
      const outcome = rule.condition!(inspection);
      if (outcome !== 'yes') {
        inspection.settleLabels();
        return undefined;
      }
      details = inspection.details.slice();
    }
    for (const label of rule.labels) inspection.addLabel(label);
    inspection.settleLabels();
    const { action } = rule;
    let applied: AppliedAction = rule.isExcluded ? 'EXCLUDED_AS_COUNT' : action.applied;
    let immunitySeconds: number | undefined;
    let ends = applied !== 'COUNT' && applied !== 'EXCLUDED_AS_COUNT';
    if (applied === 'CAPTCHA' || applied === 'CHALLENGE') {
      immunitySeconds = applied === 'CAPTCHA' ? rule.captchaSeconds : rule.challengeSeconds;
      ends = !this.#hasSolved(applied, immunitySeconds, action.response!.status);
    }
    const override = rule.overriddenAction ? { overriddenAction: rule.overriddenAction } : {};
    this.#note(rule, applied, override, ruleGroupId);
    if (!ends) {
      this.#insert(action.insertedHeaders);
      if (rule.isExcluded) excluded?.push(rule.name);
      else matches.push({ ruleId: rule.name, action: applied, ruleMatchDetails: details, ...override });
      return undefined;
    }
    applied = action.applied;
    return {
      rule,
      action: applied as TerminatingAction,
      details,
      ...(action.response ? { response: action.response } : {}),
      ...(immunitySeconds === undefined ? {} : { immunitySeconds }),
    };
  }

  #group(rule: CompiledRule, group: CompiledGroup): Ending | undefined {
    const inspection = this.#inspection;
    if (group.scopeDown) {
      inspection.details.length = 0;
      const outcome = group.scopeDown(inspection);
      inspection.settleLabels();
      if (outcome !== 'yes') return undefined;
    }
    if (group.prepare) {
      group.prepare(inspection);
      inspection.settleLabels();
    }
    const matches = this.#matches;
    const excluded = this.#excluded;
    let inner: Ending | undefined;
    const { rules } = group;
    // Should it fail to say which of its rules may match.
    this.#current = rules[0];
    this.#currentGroup = rule;
    for (let at = this.#next(group, 0); at < rules.length; at = this.#next(group, at + 1)) {
      const member = rules[at]!;
      this.#current = member;
      inner = this.#rule(member, matches, excluded, group.id);
      if (inner) break;
    }
    const isEventful = inner !== undefined || matches.length > 0 || excluded.length > 0;
    this.#groups.push(isEventful ? this.#outcomeOf(group, inner) : group.uneventful);
    if (!inner) return undefined;
    if (group.isCountOnly) {
      this.#insert(rule.action.insertedHeaders);
      this.#note(rule, 'COUNT', { overriddenAction: inner.action }, undefined);
      this.#nonTerminating.push({
        ruleId: rule.name,
        action: 'COUNT',
        overriddenAction: inner.action,
        ruleMatchDetails: inner.details,
      });
      return undefined;
    }
    this.#note(rule, inner.action, {}, undefined);
    return { ...inner, rule, member: inner.rule };
  }

  /** Takes what the group's rules left. */
  #outcomeOf(group: CompiledGroup, inner: Ending | undefined): RuleGroupOutcome {
    const excluded = this.#excluded.splice(0);
    return {
      ruleGroupId: group.id,
      ...(inner ? { terminatingRule: this.#terminatingMatch(inner) } : {}),
      nonTerminatingMatchingRules: this.#matches.splice(0),
      ...(excluded.length > 0
        ? { excludedRules: excluded.map((ruleId) => ({ exclusionType: 'EXCLUDED_AS_COUNT' as const, ruleId })) }
        : {}),
    };
  }

  #next({ nextRule }: CompiledGroup, from: number): number {
    return nextRule ? nextRule(this.#inspection, from) : from;
  }

  #terminatingMatch(ending: Ending): RuleMatch {
    const { overriddenAction } = ending.rule;
    return {
      ruleId: ending.rule.name,
      action: ending.action,
      ruleMatchDetails: ending.details,
      ...(overriddenAction ? { overriddenAction } : {}),
    };
  }

  /** Whether the request's token shows that kind of puzzle, solved within the immunity time. */
  #hasSolved(kind: 'CAPTCHA' | 'CHALLENGE', immunitySeconds: number, responseCode: number): boolean {
    const token = this.#inspection.token();
    const solved = kind === 'CAPTCHA' ? token.captchaSolved : token.challengeSolved;
    let outcome: TokenOutcome;
    if (!token.isValid) outcome = { responseCode, failureReason: token.failure ?? 'TOKEN_INVALID' };
    else if (solved === undefined) outcome = { responseCode, failureReason: 'TOKEN_MISSING' };
    else if (solved + immunitySeconds * 1_000 <= this.#inspection.now) {
      outcome = { responseCode, solveTimestamp: Math.floor(solved / 1_000), failureReason: 'TOKEN_EXPIRED' };
    } else outcome = { solveTimestamp: Math.floor(solved / 1_000) };
    if (kind === 'CAPTCHA') this.#captcha = outcome;
    else this.#challenge = outcome;
    return outcome.failureReason === undefined;
  }

  #insert(headers: readonly (readonly [string, string])[]): void {
    for (const [name, value] of headers) this.#headers.set(name, value);
  }

  #note(
    rule: CompiledRule,
    action: AppliedAction,
    override: { readonly overriddenAction?: AppliedAction },
    ruleGroupId: string | undefined,
  ): void {
    this.#outcomes.push({
      ruleName: rule.name,
      metricName: rule.metricName,
      action,
      ...override,
      isMetered: rule.isMetered,
      isSampled: rule.isSampled,
      ...(ruleGroupId === undefined ? {} : { ruleGroupId }),
    });
  }

  #facts() {
    const { request, labels, rates, oversizeFields } = this.#inspection;
    return {
      ruleGroupList: this.#groups,
      rateBasedRuleList: rates,
      nonTerminatingMatchingRules: this.#nonTerminating,
      labels,
      ...(this.#captcha ? { captchaResponse: this.#captcha } : {}),
      ...(this.#challenge ? { challengeResponse: this.#challenge } : {}),
      oversizeFields: [...oversizeFields],
      requestBodySize: request.bodySize,
      requestBodySizeInspectedByWAF: request.body.length,
      outcomes: this.#outcomes,
    };
  }

  /** What the rules before did so far does not act: the fail mode alone decides. */
  #failed(error: unknown): Verdict {
    const mode = this.#inspection.state.failMode;
    return {
      ...this.#facts(),
      action: mode === 'closed' ? 'BLOCK' : 'ALLOW',
      terminatingRuleId: 'Engine_Failure',
      terminatingRuleType: 'REGULAR',
      terminatingRuleMatchDetails: [],
      insertedHeaders: [],
      ...(mode === 'closed' ? { response: { status: 500, headers: [] } } : {}),
      isDefaultSampled: this.#compiled.isSampled,
      failure: { ruleId: this.#currentName(), message: error instanceof Error ? error.message : String(error), mode },
    };
  }

  #currentName(): string {
    const name = this.#current?.name ?? '';
    return this.#currentGroup === undefined ? name : `${this.#currentGroup.name}/${name}`;
  }
}
