/**
 * The condition keys of a request: one line per key that says when it is present and where its value comes from.
 * Values come from the connection, the session, the caller's state and the check; never from a header anyone can forge.
 * Source of names and meanings: IAM User Guide, "AWS global condition context keys".
 */
import type { Context } from '../engines/policy/types.ts';
import type { Caller, Check, ComingBy, ConditionValues, Connection, Resource, Scope } from '../services/service.ts';
import { globalServices } from './global-services.ts';

/** What the signature tells policies (`s3:authType`, `s3:signatureversion`, `s3:signatureAge`). */
export interface SignatureFacts {
  readonly authType: 'REST-HEADER' | 'REST-QUERY-STRING' | 'POST';
  /** `AWS4-HMAC-SHA256`, `AWS4-ECDSA-P256-SHA256`, or `AWS` for the old presigned form. */
  readonly version: string;
  /** Milliseconds since the presigned request was signed; only for query signatures. */
  readonly ageMs?: number | undefined;
  /** `x-amz-content-sha256` as sent, if any. */
  readonly contentSha256?: string | undefined;
}

export interface RequestFacts {
  readonly caller: Caller;
  readonly connection: Connection;
  readonly scope: Scope;
  readonly service: string;
  /** Epoch milliseconds of the instance's clock. */
  readonly now: number;
  readonly signature?: SignatureFacts | undefined;
  readonly referer?: string | undefined;
  /** Services that acted on the way, first to last, when a service forwards its caller's session. */
  readonly calledVia?: readonly string[] | undefined;
  /** Lower-cased condition values of the caller's state (ports.ts, Bearing). */
  readonly principalValues: ReadonlyMap<string, string | readonly string[]>;
}

type Value = string | readonly string[] | undefined;
/** One line of the table: the value, or undefined when the key is absent. */
type Line = (facts: RequestFacts, resource: Resource) => Value;

const iso = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

const temporary = (facts: RequestFacts): boolean => facts.caller.session !== undefined;

/** Present in every request unless the line says otherwise. */
export const contextKeys: Readonly<Record<string, Line>> = {
  // The connection.
  'aws:sourceip': (facts) => (viaService(facts) || facts.connection.endpoint ? undefined : facts.connection.sourceIp),
  // Only for calls that came by a VPC endpoint, which those that a service makes in turn do not.
  'aws:sourcevpce': (facts) => endpointOf(facts)?.id,
  'aws:sourcevpc': (facts) => endpointOf(facts)?.vpc,
  'aws:sourcevpcarn': (facts) => {
    const endpoint = endpointOf(facts);
    return endpoint && `arn:aws:ec2:${endpoint.region}:${endpoint.account}:vpc/${endpoint.vpc}`;
  },
  'aws:vpceaccount': (facts) => endpointOf(facts)?.account,
  'aws:vpcsourceip': (facts) => (endpointOf(facts) ? facts.connection.sourceIp : undefined),
  'aws:securetransport': (facts) => String(facts.connection.secure),
  // The URI of a verified client certificate; there is no such key in AWS.
  'bailey:clientcertificate': (facts) => facts.connection.certificate?.uri,
  'aws:useragent': (facts) => facts.connection.userAgent || undefined,
  'aws:referer': (facts) => facts.referer,
  // The moment.
  'aws:currenttime': (facts) => iso(facts.now),
  'aws:epochtime': (facts) => String(Math.floor(facts.now / 1000)),
  // The request.
  'aws:requestedregion': (facts) => (globalServices.has(facts.service) ? 'us-east-1' : facts.scope.region),
  'aws:calledvia': (facts) => facts.calledVia,
  'aws:calledviafirst': (facts) => facts.calledVia?.[0],
  'aws:calledvialast': (facts) => facts.calledVia?.at(-1),
  'aws:viaawsservice': (facts) => String(viaService(facts)),
  'aws:principalisawsservice': (facts) => String(facts.caller.principal.kind === 'service'),
  'aws:principalservicename': (facts) =>
    facts.caller.principal.kind === 'service' ? facts.caller.principal.name : undefined,
  'aws:principalservicenameslist': (facts) =>
    facts.caller.principal.kind === 'service' ? [facts.caller.principal.name] : undefined,
  // Only for calls by service principals on behalf of a resource.
  'aws:sourceaccount': (facts) =>
    facts.caller.principal.kind === 'service' ? facts.caller.principal.sourceAccount : undefined,
  'aws:sourcearn': (facts) =>
    facts.caller.principal.kind === 'service' ? facts.caller.principal.sourceArn : undefined,
  // The session: absent for long-term keys.
  'aws:multifactorauthpresent': (facts) =>
    temporary(facts) ? String(facts.caller.session?.mfaAuthenticatedAt !== undefined) : undefined,
  'aws:multifactorauthage': (facts) => {
    const at = facts.caller.session?.mfaAuthenticatedAt;
    return at === undefined ? undefined : String(Math.floor((facts.now - at) / 1000));
  },
  'aws:tokenissuetime': (facts) => (facts.caller.session ? iso(facts.caller.session.issuedAt) : undefined),
  'aws:sourceidentity': (facts) => facts.caller.session?.sourceIdentity,
  // The caller.
  'aws:principalarn': (facts) => principalArn(facts.caller),
  'aws:principalaccount': (facts) => facts.caller.account || undefined,
  'aws:principaltype': (facts) => principalType(facts.caller),
  'aws:userid': (facts) => {
    const { principal } = facts.caller;
    if (principal.kind === 'anonymous') return 'anonymous';
    return principal.kind === 'service' ? undefined : principal.id;
  },
  // IAM users only; a root user or a session of a role has none.
  'aws:username': (facts) => (facts.caller.principal.kind === 'user' ? facts.caller.principal.name : undefined),
  // The resource.
  'aws:resourceaccount': (_facts, resource) => resource.account || undefined,
  // S3's own view of the signature: only calls to S3 carry it.
  's3:resourceaccount': (facts, resource) => (facts.service === 's3' ? resource.account || undefined : undefined),
  's3:authtype': (facts) => (facts.service === 's3' ? facts.signature?.authType : undefined),
  's3:signatureversion': (facts) => (facts.service === 's3' ? facts.signature?.version : undefined),
  's3:signatureage': (facts) =>
    facts.service === 's3' && facts.signature?.ageMs !== undefined ? String(facts.signature.ageMs) : undefined,
  // `TLSv1.3` → `1.3`; absent without TLS, and where a proxy ended it.
  's3:tlsversion': (facts) => (facts.service === 's3' ? facts.connection.tls?.version.slice('TLSv'.length) : undefined),
  's3:x-amz-content-sha256': (facts) => (facts.service === 's3' ? facts.signature?.contentSha256 : undefined),
};

