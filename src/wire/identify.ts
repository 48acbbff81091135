/** Which operation a request means, and in which protocol, by the same signals that clients send to AWS. */
import { WireFault } from './fault.ts';
import { inflate } from './inflate.ts';
import { loadedService, loadService, type OperationModel, type ServiceModel } from './model.ts';
import { type Form, parseForm } from './query/form.ts';
import { fromNetwork, parseQuery, type Query } from './rest/query-string.ts';
import { matchRoute } from './rest/route.ts';
import { matchS3 } from './s3/route.ts';
import type { HttpRequest, IdentifyHints, ProtocolName, ServiceModelSource } from './types.ts';

/** What a request was dispatched on; the signature's scope must name the same service. */
export interface Identified {
  readonly service: ServiceModel;
  readonly operation: OperationModel;
  readonly protocol: ProtocolName;
  /** Label member → its text, still percent-encoded. */
  readonly labels: ReadonlyMap<string, string>;
  /** The parameters of a query protocol. */
  readonly form?: Form;
  /** The decoded query of a REST protocol. */
  readonly query?: Query;
}

/** Refused before an operation was known, with the protocol in which to say so. */
export class UnidentifiedFault extends WireFault {
  readonly protocol: ProtocolName;
  readonly serviceName: string | undefined;

  constructor(protocol: ProtocolName, serviceName: string | undefined, code: string, message: string, status: number) {
    super(code, message, { status });
    this.protocol = protocol;
    this.serviceName = serviceName;
  }
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();
const CBOR_PATH = /^\/service\/([A-Za-z0-9_.]{1,128})\/operation\/([A-Za-z0-9_]{1,128})$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether the operation's name stands in the body, so that the body must be read before `identify`. */
export function needsBody(request: HttpRequest, hints: IdentifyHints): boolean {
  if (request.method !== 'POST' || hints.signingName === 's3') return false;
  if (request.headers['x-amz-target'] !== undefined || isCbor(request)) return false;
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('application/x-www-form-urlencoded')) return true;
  // Some clients send forms without saying so; only at the root, where no REST call with a large body lives.
  return type === '' && request.path === '/';
}

function isCbor(request: HttpRequest): boolean {
  return request.headers['smithy-protocol'] === 'rpc-v2-cbor' && CBOR_PATH.test(request.path);
}

/**
 * @param body the buffered body, where `needsBody` asked for it
 * @throws UnidentifiedFault UnknownOperationException, InvalidAction, MissingAction, MethodNotAllowed …
 */
export async function identify(
  request: HttpRequest,
  sources: readonly ServiceModelSource[],
  hints: IdentifyHints,
  body?: Uint8Array,
): Promise<Identified> {
  try {
    return (
      (isCbor(request) ? await byCborPath(request, sources) : undefined) ??
      (request.headers['x-amz-target'] === undefined ? undefined : await byTarget(request, sources)) ??
      (mayNameAction(request, sources, hints) ? await byAction(request, sources, hints, body) : undefined) ??
      (await byRoute(request, sources, hints))
    );
  } catch (error) {
    if (!(error instanceof WireFault) || error instanceof UnidentifiedFault) throw error;
    const source = sources.find(({ signingName }) => signingName === hints.signingName);
    throw new UnidentifiedFault(
      protocolOf(request, hints, sources),
      source?.name ?? hints.signingName,
      error.code,
      error.message,
      error.status ?? 400,
    );
  }
}

async function byCborPath(
  request: HttpRequest,
  sources: readonly ServiceModelSource[],
): Promise<Identified | undefined> {
  const [, service, name] = CBOR_PATH.exec(request.path)!;
  const wanted = lastLabel(service!);
  const source = sources.find((each) => each.protocols.includes('rpcv2Cbor') && each.targetPrefix === wanted);
  const model = source && (await loadService(source));
  const operation = request.method === 'POST' ? model?.operations.get(name!) : undefined;
  if (!model || !operation) throw unknownOperation('rpcv2Cbor', source?.name, 404);
  return { service: model, operation, protocol: 'rpcv2Cbor', labels: NO_LABELS };
}

