/** Names of log files and log streams. */
import type { WebAclRow } from '../state.ts';

type Named = Pick<WebAclRow, 'account' | 'region' | 'scope' | 'name'>;

const two = (value: number): string => String(value).padStart(2, '0');

/** CloudFront's logs belong to no region. */
function place({ scope, region }: Named): string {
  return scope === 'CLOUDFRONT' ? 'cloudfront' : region;
}

/** `[PREFIX/]AWSLogs/ACCOUNT/WAFLogs/REGION/WEBACL/` */
export function s3Folder(acl: Named, prefix: string): string {
  return `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${acl.account}/WAFLogs/${place(acl)}/${acl.name}/`;
}

/**
 * `…/YYYY/MM/DD/HH/mm/ACCOUNT_waflogs_REGION_WEBACL_TIME_HASH.log.gz`: of the five minutes that the time lies in.
 * @param at epoch milliseconds
 * @param hash 8 hexadecimal digits
 */
export function s3Key(acl: Named, prefix: string, at: number, hash: string): string {
  const time = new Date(at - (at % 300_000));
  const date = [time.getUTCFullYear(), two(time.getUTCMonth() + 1), two(time.getUTCDate())];
  const clock = [two(time.getUTCHours()), two(time.getUTCMinutes())];
  const stamp = `${date.join('')}T${clock.join('')}Z`;
  const file = `${acl.account}_waflogs_${place(acl)}_${acl.name}_${stamp}_${hash}.log.gz`;
  return `${s3Folder(acl, prefix)}${date.join('/')}/${clock.join('/')}/${file}`;
}

/** `REGION_WEBACL_0` */
export function streamName(acl: Named): string {
  return `${place(acl)}_${acl.name}_0`;
}
