/** For tests: the published protocol compliance cases, with their shapes turned into the tuples that SDK packages export. */
import { existsSync, readFileSync } from 'node:fs';
import type { Shape } from './shape.ts';
import type { ProtocolName, ServiceModelSource } from './types.ts';

interface CaseShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, CaseMember>>;
  readonly member?: CaseMember;
  readonly key?: CaseMember;
  readonly value?: CaseMember;
  readonly required?: readonly string[];
  readonly payload?: string;
  readonly timestampFormat?: string;
  readonly union?: boolean;
  readonly document?: boolean;
  readonly exception?: boolean;
  readonly fault?: boolean;
  readonly locationName?: string;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number; readonly senderFault?: boolean };
}

interface CaseMember {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly flattened?: boolean;
  readonly jsonvalue?: boolean;
  readonly idempotencyToken?: boolean;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
}

export interface ProtocolCase {
  readonly id: string;
  readonly given: {
    readonly name: string;
    readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
    readonly input?: { readonly shape: string };
    readonly output?: { readonly shape: string };
    readonly errors?: readonly { readonly shape: string }[];
  };
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: Record<string, unknown>;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly serialized?: {
    readonly method: string;
    readonly uri: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly host?: string;
  };
  readonly response?: {
    readonly status_code: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

export interface Suite {
  readonly description: string;
  readonly metadata: {
    readonly protocol: string;
    readonly apiVersion: string;
    readonly targetPrefix?: string;
    readonly jsonVersion?: string;
    readonly awsQueryCompatible?: object;
  };
  readonly shapes: Readonly<Record<string, CaseShape>>;
  readonly cases: readonly ProtocolCase[];
  /** Where the client was told to send: its path is no part of the API. */
  readonly clientEndpoint?: string;
}

const ROOT = new URL('../../../shared/corpora/protocol-tests/', import.meta.url);

/** Undefined when the corpora are not there: the test says so and skips. */
export function suites(file: string): readonly Suite[] | undefined {
  const url = new URL(file, ROOT);
  return existsSync(url) ? (JSON.parse(readFileSync(url, 'utf8')) as Suite[]) : undefined;
}

const SIMPLE: Readonly<Record<string, number>> = {
  string: 0,
  character: 0,
  byte: 1,
  short: 1,
  integer: 1,
  long: 1,
  float: 1,
  double: 1,
  boolean: 2,
  blob: 21,
};
const TIMES: Readonly<Record<string, number>> = { iso8601: 5, rfc822: 6, unixTimestamp: 7 };

/** One suite as a service of its own. */
export function sourceOf(suite: Suite): ServiceModelSource {
  const { metadata, shapes } = suite;
  const protocol = protocolName(metadata);
  const made = new Map<string, unknown>();

  const reference = (name: string): unknown => {
    const shape = shapes[name]!;
    if (shape.document) return 15;
    if (shape.type === 'timestamp') return shape.timestampFormat ? TIMES[shape.timestampFormat] : 4;
    return shape.type in SIMPLE ? SIMPLE[shape.type] : () => tuple(name);
  };
  const xmlns = (trait: CaseShape['xmlNamespace']) =>
    trait ? { xmlNamespace: trait.prefix ? [trait.prefix, trait.uri] : trait.uri } : {};
  const member = (of: CaseMember, payload = false): unknown => {
    const own = shapes[of.shape]!;
    const traits: Record<string, unknown> = { ...xmlns(of.xmlNamespace) };
    const { location, locationName } = of;
    if (location === 'uri') traits.httpLabel = 1;
    else if (location === 'querystring') {
      if (own.type === 'map') traits.httpQueryParams = 1;
      else traits.httpQuery = locationName;
    } else if (location === 'header') traits.httpHeader = locationName;
    else if (location === 'headers') traits.httpPrefixHeaders = locationName ?? '';
    else if (location === 'statusCode') traits.httpResponseCode = 1;
    else if (locationName) {
      traits.jsonName = locationName;
      traits.xmlName = locationName;
    }
    if (of.flattened) traits.xmlFlattened = 1;
    if (payload) traits.httpPayload = 1;
    if (of.idempotencyToken) traits.idempotencyToken = 1;
    if (of.jsonvalue) return [[0, 'test', 'JsonValue', { mediaType: 'application/json' }, 0], traits];
    return [reference(of.shape), traits];
  };
  const tuple = (name: string): unknown => {
    const known = made.get(name);
    if (known) return known;
    const shape = shapes[name]!;
    const traits = { ...xmlns(shape.xmlNamespace), ...(shape.locationName ? { xmlName: shape.locationName } : {}) };
    const schema = ((): unknown[] => {
      switch (shape.type) {
        case 'list':
          return [1, 'test', name, traits, member(shape.member!)];
        case 'map':
          return [2, 'test', name, traits, member(shape.key!), member(shape.value!)];
        default: {
          const names = Object.keys(shape.members ?? {});
          const needed = new Set(shape.required ?? []);
          names.sort((a, b) => Number(needed.has(b)) - Number(needed.has(a)));
          const targets = names.map((each) => member(shape.members![each]!, shape.payload === each));
          return [shape.union ? 4 : 3, 'test', name, traits, names, targets, needed.size];
        }
      }
    })();
    made.set(name, schema);
    return schema;
  };
  const exports: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    if (!shape.exception) continue;
    const structure = tuple(name) as unknown[];
    const query = shape.error?.code ? { awsQueryError: [shape.error.code, shape.error.httpStatusCode ?? 400] } : {};
    const side = shape.fault
      ? { error: 'server', httpError: 500 }
      : { error: 'client', httpError: shape.error?.httpStatusCode ?? 400 };
    const traits = { ...query, ...side };
    exports[`${name}$`] = [-3, 'test', name, traits, structure[4], structure[5], structure[6]];
  }
  for (const { given } of suite.cases) {
    const http = [given.http.method, given.http.requestUri, given.http.responseCode ?? 200];
    exports[`${given.name}$`] = [
      9,
      'test',
      given.name,
      { http },
      given.input ? () => tuple(given.input!.shape) : () => 'unit',
      given.output ? () => tuple(given.output!.shape) : () => 'unit',
    ];
  }
  return {
    name: 'test',
    signingName: 'test',
    protocols: metadata.awsQueryCompatible ? [protocol, 'awsQuery'] : [protocol],
    ...(metadata.targetPrefix ? { targetPrefix: metadata.targetPrefix } : {}),
    apiVersion: metadata.apiVersion,
    load: () => Promise.resolve(exports),
  };
}

function protocolName(metadata: Suite['metadata']): ProtocolName {
  switch (metadata.protocol) {
    case 'query':
      return 'awsQuery';
    case 'json':
      return metadata.jsonVersion === '1.0' ? 'awsJson1_0' : 'awsJson1_1';
    case 'rest-json':
      return 'restJson1';
    case 'smithy-rpc-v2-cbor':
      return 'rpcv2Cbor';
    default:
      throw new Error(`no such protocol: ${metadata.protocol}`);
  }
}

/** Decoded values in the cases' own notation: seconds for times, text for blobs, strings for NaN. */
export function inCaseNotation(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(inCaseNotation);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inCaseNotation(item)]));
  }
  return value;
}

/** The reverse of `inCaseNotation`, which needs the shape. */
export function fromCaseNotation(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  switch (shape.type) {
    case 'structure':
    case 'union':
      return Object.fromEntries(
        shape.members
          .filter((member) => Object.hasOwn(value as object, member.name))
          .map((member) => [
            member.name,
            fromCaseNotation(member.shape, (value as Record<string, unknown>)[member.name]),
          ]),
      );
    case 'list':
      return (value as unknown[]).map((item) => fromCaseNotation(shape.element.shape, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, fromCaseNotation(shape.value.shape, item)]),
      );
    case 'timestamp':
      return new Date((value as number) * 1000);
    case 'blob':
      return new TextEncoder().encode(value as string);
    case 'number':
      return typeof value === 'string' ? Number(value) : value;
    default:
      return value;
  }
}
