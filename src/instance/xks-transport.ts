/** The way to external key store proxies: signed, over TLS, bounded in time and size, and to nobody else's machines. */
import { readFileSync } from 'node:fs';
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { type TLSSocket, TLSSocket as TlsSocket } from 'node:tls';
import type { Config } from '../config/config.ts';
import { type XksAnswer, type XksRequest, type XksTransport, XksUnanswered } from '../services/kms/ports.ts';
import { sign } from '../wire/signing/index.ts';
import { isOwnAddress, publicLookup } from './public-addresses.ts';

/** "If KMS does not receive a response from the XKS proxy for any API call within 250ms, KMS will time out." */
const usualTimeoutMs = 250;
/** Answers hold a ciphertext of some 4 KB at most. */
const answerLimit = 64 * 1024;
const signingName = 'kms-xks-proxy';

type Place = NonNullable<NonNullable<Config['keyStores']>['proxies']>[number];

/** How an endpoint is reached: by the configuration, or else at its public address. */
interface Route {
  readonly isSecure: boolean;
  readonly options: RequestOptions;
}

/** @param now the machine's clock, epoch milliseconds: the other side compares it with its own */
export function createXksTransport(config: Config['keyStores'], now: () => number = Date.now): XksTransport {
  const timeoutMs = config?.timeoutMs ?? usualTimeoutMs;
  const places = new Map((config?.proxies ?? []).map((place) => [place.endpoint.toLowerCase(), place]));
  const routes = new Map<string, Route>();
  const publicAgent = new https.Agent({ keepAlive: true, maxSockets: 64, lookup: publicLookup });
  const routeOf = (endpoint: string): Route => {
    const name = endpoint.toLowerCase();
    const place = places.get(name);
    if (!place) return publicRoute(name, publicAgent);
    const route = routes.get(name) ?? configuredRoute(place);
    routes.set(name, route);
    return route;
  };
  return {
    endpointOfService: (service) => [...places.values()].find((one) => one.vpcEndpointService === service)?.endpoint,
    async send(request) {
      const route = routeOf(request.endpoint);
      const headers = signed(request, now());
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        return await exchange(route, request, headers, deadline);
      } catch (error) {
        // The other side may have closed a kept connection just now: one more, within the same time.
        if (!(error instanceof StaleConnection)) throw error;
        return exchange(route, request, headers, deadline);
      }
    },
  };
}

function publicRoute(endpoint: string, agent: https.Agent): Route {
  const { hostname } = new URL(endpoint);
  // Names are looked at when they are resolved, addresses never are.
  if (isIP(hostname) !== 0 && isOwnAddress(hostname)) throw new XksUnanswered('unreachable');
  return { isSecure: true, options: { agent, host: hostname, port: 443, minVersion: 'TLSv1.2' } as RequestOptions };
}

function configuredRoute({ endpoint, address, ca }: Place): Route {
  const url = new URL(address ?? endpoint);
  const isSecure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const tls = {
    servername: new URL(endpoint).hostname,
    minVersion: 'TLSv1.2' as const,
    ...(ca !== undefined && { ca: readFileSync(ca) }),
  };
  const agent = isSecure
    ? new https.Agent({ keepAlive: true, maxSockets: 64, ...tls })
    : new http.Agent({ keepAlive: true, maxSockets: 64 });
  return { isSecure, options: { agent, host, port: url.port || (isSecure ? 443 : 80) } };
}

function signed({ endpoint, path, region, credential, body }: XksRequest, time: number): Record<string, string> {
  const host = new URL(endpoint).host;
  const request = { method: 'POST', path, query: '', headers: { host }, repeated: [] };
  const { headers } = sign(request, credential, { region, service: signingName, time, body });
  return {
    ...(headers as Record<string, string>),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  };
}

class StaleConnection extends Error {}

/** One request and its answer. Redirects are answers like others: nobody follows them. */
function exchange(
  { isSecure, options }: Route,
  { path, body }: XksRequest,
  headers: Record<string, string>,
  deadline: AbortSignal,
): Promise<XksAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (reason: XksUnanswered['reason']): void => {
      // What breaks off when the time is up broke off because the time is up.
      reject(new XksUnanswered(deadline.aborted ? 'timeout' : reason));
      request.destroy();
    };
    const request: ClientRequest = (isSecure ? https : http).request({
      ...options,
      method: 'POST',
      path,
      headers,
      signal: deadline,
    });
    request.on('response', (answer) => collect(answer, resolve, fail));
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (!deadline.aborted && request.reusedSocket && error.code === 'ECONNRESET') reject(new StaleConnection());
      else fail(reasonOf(error, request, isSecure));
    });
    request.end(body);
  });
}

function reasonOf(error: NodeJS.ErrnoException, request: ClientRequest, isSecure: boolean): XksUnanswered['reason'] {
  if (error.code?.startsWith('HPE_')) return 'malformed';
  const socket = request.socket as TLSSocket | null;
  const handshaking = isSecure && socket instanceof TlsSocket && socket.remoteAddress !== undefined;
  const isTls = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(error.code ?? '');
  return isTls || (handshaking && !socket.authorized && error.code === 'ECONNRESET') ? 'tls' : 'unreachable';
}

function collect(
  answer: IncomingMessage,
  resolve: (answer: XksAnswer) => void,
  fail: (reason: XksUnanswered['reason']) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > answerLimit) fail('malformed');
    else chunks.push(chunk);
  });
  answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
  answer.on('error', () => fail('malformed'));
}
