/** Makes one HTTP/2 connection: over TLS where that is asked, else as clients do that know what the other side speaks. */
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { UpstreamError } from './error.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** Until the other side has said what it can. */
  readonly connectMs: number;
  /** PEM, beside the authorities that the machine knows. */
  readonly authorities: readonly string[] | undefined;
  readonly lookup?: LookupFunction;
}

/** What a target may make this process hold. */
const limits = {
  maxHeaderListPairs: 256,
  maxSessionMemory: 64,
  settings: { enablePush: false, maxHeaderListSize: 64 * 1024 },
};

/** With the socket below the session, which it hides. */
type Connected = (error: Error | undefined, session?: ClientHttp2Session, socket?: Socket) => void;

/**
 * Answers once, when the other side's settings have come: whoever sends none does not speak HTTP/2.
 * @returns gives the attempt up, without an answer
 */
export function connectTo(destination: Destination, connected: Connected): () => void {
  const socket = socketTo(destination);
  let session: ClientHttp2Session | undefined;
  let isOver = false;
  const end = (error: Error | undefined): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    if (error === undefined) connected(undefined, session, socket);
    else {
      session?.destroy();
      socket.destroy();
      connected(error);
    }
  };
  const timer = setTimeout(() => end(new UpstreamError('UND_ERR_CONNECT_TIMEOUT')), destination.connectMs);
  socket.on('error', (error) => end(error));
  socket.once('close', () => end(new UpstreamError('UND_ERR_SOCKET')));
  socket.once(destination.isSecure ? 'secureConnect' : 'connect', () => {
    if (destination.isSecure && (socket as TLSSocket).alpnProtocol !== 'h2') {
      end(new UpstreamError('ERR_HTTP2_NOT_OFFERED'));
      return;
    }
    const scheme = destination.isSecure ? 'https' : 'http';
    session = connectHttp2(`${scheme}://${bracketed(destination.host)}:${destination.port}`, {
      ...limits,
      createConnection: () => socket,
    });
    session.on('error', (error) => end(error));
    session.once('close', () => end(new UpstreamError('UND_ERR_SOCKET')));
    session.once('remoteSettings', () => end(undefined));
  });
  return () => {
    isOver = true;
    clearTimeout(timer);
    session?.destroy();
    socket.destroy();
  };
}

function socketTo({ host, port, isSecure, authorities, lookup }: Destination): Socket {
  const place = { host, port, ...(lookup && isIP(host) === 0 && { lookup }) };
  if (!isSecure) return connectTcp({ ...place, noDelay: true });
  const socket = connectTls({
    ...place,
    ALPNProtocols: ['h2'],
    ...(authorities && { ca: [...authorities] }),
    // Targets are addresses: their certificates are of somebody we trust, whatever name they bear.
    checkServerIdentity: () => undefined,
  });
  socket.setNoDelay(true);
  return socket;
}

export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
