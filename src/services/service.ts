/** What a service and an operation are: the declarations that the gateway, the documents and the tests all read. */
import type { Change } from '../store/store.ts';

/** The partition of state that a call acts in. `region` is the one the request was signed for. */
export interface Scope {
  readonly account: string;
  readonly region: string;
}

/** Who is calling, as authenticated. `arn` is what GetCallerIdentity shows; ids are AWS's unique ids. */
export type Principal =
  | { readonly kind: 'root'; readonly account: string; readonly arn: string; readonly id: string }
  | {
      readonly kind: 'user';
      readonly account: string;
      readonly arn: string;
      /** `AIDA…` */
      readonly id: string;
      readonly name: string;
    }
  | {
      readonly kind: 'assumed-role';
      readonly account: string;
      /** `arn:aws:sts::A:assumed-role/NAME/SESSION` */
      readonly arn: string;
      /** `AROA…:SESSION` */
      readonly id: string;
      readonly roleArn: string;
      /** `AROA…` */
      readonly roleId: string;
      readonly roleName: string;
      readonly sessionName: string;
      /** Service-linked roles are exempt from SCPs and RCPs. */
      readonly serviceLinked: boolean;
    }
  | {
      readonly kind: 'federated-user';
      readonly account: string;
      /** `arn:aws:sts::A:federated-user/NAME` */
      readonly arn: string;
      /** `A:NAME` */
      readonly id: string;
      readonly name: string;
      /** The user who called GetFederationToken, or the root user (then `kind` root). */
      readonly issuer: { readonly kind: 'user' | 'root'; readonly arn: string; readonly id: string };
    }
  | {
      readonly kind: 'service';
      /** `cloudtrail.amazonaws.com` */
      readonly name: string;
      /** The account and resource on whose behalf the service acts (`aws:SourceAccount`, `aws:SourceArn`). */
      readonly sourceAccount?: string;
      readonly sourceArn?: string;
    }
  | { readonly kind: 'anonymous' };

/** What a temporary credential carries beside its principal. Times are epoch milliseconds. */
export interface Session {
  readonly kind: 'session-token' | 'assumed-role' | 'federated-user' | 'sign-in';
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly mfaAuthenticatedAt?: number;
  /** Session tags; keys keep their case. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  /** Session policies: inline documents and managed policy ARNs, as given. `undefined`: none were passed. */
  readonly policies?: { readonly inline?: string; readonly arns: readonly string[] };
  /** How many role assumptions lie behind this session: 1 for the first. */
  readonly chain?: number;
}

/** Principal + session + the key that signed. */
export interface Caller {
  readonly principal: Principal;
  /** The account the caller belongs to; '' for anonymous callers and service principals. */
  readonly account: string;
  readonly accessKeyId?: string;
  readonly session?: Session;
}

/** Condition values by key, in AWS's documented spelling; looked up without regard to case. Multi-valued keys are arrays. */
export type ConditionValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A policy that stands on the resource side of a check. `id` names it in explanations (an ARN, or `bucket policy`). */
export interface ResourcePolicy {
  readonly document: string;
  readonly id: string;
  /** `trust` and `key` policies must allow by themselves: being in the same account is not enough. */
  readonly kind: 'resource' | 'trust' | 'key';
  /** ARN of each user and role that Principal elements named → its unique id when the policy was stored. */
  readonly principalIds?: Readonly<Record<string, string>>;
}

/** A grant on a KMS key that covers this very action: counts like a key policy statement that names the grantee. */
export interface ResourceGrant {
  /** Names it in explanations: the grant's id. */
  readonly id: string;
  /** As in a Principal element: an ARN, or a service principal's name. */
  readonly grantee: string;
  /** The unique id of the user or role when the grant was made. */
  readonly granteeId?: string;
}

/** What an action touches. */
export interface Resource {
  /** Full ARN, or `*` for actions without resource types. */
  readonly arn: string;
  /** The account that owns the resource: decides same-account or cross-account evaluation. */
  readonly account: string;
  /** How a denial names it: as the caller did, who may not learn more (KMS aliases, keys of ciphertexts). */
  readonly shownAs?: string;
  /** Nothing of this name is there: whoever would own it is told nothing of the attempt. */
  readonly isMissing?: true;
  readonly tags?: Readonly<Record<string, string>>;
  readonly policy?: ResourcePolicy;
  readonly grants?: readonly ResourceGrant[];
  /** AWS managed keys: no resource control policy reaches them. */
  readonly isBeyondRcps?: true;
}

/** One line of the authorization of a call: all lines of a call must be allowed. */
export interface Check {
  /** `iam:CreateUser` */
  readonly action: string;
  readonly resource: Resource;
  /** Service and request keys of this check (`s3:prefix`, `aws:RequestTag/team`, `aws:TagKeys`). */
  readonly context?: ConditionValues;
  /** Allowed whatever policies say (sts:GetCallerIdentity and the few others of gateway/unconditional.ts). */
  readonly unconditional?: true;
}

