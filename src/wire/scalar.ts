/** Scalars that travel as text: form fields, XML text, labels, query parameters and headers. */
import { unreadable } from './fault.ts';
import type { Member, TimestampFormat } from './shape.ts';
import { asDate, formatTimestamp, parseTimestamp } from './timestamp.ts';
import type { ProtocolName } from './types.ts';

const NUMBER = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/;
const INTEGER = /^[+-]?\d{1,30}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @throws WireFault when the text is no value of the member's type */
export function parseScalar(member: Member, text: string, fallback: TimestampFormat, protocol: ProtocolName): unknown {
  const { shape } = member;
  switch (shape.type) {
    case 'string':
      return text;
    case 'number': {
      const trimmed = text.trim();
      if (NUMBER.test(trimmed) && (!member.constraint?.integer || INTEGER.test(trimmed))) return Number(trimmed);
      if (!member.constraint?.integer && isSpecial(trimmed)) return Number(trimmed);
      throw unreadable(protocol, `${quoted(text)} is not a valid number for ${member.name}`);
    }
    case 'boolean': {
      const trimmed = text.trim().toLowerCase();
      if (trimmed === 'true') return true;
      if (trimmed === 'false') return false;
      throw unreadable(protocol, `${quoted(text)} is not a valid boolean for ${member.name}`);
    }
    case 'timestamp': {
      const trimmed = text.trim();
      const date =
        parseTimestamp(trimmed, shape.timestampFormat ?? fallback) ??
        // Older clients send seconds where the model says a date, and the reverse; AWS reads both.
        parseTimestamp(trimmed, 'date-time') ??
        parseTimestamp(trimmed, 'epoch-seconds');
      if (date) return date;
      throw unreadable(protocol, `${quoted(text)} is not a valid timestamp for ${member.name}`);
    }
    case 'blob':
      return parseBase64(text, member.name, protocol);
    case 'bigInteger':
      if (INTEGER.test(text)) return BigInt(text);
      throw unreadable(protocol, `${quoted(text)} is not a valid integer for ${member.name}`);
    case 'bigDecimal':
      if (NUMBER.test(text)) return text;
      throw unreadable(protocol, `${quoted(text)} is not a valid number for ${member.name}`);
    default:
      throw unreadable(protocol, `${member.name} is not a simple value`);
  }
}

/** @throws WireFault for anything but base64 with its padding */
export function parseBase64(text: string, name: string, protocol: ProtocolName): Uint8Array {
  // One look at most texts: what holds white space does not match.
  const isDense = BASE64.test(text);
  const dense = isDense ? text : text.replace(/\s+/g, '');
  if (dense.length % 4 !== 0 || !(isDense || BASE64.test(dense))) {
    throw unreadable(protocol, `${name} is not valid base64`);
  }
  const bytes = Buffer.from(dense, 'base64');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function isSpecial(text: unknown): text is 'NaN' | 'Infinity' | '-Infinity' {
  return text === 'NaN' || text === 'Infinity' || text === '-Infinity';
}

function quoted(text: string): string {
  return `'${text.length > 64 ? `${text.slice(0, 64)}...` : text}'`;
}

/** @throws TypeError when an output value is not of its member's type */
export function formatScalar(member: Member, value: unknown, fallback: TimestampFormat, full = false): string {
  const { shape } = member;
  switch (shape.type) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'number':
      if (typeof value === 'number' || typeof value === 'bigint') return String(value);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 'true' : 'false';
      break;
    case 'timestamp':
      return formatTimestamp(asDate(value), shape.timestampFormat ?? fallback, full);
    case 'blob':
      if (value instanceof Uint8Array) return base64(value);
      break;
    case 'bigInteger':
    case 'bigDecimal':
      return String(value);
    default:
  }
  throw new TypeError(`output member ${member.name} must be a ${shape.type}`);
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
