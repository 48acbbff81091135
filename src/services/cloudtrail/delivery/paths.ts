/** The keys of log and digest files (CloudTrail User Guide, "Log file name format" and "Digest file location"). */
import type { Random } from '../../service.ts';
import { folder } from '../bucket.ts';
import type { TrailRow } from '../state.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `…/CloudTrail/us-east-1/2026/11/22/111122223333_CloudTrail_us-east-1_20261122T2159Z_abcdefghijklmnop.json.gz` */
export function logFileKey(trail: TrailRow, region: string, now: number, random: Random): string {
  const stamp = `${compact(now).slice(0, 13)}Z`;
  let unique = '';
  for (const byte of random.bytes(16)) unique += letters[byte % letters.length];
  return `${folder(trail, 'CloudTrail')}${region}/${day(now)}/${trail.account}_CloudTrail_${region}_${stamp}_${unique}.json.gz`;
}

/** `…_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_20261122T215900Z.json.gz`: named after the end of its hour. */
export function digestKey(trail: TrailRow, region: string, end: number): string {
  return `${folder(trail, 'CloudTrail-Digest')}${region}/${day(end)}/${trail.account}_CloudTrail-Digest_${region}_${trail.name}_${trail.region}_${compact(end)}.json.gz`;
}

/** `2026-11-22T21:59:00Z` */
export function seconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** `20261122T215900Z` */
function compact(time: number): string {
  return seconds(time).replaceAll('-', '').replaceAll(':', '');
}

/** `2026/11/22` */
function day(time: number): string {
  return seconds(time).slice(0, 10).replaceAll('-', '/');
}
