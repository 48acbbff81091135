/** Date operators: W3C forms of ISO 8601, or seconds since 1970 (IAM User Guide, "Date condition operators"). */
import { type Operator, pair, typed } from './operator.ts';

/** Seconds since 1970-01-01T00:00:00Z. Digits alone are epoch seconds, also four of them. */
export function parseDate(text: string): number | undefined {
  if (text.length > 40) return undefined;
  const cursor = new Cursor(text);
  const lead = cursor.digits(1, 19);
  if (lead === undefined) return undefined;
  if (cursor.done) return lead;
  if (cursor.at !== 4 || !cursor.take('-')) return undefined;
  const month = cursor.digits(2, 2);
  if (month === undefined || month < 1 || month > 12) return undefined;
  const day = cursor.take('-') ? cursor.digits(2, 2) : 1;
  if (day === undefined || day < 1 || day > daysIn(lead, month)) return undefined;
  const midnight = daysSinceEpoch(lead, month, day) * 86_400;
  if (cursor.done) return midnight;
  const clock = cursor.take('T') || cursor.take('t') ? readClock(cursor) : undefined;
  return clock === undefined ? undefined : midnight + clock;
}

/** `hh:mm`, `hh:mm:ss`, `hh:mm:ss.fff`, then `Z`, an offset, or nothing (then it is UTC). */
function readClock(cursor: Cursor): number | undefined {
  const hour = cursor.digits(2, 2);
  if (hour === undefined || hour > 23 || !cursor.take(':')) return undefined;
  const minute = cursor.digits(2, 2);
  if (minute === undefined || minute > 59) return undefined;
  let second = 0;
  if (cursor.take(':')) {
    const whole = cursor.digits(2, 2);
    if (whole === undefined || whole > 60) return undefined;
    second = whole;
    if (cursor.take('.')) {
      const from = cursor.at;
      const fraction = cursor.digits(1, 9);
      if (fraction === undefined) return undefined;
      second += fraction / 10 ** (cursor.at - from);
    }
  }
  const offset = readOffset(cursor);
  return offset === undefined ? undefined : hour * 3600 + minute * 60 + second - offset;
}

function readOffset(cursor: Cursor): number | undefined {
  if (cursor.done) return 0;
  if (cursor.take('Z') || cursor.take('z')) return cursor.done ? 0 : undefined;
  const sign = cursor.take('+') ? 1 : cursor.take('-') ? -1 : 0;
  const hours = cursor.digits(2, 2);
  cursor.take(':');
  const minutes = cursor.done ? 0 : cursor.digits(2, 2);
  if (sign === 0 || hours === undefined || hours > 23 || minutes === undefined || minutes > 59) return undefined;
  return cursor.done ? sign * (hours * 3600 + minutes * 60) : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days of the proleptic Gregorian calendar: counts whole years and months from March on, so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const fromMarch = (month + 9) % 12;
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leaps + Math.floor((153 * fromMarch + 2) / 5) + day - 719_469;
}

class Cursor {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.at === this.#text.length;
  }

  take(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  /** As many digits as there are, if their number is within the bounds. */
  digits(least: number, most: number): number | undefined {
    const from = this.at;
    let value = 0;
    while (this.at - from < most) {
      const digit = this.#text.charCodeAt(this.at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      this.at++;
    }
    return this.at - from >= least ? value : undefined;
  }
}

function comparing(holds: (actual: number, wanted: number) => boolean): Operator['compile'] {
  return typed(parseDate, holds);
}

export const dateEquals = pair(comparing((actual, wanted) => actual === wanted));
export const dateLessThan = pair(comparing((actual, wanted) => actual < wanted)).plain;
export const dateLessThanEquals = pair(comparing((actual, wanted) => actual <= wanted)).plain;
export const dateGreaterThan = pair(comparing((actual, wanted) => actual > wanted)).plain;
export const dateGreaterThanEquals = pair(comparing((actual, wanted) => actual >= wanted)).plain;
