/** Browser uploads to S3 sign a policy document in the form: the same question as at the door, asked once the form is read. */
import {
  type PostClaim,
  type PostFields,
  type PostLimits,
  readPostClaim,
  SignatureRefusal,
  verifyPostPolicy,
} from '../wire/signing/index.ts';
import { type Authenticated, anonymous, CredentialRefusal } from './authenticate.ts';
import type { Credentials } from './ports.ts';

export interface FormOptions {
  readonly credentials: Credentials;
  /** The instance's clock, epoch milliseconds. */
  readonly now: number;
  /** The machine's clock, epoch milliseconds. */
  readonly wallClock: number;
  readonly bucket: string;
  /** After `${filename}` has been replaced. */
  readonly key: string;
  readonly regions?: ReadonlySet<string>;
  readonly region: string;
}

export type AuthenticatedForm = Authenticated & {
  /** Bytes that the file may have: whoever reads it checks (`checkSize`). */
  readonly limits: PostLimits;
};

/**
 * @param fields all fields before the file, by lower-case name
 * @throws AuthenticationFailure
 */
export async function authenticateForm(fields: PostFields, options: FormOptions): Promise<AuthenticatedForm> {
  const claim = readPostClaim(fields);
  if (!claim) {
    return { caller: anonymous, region: options.region, limits: { least: 0, most: Number.POSITIVE_INFINITY } };
  }
  if (options.regions && !options.regions.has(claim.region)) throw wrongRegion(claim, options.region);
  const credential = await options.credentials.find(claim.accessKeyId, claim.token, options.now);
  if (typeof credential === 'string') throw new CredentialRefusal(credential, claim.accessKeyId);
  const limits = verifyPostPolicy(claim, fields, credential, options);
  const facts = { authType: 'POST', version: 'AWS4-HMAC-SHA256' } as const;
  return { caller: credential.caller, region: claim.region, credential, facts, limits };
}

function wrongRegion(claim: PostClaim, expected: string): SignatureRefusal {
  return new SignatureRefusal('scope-region', {
    where: 'form',
    accessKeyId: claim.accessKeyId,
    actual: claim.region,
    expected,
  });
}
