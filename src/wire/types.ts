/** The words of the wire: bytes on one side, typed calls on the other. */

/** A request as it came, before anything was believed of it. */
export interface HttpRequest {
  readonly method: string;
  /** Path as received, percent-encoding untouched; begins with `/`. */
  readonly path: string;
  /** Query as received, without `?`; '' if none. */
  readonly query: string;
  /** Lower-case names, nothing inherited; repeated headers joined by `,` in order. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Names (lower case) that appeared more than once. */
  readonly repeated: readonly string[];
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array>;
}

export type ProtocolName =
  | 'awsJson1_0'
  | 'awsJson1_1'
  | 'awsQuery'
  | 'ec2Query'
  | 'restJson1'
  | 'restXml'
  | 'rpcv2Cbor';

/** How a service is spoken to. Declared in main.ts for each service; the schemas come from the SDK package, lazily. */
export interface ServiceModelSource {
  /** The IAM prefix: `iam`. */
  readonly name: string;
  /** The service name in a signature's credential scope. */
  readonly signingName: string;
  readonly protocols: readonly ProtocolName[];
  /** `X-Amz-Target` prefix, matched on what follows the last `.` but one: `CloudTrail_20131101`. Also the CBOR path's service. */
  readonly targetPrefix?: string;
  /** awsQuery and ec2Query `Version`. */
  readonly apiVersion?: string;
  readonly xmlNamespace?: string;
  /** Host labels that name this service: `iam`, `sts`. */
  readonly hostLabels?: readonly string[];
  /** The SDK package's module namespace (operation schemas are its exports that end in `$`). */
  load(): Promise<Record<string, unknown>>;
  /** The generated constraint table, if there is one. */
  constraints?(): Promise<unknown>;
}

/** What the gateway knows about a request before the wire names its operation. */
export interface IdentifyHints {
  /** The service in the signature's credential scope, when there is a signature. */
  readonly signingName?: string | undefined;
  /** Host names (no port) of this instance: `bucket.HOST` is a virtual-host request. Hosts with an `s3` label need no entry. */
  readonly hosts?: readonly string[] | undefined;
}
