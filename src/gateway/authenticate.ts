/** The second step at the door: who signed this request, if anyone, and is the signature true. */
import type { Caller } from '../services/service.ts';
import {
  algorithmOf,
  isQueryScheme,
  type SignatureClaim,
  SignatureRefusal,
  skewOf,
  verify,
} from '../wire/signing/index.ts';
import type { HttpRequest, ProtocolName } from '../wire/types.ts';
import type { SignatureFacts } from './context.ts';
import type { Credential, CredentialFailure, Credentials } from './ports.ts';

export interface AuthenticateOptions {
  /** What the request was dispatched to: the signature must be made for it. */
  readonly service: { readonly name: string; readonly signingName: string };
  readonly protocol: ProtocolName;
  readonly credentials: Credentials;
  /** The instance's clock, epoch milliseconds: credentials expire by it. */
  readonly now: number;
  /** The machine's clock, epoch milliseconds: signatures are made by it. */
  readonly wallClock: number;
  /** Regions that a signature may name; without it, any well-formed name. */
  readonly regions?: ReadonlySet<string>;
  /** Regions of AWS's in which nobody has a key here. */
  readonly regionsNotEnabled?: ReadonlySet<string>;
  /** The region of anonymous calls, and the first choice for signatures that are good for several. */
  readonly region: string;
  /** Whether the old presigned form of S3 is taken. */
  readonly signatureV2: boolean;
  /** The whole body as received, before anything is inflated; S3 bodies are checked as they stream. */
  readonly body?: Uint8Array | undefined;
  /** Host names of this instance: in `bucket.HOST` the old S3 form signs the bucket. */
  readonly hosts?: readonly string[];
  /** Whether the operation is answered without a signature. */
  readonly allowsAnonymous: boolean;
}

export interface Authenticated {
  readonly caller: Caller;
  /** The region that the call acts in. */
  readonly region: string;
  /** What signed, for bodies that are checked as they stream; absent for anonymous callers. */
  readonly claim?: SignatureClaim;
  readonly credential?: Credential;
  readonly facts?: SignatureFacts;
}

/** The signature may be well made, but its key identifies nobody. */
export class CredentialRefusal extends Error {
  readonly reason: CredentialFailure;
  readonly accessKeyId: string;

  constructor(reason: CredentialFailure, accessKeyId: string) {
    super(`credential ${reason}`);
    this.name = 'CredentialRefusal';
    this.reason = reason;
    this.accessKeyId = accessKeyId;
  }
}

export type AuthenticationFailure = SignatureRefusal | CredentialRefusal;

export function isAuthenticationFailure(error: unknown): error is AuthenticationFailure {
  return error instanceof SignatureRefusal || error instanceof CredentialRefusal;
}

export const anonymous: Caller = { principal: { kind: 'anonymous' }, account: '' };

/**
 * @param claim what `readSignature` returned or threw
 * @throws AuthenticationFailure; `authError` makes the answer of it
 */
export async function authenticate(
  request: HttpRequest,
  claim: SignatureClaim | SignatureRefusal | undefined,
  options: AuthenticateOptions,
): Promise<Authenticated> {
  if (claim === undefined) {
    if (!options.allowsAnonymous) throw new SignatureRefusal('anonymous');
    return { caller: anonymous, region: options.region };
  }
  if (claim instanceof SignatureRefusal) throw claim;
  if (claim.scheme === 's3v2-query' && !options.signatureV2) {
    throw new SignatureRefusal('unsupported', { where: 'query', accessKeyId: claim.accessKeyId, actual: 'AWS' });
  }
  const region = regionOf(claim, options);
  const finding = options.credentials.find(claim.accessKeyId, claim.token, options.now);
  const credential = finding instanceof Promise ? await finding : finding;
  if (typeof credential === 'string') throw new CredentialRefusal(credential, claim.accessKeyId);
  verify(claim, request, credential, {
    service: options.service.signingName,
    now: options.wallClock,
    skewMs: skewOf(options.service.signingName),
    body: options.body,
    hostBucket: () => hostBucket(request, options.hosts),
  });
  return { caller: credential.caller, region, claim, credential, facts: factsOf(claim, request, options.wallClock) };
}

function regionOf(claim: SignatureClaim, options: AuthenticateOptions): string {
  if (claim.scheme === 's3v2-query') return options.region;
  if (options.regionsNotEnabled?.has(claim.region)) throw new CredentialRefusal('unknown', claim.accessKeyId);
  if (claim.regionSet) {
    const region = pickRegion(claim.regionSet, options);
    if (region !== undefined) return region;
  } else if (!options.regions || options.regions.has(claim.region)) return claim.region;
  throw new SignatureRefusal('scope-region', {
    where: isQueryScheme(claim.scheme) ? 'query' : 'header',
    accessKeyId: claim.accessKeyId,
    actual: claim.region || (claim.regionSet ?? []).join(','),
    expected: options.region,
  });
}

/** The instance's own region if the set holds it, else the first that exists. `*` ends a pattern. */
function pickRegion(set: readonly string[], options: AuthenticateOptions): string | undefined {
  for (const region of [options.region, ...(options.regions ?? [])]) {
    if (set.some((name) => name === region || (name.endsWith('*') && region.startsWith(name.slice(0, -1)))))
      return region;
  }
  return options.regions ? undefined : set.find((name) => !name.includes('*'));
}

function hostBucket(request: HttpRequest, hosts: readonly string[] | undefined): string | undefined {
  const host = (request.headers.host ?? '').toLowerCase();
  const colon = host.lastIndexOf(':');
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
  for (const own of hosts ?? []) if (name.endsWith(`.${own}`)) return name.slice(0, -own.length - 1);
  return undefined;
}

function factsOf(claim: SignatureClaim, request: HttpRequest, wallClock: number): SignatureFacts {
  const query = isQueryScheme(claim.scheme);
  const contentSha256 = request.headers['x-amz-content-sha256'] ?? claim.payloadHash;
  return {
    authType: query ? 'REST-QUERY-STRING' : 'REST-HEADER',
    version: algorithmOf(claim),
    ageMs: query && claim.amzDate !== '' ? Math.max(0, wallClock - claim.time) : undefined,
    contentSha256,
  };
}