/** A verified certificate of a client. */
export interface ClientCertificate {
  /** Its SPIFFE id, or whatever URI it names. */
  readonly uri: string;
  /** The user or role that the id stands for. */
  readonly principalArn?: string;
}

/** Where in a VPC a listener of the API stands. */
export interface VpcPlace {
  readonly account: string;
  readonly region: string;
  /** `vpc-…`, or `default`. */
  readonly vpc: string;
  /** `subnet-…`; without one its main route table leads on. */
  readonly subnet?: string;
}

/** The VPC endpoint by which a call came. */
export interface ComingBy {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly vpc: string;
  /** Its policy document. */
  readonly policy: string;
}

/** The connection a call came by: never from headers that anyone can forge. */
export interface Connection {
  readonly sourceIp: string;
  readonly secure: boolean;
  /** How the client itself spoke TLS: absent where a proxy did it instead. */
  readonly tls?: { readonly version: string; readonly cipherSuite: string } | undefined;
  readonly userAgent: string;
  readonly host: string;
  /** What the client showed, signed by the instance's own authority. */
  readonly certificate?: ClientCertificate | undefined;
  /** The service that made a call which never left the process (`lambda.amazonaws.com`). */
  readonly service?: string;
  /** Where the listener stands that took it. */
  readonly place?: VpcPlace | undefined;
  /** The VPC endpoint that led from there to the service. */
  readonly endpoint?: ComingBy | undefined;
}

/** Random values, injected so that every failure replays. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** RFC 9562 version 4. */
  uuid(): string;
}

/** Authenticated encryption for tokens that travel through clients; `purpose` separates uses. */
export interface Sealer {
  /** Returns base64url text. */
  seal(purpose: string, plaintext: Uint8Array | string): string;
  /** Returns undefined for anything that `seal` with this purpose did not make. */
  open(purpose: string, token: string): Uint8Array | undefined;
}

/** A call through the gateway by a service itself: authorized and recorded like anyone's. */
export interface Actor {
  /** Throws the AwsError that the callee answered. Output as the operation's output shape. */
  call(identity: ActingIdentity, service: string, operation: string, input: object): Promise<unknown>;
  /** Throws what the call would throw for lack of permission. Nothing happens, and nothing is recorded. */
  authorize(identity: ActingIdentity, service: string, operation: string, input: object): Promise<void>;
}

/** The four identities in which a service may act. */
export type ActingIdentity =
  /** `region` where it is another than the call's. */
  | { readonly as: 'caller'; readonly call: Call; readonly via: string; readonly region?: string }
  | { readonly as: 'role'; readonly caller: Caller; readonly via: string; readonly region: string }
  | {
      readonly as: 'service';
      /** `cloudtrail.amazonaws.com` */
      readonly name: string;
      readonly region: string;
      readonly sourceAccount?: string;
      readonly sourceArn?: string;
    };

/** What a handler sees: never HTTP, never a clock or randomness of its own. */
export interface Call {
  /** As in `x-amzn-requestid`. */
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller;
  readonly scope: Scope;
  readonly connection: Connection;
  /** Services that forwarded the caller's session on the way here, first to last. */
  readonly calledVia?: readonly string[];
  /** `AWS4-HMAC-SHA256`, …, or `AWS` for S3's old presigned form; absent for calls that nobody signed. */
  readonly signatureVersion?: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: Random;
  readonly sealer: Sealer;
  /** Reads, and the writes to commit together with the record of this call. */
  readonly change: Change;
  /** A further decision by the same engine, for behaviour that depends on what else the caller may do. */
  may(check: Check): Promise<boolean>;
  readonly actor: Actor;
  /**
   * Work that must happen once although the handler may run again after a conflict, such as reading the body:
   * the first result is returned to every run of this call.
   */
  once<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** More for the record: merged into `additionalEventData`, and resources touched. */
  note(addition: { readonly additionalEventData?: object; readonly resources?: readonly RecordedResource[] }): void;
}

/** A request body that is read as it arrives; reading throws at the end if it is not what was signed. */
export interface StreamingBody extends AsyncIterable<Uint8Array> {
  /** Lower-case names of the trailing headers that the request announced (`x-amz-checksum-crc32`). */
  readonly announcedTrailers?: readonly string[];
  /** The verified trailing headers, once the body has been read to its end. */
  trailers?(): Readonly<Record<string, string>> | undefined;
  /** For small bodies: all of it at once, in place of iterating, with the same failures. */
  whole?(): Promise<Uint8Array>;
}

