/**
 * Browser uploads to S3: the signed policy document in a form, and whether the form keeps to it
 * (S3 API Reference, "Browser-based uploads using POST").
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type SigningSecret, secretKey, signingKey } from './keys.ts';
import type { PostClaim, PostFields } from './post-claim.ts';
import { type PostCondition, readPostPolicy } from './post-document.ts';
import { longestExpiry } from './read-query.ts';
import { SignatureRefusal } from './refusal.ts';
import { usualSkewMs } from './skew.ts';
import { parseAmzDate } from './times.ts';

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
  if (!matches(claim, credential)) {
    throw new SignatureRefusal('mismatch', {
      where: 'form',
      accessKeyId: claim.accessKeyId,
      signature: claim.signature.slice(0, 160),
      stringToSign: claim.policy,
    });
  }
  checkAge(claim, options.wallClock);
  const policy = readPostPolicy(claim.policy);
  if (options.now >= policy.expiration)
    throw new SignatureRefusal('post-expired', { where: 'form', detail: 'Policy expired.' });
  return checkForm(policy.conditions, fields, options);
}

function matches(claim: PostClaim, credential: SigningSecret): boolean {
  const expected =
    claim.version === 'v4'
      ? createHmac('sha256', signingKey(credential, claim.scope)).update(claim.policy, 'latin1').digest('hex')
      : createHmac('sha1', secretKey(credential)).update(claim.policy, 'latin1').digest('base64');
  const given = Buffer.from(claim.signature, 'latin1');
  return given.length === expected.length && timingSafeEqual(Buffer.from(expected, 'latin1'), given);
}

/** A signing key is good for seven days (S3 API Reference, "Calculating a Signature"). */
function checkAge(claim: PostClaim, now: number): void {
  if (claim.version === 'v2') return;
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

function checkSize(limits: PostLimits, size: number | undefined): void {
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