function lastLabel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

async function byTarget(request: HttpRequest, sources: readonly ServiceModelSource[]): Promise<Identified | undefined> {
  const target = request.headers['x-amz-target'];
  if (target === undefined || request.method !== 'POST' || request.path !== '/') return undefined;
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('application/x-www-form-urlencoded')) return undefined;
  const dot = target.lastIndexOf('.');
  const prefix = lastLabel(target.slice(0, Math.max(dot, 0)));
  const source = sources.find((each) => each.targetPrefix === prefix && jsonOf(each) !== undefined);
  const protocol = (source && jsonOf(source)) ?? jsonVersion(type);
  const model = source && (loadedService(source) ?? (await loadService(source)));
  const operation = model?.operations.get(target.slice(dot + 1));
  if (!model || !operation) throw unknownOperation(protocol, source?.name, 400);
  return { service: model, operation, protocol, labels: NO_LABELS };
}

function jsonOf(source: ServiceModelSource): ProtocolName | undefined {
  return source.protocols.find((protocol) => protocol === 'awsJson1_0' || protocol === 'awsJson1_1');
}

function jsonVersion(contentType: string): 'awsJson1_0' | 'awsJson1_1' {
  return contentType.includes('json-1.0') ? 'awsJson1_0' : 'awsJson1_1';
}

function unknownOperation(protocol: ProtocolName, service: string | undefined, status: number): UnidentifiedFault {
  const query = protocol === 'awsQuery' || protocol === 'ec2Query';
  const code = query ? 'InvalidAction' : protocol === 'restXml' ? 'MethodNotAllowed' : 'UnknownOperationException';
  return new UnidentifiedFault(protocol, service, code, 'The requested operation is not known.', status);
}

function queryOf(source: ServiceModelSource): 'awsQuery' | 'ec2Query' | undefined {
  return source.protocols.find((protocol) => protocol === 'awsQuery' || protocol === 'ec2Query');
}

/** Whether the service that the request names, if any, speaks a query protocol. */
function mayNameAction(request: HttpRequest, sources: readonly ServiceModelSource[], hints: IdentifyHints): boolean {
  if (request.method !== 'GET' && request.method !== 'POST') return false;
  const named = serviceOf(request, sources, hints);
  return named ? queryOf(named) !== undefined : hints.signingName === undefined;
}

async function byAction(
  request: HttpRequest,
  sources: readonly ServiceModelSource[],
  hints: IdentifyHints,
  body: Uint8Array | undefined,
): Promise<Identified | undefined> {
  const named = serviceOf(request, sources, hints);
  const text = body && body.length > 0 && request.method === 'POST' ? await formText(request, body) : '';
  if (!named && !/(?:^|&)Action=/.test(request.query) && !/(?:^|&)Action=/.test(text)) return undefined;
  const form = parseForm(fromNetwork(request.query), text);
  const action = form.get('Action');
  const version = form.get('Version');
  const source =
    named ??
    sources.find((each) => queryOf(each) !== undefined && version !== undefined && each.apiVersion === version);
  const protocol = (source && queryOf(source)) ?? 'awsQuery';
  if (action === undefined || action === '') {
    // A bare request to a host that several services share belongs to none of them.
    if (!named) return undefined;
    throw new UnidentifiedFault(
      protocol,
      source?.name,
      'MissingAction',
      'The request is missing an action or a required parameter.',
      400,
    );
  }
  const model = source && (loadedService(source) ?? (await loadService(source)));
  const operation = model?.operations.get(action);
  const rightVersion = protocol === 'ec2Query' || version === undefined || version === source?.apiVersion;
  if (!model || !operation || !rightVersion) {
    const shown = action.length > 128 ? `${action.slice(0, 128)}...` : action;
    const message =
      protocol === 'ec2Query'
        ? `The action ${shown} is not valid for this web service.`
        : `Could not find operation ${shown} for version ${version ?? source?.apiVersion ?? 'NO_VERSION_SPECIFIED'}`;
    throw new UnidentifiedFault(protocol, source?.name, 'InvalidAction', message, 400);
  }
  return { service: model, operation, protocol, labels: NO_LABELS, form };
}

