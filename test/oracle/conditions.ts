/** Condition operators, read straight from the IAM User Guide. Slow on purpose: nothing is prepared. */
import { isIPv4, isIPv6 } from 'node:net';
import { matchSigns, type Sign, signs, spelled } from './wildcard.ts';
import { list, type OneOrMany, type OracleContext } from './words.ts';

/** 'yes' and 'no', or what decision record 0010 calls malformed and unresolved. */
type Answer = 'yes' | 'no' | 'malformed' | 'unresolved';

type Compare = (actual: string, wanted: string, version: string | undefined, context: OracleContext) => Answer;

const yesNo = (holds: boolean): Answer => (holds ? 'yes' : 'no');

function withSigns(test: (actual: string, wanted: readonly Sign[]) => Answer): Compare {
  return (actual, wanted, version, context) => {
    const pattern = signs(wanted, version, context);
    return pattern ? test(actual, pattern) : 'unresolved';
  };
}

function withValues<T>(read: (text: string) => T | undefined, test: (actual: T, wanted: T) => boolean): Compare {
  return (actual, wanted) => {
    const left = read(actual);
    const right = read(wanted);
    return left === undefined || right === undefined ? 'malformed' : yesNo(test(left, right));
  };
}

/** Digits after the point padded to 30, as one big integer. */
function decimal(text: string): bigint | undefined {
  const found = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!found) return undefined;
  const size = BigInt(found[2]! + (found[3] ?? '').padEnd(30, '0'));
  return found[1] === '-' ? -size : size;
}

function date(text: string): number | undefined {
  if (/^\d{1,19}$/.test(text)) return Number(text) * 1000;
  const form =
    /^(\d{4})-(\d\d)(?:-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?)?)?$/.exec(text);
  if (!form) return undefined;
  const [, year, month, day = '01', hour = '00', minute = '00', second = '00', , zone = 'Z'] = form;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  const utc = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(at) || utc.getUTCDate() !== Number(day)) return undefined;
  return at + Number(`0.${form[7] ?? '0'}`) * 1000;
}

