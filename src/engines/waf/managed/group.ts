/** A managed group as the catalogue holds it. */
import type { ManagedRule } from '../resources.ts';
import type { ManagedRuleGroupConfig } from '../types.ts';
import type { RequestView } from '../view.ts';
import type { ManagedFacts } from './facts.ts';

export interface ManagedGroup {
  readonly Name: string;
  readonly Description: string;
  readonly Capacity: number;
  /** Static versions, oldest first; none for groups that AWS does not version. The last is the default. */
  readonly Versions: readonly string[];
  /** The prefix of all its labels. */
  readonly LabelNamespace: string;
  /** Labels that it adds beside those of its rules. */
  readonly AvailableLabels?: readonly string[];
  rules(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): readonly ManagedRule[];
  prepare?(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): (view: RequestView) => void;
}
