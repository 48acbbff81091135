/**
 * For how long an answer may be given again.
 * @see Amazon CloudFront Developer Guide, "Manage how long content stays in the cache"
 */
import type { BehaviorSettings } from '../snapshot.ts';
import type { ResponseHeaders } from '../upstream/headers.ts';

const cacheable = new Set([200, 203, 204, 300, 301, 302, 308]);
/** Errors that are kept for a moment whatever the origin says, and those that it must speak of. */
const errors = new Set([404, 414, 500, 501, 502, 503, 504]);
const errorsByWord = new Set([400, 403, 405, 410, 412, 415, 416]);
/** The error caching minimum TTL. */
const errorSeconds = 10;

/** Milliseconds; 0 for what is not kept. */
export function freshnessOf(
  status: number,
  headers: ResponseHeaders,
  behavior: Pick<BehaviorSettings, 'minimumSeconds' | 'defaultSeconds' | 'maximumSeconds'>,
): number {
  if (headers['set-cookie'] !== undefined || headers.vary === '*') return 0;
  if (status >= 400) return ofError(status, headers, behavior.maximumSeconds);
  if (!cacheable.has(status)) return 0;
  const control = textOf(headers['cache-control']).toLowerCase();
  const { minimumSeconds, defaultSeconds, maximumSeconds } = behavior;
  if (isUnwilling(control)) return minimumSeconds * 1000;
  const asked = directive(control, 's-maxage') ?? directive(control, 'max-age') ?? untilExpiry(headers);
  const seconds = asked === undefined ? defaultSeconds : Math.min(asked, maximumSeconds);
  return Math.max(seconds, minimumSeconds) * 1000;
}

/** @see Amazon CloudFront Developer Guide, "How CloudFront processes HTTP 4xx and 5xx status codes from your origin" */
function ofError(status: number, headers: ResponseHeaders, maximumSeconds: number): number {
  const control = textOf(headers['cache-control']).toLowerCase();
  if (isUnwilling(control)) return 0;
  const asked = directive(control, 's-maxage') ?? directive(control, 'max-age') ?? untilExpiry(headers);
  const isKept = errors.has(status) || (errorsByWord.has(status) && asked !== undefined);
  return isKept ? Math.max(errorSeconds, Math.min(asked ?? 0, maximumSeconds)) * 1000 : 0;
}

const isUnwilling = (control: string): boolean => /(?:^|[,\s])(?:no-store|no-cache|private)(?:$|[,\s=])/.test(control);

function directive(control: string, name: string): number | undefined {
  const found = new RegExp(`(?:^|[,\\s])${name}\\s*=\\s*"?(\\d{1,10})`).exec(control)?.[1];
  return found === undefined ? undefined : Number(found);
}

function untilExpiry(headers: ResponseHeaders): number | undefined {
  const [expires, date] = [headers.expires, headers.date].map((one) => Date.parse(textOf(one)));
  if (expires === undefined || Number.isNaN(expires)) return undefined;
  return Math.max(0, Math.floor((expires - (Number.isNaN(date) ? Date.now() : (date as number))) / 1000));
}

const textOf = (value: string | string[] | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : value.join(',');
