/** The rules of a listener, compiled once per snapshot: a request has the first whose conditions are all met. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Guard, guardTypes } from '../authentication/guards.ts';
import type { ListenerSettings, RuleSettings } from '../snapshot.ts';
import { type CompiledAction, compileActions } from './actions.ts';
import { type Condition, compileCondition } from './conditions.ts';
import type { RoutedRequest } from './request.ts';
import { compileTransforms, type Transform } from './transforms.ts';

export interface CompiledRule {
  /** `default`, or the number as text: the access log's `matched_rule_priority`. */
  readonly priority: string;
  readonly arn: string;
  readonly conditions: readonly Condition[];
  readonly action: CompiledAction;
  /** Asked before the action is performed. */
  readonly guard: Guard | undefined;
  readonly transform: Transform | undefined;
}

export class Rules {
  readonly #rules: readonly CompiledRule[];
  readonly #fallback: CompiledRule;

  constructor(
    listener: Pick<ListenerSettings, 'arn' | 'rules' | 'defaultActions'>,
    guardFor: (actions: readonly Action[]) => Guard | undefined,
  ) {
    const rules = [...listener.rules].sort((a, b) => a.priority - b.priority);
    this.#rules = rules.map((rule) => compileRule(rule, guardFor(rule.actions)));
    const guard = guardFor(listener.defaultActions);
    this.#fallback = {
      priority: '0',
      arn: listener.arn,
      conditions: [],
      action: compileGuarded(listener.defaultActions, guard),
      guard,
      transform: undefined,
    };
  }

  find(request: RoutedRequest): CompiledRule {
    for (const rule of this.#rules) if (rule.conditions.every((condition) => condition(request))) return rule;
    return this.#fallback;
  }
}

/** What guards a rule, and has no guard to perform it, is an action like any that is not built. */
function compileGuarded(actions: readonly Action[], guard: Guard | undefined): CompiledAction {
  return compileActions(actions, guard && guardTypes);
}

function compileRule(rule: RuleSettings, guard: Guard | undefined): CompiledRule {
  return {
    priority: String(rule.priority),
    arn: rule.arn,
    conditions: rule.conditions.map(compileCondition),
    action: compileGuarded(rule.actions, guard),
    guard,
    transform: compileTransforms(rule.transforms ?? []),
  };
}
