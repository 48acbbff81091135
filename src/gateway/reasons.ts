/** The decision in the short form that lies beside each record, for `bailey explain`. */
import type { Explanation, StatementRef } from '../engines/policy/types.ts';
import type { Ruling } from './authorize.ts';

export interface Reason {
  readonly action: string;
  readonly resource: string;
  readonly account: string;
  readonly verdict: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly layer: string;
  /** A rule outside policies that decided. */
  readonly rule?: string;
  readonly statements?: readonly StatementRef[];
  /** Only for what was denied. */
  readonly layers?: Explanation['layers'];
  readonly nearMisses?: Explanation['nearMisses'];
}

/** One reason a check, in the order in which they were decided. */
export function reasons(rulings: readonly Ruling[], explanation: Explanation | undefined): Reason[] | undefined {
  if (rulings.length === 0) return undefined;
  return rulings.map((ruling, index) => {
    const { check, decision, rule } = ruling;
    const last = index === rulings.length - 1;
    return {
      action: check.action,
      resource: check.resource.arn,
      account: check.resource.account,
      verdict: decision.verdict,
      layer: decision.layer,
      ...(rule ? { rule } : {}),
      ...(decision.statements.length > 0 ? { statements: decision.statements } : {}),
      ...(last && explanation && !decision.allowed
        ? { layers: explanation.layers, nearMisses: explanation.nearMisses }
        : {}),
    };
  });
}
