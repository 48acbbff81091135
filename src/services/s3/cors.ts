/** Cross-origin rules: which of a bucket's rules lets a browser through ("Using cross-origin resource sharing", S3 User Guide). */
import type { Reader } from '../../store/store.ts';
import { buckets, type CorsRule } from './state.ts';

export interface CorsRequest {
  readonly origin: string;
  /** The method, or the one that a preflight asks for. */
  readonly method: string;
  /** `Access-Control-Request-Headers` as sent; only preflights have it. */
  readonly requestHeaders?: string | undefined;
}

/** Response headers by lower-case name; undefined if no rule matches. */
export function corsHeaders(
  rules: readonly CorsRule[] | undefined,
  request: CorsRequest,
  isPreflight: boolean,
): Record<string, string> | undefined {
  const asked = listOf(request.requestHeaders);
  const rule = rules?.find(
    (candidate) =>
      candidate.allowedOrigins.some((pattern) => matches(pattern, request.origin, false)) &&
      candidate.allowedMethods.includes(request.method) &&
      asked.every((header) => candidate.allowedHeaders.some((pattern) => matches(pattern, header, true))),
  );
  if (!rule) return undefined;
  const isForAll = rule.allowedOrigins.includes('*');
  const headers: Record<string, string> = {
    'access-control-allow-origin': isForAll ? '*' : request.origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
  if (!isForAll) headers['access-control-allow-credentials'] = 'true';
  if (rule.exposeHeaders.length > 0) headers['access-control-expose-headers'] = rule.exposeHeaders.join(', ');
  if (isPreflight) {
    if (asked.length > 0) headers['access-control-allow-headers'] = asked.join(', ');
    if (rule.maxAgeSeconds !== undefined) headers['access-control-max-age'] = String(rule.maxAgeSeconds);
  }
  return headers;
}

/** For the answer to any request that a browser made from another origin; undefined if no rule lets it through. */
export async function crossOriginHeaders(
  reader: Reader,
  bucket: string,
  request: CorsRequest,
): Promise<Record<string, string> | undefined> {
  return corsHeaders((await reader.get(buckets, '', bucket))?.cors, request, false);
}

function listOf(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

/** At most one `*` in a pattern. */
function matches(pattern: string, text: string, ignoresCase: boolean): boolean {
  const wanted = ignoresCase ? pattern.toLowerCase() : pattern;
  const star = wanted.indexOf('*');
  if (star < 0) return wanted === text;
  const before = wanted.slice(0, star);
  const after = wanted.slice(star + 1);
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