function viaService(facts: Pick<RequestFacts, 'calledVia'>): boolean {
  return facts.calledVia !== undefined && facts.calledVia.length > 0;
}

/** The VPC endpoint by which the caller itself came. */
export function endpointOf(facts: Pick<RequestFacts, 'calledVia' | 'connection'>): ComingBy | undefined {
  return viaService(facts) ? undefined : facts.connection.endpoint;
}

/** A session of a role is its role's ARN here: "aws:PrincipalArn" in the IAM User Guide. */
function principalArn(caller: Caller): string | undefined {
  const { principal } = caller;
  if (principal.kind === 'assumed-role') return principal.roleArn;
  return 'arn' in principal ? principal.arn : undefined;
}

function principalType(caller: Caller): string | undefined {
  switch (caller.principal.kind) {
    case 'root':
      return 'Account';
    case 'user':
      return 'User';
    case 'assumed-role':
      return 'AssumedRole';
    case 'federated-user':
      return 'FederatedUser';
    case 'anonymous':
      return 'Anonymous';
    case 'service':
      return undefined;
  }
}

/** Reads condition values on demand: a key that no statement names costs nothing. */
export class RequestContext implements Context {
  readonly #facts: RequestFacts;
  readonly #check: Check;
  #own: ReadonlyMap<string, string | readonly string[]> | undefined;

  constructor(facts: RequestFacts, check: Check) {
    this.#facts = facts;
    this.#check = check;
  }

  get(key: string): Value {
    if (this.#check.context) {
      this.#own ??= lowerCased(this.#check.context);
      const own = this.#own.get(key);
      if (own !== undefined) return own;
    }
    const line = contextKeys[key];
    if (line) return line(this.#facts, this.#check.resource);
    if (key.startsWith('aws:resourcetag/')) return tagValue(this.#check.resource.tags, key.slice(16));
    if (key.startsWith('aws:principaltag/')) {
      const fromSession = tagValue(this.#facts.caller.session?.tags, key.slice(17));
      if (fromSession !== undefined) return fromSession;
    }
    return this.#facts.principalValues.get(key);
  }
}

/** Tag keys in condition keys are compared without regard to case, like the rest of the key. */
function tagValue(tags: Readonly<Record<string, string>> | undefined, lowerCaseKey: string): string | undefined {
  if (!tags) return undefined;
  const exact = Object.hasOwn(tags, lowerCaseKey) ? tags[lowerCaseKey] : undefined;
  if (exact !== undefined) return exact;
  for (const key of Object.keys(tags)) if (key.toLowerCase() === lowerCaseKey) return tags[key];
  return undefined;
}

const lowered = new WeakMap<object, ReadonlyMap<string, string | readonly string[]>>();

/** The same values by lower-case key; remembered by object identity. */
export function lowerCased(values: ConditionValues): ReadonlyMap<string, string | readonly string[]> {
  let map = lowered.get(values);
  if (!map) {
    const made = new Map<string, string | readonly string[]>();
    for (const [key, value] of Object.entries(values)) if (value !== undefined) made.set(key.toLowerCase(), value);
    map = made;
    lowered.set(values, made);
  }
  return map;
}