function address(text: string): { readonly family: 4 | 6; readonly value: bigint } | undefined {
  if (isIPv4(text)) {
    return { family: 4, value: text.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) };
  }
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2]!, dotted[3]!)}:${hex(dotted[4]!, dotted[5]!)}` : text;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = !tail ? [] : tail.split(':');
  const groups =
    tail === undefined ? left : [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const value = groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

const inBlock: Compare = (actual, wanted) => {
  const slash = wanted.indexOf('/');
  const base = address(slash < 0 ? wanted : wanted.slice(0, slash));
  const one = address(actual);
  const written = slash < 0 ? undefined : wanted.slice(slash + 1);
  const mapped = base?.family === 4 && wanted.includes(':');
  const most = wanted.includes(':') ? 128 : 32;
  if (written !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(written) || Number(written) > most)) return 'malformed';
  if (!base || !one) return 'malformed';
  if (base.family !== one.family) return 'no';
  const width = base.family === 4 ? 32 : 128;
  const bits = (written === undefined ? most : Number(written)) - (mapped ? 96 : 0);
  const shift = BigInt(width - bits);
  return yesNo(base.value >> shift === one.value >> shift);
};

/** Six components, the last with all colons that are left. */
function components(text: string): string[] | undefined {
  const parts = text.split(':');
  if (parts.length < 6) return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

const arnLike: Compare = (actual, wanted, version, context) => {
  const parts = components(actual);
  if (parts?.[0] !== 'arn') return 'malformed';
  if (wanted === '*') return 'yes';
  // Colons inside ${…} belong to the key.
  const hidden =
    version === '2012-10-17' ? wanted.replace(/\$\{[^}]*\}/g, (all) => all.replaceAll(':', '\u0001')) : wanted;
  const patterns = components(hidden);
  if (!patterns) {
    const whole =
      /^\$\{(?![*?$]\})[^}]*\}$/.test(wanted) && version === '2012-10-17' ? signs(wanted, version, context) : null;
    if (whole === null) return 'malformed';
    if (whole === undefined) return 'unresolved';
    return yesNo(spelled(whole) === actual);
  }
  const answers = patterns.map((pattern, index) => {
    const one = signs(pattern.replaceAll('\u0001', ':'), version, context);
    return one ? matchSigns(one, parts[index]!) : undefined;
  });
  if (answers.includes(false)) return 'no';
  return answers.includes(undefined) ? 'unresolved' : 'yes';
};

function base64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const body = text.replace(/=+$/, '');
  if (text !== body && text.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(body, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === body ? bytes.toString('hex') : undefined;
}

function truth(text: string): boolean | undefined {
  return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
}

const stringEquals = withSigns((actual, wanted) => yesNo(actual === spelled(wanted)));
const stringFolded = withSigns((actual, wanted) => yesNo(actual.toLowerCase() === spelled(wanted).toLowerCase()));
const stringLike = withSigns((actual, wanted) => yesNo(matchSigns(wanted, actual)));

/** Operator → its comparison, and whether it is turned around. */
const table: Readonly<Record<string, readonly [Compare, boolean]>> = {
  StringEquals: [stringEquals, false],
  StringNotEquals: [stringEquals, true],
  StringEqualsIgnoreCase: [stringFolded, false],
  StringNotEqualsIgnoreCase: [stringFolded, true],
  StringLike: [stringLike, false],
  StringNotLike: [stringLike, true],
  NumericEquals: [withValues(decimal, (a, b) => a === b), false],
  NumericNotEquals: [withValues(decimal, (a, b) => a === b), true],
  NumericLessThan: [withValues(decimal, (a, b) => a < b), false],
  NumericLessThanEquals: [withValues(decimal, (a, b) => a <= b), false],
  NumericGreaterThan: [withValues(decimal, (a, b) => a > b), false],
  NumericGreaterThanEquals: [withValues(decimal, (a, b) => a >= b), false],
  DateEquals: [withValues(date, (a, b) => a === b), false],
  DateNotEquals: [withValues(date, (a, b) => a === b), true],
  DateLessThan: [withValues(date, (a, b) => a < b), false],
  DateLessThanEquals: [withValues(date, (a, b) => a <= b), false],
  DateGreaterThan: [withValues(date, (a, b) => a > b), false],
  DateGreaterThanEquals: [withValues(date, (a, b) => a >= b), false],
  Bool: [withValues(truth, (a, b) => a === b), false],
  BinaryEquals: [withValues(base64, (a, b) => a === b), false],
  IpAddress: [inBlock, false],
  NotIpAddress: [inBlock, true],
  ArnEquals: [arnLike, false],
  ArnNotEquals: [arnLike, true],
  ArnLike: [arnLike, false],
  ArnNotLike: [arnLike, true],
};

export const operatorNames: readonly string[] = [...Object.keys(table), 'Null'];

/** One condition: `name` with qualifier and suffix, one key, its values. */
export function conditionHolds(
  name: string,
  key: string,
  values: OneOrMany,
  deny: boolean,
  version: string | undefined,
  context: OracleContext,
): boolean {
  const [, quantifier, rest] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(name)!;
  const wanted = list(values);
  const value = context[key.toLowerCase()];
  const absent = value === undefined || (Array.isArray(value) && value.length === 0);
  if (rest === 'Null') {
    return wanted.some((one) => truth(one) === absent) || (deny && wanted.some((one) => truth(one) === undefined));
  }
  const ifExists = rest!.endsWith('IfExists');
  const [compare, negated] = table[ifExists ? rest!.slice(0, -8) : rest!]!;
  if (absent) {
    if (ifExists) return true;
    if (quantifier === 'ForAllValues') return true;
    return quantifier === 'ForAnyValue' ? false : negated;
  }
  const actual = list(value);
  const nothing = actual.length === 1 && actual[0] === '';
  const answerTo = (one: string): Answer => summed(wanted.map((other) => compare(one, other, version, context)));
  const truthOf = (answer: Answer): boolean => {
    if (answer === 'malformed') return deny;
    if (answer === 'unresolved') return negated && deny;
    return (answer === 'yes') !== negated;
  };
  if (quantifier === 'ForAllValues') return nothing || actual.every((one) => truthOf(answerTo(one)));
  if (quantifier === 'ForAnyValue') return !nothing && actual.some((one) => truthOf(answerTo(one)));
  return truthOf(summed(actual.map(answerTo)));
}

/** One match is a match; else whatever is in doubt. */
function summed(answers: readonly Answer[]): Answer {
  for (const answer of ['yes', 'malformed', 'unresolved'] as const) if (answers.includes(answer)) return answer;
  return 'no';
}
