/** What rules share while they are compiled: where they stand, and what their web ACL makes of their actions. */
import { type CompiledAction, compileAction } from './actions.ts';
import type { RateSettings } from './rates/registry.ts';
import type { Readings } from './readings.ts';
import type { NextRule, Resources } from './resources.ts';
import type { CompileContext, Condition } from './statements/condition.ts';
import { compileStatement } from './statements/table.ts';
import type { CustomResponseBodies, GroupOverrides, RuleAction, Statement, VisibilityConfig } from './types.ts';
import type { AppliedAction, MatchDetail, RuleGroupOutcome, RuleType } from './verdict.ts';
import type { RequestView } from './view.ts';

export interface CompiledRule {
  readonly name: string;
  readonly metricName: string;
  readonly isMetered: boolean;
  readonly isSampled: boolean;
  readonly type: RuleType;
  /** Fully qualified; of a match. */
  readonly labels: readonly string[];
  readonly action: CompiledAction;
  /** The action that the rule itself has, where the web ACL gave it another. */
  readonly overriddenAction?: AppliedAction;
  readonly isExcluded: boolean;
  readonly captchaSeconds: number;
  readonly challengeSeconds: number;
  /** One of the three. */
  readonly condition?: Condition;
  readonly inspect?: (view: RequestView) => readonly MatchDetail[];
  readonly group?: CompiledGroup;
}

export interface CompiledGroup {
  /** What logs call it: an ARN, or `VENDOR#NAME`. */
  readonly id: string;
  readonly rules: readonly CompiledRule[];
  readonly nextRule?: NextRule;
  readonly scopeDown?: Condition;
  readonly prepare?: (view: RequestView) => void;
  /** What the group decides only counts. */
  readonly isCountOnly: boolean;
  /** What is said of it where none of its rules matched: of most requests, the same for all of them. */
  readonly uneventful: RuleGroupOutcome;
}

/** Where rules stand: in a web ACL, or in a group within one. */
export interface RuleScope {
  readonly resources: Resources;
  readonly readings: Readings;
  readonly labelContext: string;
  readonly bodies: CustomResponseBodies;
  /** Of the web ACL, for overrides that bring a response of their own. */
  readonly overrideBodies: CustomResponseBodies;
  /** `RULE/` within a group. */
  readonly pathPrefix: string;
  readonly isGroup: boolean;
  readonly captchaSeconds: number;
  readonly challengeSeconds: number;
  readonly overrides: GroupOverrides;
  onRate(settings: RateSettings): void;
}

export function visibilityOf(config: VisibilityConfig): Pick<CompiledRule, 'metricName' | 'isMetered' | 'isSampled'> {
  return {
    metricName: config.MetricName,
    isMetered: config.CloudWatchMetricsEnabled,
    isSampled: config.SampledRequestsEnabled,
  };
}

/** A rule's action, or the one that the web ACL gave it. */
export function actionOf(
  name: string,
  own: RuleAction,
  scope: RuleScope,
): Pick<CompiledRule, 'action' | 'overriddenAction' | 'isExcluded'> {
  const override = scope.overrides.RuleActionOverrides?.find(({ Name }) => Name === name);
  const isExcluded = !override && (scope.overrides.ExcludedRules ?? []).some(({ Name }) => Name === name);
  const action = compileAction(own, scope.bodies);
  if (!override && !isExcluded) return { action, isExcluded };
  return {
    action: isExcluded ? compileAction({ Count: {} }, {}) : compileAction(override!.ActionToUse, scope.overrideBodies),
    overriddenAction: action.applied,
    isExcluded,
  };
}

export function contextOf(scope: RuleScope, ruleName: string): CompileContext {
  const context: CompileContext = {
    resources: scope.resources,
    readings: scope.readings,
    labelContext: scope.labelContext,
    rulePath: scope.pathPrefix + ruleName,
    compile: (statement: Statement) => compileStatement(statement, context),
  };
  return context;
}