/** An entry of a CloudTrail record's `resources`. */
export interface RecordedResource {
  readonly accountId?: string;
  /** `AWS::S3::Bucket` */
  readonly type: string;
  readonly ARN: string;
}

/** Input after decoding: members that the API model requires are there. */
export type Decoded<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] : Exclude<T[K], undefined> };
/** Output before encoding: the SDK's output shape without its metadata. */
type Output<T> = Omit<T, '$metadata'>;

/** What a call needs before its checks are known: like a Call, but it can only read. */
export type CheckCall = Omit<Call, 'may' | 'actor' | 'note' | 'once'>;

/** One API call: what it does, and what authorizes it. There is no default for `checks`. */
export interface Operation<I, O, P = void> {
  checks(input: Decoded<I>, call: CheckCall, ports: P): readonly Check[] | Promise<readonly Check[]>;
  handle(input: Decoded<I>, call: Call, ports: P): Output<O> | Promise<Output<O>>;
  /** How the record shows the call; by default the verb in the name tells whether it only reads. */
  readonly record?: {
    readonly readOnly?: boolean;
    /** Data events (S3 objects) go to trails that ask for them, not to LookupEvents. */
    readonly data?: boolean;
    /** Input and output members (dotted paths) that the record must not hold; sensitive members are masked anyway. */
    readonly hide?: readonly string[];
    /** The handler appends the record itself, of failures too: signing in is no API call of anybody's. */
    readonly own?: true;
  };
  /**
   * The call authorizes item by item (s3:DeleteObjects): `checks` may be empty, and the handler asks `call.may` for each
   * item and throws AccessDenied if none is allowed.
   */
  readonly perItem?: true;
  /** Answered without a signature (AssumeRoleWithWebIdentity, public S3 reads): then the caller is anonymous. */
  readonly allowsAnonymous?: true;
}

/** Declares an operation; exists so that types are inferred and checks cannot be left out. */
export function operation<I, O, P = void>(declaration: Operation<I, O, P>): Operation<I, O, P> {
  return declaration;
}

/** Work that a service does by itself, by the clock of the instance. */
export interface Job {
  readonly name: string;
  readonly everySeconds: number;
  run(runtime: JobRuntime): Promise<void>;
}

export interface JobRuntime {
  readonly now: number;
  readonly random: Random;
  readonly actor: Actor;
}

/** A table of operations over its own state. */
export interface Service {
  /** The IAM prefix, which is also the folder name: `iam`, `s3`. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the table mixes operations of every input and output type.
  readonly operations: Readonly<Record<string, Operation<any, any, void>>>;
  readonly jobs?: readonly Job[];
}

/** What of a declaration is not built, although its operation is. */
export interface Unbuilt {
  /** Names of members of inputs: naming one with a value is refused, since passing over it would be a lie. */
  readonly members: ReadonlySet<string>;
  /** Operations for which they do not matter. */
  readonly except?: ReadonlySet<string>;
}

/** Binds a table of operations to the ports that its handlers ask. */
export function service<P>(
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: see Service.operations.
  operations: Readonly<Record<string, Operation<any, any, P>>>,
  ports: P,
  jobs?: readonly Job[],
  unbuilt?: Unbuilt,
): Service {
  const bound: Record<string, Operation<unknown, unknown, void>> = {};
  for (const [key, declared] of Object.entries(operations)) {
    const refused = unbuilt?.except?.has(key) ? undefined : unbuilt?.members;
    bound[key] = {
      ...declared,
      checks: (input, call) => declared.checks(input, call, ports),
      handle(input, call) {
        if (refused) refuseMembers(refused, key, input as object);
        return declared.handle(input, call, ports);
      },
    };
  }
  return jobs ? { name, operations: bound, jobs } : { name, operations: bound };
}

function refuseMembers(members: ReadonlySet<string>, operation: string, input: object): void {
  for (const [name, value] of Object.entries(input)) {
    if (!members.has(name) || !value || (Array.isArray(value) && value.length === 0)) continue;
    throw new AwsError('NotImplemented', `The parameter ${name} of ${operation} is not implemented by Bailey.`, {
      status: 501,
    });
  }
}

/** An error that AWS documents: the wire gives it its protocol's envelope and status. */
export class AwsError extends Error {
  readonly code: string;
  /** HTTP status, where the API model does not say it. */
  readonly status: number | undefined;
  /** Further members of the modelled error shape. */
  readonly members: Readonly<Record<string, unknown>> | undefined;
  /** Response headers that AWS sends with this error, lower-case names (`x-amz-delete-marker`). */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** @param code AWS's error code as on the wire, such as `NoSuchEntity` */
  constructor(
    code: string,
    message: string,
    options?: { status?: number; members?: Record<string, unknown>; headers?: Record<string, string> },
  ) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = options?.status;
    this.members = options?.members;
    this.headers = options?.headers;
  }
}
