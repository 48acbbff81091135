/** The canonical request and the string to sign (IAM User Guide, "Create a signed AWS API request"). */
import { hash } from 'node:crypto';
import type { HttpRequest } from '../types.ts';
import { algorithmOf, isQueryScheme, type SignatureClaim } from './claim.ts';
import { encodePath, recodePath, recodeQuery } from './percent.ts';
import { splitQuery } from './query.ts';
import { collapse } from './text.ts';

/**
 * S3 encodes the path once and leaves it as it is; everything else removes `.`, `..` and empty segments and encodes
 * what the client has encoded already.
 */
function canonicalPath(path: string, service: string, normalize = true): string {
  return service === 's3' ? recodePath(path) : encodePath(normalize ? normalizePath(path) : path);
}

/** Removes empty, `.` and `..` segments (RFC 3986, section 5.2.4, and doubled slashes). */
export function normalizePath(path: string): string {
  if (path === '/' || path === '') return '/';
  if (!(path.includes('//') || path.includes('/.'))) return path.startsWith('/') ? path : `/${path}`;
  const segments = path.split('/');
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  const directory = last === '' || last === '.' || last === '..';
  return kept.length === 0 ? '/' : `/${kept.join('/')}${directory ? '/' : ''}`;
}

/** Recoded, sorted by name and then value; `except` is left out. */
function canonicalQuery(query: string, except?: string): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const { rawName, rawValue } of splitQuery(query) ?? []) {
    const name = recodeQuery(rawName);
    if (name !== except) pairs.push([name, recodeQuery(rawValue)]);
  }
  pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

export interface CanonicalOptions {
  /** A header whose value is replaced, for showing the text to people. */
  readonly hidden?: string;
  /** False leaves the path as it came. */
  readonly normalize?: boolean;
}

/**
 * The canonical request, one byte per character.
 * @param payloadHash what stands for the body: its SHA-256 in hexadecimal, or what `x-amz-content-sha256` says
 */
export function canonicalRequest(
  request: HttpRequest,
  claim: SignatureClaim,
  payloadHash: string,
  options: CanonicalOptions = {},
): string {
  const query = canonicalQuery(request.query, isQueryScheme(claim.scheme) ? 'X-Amz-Signature' : undefined);
  let text = `${request.method}\n${canonicalPath(request.path, claim.service, options.normalize)}\n${query}\n`;
  for (const name of claim.signedHeaders) {
    const value = request.headers[name === ':authority' ? 'host' : name] ?? '';
    text += `${name}:${name === options.hidden ? '***' : collapse(value)}\n`;
  }
  return `${text}\n${joined(claim.signedHeaders)}\n${payloadHash}`;
}

/** Lists of headers are few, and each is one object as long as it is known. */
const joinedLists = new WeakMap<readonly string[], string>();

function joined(names: readonly string[]): string {
  let text = joinedLists.get(names);
  if (text === undefined) {
    text = names.join(';');
    joinedLists.set(names, text);
  }
  return text;
}

export function stringToSign(claim: SignatureClaim, canonical: string): string {
  // The characters of header values are bytes: hashed as such, whatever their encoding meant.
  const digest = hash('sha256', Buffer.from(canonical, 'latin1'));
  return `${algorithmOf(claim)}\n${claim.amzDate}\n${claim.scope}\n${digest}`;
}
