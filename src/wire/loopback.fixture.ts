/** For tests: a request handler for SDK clients that answers from the wire itself, without sockets. */
import { Readable } from 'node:stream';
import { decode, encode, encodeFault, type Identified, identify, needsBody, WireFault } from './index.ts';
import type { HttpRequest, HttpResponse, ServiceModelSource } from './types.ts';

/** What an SDK client hands to its request handler. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly hostname: string;
}

export interface Answered {
  readonly identified: Identified;
  readonly request: HttpRequest;
  readonly input: Record<string, unknown>;
}

/** Thrown by an answer to make the wire encode a fault. */
export class TestFault extends Error {
  readonly fault: { code: string; message: string; status?: number; members?: Record<string, unknown> };
  constructor(fault: TestFault['fault']) {
    super(fault.message);
    this.fault = fault;
  }
}

export const REQUEST_ID = '11111111-2222-4333-8444-555555555555';

/** Settings for a client whose calls `answer` takes: what it returns is encoded and given back to the client. */
export function loopback(sources: readonly ServiceModelSource[], answer: (call: Answered) => object | Promise<object>) {
  return {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: SdkRequest) => ({ response: toSdk(await serve(sources, toWire(request), answer)) }),
    },
  };
}

/** Identifies, decodes, asks `answer` and encodes, as the gateway does. */
async function serve(
  sources: readonly ServiceModelSource[],
  { request, body }: { request: HttpRequest; body: Uint8Array },
  answer: (call: Answered) => object | Promise<object>,
  hosts: readonly string[] = ['localhost'],
): Promise<HttpResponse> {
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  const hints = { signingName: scope, hosts };
  let identified: Identified | undefined;
  try {
    identified = await identify(request, sources, hints, needsBody(request, hints) ? body : undefined);
    const input = decode(identified, request, body) as Record<string, unknown>;
    return encode(identified, await answer({ identified, request, input }), REQUEST_ID);
  } catch (error) {
    if (error instanceof TestFault) {
      return encodeFault({ identified, protocol: identified!.protocol }, error.fault, REQUEST_ID);
    }
    if (error instanceof WireFault) {
      const protocol = identified?.protocol ?? (error as { protocol?: Identified['protocol'] }).protocol!;
      return encodeFault({ identified, protocol }, error, REQUEST_ID);
    }
    throw error;
  }
}

function toWire(request: SdkRequest): { request: HttpRequest; body: Uint8Array } {
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = String(value);
  headers.host ??= request.hostname;
  const pairs = Object.entries(request.query ?? {}).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) =>
      item === null ? encodeURIComponent(key) : `${encodeURIComponent(key)}=${encodeURIComponent(item)}`,
    ),
  );
  const { body } = request;
  const bytes =
    body === undefined ? new Uint8Array() : typeof body === 'string' ? Buffer.from(body) : (body as Uint8Array);
  return {
    request: { method: request.method, path: request.path, query: pairs.join('&'), headers, repeated: [] },
    body: new Uint8Array(bytes),
  };
}

function toSdk(response: HttpResponse) {
  const { body } = response;
  const stream =
    typeof body === 'string' || body instanceof Uint8Array ? Readable.from([Buffer.from(body)]) : Readable.from(body);
  return { statusCode: response.status, headers: response.headers, body: stream, reason: undefined };
}

/** A request as node would hand it over. */
export function httpRequest(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body: string | Uint8Array = '',
): { request: HttpRequest; body: Uint8Array } {
  const mark = target.indexOf('?');
  return {
    request: {
      method,
      path: mark === -1 ? target : target.slice(0, mark),
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers: Object.assign(Object.create(null) as Record<string, string>, headers),
      repeated: [],
    },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  };
}
