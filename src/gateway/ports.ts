/** What the gateway asks of others; `iam`, `sts`, `s3` and `ec2` answer, bound in instance/door.ts. */
import type { Layers } from '../engines/policy/types.ts';
import type { Caller, ComingBy, ConditionValues, VpcPlace } from '../services/service.ts';

/** A verified match of an access key. The same object is returned until the key changes, so derived keys can be cached on it. */
export interface Credential {
  readonly secret: string;
  readonly caller: Caller;
}

/** Why a key does not identify anyone. */
export type CredentialFailure = 'unknown' | 'inactive' | 'invalid-token' | 'missing-token' | 'expired';

export interface Credentials {
  /**
   * @param token the security token that came with the request; long-term keys take none, temporary ones need theirs
   * @param now epoch milliseconds of the instance's clock, for expiry
   */
  find(
    accessKeyId: string,
    token: string | undefined,
    now: number,
  ): Credential | CredentialFailure | Promise<Credential | CredentialFailure>;
  /** Remembers the use of a key (GetAccessKeyLastUsed); never waits. */
  used(caller: Caller, service: string, region: string, now: number): void;
}

export interface Policies {
  /** At once where nothing has changed since the caller's last call. @param owner the account of the resource */
  bearingOn(caller: Caller, owner: string): Bearing | Promise<Bearing>;
}

/** What state tells of a caller. */
export interface Bearing {
  /** Everything that limits or grants on the caller's side. The same object until something changes. */
  readonly layers: Layers;
  /** RCPs of the account that owns the resource; undefined where none can act. */
  readonly rcps: Layers['rcps'];
  /** Condition values of the caller that state must tell: `aws:PrincipalTag/…`, `aws:username`, `aws:PrincipalOrgID`. */
  readonly values: ConditionValues;
}

/** What EC2 tells of VPC endpoints. */
export interface VpcEndpoints {
  /** The endpoint that leads from a place in a VPC to a service; undefined where none does: the call comes as by the internet. */
  from(place: VpcPlace, service: string): Promise<ComingBy | undefined>;
}

/** What S3 tells the door about browsers, beside its operations; bound in the composition root. */
export interface Browsers {
  /** Reads a form up to its file. Throws the AwsError to answer with. */
  readForm(contentType: string | undefined, body: AsyncIterable<Uint8Array>): Promise<UploadForm>;
  /** Headers for the answer to a request from another origin; undefined if the bucket's rules let none through. */
  crossOrigin(bucket: string, origin: string, method: string): Promise<Record<string, string> | undefined>;
}

interface UploadForm {
  /** All fields before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** After `${filename}` has been replaced. */
  readonly key: string;
  /** The input of PostObject; the limits are those of the policy, in bytes. */
  input(bucket: string, limits: { readonly least: number; readonly most: number }): object;
}
