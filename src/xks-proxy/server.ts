/** The listener of the XKS proxy: one port for key management services elsewhere, under limits. */
import { createServer as createPlain, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { HttpRequest } from '../wire/types.ts';
import { ProxyRefusal } from './ports.ts';
import { answer, type ProxyOptions } from './proxy.ts';

export interface Certificate {
  /** PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Two texts of 4,300 and 8,192 bytes in base64, and what describes the request, are below 40 KB. */
const bodyLimit = 64 * 1024;
const limits = { maxHeaderSize: 16 * 1024, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 65_000 };

/** @param certificate undefined for a listener on loopback only */
export function createXksProxy(options: ProxyOptions, certificate?: Certificate): Server {
  const listener: RequestListener = (incoming, outgoing) => {
    // For load balancers; says nothing but that somebody listens.
    if (incoming.method === 'GET' && incoming.url === '/ping') {
      outgoing.writeHead(200, { 'content-type': 'text/plain' }).end('pong\n');
      return;
    }
    answer(options, toRequest(incoming), () => readWhole(incoming))
      .then(({ status, body }) => {
        const headers: Record<string, string> = { 'content-type': 'application/json' };
        // What was not read cannot be told from the next request.
        if (!incoming.complete) headers.connection = 'close';
        outgoing.writeHead(status, headers).end(JSON.stringify(body));
      })
      .catch(() => outgoing.destroy());
  };
  const server = certificate
    ? createSecure({ ...limits, ...certificate, minVersion: 'TLSv1.2' }, listener)
    : createPlain(limits, listener);
  server.maxConnections = 1_000;
  server.maxHeadersCount = 100;
  return server;
}

function toRequest(incoming: IncomingMessage): HttpRequest {
  const [path = '', ...query] = (incoming.url ?? '').split('?');
  const headers: Record<string, string | undefined> = Object.create(null);
  const repeated: string[] = [];
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    headers[name] = values.join(',');
    if (values.length > 1) repeated.push(name);
  }
  return { method: incoming.method ?? '', path, query: query.join('?'), headers, repeated };
}

async function readWhole(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > bodyLimit) throw new ProxyRefusal('ValidationException', 'The body is too long.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