/** Largest form after decompression, in bytes: the operation's name stands in it, so it is opened before the call is known. */
const MAX_FORM = 16 * 1024 * 1024;

async function formText(request: HttpRequest, body: Uint8Array): Promise<string> {
  const gzip = request.headers['content-encoding']?.toLowerCase().endsWith('gzip');
  const plain = gzip ? await inflate(body, MAX_FORM) : body;
  try {
    return utf8.decode(plain);
  } catch {
    throw new WireFault('MalformedQueryString', 'The form is not valid UTF-8', { status: 400 });
  }
}

/** The service that the signature, or else the host, names. */
function serviceOf(
  request: HttpRequest,
  sources: readonly ServiceModelSource[],
  hints: IdentifyHints,
): ServiceModelSource | undefined {
  if (hints.signingName !== undefined) return sources.find((each) => each.signingName === hints.signingName);
  const [label = ''] = (request.headers.host ?? '').toLowerCase().split('.');
  if (label === '') return undefined;
  return sources.find((each) => each.hostLabels?.includes(label));
}

function byRoute(
  request: HttpRequest,
  sources: readonly ServiceModelSource[],
  hints: IdentifyHints,
): Identified | Promise<Identified> {
  const named = serviceOf(request, sources, hints);
  // Requests without a signature that name no service are what browsers and curl send to public buckets.
  const source = named ?? (hints.signingName === undefined ? sources.find(isS3) : undefined);
  if (!source) {
    const guess = protocolOf(request, hints, sources);
    throw unknownOperation(
      guess,
      hints.signingName,
      guess.startsWith('awsJson') || guess.endsWith('Query') ? 400 : 404,
    );
  }
  const protocol = source.protocols.find((each) => each === 'restJson1' || each === 'restXml');
  if (!protocol) {
    const fallback = protocolOf(request, hints, sources);
    const status = fallback.startsWith('awsJson') || fallback.endsWith('Query') ? 400 : 404;
    throw unknownOperation(fallback, source.name, status);
  }
  const matched = (model: ServiceModel): Identified => {
    const query = parseQuery(request.query);
    const match = isS3(source) ? matchS3(model, request, query, hints.hosts ?? []) : matchRoute(model, request, query);
    if (!match) throw unknownOperation(protocol, source.name, 404);
    return { service: model, operation: match.operation, protocol, labels: match.labels, query };
  };
  const model = loadedService(source);
  return model ? matched(model) : loadService(source).then(matched);
}

function isS3(source: ServiceModelSource): boolean {
  return source.signingName === 's3' && source.protocols.includes('restXml');
}

/** The error envelope that a client most likely expects, for requests that cannot be identified. */
export function protocolOf(
  request: HttpRequest,
  hints: IdentifyHints,
  sources: readonly ServiceModelSource[] = [],
): ProtocolName {
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return 'rpcv2Cbor';
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  if (request.headers['x-amz-target'] !== undefined) return jsonVersion(type);
  const named = serviceOf(request, sources, hints);
  if (named) return (type.startsWith('application/x-www-form-urlencoded') && queryOf(named)) || named.protocols[0]!;
  if (type.startsWith('application/x-amz-json-')) return jsonVersion(type);
  if (hints.signingName === 's3') return 'restXml';
  if (hints.signingName === 'ec2') return 'ec2Query';
  if (type.startsWith('application/x-www-form-urlencoded') || /(?:^|&)Action=/.test(request.query)) return 'awsQuery';
  if (hints.signingName !== undefined) return type.includes('xml') ? 'restXml' : 'restJson1';
  return 'restXml';
}
