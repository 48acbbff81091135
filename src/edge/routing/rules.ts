/** The rules of a listener, compiled once per snapshot: a request has the first whose conditions are all met. */
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
  readonly transform: Transform | undefined;
}

export class Rules {
  readonly #rules: readonly CompiledRule[];
  readonly #fallback: CompiledRule;

  constructor(listener: Pick<ListenerSettings, 'arn' | 'rules' | 'defaultActions'>) {
    this.#rules = [...listener.rules].sort((a, b) => a.priority - b.priority).map(compileRule);
    this.#fallback = {
      priority: '0',
      arn: listener.arn,
      conditions: [],
      action: compileActions(listener.defaultActions),
      transform: undefined,
    };
  }

  find(request: RoutedRequest): CompiledRule {
    for (const rule of this.#rules) if (rule.conditions.every((condition) => condition(request))) return rule;
    return this.#fallback;
  }
}

function compileRule(rule: RuleSettings): CompiledRule {
  return {
    priority: String(rule.priority),
    arn: rule.arn,
    conditions: rule.conditions.map(compileCondition),
    action: compileActions(rule.actions),
    transform: compileTransforms(rule.transforms ?? []),
  };
}
