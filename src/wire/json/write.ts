/** Typed output to JSON text. */
import { base64 } from '../scalar.ts';
import type { Member, Shape } from '../shape.ts';
import { asDate, formatTimestamp } from '../timestamp.ts';

/**
 * @param nameOf `jsonName` in REST-JSON, `name` in awsJson
 * @throws TypeError when a value is not of its member's type: an error of the handler, never sent
 */
export function writeJson(shape: Shape, value: object, nameOf: 'name' | 'jsonName'): string {
  const source = value as Record<string, unknown>;
  let text = '';
  for (const member of shape.members) {
    const item = source[member.name];
    if (item === undefined || item === null) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(member[nameOf])}:${writeJsonValue(member, item, nameOf)}`;
  }
  return `{${text}}`;
}

/** @throws TypeError */
export function writeJsonValue(member: Member, value: unknown, nameOf: 'name' | 'jsonName'): string {
  const { shape } = member;
  switch (shape.type) {
    case 'string':
      if (typeof value === 'string') return JSON.stringify(value);
      break;
    case 'number':
      if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
      if (typeof value === 'bigint') return String(value);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 'true' : 'false';
      break;
    case 'structure':
    case 'union':
      if (typeof value === 'object' && value !== null) return writeJson(shape, value, nameOf);
      break;
    case 'list':
      if (Array.isArray(value)) {
        return `[${value.map((item) => (item == null ? 'null' : writeJsonValue(shape.element, item, nameOf))).join(',')}]`;
      }
      break;
    case 'map':
      if (typeof value === 'object' && value !== null) {
        let text = '';
        for (const [key, item] of Object.entries(value)) {
          if (item === undefined) continue;
          const written = item === null ? 'null' : writeJsonValue(shape.value, item, nameOf);
          text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${written}`;
        }
        return `{${text}}`;
      }
      break;
    case 'timestamp': {
      const format = shape.timestampFormat ?? 'epoch-seconds';
      const written = formatTimestamp(asDate(value), format);
      return format === 'epoch-seconds' ? written : JSON.stringify(written);
    }
    case 'blob':
      if (value instanceof Uint8Array) return `"${base64(value)}"`;
      break;
    case 'document':
      return JSON.stringify(value);
    case 'bigInteger':
    case 'bigDecimal':
      return String(value);
  }
  throw new TypeError(`output member ${member.name} must be a ${shape.type}`);
}
