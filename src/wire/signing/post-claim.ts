/** Reads the signature fields of a browser upload; nothing of them is verified yet. */

import { tokenLimit } from './read-header.ts';
import { readCredential, readSignatureText } from './read-parts.ts';
import { SignatureRefusal } from './refusal.ts';
import { isAccessKeyId } from './text.ts';
import { parseAmzDate } from './times.ts';

/** What a form says about its own signature. */
export interface PostClaim {
  /** `v2` is the old form that boto makes for custom endpoints: HMAC-SHA1 over the policy, and no date but the policy's end. */
  readonly version: 'v4' | 'v2';
  readonly accessKeyId: string;
  /** '' in the old form, and so are scope and date. */
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

/**
 * Reads the claim of a form; undefined for an anonymous one (no policy and no signature).
 * @throws SignatureRefusal
 */
export function readPostClaim(fields: PostFields): PostClaim | undefined {
  const policy = fields.get('policy');
  if (policy === undefined && !fields.has('x-amz-signature') && !fields.has('signature')) return undefined;
  const old = fields.has('signature') || fields.has('awsaccesskeyid');
  if (old && (fields.has('x-amz-signature') || fields.has('x-amz-credential')))
    throw new SignatureRefusal('two-signatures');
  const need = (name: string): string => {
    const value = fields.get(name);
    if (!value)
      throw malformed(
        `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      );
    return value;
  };
  const document = need('policy');
  const token = fields.get('x-amz-security-token');
  if (token !== undefined && token.length > tokenLimit) throw malformed('The security token is too long.');
  const rest = { policy: document, ...(token === undefined ? {} : { token }) };
  if (old) {
    const accessKeyId = need('awsaccesskeyid');
    if (!isAccessKeyId(accessKeyId)) throw malformed('AWSAccessKeyId is no valid access key ID.');
    return {
      version: 'v2',
      accessKeyId,
      region: '',
      service: 's3',
      scope: '',
      amzDate: '',
      signature: need('signature'),
      ...rest,
    };
  }
  if (need('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw new SignatureRefusal('unsupported', { where: 'form', actual: need('x-amz-algorithm').slice(0, 64) });
  }
  const { accessKeyId, date, region, service, scope } = readCredential(need('x-amz-credential'), false, 'form');
  const amzDate = need('x-amz-date');
  if (parseAmzDate(amzDate) === undefined) throw malformed('X-Amz-Date must be in the ISO8601 Long Format.');
  if (amzDate.slice(0, 8) !== date)
    throw new SignatureRefusal('scope-date', { where: 'form', accessKeyId, amzDate, actual: date });
  const signature = readSignatureText(need('x-amz-signature'), false, 'form');
  return {
    version: 'v4',
    accessKeyId,
    region,
    service,
    scope,
    amzDate,
    signature,
    ...rest,
  };
}

function malformed(detail: string): SignatureRefusal {
  return new SignatureRefusal('post-malformed', { where: 'form', detail });
}
