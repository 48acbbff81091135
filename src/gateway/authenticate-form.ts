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
  readonly regionsNotEnabled?: ReadonlySet<string>;
  readonly region: string;
  /** Whether the old form of signatures is taken. */
  readonly signatureV2: boolean;
}

export type AuthenticatedForm = Authenticated & {
  /** Bytes that the file may have: whoever reads it checks. */
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
  const old = claim.version === 'v2';
  if (old && !options.signatureV2) {
    throw new SignatureRefusal('unsupported', { where: 'form', accessKeyId: claim.accessKeyId, actual: 'AWS' });
  }
  const region = old ? options.region : claim.region;
  if (options.regionsNotEnabled?.has(region)) throw new CredentialRefusal('unknown', claim.accessKeyId);
  if (options.regions && !options.regions.has(region)) throw wrongRegion(claim, options.region);
  const credential = await options.credentials.find(claim.accessKeyId, claim.token, options.now);
  if (typeof credential === 'string') throw new CredentialRefusal(credential, claim.accessKeyId);
  const limits = verifyPostPolicy(claim, fields, credential, options);
  const facts = { authType: 'POST', version: old ? 'AWS' : 'AWS4-HMAC-SHA256' } as const;
  return { caller: credential.caller, region, credential, facts, limits };
}

function wrongRegion(claim: PostClaim, expected: string): SignatureRefusal {
  return new SignatureRefusal('scope-region', {
    where: 'form',
    accessKeyId: claim.accessKeyId,
    actual: claim.region,
    expected,
  });
}
