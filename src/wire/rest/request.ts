/** REST requests to typed input: labels, query, headers and the payload, each in its place. */
import { unreadable, WireFault } from '../fault.ts';
import type { HttpBinding, OperationModel } from '../model.ts';
import { parseScalar } from '../scalar.ts';
import type { Member, TimestampFormat } from '../shape.ts';
import { parseTimestamp } from '../timestamp.ts';
import type { HttpRequest, ProtocolName } from '../types.ts';
import { splitHeader } from './header-list.ts';
import { decodePath, fromNetwork, type Query } from './query-string.ts';

/** Fills the members that do not travel in the body. @throws WireFault */
export function readBindings(
  operation: OperationModel,
  request: HttpRequest,
  labels: ReadonlyMap<string, string>,
  query: Query,
  protocol: ProtocolName,
): Record<string, unknown> {
  try {
    return read(operation, request, labels, query, protocol);
  } catch (error) {
    // The reader of text speaks of the body; what is wrong here is an argument.
    if (!(error instanceof WireFault) || error.code !== 'MalformedXML') throw error;
    throw new WireFault('InvalidArgument', error.message, { status: 400 });
  }
}

function read(
  operation: OperationModel,
  request: HttpRequest,
  labels: ReadonlyMap<string, string>,
  query: Query,
  protocol: ProtocolName,
): Record<string, unknown> {
  const { inputBinding } = operation;
  const out: Record<string, unknown> = {};
  for (const member of inputBinding.labels) {
    const text = labels.get(member.name);
    if (text !== undefined) out[member.name] = parseScalar(member, decodePath(text), 'date-time', protocol);
  }
  for (const member of inputBinding.query) {
    const values = query.get(member.traits.httpQuery!);
    if (values) out[member.name] = readQueryMember(member, values, protocol);
  }
  if (inputBinding.queryParams) {
    const found = readQueryParams(inputBinding.queryParams, query, operation.uri);
    if (Object.keys(found).length > 0) out[inputBinding.queryParams.name] = found;
  }
  const { prefixHeaders } = inputBinding;
  const prefix = prefixHeaders?.traits.httpPrefixHeaders?.toLowerCase();
  let prefixed: Record<string, string> | undefined;
  const members = membersByHeader(inputBinding);
  // Requests have few headers, and operations take many.
  for (const name in request.headers) {
    const given = request.headers[name];
    if (given === undefined) continue;
    const member = members.get(name);
    if (member) {
      const text = name === 'content-encoding' ? ownEncoding(given, operation.streamingInput) : given;
      if (text !== '' && !isNoCondition(name, text)) out[member.name] = readHeader(member, fromNetwork(text), protocol);
    }
    if (prefix !== undefined && name.startsWith(prefix) && (prefix === '' || name.length > prefix.length)) {
      prefixed ??= Object.create(null) as Record<string, string>;
      prefixed[name.slice(prefix.length)] = fromNetwork(given);
    }
  }
  // Metadata: `x-amz-meta-Name: value` becomes `{ name: 'value' }`, since header names come in lower case.
  if (prefixHeaders && prefixed) out[prefixHeaders.name] = prefixed;
  return out;
}

const byHeader = new WeakMap<HttpBinding, ReadonlyMap<string, Member>>();

function membersByHeader(binding: HttpBinding): ReadonlyMap<string, Member> {
  let members = byHeader.get(binding);
  if (!members) {
    members = new Map(binding.headers.map(({ name, member }) => [name, member]));
    byHeader.set(binding, members);
  }
  return members;
}

/** A condition with a date that is none is ignored (RFC 9110, sections 13.1.3 and 13.1.4). */
function isNoCondition(name: string, text: string): boolean {
  return (
    name.startsWith('if-') &&
    /^if-(un)?modified-since$/.test(name) &&
    parseTimestamp(text.trim(), 'http-date') === undefined
  );
}

/** The encoding that belongs to the content: what was added for the way is taken off again, as AWS does. */
function ownEncoding(text: string, streaming: boolean): string {
  const codings = text.split(',').map((coding) => coding.trim());
  const kept = codings.filter((coding) => coding.toLowerCase() !== 'aws-chunked');
  if (!streaming && kept.at(-1)?.toLowerCase() === 'gzip') kept.pop();
  return kept.length === codings.length ? text : kept.join(', ');
}

function readQueryMember(member: Member, values: readonly string[], protocol: ProtocolName): unknown {
  if (member.shape.type === 'list') {
    return values.map((value) => parseScalar(member.shape.element, value, 'date-time', protocol));
  }
  const [first = '', ...more] = values;
  if (more.length > 0) {
    const code = protocol === 'restXml' ? 'InvalidArgument' : 'ValidationException';
    throw new WireFault(code, `The query parameter ${member.traits.httpQuery} appears more than once.`, {
      status: 400,
    });
  }
  return parseScalar(member, first, 'date-time', protocol);
}

/** A map of all query parameters; the fixed ones of the URI and a signature's are none of the API's. */
function readQueryParams(member: Member, query: Query, uri: string): object {
  const fixed = new Set((uri.split('?')[1] ?? '').split('&').map((pair) => pair.split('=')[0]));
  const out = Object.create(null) as Record<string, unknown>;
  for (const [key, values] of query) {
    if (fixed.has(key) || key === 'x-id' || key.startsWith('X-Amz-')) continue;
    out[key] = member.shape.value.shape.type === 'list' ? values : (values[0] ?? '');
  }
  return out;
}

function readHeader(member: Member, text: string, protocol: ProtocolName): unknown {
  const fallback: TimestampFormat = 'http-date';
  if (member.shape.type === 'list') {
    const { element } = member.shape;
    const dates = element.shape.type === 'timestamp' && (element.shape.timestampFormat ?? fallback) === 'http-date';
    return splitHeader(text, dates).map((item) => parseScalar(element, item, fallback, protocol));
  }
  if (member.shape.type === 'string' && member.traits.mediaType === undefined && member.shape.traits.mediaType) {
    return mediaText(text, member, protocol);
  }
  return parseScalar(member, text, fallback, protocol);
}

/** A JSON string travels base64-encoded in headers (Smithy specification, mediaType trait). */
function mediaText(text: string, member: Member, protocol: ProtocolName): string {
  if (!/json/.test(member.shape.traits.mediaType ?? '')) return text;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  if (Buffer.from(decoded, 'utf8').toString('base64') !== text) {
    throw unreadable(protocol, `${member.name} is not valid base64`);
  }
  return decoded;
}
