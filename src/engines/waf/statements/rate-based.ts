/** RateBasedStatement: more requests than the limit, within the window, from one aggregation instance. */

import { type KeyPart, keyReaders } from '../rates/keys.ts';
import type { RateSettings } from '../rates/registry.ts';
import type { RateBasedStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';

const defaultWindowSeconds = 300;

/** `onSettings` is told what is counted, for those who make the counters before the first request. */
export function rateBased(
  statement: RateBasedStatement,
  context: CompileContext & { readonly onSettings?: (settings: RateSettings) => void },
): Condition {
  const scopeDown = statement.ScopeDownStatement && context.compile(statement.ScopeDownStatement);
  const readers = keyReaders(statement, context);
  const settings: RateSettings = {
    rulePath: context.rulePath,
    fingerprint: JSON.stringify(statement),
    limit: statement.Limit,
    windowSeconds: statement.EvaluationWindowSec ?? defaultWindowSeconds,
  };
  context.onSettings?.(settings);
  const ruleName = context.rulePath.slice(context.rulePath.lastIndexOf('/') + 1);
  const isCustom = statement.AggregateKeyType === 'CUSTOM_KEYS';
  return (inspection) => {
    const mark = inspection.details.length;
    if (scopeDown && scopeDown(inspection) !== 'yes') return 'no';
    inspection.details.length = mark;
    const parts: KeyPart[] = [];
    let isMatchedByFallback = false;
    for (const read of readers) {
      const answer = read(inspection);
      if (answer === 'missing' || answer === 'no match') return 'no';
      if (answer === 'match') isMatchedByFallback = true;
      else parts.push(answer);
    }
    if (isMatchedByFallback) return 'yes';
    const shown = parts.map(({ value }) => value.slice(0, 200)).join(' ');
    // Lengths keep `a`, `bc` apart from `ab`, `c`.
    const key = parts.map(({ value }) => `${value.length}:${value}`).join('');
    if (!inspection.state.rates.isOver(settings, key, shown, inspection.now)) return 'no';
    inspection.rates.push({
      rateBasedRuleId: settings.rulePath,
      rateBasedRuleName: ruleName,
      limitKey: isCustom ? 'CUSTOMKEYS' : statement.AggregateKeyType.replace('_', ''),
      maxRateAllowed: settings.limit,
      evaluationWindowSec: settings.windowSeconds,
      ...(isCustom ? { customValues: parts } : parts[0] ? { limitValue: parts[0].value } : {}),
    });
    return 'yes';
  };
}
