/**
 * For how long an answer may be given again.
 * @see Amazon CloudFront Developer Guide, "Manage how long content stays in the cache"
 */
import type { BehaviorSettings } from '../snapshot.ts';
import type { ResponseHeaders } from '../upstream/headers.ts';

const cacheable = new Set([200, 203, 204, 300, 301, 302, 308, 404, 410]);

/** Milliseconds; 0 for what is not kept. */
export function freshnessOf(
  status: number,
  headers: ResponseHeaders,
  behavior: Pick<BehaviorSettings, 'minimumSeconds' | 'defaultSeconds' | 'maximumSeconds'>,
): number {
  if (!cacheable.has(status) || headers['set-cookie'] !== undefined || headers.vary === '*') return 0;
  const control = textOf(headers['cache-control']).toLowerCase();
  const { minimumSeconds, defaultSeconds, maximumSeconds } = behavior;
  if (/(?:^|[,\s])(?:no-store|no-cache|private)(?:$|[,\s=])/.test(control)) return minimumSeconds * 1000;
  const asked = directive(control, 's-maxage') ?? directive(control, 'max-age') ?? untilExpiry(headers);
  const seconds = asked === undefined ? defaultSeconds : Math.min(asked, maximumSeconds);
  return Math.max(seconds, minimumSeconds) * 1000;
}

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
