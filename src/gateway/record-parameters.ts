/** `requestParameters` and `responseElements`: a call's input and output in the spelling that records use. */
import { quote } from './json-text.ts';
import type { RecordFacts } from './record.ts';

/** Larger values are left out of a record (CloudTrail User Guide, "CloudTrail record contents"), in characters. */
const largest = 100_000;

/** Never written, whatever an operation declares: a net below masking and `hide`. */
const secret: ReadonlySet<string> = new Set([
  'secretAccessKey',
  'sessionToken',
  'password',
  'oldPassword',
  'newPassword',
  'tokenCode',
  'mfaCode',
  'authenticationCode1',
  'authenticationCode2',
  'base32StringSeed',
  'clientSecret',
  'otp',
  'privateKey',
  'plaintext',
  'userData',
]);

/** Members whose keys are chosen by users and keep their case. */
const freeKeys: ReadonlySet<string> = new Set([
  'Metadata',
  'EncryptionContext',
  'AdditionalAttributes',
  'AuthenticationRequestExtraParams',
]);

/** S3 writes members that travel as headers or query parameters under those names. */
const s3Names: Readonly<Record<string, string>> = {
  Bucket: 'bucketName',
  Key: 'key',
  ACL: 'x-amz-acl',
  CopySource: 'x-amz-copy-source',
  MetadataDirective: 'x-amz-metadata-directive',
  StorageClass: 'x-amz-storage-class',
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSEKMSKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
  SSEKMSEncryptionContext: 'x-amz-server-side-encryption-context',
  BucketKeyEnabled: 'x-amz-server-side-encryption-bucket-key-enabled',
  SSECustomerAlgorithm: 'x-amz-server-side-encryption-customer-algorithm',
  SSECustomerKeyMD5: 'x-amz-server-side-encryption-customer-key-MD5',
  ChecksumAlgorithm: 'x-amz-sdk-checksum-algorithm',
  ExpectedBucketOwner: 'x-amz-expected-bucket-owner',
  ContentType: 'content-type',
  MaxKeys: 'max-keys',
  ListType: 'list-type',
  EncodingType: 'encoding-type',
  StartAfter: 'start-after',
  VersionId: 'versionId',
};

/** `plain` keeps the case of the API model. */
type Names = 'lower' | 's3' | 'ec2' | 'plain';

/** `null` for calls without parameters. */
export function requestParametersJson(facts: RecordFacts): string {
  const { input, service } = facts;
  if (!input) return 'null';
  if (service === 's3') return limited(s3Parameters(facts, input));
  const text = object(
    facts.service === 'ec2' ? ec2Input(input) : input,
    service === 'ec2' ? 'ec2' : 'lower',
    hidden(facts),
    '',
  );
  return text === '{}' ? 'null' : limited(text);
}

/** `null` where nothing is answered. */
export function responseElementsJson(facts: RecordFacts): string {
  const { output, service } = facts;
  if (!output) return 'null';
  const text = object(output, service === 's3' ? 's3' : service === 'ec2' ? 'ec2' : 'lower', hidden(facts), '');
  return text === '{}' ? 'null' : limited(text);
}

/** By what operations declare, once. */
const hiddenSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function hidden({ hide }: RecordFacts): ReadonlySet<string> | undefined {
  if (!hide || hide.length === 0) return undefined;
  let set = hiddenSets.get(hide);
  if (!set) {
    set = new Set(hide);
    hiddenSets.set(hide, set);
  }
  return set;
}

function limited(text: string): string {
  return text.length <= largest
    ? text
    : `{"omitted":true,"originalSize":${text.length},"reason":"The value is larger than a record keeps."}`;
}

function s3Parameters(facts: RecordFacts, input: object): string {
  // The second version of a listing is known by this parameter alone: both have one name.
  const version = facts.operation === 'ListObjectsV2' ? { ListType: '2' } : undefined;
  const text = members(version ? { ...version, ...input } : input, 's3', hidden(facts), '');
  const host = `"Host":${quote(facts.connection.host)}`;
  return text === '' ? `{${host}}` : `{${text},${host}}`;
}

/** EC2 wraps the instances of a call in a set of its own. */
function ec2Input(input: object): object {
  const { ImageId, MinCount, MaxCount, InstanceIds, ...rest } = input as Record<string, unknown>;
  const instances =
    ImageId !== undefined
      ? [{ ImageId, MinCount, MaxCount }]
      : Array.isArray(InstanceIds)
        ? InstanceIds.map((InstanceId: unknown) => ({ InstanceId }))
        : [];
  return instances.length > 0 ? { InstancesSet: instances, ...rest } : rest;
}

function object(value: object, names: Names, hide: ReadonlySet<string> | undefined, path: string): string {
  return `{${members(value, names, hide, path)}}`;
}

/** The same without the braces. */
function members(value: object, names: Names, hide: ReadonlySet<string> | undefined, path: string): string {
  let json = '';
  for (const key of Object.keys(value)) {
    const member: unknown = (value as Record<string, unknown>)[key];
    if (member === undefined || member === null) continue;
    const at = hide ? (path === '' ? key : `${path}.${key}`) : '';
    if (hide?.has(at)) continue;
    const name = label(key, names, typeof member === 'object');
    if (name === '') continue;
    const text =
      freeKeys.has(key) && typeof member === 'object' ? JSON.stringify(member) : any(member, names, hide, at);
    if (text === undefined) continue;
    json += json === '' ? name + text : `,${name}${text}`;
  }
  return json;
}

/** Labels that were made before. Members come from API models; the bound is for maps, whose keys callers choose. */
const labels = { lower: new Map<string, string>(), plain: new Map<string, string>(), s3: new Map<string, string>() };
const labelLimit = 5_000;

/** `"userName":`, or '' for a member that no record may hold. */
function label(key: string, names: Names, isObject: boolean): string {
  const style =
    names === 'plain' || (names === 's3' && isObject && !Object.hasOwn(s3Names, key))
      ? 'plain'
      : names === 's3'
        ? 's3'
        : 'lower';
  const known = labels[style].get(key);
  if (known !== undefined) return known;
  const name = style === 'plain' ? key : (style === 's3' && Object.hasOwn(s3Names, key) && s3Names[key]) || lower(key);
  const made = secret.has(lower(name)) ? '' : `${JSON.stringify(name)}:`;
  if (labels[style].size < labelLimit) labels[style].set(key, made);
  return made;
}

function lower(key: string): string {
  const first = key.charCodeAt(0);
  return first >= 65 && first <= 90 ? String.fromCharCode(first + 32) + key.slice(1) : key;
}

function any(value: unknown, names: Names, hide: ReadonlySet<string> | undefined, path: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return String(value);
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return undefined;
  if (value instanceof Date) return JSON.stringify(javaDate(value));
  // Bodies and blobs are no part of a record.
  if (ArrayBuffer.isView(value) || Symbol.asyncIterator in value) return undefined;
  if (Array.isArray(value)) {
    const items: string[] = [];
    for (const item of value) {
      const text = any(item, names, hide, path);
      if (text !== undefined) items.push(text);
    }
    return names === 'ec2' ? `{"items":[${items.join(',')}]}` : `[${items.join(',')}]`;
  }
  // Request bodies of S3 keep the case of their XML elements.
  return object(value, names === 's3' ? 'plain' : names, hide, path);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Jul 19, 2023 9:07:38 PM`, as times in records are written. */
function javaDate(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const hour = date.getUTCHours();
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()} ${hour % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hour < 12 ? 'AM' : 'PM'}`;
}
