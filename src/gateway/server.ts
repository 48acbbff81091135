/** The HTTP listener: turns node's requests into the wire's, under limits, and answers into bytes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection, VpcPlace } from '../services/service.ts';
import type { HttpRequest, HttpResponse } from '../wire/types.ts';
import { refuseForged, shownOn } from './client-certificate.ts';
import type { Gateway } from './gateway.ts';
import { endPace, watchPace } from './pace.ts';
import { type Proxies, plainAddress, realPeer } from './proxies.ts';
import { cutUnread, spokenFor, takeProxyHeaders } from './proxy-connections.ts';

/** What a TLS listener shows and demands; PEM. */
export interface TlsSettings {
  readonly key: string;
  readonly cert: string;
  /** Who vouches for clients. */
  readonly ca?: string;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

export type ApiServer = Server | TlsServer;

export interface ServerOptions {
  readonly gateway: Gateway;
  /** Without it the listener speaks plain HTTP. */
  readonly tls?: TlsSettings;
  readonly proxies: Proxies;
  /** The ARN of the user or role for whom the URI of a client certificate stands. */
  readonly principalOf?: (uri: string) => string | undefined;
  /** Where in a VPC the listener stands. */
  readonly place?: VpcPlace;
  /** Bailey's own paths (`/_bailey/…`), which no AWS client uses: returns undefined for a path it does not know. */
  readonly ownPaths: (request: OwnRequest) => Promise<HttpResponse | undefined> | undefined;
}

export interface OwnRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: HttpRequest['headers'];
  readonly body: AsyncIterable<Uint8Array>;
}

/** Bytes of a request's head, above which node answers 431. */
const headBytes = 32 * 1024;
/** User metadata of an S3 object alone can be some hundred. */
const headerLimit = 1_000;
/** A connection on which nothing moves for so long is cut, in milliseconds. */
const idleMs = 120_000;
const connectionLimit = 10_000;

/** What every TLS listener speaks, whatever it shows; also to be given with each new certificate. */
export const tlsLimits = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], handshakeTimeout: 15_000 } as const;

export function createApiServer(options: ServerOptions): ApiServer {
  const limits = { maxHeaderSize: headBytes, keepAliveTimeout: 65_000, headersTimeout: 30_000, requestTimeout: 0 };
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const pace = watchPace(incoming);
    try {
      await serve(options, incoming, outgoing);
    } catch {
      outgoing.destroy();
    }
    endPace(pace);
  };
  const server: ApiServer = options.tls
    ? createTlsServer({ ...limits, ...options.tls, ...tlsLimits }, answer)
    : createServer(limits, answer);
  // Node drops what goes beyond this without a word: one more than we take tells us that there were too many.
  server.maxHeadersCount = headerLimit + 1;
  server.maxConnections = connectionLimit;
  server.timeout = idleMs;
  // Behind a PROXY header the handshake would have to begin in the middle of a connection: plain listeners only.
  if (options.tls?.requestCert) server.on('secureConnection', refuseForged);
  if (!options.tls) takeProxyHeaders(server, options.proxies);
  // Clients that wait for `100 Continue` before they send a body (boto3, S3 uploads).
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.writeContinue();
    server.emit('request', incoming, outgoing);
  });
  return server;
}

