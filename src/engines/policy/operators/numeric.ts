/** Numeric operators on decimals of any length, compared exactly. */
import { type Operator, pair, typed } from './operator.ts';

interface Decimal {
  /** Set when 15 digits or fewer say it exactly. */
  readonly small: number | undefined;
  readonly negative: boolean;
  /** Without leading zeros. */
  readonly whole: string;
  /** Without trailing zeros. */
  readonly fraction: string;
}

/** `-12.50`; no exponents, no blanks. Undefined for anything else. */
function parseDecimal(text: string): Decimal | undefined {
  const signed = text.startsWith('-') || text.startsWith('+');
  const from = signed ? 1 : 0;
  const dot = text.indexOf('.', from);
  const whole = dot < 0 ? text.slice(from) : text.slice(from, dot);
  const fraction = dot < 0 ? '' : text.slice(dot + 1);
  if (!isDigits(whole) || (dot >= 0 && !isDigits(fraction))) return undefined;
  const shortWhole = trimStart(whole);
  const shortFraction = trimEnd(fraction);
  const zero = shortWhole === '' && shortFraction === '';
  return {
    small:
      shortWhole.length + shortFraction.length <= 15
        ? Number(`${whole}.${fraction}0`) * (text[0] === '-' && !zero ? -1 : 1)
        : undefined,
    negative: text[0] === '-' && !zero,
    whole: shortWhole,
    fraction: shortFraction,
  };
}

/** Negative, zero or positive, as in sorting. */
function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.small !== undefined && b.small !== undefined) return a.small - b.small;
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const sign = a.negative ? -1 : 1;
  if (a.whole.length !== b.whole.length) return sign * (a.whole.length - b.whole.length);
  if (a.whole !== b.whole) return a.whole < b.whole ? -sign : sign;
  if (a.fraction === b.fraction) return 0;
  return a.fraction < b.fraction ? -sign : sign;
}

function isDigits(text: string): boolean {
  if (text === '') return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

function trimStart(digits: string): string {
  let at = 0;
  while (digits[at] === '0') at++;
  return digits.slice(at);
}

function trimEnd(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

function comparing(holds: (order: number) => boolean): Operator['compile'] {
  return typed(parseDecimal, (actual, wanted) => holds(compareDecimals(actual, wanted)));
}

export const numericEquals = pair(comparing((order) => order === 0));
export const numericLessThan = pair(comparing((order) => order < 0)).plain;
export const numericLessThanEquals = pair(comparing((order) => order <= 0)).plain;
export const numericGreaterThan = pair(comparing((order) => order > 0)).plain;
export const numericGreaterThanEquals = pair(comparing((order) => order >= 0)).plain;
