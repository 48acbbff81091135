/**
 * Browser uploads to S3: the signed policy document in a form, and whether the form keeps to it
 * (S3 API Reference, "Browser-based uploads using POST").
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type SigningSecret, signingKey } from './keys.ts';
import { type PostCondition, readPostPolicy } from './post-document.ts';
import { readCredential, readSignatureText } from './read-parts.ts';
import { longestExpiry } from './read-query.ts';
import { SignatureRefusal } from './refusal.ts';
import { usualSkewMs } from './skew.ts';
import { parseAmzDate } from './times.ts';

/** What a form says about its own signature. */
export interface PostClaim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** The credential scope as it is signed. */
  readonly scope: string;
  readonly amzDate: string;
  readonly signature: string;
  readonly token?: string;
  /** Base64, as signed. */
  readonly policy: string;
}

/** Form fields by lower-case name, in the text that the form holds; a field may stand only once. */
export type PostFields = ReadonlyMap<string, string>;

export interface PostOptions {
  /** The instance's clock, epoch milliseconds: policies end by it. */
  readonly now: number;
  /** The machine's clock, epoch milliseconds: the form must have been signed in the last seven days. */
  readonly wallClock: number;
  readonly bucket: string;
  /** The object key after `${filename}` has been replaced. */
  readonly key: string;
  /** Bytes of the file, once they are known; until then the range is not checked but returned. */
  readonly size?: number;
}

/** How many bytes the policy lets the file have. */
export interface PostLimits {
  readonly least: number;
  readonly most: number;
}

/** Fields that a policy need not name, beside those that begin with `x-ignore-`. */
const exempt: ReadonlySet<string> = new Set(['x-amz-signature', 'file', 'policy', 'awsaccesskeyid', 'signature']);

/**
 * Reads the claim of a form; undefined for an anonymous one (no policy and no signature).
 * @throws SignatureRefusal
 */
export function readPostClaim(fields: PostFields): PostClaim | undefined {
  const policy = fields.get('policy');
  if (policy === undefined && !fields.has('x-amz-signature') && !fields.has('signature')) return undefined;
  if (fields.has('signature') || fields.has('awsaccesskeyid')) {
    throw new SignatureRefusal('unsupported', { where: 'form', actual: 'AWS' });
  }
  const need = (name: string): string => {
    const value = fields.get(name);
    if (!value)
      throw malformed(
        `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      );
    return value;
  };
  const document = need('policy');
  if (need('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new SignatureRefusal('unsupported', { where: 'form', actual: need('x-amz-algorithm').slice(0, 64) });
  }
  const { accessKeyId, date, region, service, scope } = readCredential(need('x-amz-credential'), false, 'form');
  const amzDate = need('x-amz-date');
  if (parseAmzDate(amzDate) === undefined) throw malformed('X-Amz-Date must be in the ISO8601 Long Format.');
  if (amzDate.slice(0, 8) !== date)
    throw new SignatureRefusal('scope-date', { where: 'form', accessKeyId, amzDate, actual: date });
  const signature = readSignatureText(need('x-amz-signature'), false, 'form');
  const token = fields.get('x-amz-security-token');
  return {
    accessKeyId,
    date,
    region,
    service,
    scope,
    amzDate,
    signature,
    policy: document,
    ...(token === undefined ? {} : { token }),
  };
}

/**
 * Verifies the signature over the policy, its end, and every condition on every field.
 * @returns the limits for the file's size
 * @throws SignatureRefusal
 */
export function verifyPostPolicy(
  claim: PostClaim,
  fields: PostFields,
  credential: SigningSecret,
  options: PostOptions,
): PostLimits {
  if (claim.service !== 's3') {
    throw new SignatureRefusal('scope-service', {
      where: 'form',
      accessKeyId: claim.accessKeyId,
      actual: claim.service,
      expected: 's3',
    });
  }
  const key = signingKey(credential, claim.scope);
  const expected = createHmac('sha256', key).update(claim.policy, 'latin1').digest('hex');
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature, 'latin1'))) {
    throw new SignatureRefusal('mismatch', {
      where: 'form',
      accessKeyId: claim.accessKeyId,
      signature: claim.signature,
      stringToSign: claim.policy,
    });
  }
  checkAge(claim, options.wallClock);
  const policy = readPostPolicy(claim.policy);
  if (options.now >= policy.expiration)
    throw new SignatureRefusal('post-expired', { where: 'form', detail: 'Policy expired.' });
  return checkForm(policy.conditions, fields, options);
}

/** A signing key is good for seven days (S3 API Reference, "Calculating a Signature"). */
function checkAge(claim: PostClaim, now: number): void {
  const time = parseAmzDate(claim.amzDate) ?? 0;
  if (time < now - longestExpiry * 1000 || time > now + usualSkewMs) {
    throw new SignatureRefusal('post-expired', {
      where: 'form',
      detail: 'The form was not signed in the last seven days.',
    });
  }
}

function checkForm(conditions: readonly PostCondition[], fields: PostFields, options: PostOptions): PostLimits {
  const covered = new Set<string>();
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (const condition of conditions) {
    if (condition.kind === 'content-length-range') {
      least = Math.max(least, condition.least);
      most = Math.min(most, condition.most);
      continue;
    }
    covered.add(condition.field);
    const actual = formValue(condition.field, fields, options);
    const holds =
      condition.kind === 'eq' ? actual === condition.value : startsWith(condition.field, condition.value, actual);
    if (!holds) throw failed(condition.text);
  }
  for (const [name] of fields) {
    if (!covered.has(name) && !exempt.has(name) && !name.startsWith('x-ignore-')) {
      throw new SignatureRefusal('post-condition', {
        where: 'form',
        detail: `Invalid according to Policy: Extra input fields: ${name.slice(0, 128)}`,
      });
    }
  }
  if (!covered.has('bucket')) throw failed('["eq", "$bucket", ""]');
  checkSize({ least, most }, options.size);
  return { least, most };
}

/** For the end of a streamed file. Throws SignatureRefusal with S3's EntityTooSmall or EntityTooLarge as reason. */
export function checkSize(limits: PostLimits, size: number | undefined): void {
  if (size === undefined) return;
  const facts = { where: 'form' as const, actual: String(size) };
  if (size < limits.least) throw new SignatureRefusal('post-too-small', { ...facts, expected: String(limits.least) });
  if (size > limits.most) throw new SignatureRefusal('post-too-large', { ...facts, expected: String(limits.most) });
}

function formValue(field: string, fields: PostFields, options: PostOptions): string {
  if (field === 'bucket') return options.bucket;
  if (field === 'key') return options.key;
  return fields.get(field) ?? '';
}

/** A list of content types must begin so in each of its members. */
function startsWith(field: string, prefix: string, actual: string): boolean {
  if (field !== 'content-type') return actual.startsWith(prefix);
  return actual.split(',').every((part) => part.trim().startsWith(prefix));
}

function failed(text: string): SignatureRefusal {
  return new SignatureRefusal('post-condition', {
    where: 'form',
    detail: `Invalid according to Policy: Policy Condition failed: ${text.slice(0, 512)}`,
  });
}

function malformed(detail: string): SignatureRefusal {
  return new SignatureRefusal('post-malformed', { where: 'form', detail });
}
