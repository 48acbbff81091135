/** Points in time as the protocols write them. */
import type { TimestampFormat } from './shape.ts';

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:?\d\d)$/;
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? GMT$/;
const RFC_850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const EPOCH = /^[+-]?\d{1,15}(?:\.\d{1,9})?(?:[eE][+-]?\d{1,2})?$/;
const MAX_MILLISECONDS = 8.64e15;

/** Reads a time in one format; undefined when the text is no such time. */
export function parseTimestamp(text: string, format: TimestampFormat): Date | undefined {
  switch (format) {
    case 'date-time':
      return parseDateTime(text);
    case 'http-date':
      return parseHttpDate(text);
    case 'epoch-seconds':
      return EPOCH.test(text) ? fromEpochSeconds(Number(text)) : undefined;
  }
}

export function fromEpochSeconds(seconds: number): Date | undefined {
  const milliseconds = Math.round(seconds * 1000);
  return Math.abs(milliseconds) <= MAX_MILLISECONDS ? new Date(milliseconds) : undefined;
}

function milliseconds(fraction: string | undefined): number {
  return fraction ? Math.floor(Number(`0.${fraction}`) * 1000 + 1e-7) : 0;
}

/** Builds a UTC time and refuses calendar overflow such as 30 February. */
function utc(year: number, month: number, day: number, time: readonly number[], ms: number): number | undefined {
  const [hour = 0, minute = 0, second = 0] = time;
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

function parseDateTime(text: string): Date | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone = 'Z'] = match;
  const time = [Number(hour), Number(minute), Number(second)];
  const at = utc(Number(year), Number(month) - 1, Number(day), time, milliseconds(fraction));
  if (at === undefined) return undefined;
  if (zone === 'Z' || zone === 'z') return new Date(at);
  const offset = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return new Date(at - (zone.startsWith('-') ? -1 : 1) * offset * 60_000);
}

function parseHttpDate(text: string): Date | undefined {
  let match = IMF_FIXDATE.exec(text);
  let parts: (string | undefined)[];
  if (match) {
    parts = match.slice(1);
  } else {
    match = RFC_850.exec(text);
    if (match) {
      const [, day, month, short, ...time] = match;
      parts = [day, month, `${Number(short) < 70 ? 20 : 19}${short}`, ...time];
    } else {
      match = ASCTIME.exec(text);
      if (!match) return undefined;
      const [, month, day, hour, minute, second, year] = match;
      parts = [day, month, year, hour, minute, second];
    }
  }
  const [day, month, year, hour, minute, second, fraction] = parts;
  const time = [Number(hour), Number(minute), Number(second)];
  const at = utc(Number(year), MONTHS.indexOf(month ?? ''), Number(day), time, milliseconds(fraction));
  return at === undefined ? undefined : new Date(at);
}

const TWO = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

/**
 * `full` keeps `.000`, as S3 and EC2 write it; others leave it out. Written out by hand: `toISOString` costs more than all
 * else in a list of users.
 */
export function formatDateTime(date: Date, full = false): string {
  const year = date.getUTCFullYear();
  if (year < 1000 || year > 9999) return date.toISOString();
  const day = `${year}-${TWO[date.getUTCMonth() + 1]}-${TWO[date.getUTCDate()]}`;
  const time = `${TWO[date.getUTCHours()]}:${TWO[date.getUTCMinutes()]}:${TWO[date.getUTCSeconds()]}`;
  const fraction = date.getUTCMilliseconds();
  if (fraction === 0 && !full) return `${day}T${time}Z`;
  return `${day}T${time}.${String(fraction).padStart(3, '0')}Z`;
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
function formatHttpDate(date: Date): string {
  return date.toUTCString();
}

/** @throws TypeError when the value of an output is no valid Date */
export function formatTimestamp(value: unknown, format: TimestampFormat, full = false): string {
  const date = asDate(value);
  if (format === 'date-time') return formatDateTime(date, full);
  if (format === 'http-date') return formatHttpDate(date);
  return String(date.getTime() / 1000);
}

/** @throws TypeError */
export function asDate(value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw new TypeError('a timestamp of the output is no valid Date');
}
