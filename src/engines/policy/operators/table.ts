/** The operators of the language by name (IAM User Guide, "AWS JSON policy elements: Condition operators"). */
import { arnLike } from './arn.ts';
import { binaryEquals } from './binary.ts';
import { bool } from './bool.ts';
import * as date from './date.ts';
import { ipAddress } from './ip.ts';
import * as numeric from './numeric.ts';
import type { Operator } from './operator.ts';
import { stringEquals, stringEqualsIgnoreCase, stringLike } from './string.ts';

/** All but Null, which asks for the key and not for its value. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', stringEquals.plain],
  ['StringNotEquals', stringEquals.negated],
  ['StringEqualsIgnoreCase', stringEqualsIgnoreCase.plain],
  ['StringNotEqualsIgnoreCase', stringEqualsIgnoreCase.negated],
  ['StringLike', stringLike.plain],
  ['StringNotLike', stringLike.negated],
  ['NumericEquals', numeric.numericEquals.plain],
  ['NumericNotEquals', numeric.numericEquals.negated],
  ['NumericLessThan', numeric.numericLessThan],
  ['NumericLessThanEquals', numeric.numericLessThanEquals],
  ['NumericGreaterThan', numeric.numericGreaterThan],
  ['NumericGreaterThanEquals', numeric.numericGreaterThanEquals],
  ['DateEquals', date.dateEquals.plain],
  ['DateNotEquals', date.dateEquals.negated],
  ['DateLessThan', date.dateLessThan],
  ['DateLessThanEquals', date.dateLessThanEquals],
  ['DateGreaterThan', date.dateGreaterThan],
  ['DateGreaterThanEquals', date.dateGreaterThanEquals],
  ['Bool', bool],
  ['BinaryEquals', binaryEquals],
  ['IpAddress', ipAddress.plain],
  ['NotIpAddress', ipAddress.negated],
  ['ArnEquals', arnLike.plain],
  ['ArnNotEquals', arnLike.negated],
  ['ArnLike', arnLike.plain],
  ['ArnNotLike', arnLike.negated],
]);

export function isOperator(name: string): boolean {
  return name === 'Null' || operators.has(name);
}
