/** Trail names, trail ARNs, bucket names and prefixes: what callers may write, and which trail they mean. */
import type { Change } from '../../store/store.ts';
import { AwsError, type Check, type CheckCall, type ConditionValues } from '../service.ts';
import { invalidArn, invalidHomeRegion, invalidTrailName, trailNotFound } from './errors.ts';
import { type TrailRow, trailId, trails } from './state.ts';

/** Which trail a caller means by a name or an ARN. */
export interface TrailRef {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
}

export function trailArn(account: string, region: string, name: string): string {
  return `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;
}

/**
 * @throws AwsError InvalidTrailNameException
 * @see CloudTrail User Guide, "Naming requirements"
 */
export function checkTrailName(name: string): void {
  if (name.length === 0) throw invalidTrailName('Trail name cannot be blank!');
  if (name.length < 3) {
    throw invalidTrailName(
      `Trail name too short. Minimum allowed length: 3 characters. Specified name length: ${name.length} characters.`,
    );
  }
  if (name.length > 128) {
    throw invalidTrailName(
      `Trail name too long. Maximum allowed length: 128 characters. Specified name length: ${name.length} characters.`,
    );
  }
  for (const character of name) {
    if (!isLetterOrDigit(character) && !'._-'.includes(character)) {
      throw invalidTrailName(
        'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
      );
    }
  }
  if (!isLetterOrDigit(name.charAt(0))) throw invalidTrailName('Trail name must starts with a letter or number.');
  if (!isLetterOrDigit(name.charAt(name.length - 1))) {
    throw invalidTrailName('Trail name must ends with a letter or number.');
  }
  for (let index = 1; index < name.length; index++) {
    if ('._-'.includes(name.charAt(index)) && '._-'.includes(name.charAt(index - 1))) {
      throw invalidTrailName('Trail name cannot have adjacent periods (.), hyphens (-), or underscores (_).');
    }
  }
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) throw invalidTrailName('Trail name cannot be in IP address format.');
}

/** Reads a name (of the caller's account and region) or an ARN. */
export function trailRef(nameOrArn: string, call: CheckCall): TrailRef {
  const { account, region } = call.scope;
  if (!nameOrArn.startsWith('arn:')) {
    checkTrailName(nameOrArn);
    return { account, region, name: nameOrArn, arn: trailArn(account, region, nameOrArn) };
  }
  const parts = nameOrArn.split(':');
  const [, partition, service, itsRegion, itsAccount, resource] = parts;
  if (
    parts.length !== 6 ||
    partition !== 'aws' ||
    service !== 'cloudtrail' ||
    !itsRegion ||
    !/^\d{12}$/.test(itsAccount ?? '') ||
    !resource?.startsWith('trail/')
  ) {
    throw invalidArn(nameOrArn);
  }
  const name = resource.slice(6);
  checkTrailName(name);
  return { account: itsAccount as string, region: itsRegion, name, arn: nameOrArn };
}

/** The check of an action on a trail, with the trail's tags if there is one. */
export async function trailCheck(
  call: CheckCall,
  action: string,
  nameOrArn: string,
  context?: ConditionValues,
): Promise<readonly Check[]> {
  const ref = trailRef(nameOrArn, call);
  const row = await call.change.get(trails, '', trailId(ref.account, ref.region, ref.name));
  const resource = { arn: ref.arn, account: ref.account, ...(row && { tags: row.tags }) };
  return [context ? { action, resource, context } : { action, resource }];
}

/** @throws AwsError TrailNotFoundException */
export async function findTrail(call: CheckCall, nameOrArn: string): Promise<TrailRow> {
  const ref = trailRef(nameOrArn, call);
  const row = await readTrail(call.change, ref);
  if (!row || row.account !== call.scope.account) throw trailNotFound(nameOrArn, call.scope.account);
  // From another region a trail is only there as the shadow of a multi-region trail.
  if (row.region !== call.scope.region && !row.multiRegion) throw trailNotFound(nameOrArn, call.scope.account);
  return row;
}

/** For changes, which only a trail's home region takes. @throws AwsError InvalidHomeRegionException */
export async function findOwnTrail(call: CheckCall, nameOrArn: string): Promise<TrailRow> {
  const row = await findTrail(call, nameOrArn);
  if (row.region !== call.scope.region) throw invalidHomeRegion(row.arn, call.scope.region);
  return row;
}

export function readTrail(change: Pick<Change, 'get'>, ref: TrailRef): Promise<TrailRow | undefined> {
  return change.get(trails, '', trailId(ref.account, ref.region, ref.name));
}

/** @throws AwsError InvalidS3BucketNameException */
export function checkBucketName(bucket: string): void {
  if (bucket.length < 3 || bucket.length > 63) {
    throw new AwsError('InvalidS3BucketNameException', 'Bucket name must be between 3 and 63 characters long');
  }
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(bucket)) {
    throw new AwsError(
      'InvalidS3BucketNameException',
      'Bucket name must start and end with a letter or number, and contain only lowercase letters, numbers, hyphens and periods',
    );
  }
}

/** @throws AwsError InvalidS3PrefixException */
export function checkPrefix(prefix: string): void {
  const bad = /[^\x20-\x7e]/.test(prefix) || prefix.includes('//') || prefix.startsWith('/') || prefix.endsWith('/');
  if (prefix.length > 200) throw new AwsError('InvalidS3PrefixException', 'S3 prefix is longer than 200 characters.');
  if (bad)
    throw new AwsError('InvalidS3PrefixException', 'S3 prefix is not valid: it must not begin or end with a slash.');
}

function isLetterOrDigit(character: string): boolean {
  return /^[A-Za-z0-9]$/.test(character);
}