/** Resolves with the port that is really bound. */
export async function listen(server: ApiServer, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Stops taking connections, lets calls under way finish for a while, then cuts. */
export async function close(server: ApiServer, patienceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  cutUnread(server);
  // Connections whose call ends only now are kept alive for the next, which nobody will answer.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}

async function serve(options: ServerOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (incoming.rawHeaders.length > 2 * headerLimit) return tooManyHeaders(outgoing);
  const request = toRequest(incoming);
  if (request.path.startsWith('/_bailey/')) {
    const { method, path, query, headers } = request;
    const own = await options.ownPaths({ method, path, query, headers, body: incoming });
    if (own) return send(own, method, incoming, outgoing);
  }
  const peer =
    spokenFor(incoming.socket) ??
    realPeer(options.proxies, incoming.socket.remoteAddress ?? '', request.headers, isSecure(incoming));
  const shown = certificate(options, incoming);
  if (shown === 'expired') {
    incoming.socket.destroy();
    return;
  }
  const response = await options.gateway.handle({
    request,
    body: incoming,
    connection: {
      sourceIp: peer.address,
      secure: peer.secure,
      tls: tlsOf(options.proxies, incoming),
      certificate: shown,
      userAgent: request.headers['user-agent'] ?? '',
      host: request.headers.host ?? '',
      place: options.place,
    },
  });
  await send(response, request.method, incoming, outgoing);
}

/** What the client shows. It can expire while the connection lasts: certificates are short instead of revoked. */
function certificate(
  { tls, principalOf = () => undefined }: ServerOptions,
  { socket }: IncomingMessage,
): Connection['certificate'] | 'expired' {
  if (!tls?.requestCert || !(socket instanceof TLSSocket)) return undefined;
  const { certificate: shown, until } = shownOn(socket, principalOf);
  return Date.now() < until ? shown : 'expired';
}

const spoken = new WeakMap<TLSSocket, Connection['tls']>();

/** How the client spoke TLS; what a trusted proxy spoke says nothing of its clients. */
function tlsOf(proxies: Proxies, { socket }: IncomingMessage): Connection['tls'] {
  if (!(socket instanceof TLSSocket) || proxies.trusts(plainAddress(socket.remoteAddress ?? ''))) return undefined;
  let tls = spoken.get(socket);
  if (!tls) {
    tls = { version: socket.getProtocol() ?? 'unknown', cipherSuite: socket.getCipher().name };
    spoken.set(socket, tls);
  }
  return tls;
}

const isSecure = ({ socket }: IncomingMessage): boolean => socket instanceof TLSSocket;

function tooManyHeaders(outgoing: ServerResponse): void {
  outgoing.writeHead(431, { connection: 'close', 'content-length': '0' }).end();
}

/** Inherits nothing, as from `Object.create(null)`, but is of an ordinary shape: made and read at a third of the cost. */
function Fields(): void {
  // Filled by who makes one.
}
Fields.prototype = Object.create(null);
const EmptyFields = Fields as unknown as new () => Record<string, string | undefined>;

function toRequest(incoming: IncomingMessage): HttpRequest {
  const target = incoming.url ?? '/';
  // An absolute-form target names its host twice; only the path and query count here.
  const start = target.startsWith('/') ? 0 : pathStart(target);
  const mark = target.indexOf('?', start);
  const headers = new EmptyFields();
  const repeated: string[] = [];
  const raw = incoming.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = lowerCased(raw[i] as string);
    const value = raw[i + 1] as string;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else {
      headers[name] = `${before},${value}`;
      repeated.push(name);
    }
  }
  return {
    method: incoming.method ?? 'GET',
    path: (mark < 0 ? target.slice(start) : target.slice(start, mark)) || '/',
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers,
    repeated,
  };
}

/** Names that were seen before: clients send the same few again and again. */
const knownNames = new Map<string, string>();
const knownNameLimit = 500;

function lowerCased(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  if (knownNames.size >= knownNameLimit) knownNames.clear();
  if (name.length <= 64) knownNames.set(name, lower);
  return lower;
}

function pathStart(target: string): number {
  const authority = target.indexOf('://');
  if (authority < 0) return 0;
  const slash = target.indexOf('/', authority + 3);
  return slash < 0 ? target.length : slash;
}

/** Bodies up to this many bytes are put behind the head before they are written. */
const singleWriteBytes = 16 * 1024;

/** Whether each character of a body is one byte, as its announced length tells. */
function isAscii(body: string, { headers }: HttpResponse): boolean {
  return headers['content-length'] === String(body.length);
}

async function send(
  response: HttpResponse,
  method: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { body } = response;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    if (method !== 'HEAD' && response.status !== 204 && response.status !== 304) {
      response.headers['content-length'] ??= String(Buffer.byteLength(body));
    }
    // An answer that comes before the whole request was read ends the connection: what follows cannot be trusted.
    if (!incoming.complete) response.headers.connection = 'close';
    outgoing.writeHead(response.status, response.headers);
    if (method === 'HEAD') outgoing.end();
    else if (typeof body === 'string') outgoing.end(body, isAscii(body, response) ? 'latin1' : 'utf8');
    else if (body.length > singleWriteBytes) outgoing.end(body);
    // As text, a byte a character, a small body leaves together with the head.
    else outgoing.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1');
    return;
  }
  outgoing.writeHead(response.status, response.headers);
  try {
    for await (const chunk of body) {
      if (outgoing.destroyed) break;
      if (!outgoing.write(chunk)) await drained(outgoing);
    }
    outgoing.end();
  } catch (error) {
    // The head has gone out: cutting the connection is the only way left to say that the body is not whole.
    outgoing.destroy();
    throw error;
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.once('drain', done);
    outgoing.once('close', done);
  });
}
