/** Requests to typed input: the protocol's reader first, then the model's constraints. */
import { parseCbor } from './cbor/parse.ts';
import { unreadable, WireFault } from './fault.ts';
import type { Identified } from './identify.ts';
import { readJsonBody, readJsonPayload, TreeReader } from './json/read.ts';
import { readQuery } from './query/read.ts';
import { parseQuery } from './rest/query-string.ts';
import { readBindings } from './rest/request.ts';
import type { HttpRequest } from './types.ts';
import { validate } from './validate.ts';
import { parseXml } from './xml/parse.ts';
import { readXmlStructure } from './xml/read.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The input of an identified request, as the SDK types it: blobs as Uint8Array, times as Date, maps without prototype,
 * absent members absent. Idempotency tokens are left to the handler.
 * @param body the whole body as sent (after gzip), or the stream where `operation.streamingInput`
 * @throws WireFault with AWS's code and text
 */
export function decode(
  identified: Identified,
  request: HttpRequest,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): object {
  const input = read(identified, request, body);
  validate(identified.operation.input, input, identified.protocol, identified.service.source.name);
  return input;
}

function read(identified: Identified, request: HttpRequest, body: Uint8Array | AsyncIterable<Uint8Array>): object {
  const { operation, protocol } = identified;
  switch (protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1':
      return readJsonBody(operation.input, whole(body), protocol, false);
    case 'rpcv2Cbor': {
      const bytes = whole(body);
      return new TreeReader(protocol, 'name').structure(operation.input, bytes.length === 0 ? {} : parseCbor(bytes), 0);
    }
    case 'awsQuery':
    case 'ec2Query':
      return readQuery(operation.input, identified.form ?? new Map(), protocol);
    case 'restJson1':
    case 'restXml':
      return readRest(identified, request, body);
  }
}

function whole(body: Uint8Array | AsyncIterable<Uint8Array>): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new TypeError('a body was given as a stream to an operation that reads it whole');
}

function readRest(identified: Identified, request: HttpRequest, body: Uint8Array | AsyncIterable<Uint8Array>): object {
  const { operation, protocol, labels } = identified;
  const query = identified.query ?? parseQuery(request.query);
  const input = readBindings(operation, request, labels, query, protocol);
  const { payload, body: rest } = operation.inputBinding;
  if (operation.streamingInput) {
    // Handlers always see a stream, however the bytes came.
    input[payload!.name] = body instanceof Uint8Array ? once(body) : body;
    return input;
  }
  const bytes = whole(body);
  if (!payload) {
    if (rest.members.length === 0 || (bytes.length === 0 && protocol === 'restXml')) return input;
    const inside =
      protocol === 'restJson1'
        ? readJsonBody(rest, bytes, protocol, true)
        : readXmlStructure(rest, parseXml(bytes), protocol);
    return Object.assign(input, inside);
  }
  const { type } = payload.shape;
  if (type === 'blob') {
    if (bytes.length > 0 || payload.required) input[payload.name] = bytes;
  } else if (type === 'string') {
    if (bytes.length > 0) input[payload.name] = text(bytes, identified);
  } else if (bytes.length > 0) {
    input[payload.name] =
      protocol === 'restJson1' ? readJsonPayload(payload, bytes, protocol) : readXmlPayload(identified, bytes);
  } else if (payload.required && protocol === 'restXml') {
    throw new WireFault('MissingRequestBodyError', 'Request body is empty.', { status: 400 });
  }
  return input;
}

function readXmlPayload({ operation, protocol }: Identified, bytes: Uint8Array): unknown {
  const { shape, traits } = operation.inputBinding.payload!;
  const element = parseXml(bytes, protocol);
  const names = [traits.xmlName, shape.traits.xmlName, shape.name];
  if (!names.includes(element.name)) {
    throw unreadable(
      protocol,
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  return readXmlStructure(shape, element, protocol);
}

function text(bytes: Uint8Array, { protocol }: Identified): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw unreadable(protocol, 'The request body is not valid UTF-8.');
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
