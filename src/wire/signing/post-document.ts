/** The policy document of a browser upload: base64 of JSON with an expiration and conditions. */
import { SignatureRefusal } from './refusal.ts';

export type PostCondition =
  /** `text` is the condition as the document writes it, for errors. */
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string; readonly text: string }
  | { readonly kind: 'content-length-range'; readonly least: number; readonly most: number };

export interface PostPolicy {
  /** Epoch milliseconds. */
  readonly expiration: number;
  readonly conditions: readonly PostCondition[];
}

/** S3 takes policies of up to 20 KB in forms of that size. */
const documentLimit = 20 * 1024;
const conditionLimit = 200;

/** @param base64 of the document, as the form holds it */
export function readPostPolicy(base64: string): PostPolicy {
  if (base64.length > (documentLimit * 4) / 3) throw malformed('The policy document is too long.');
  const compact = base64.replaceAll(/[\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) throw malformed('Could not decode Base64.');
  const document = parse(Buffer.from(compact, 'base64').toString('utf8'));
  const expiration = typeof document.expiration === 'string' ? readTime(document.expiration) : undefined;
  if (expiration === undefined) throw malformed('Policy document must contain a valid expiration.');
  const { conditions } = document;
  if (!Array.isArray(conditions)) throw malformed('Policy document must contain a list of conditions.');
  if (conditions.length > conditionLimit) throw malformed('The policy has too many conditions.');
  return { expiration, conditions: conditions.flatMap(readCondition) };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Falls through to the refusal.
  }
  throw malformed('Invalid JSON.');
}

/** `{"acl": "private"}`, `["eq", "$acl", "private"]`, `["starts-with", "$key", ""]`, `["content-length-range", 1, 9]` */
function readCondition(condition: unknown): PostCondition[] {
  if (Array.isArray(condition) && condition.length === 3) return [readTriple(condition)];
  if (!isObject(condition)) throw malformed('Invalid condition.');
  return Object.entries(condition).map(([name, value]) => {
    if (typeof value !== 'string') throw malformed(`Invalid value of condition ${name.slice(0, 64)}.`);
    const text = `["eq", "$${name}", ${JSON.stringify(value)}]`;
    return { kind: 'eq', field: name.toLowerCase(), value, text };
  });
}

function readTriple(triple: readonly unknown[]): PostCondition {
  const [operator, first, second] = triple;
  const kind = typeof operator === 'string' ? operator.toLowerCase() : '';
  if (kind === 'content-length-range') {
    const least = Number(first);
    const most = Number(second);
    if (!(Number.isSafeInteger(least) && Number.isSafeInteger(most) && least >= 0))
      throw malformed('Invalid content-length-range.');
    return { kind, least, most };
  }
  if (kind !== 'eq' && kind !== 'starts-with') throw malformed('Invalid condition operator.');
  if (typeof first !== 'string' || typeof second !== 'string' || !first.startsWith('$'))
    throw malformed('Invalid condition.');
  return { kind, field: first.slice(1).toLowerCase(), value: second, text: JSON.stringify(triple) };
}

/** `2015-12-30T12:00:00.000Z`, milliseconds optional. */
function readTime(text: string): number | undefined {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(detail: string): SignatureRefusal {
  return new SignatureRefusal('post-malformed', { where: 'form', detail: `Invalid Policy: ${detail}` });
}
