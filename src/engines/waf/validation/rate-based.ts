/** What a rate-based statement must be like. */
import { InvalidParameter } from '../invalid-parameter.ts';
import type { RateBasedStatement } from '../types.ts';
import { validateTransformations } from './field.ts';
import { onlyMember, reasons } from './reasons.ts';

const windows: readonly number[] = [60, 120, 300, 600];
const mostCustomKeys = 5;
const leastLimit = 10;
const mostLimit = 2_000_000_000;

export function validateRateBased(statement: RateBasedStatement): void {
  const refuse = (parameter: string, reason: string, field = 'RATE_BASED_STATEMENT'): never => {
    throw new InvalidParameter(field, parameter, reason);
  };
  const { AggregateKeyType: type, CustomKeys: keys, ForwardedIPConfig: forwarded } = statement;
  if (!(statement.Limit >= leastLimit)) refuse('Limit', reasons.minimum);
  if (statement.Limit > mostLimit) refuse('Limit', reasons.maximum);
  const seconds = statement.EvaluationWindowSec;
  if (seconds !== undefined && !windows.includes(seconds)) refuse('EvaluationWindowSec', reasons.format);
  if (type === 'CONSTANT' && !statement.ScopeDownStatement)
    refuse('ScopeDownStatement', reasons.required, 'SCOPE_DOWN');
  if (type === 'FORWARDED_IP' && !forwarded) refuse('ForwardedIPConfig', reasons.required, 'FORWARDED_IP_CONFIG');
  if (type !== 'CUSTOM_KEYS') {
    if (keys !== undefined && keys.length > 0) refuse('CustomKeys', reasons.notAllowed, 'CUSTOM_KEYS');
    return;
  }
  if (!keys || keys.length === 0) throw new InvalidParameter('CUSTOM_KEYS', 'CustomKeys', reasons.minimum);
  if (keys.length > mostCustomKeys) refuse('CustomKeys', reasons.maximum, 'CUSTOM_KEYS');
  const names = keys.map((key) => onlyMember(key, 'CUSTOM_KEYS', 'RateBasedStatementCustomKey'));
  if (names.length === 1 && (names[0] === 'IP' || names[0] === 'ForwardedIP')) {
    // An address alone is an aggregate key type of its own.
    refuse(names[0], reasons.notAllowed, 'CUSTOM_KEYS');
  }
  if (names.includes('ForwardedIP') && !forwarded) {
    refuse('ForwardedIPConfig', reasons.required, 'FORWARDED_IP_CONFIG');
  }
  for (const key of keys) {
    const steps = (key.Header ?? key.Cookie ?? key.QueryArgument ?? key.QueryString ?? key.UriPath)
      ?.TextTransformations;
    if (steps) validateTransformations(steps);
  }
}
