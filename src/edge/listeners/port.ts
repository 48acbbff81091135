/**
 * One port: accepts connections, asks who may come, begins TLS and HTTP, and hands whole heads to the site behind it. The
 * site may change at any time; a request keeps the one that it began with.
 */
import { createServer as createHttp, type Server as HttpServer, type IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2Server } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTls, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { type Proxies, plainAddress } from '../../gateway/proxies.ts';
import { lastWords } from '../answers/pages.ts';
import { Exchange, type Incoming, type Outgoing } from '../exchange.ts';
import { classOf, reasonOfParseError } from '../intake/classification.ts';
import type { ConnectionSite, Site } from '../site.ts';
import { fingerprintOf, takeProxyHeader } from './door.ts';
import type { Connection, Gate } from './gate.ts';
import type { Ingress } from './ingress.ts';
import type { TlsSettings } from './tls.ts';

export interface PortSettings {
  readonly site: Site | ConnectionSite;
  readonly ingress: Ingress;
  readonly proxies: Proxies;
  readonly tls: TlsSettings | undefined;
}

/** Requests that a client may send without waiting for answers. */
const mostPipelined = 100;

/** Streams that one HTTP/2 connection may have at a time, and how fast it may throw them away. */
const http2Limits = { maxConcurrentStreams: 128, maxHeaderListSize: 64 * 1024 };
const streamResets = { streamResetBurst: 200, streamResetRate: 33 };

export class Port {
  readonly number: number;
  #settings: PortSettings;
  readonly #gate: Gate;
  readonly #now: () => number;
  readonly #server: Server;
  readonly #http: HttpServer;
  #tls: TlsServer | undefined;
  #http2: Http2Server | undefined;
  /** By the far end of the connection: TLS and HTTP wrap sockets, but not what they are joined to. */
  readonly #connections = new Map<string, Connection>();
  #isDraining = false;

  constructor(number: number, settings: PortSettings, gate: Gate, now: () => number) {
    this.number = number;
    this.#settings = settings;
    this.#gate = gate;
    this.#now = now;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
    this.#http = this.#createHttp();
    if (settings.tls) this.#createSecure(settings.tls);
  }

  /** Rejects with the system's error (EADDRINUSE, EACCES). */
  listen(address: string, reusesPort: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address, port: this.number, reusePort: reusesPort, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** For requests and handshakes from now on. */
  update(settings: PortSettings): void {
    const { tls } = settings;
    this.#settings = settings;
    if (settings.site.kind === 'requests') Object.assign(this.#http, timeoutsOf(settings.site));
    this.#cutRefused();
    if (!tls) return;
    if (this.#tls) this.#tls.setSecureContext(tls.options);
    else this.#createSecure(tls);
  }

  /** What was never tracked goes with the rule that let it in, or its answers out; all go whom the border stops. */
  #cutRefused(): void {
    const { ingress } = this.#settings;
    for (const { socket, address, isTracked } of this.#connections.values()) {
      const port = socket.remotePort ?? 0;
      if (!ingress.crosses(address, port) || (!isTracked && !ingress.keeps(address, port))) socket.destroy();
    }
  }

  /** Tells the site what it cannot see by itself. */
  measure(): void {
    const { site } = this.#settings;
    site.measure(this.#connections.size);
    if (!site.flows) return;
    for (const connection of this.#connections.values()) this.#tell(connection, connection.socket.remotePort ?? 0);
  }

  #tell({ socket, address, told }: Connection, sourcePort: number): void {
    const client = { source: address, sourcePort, port: this.number };
    this.#settings.site.flows?.carried(socket, client, told, this.#now());
  }

  /** Ports of another kind cannot become this one, nor those that ask clients for certificates otherwise than this one. */
  isLike({ tls, site }: PortSettings): boolean {
    const [known, wanted] = [this.#settings.tls?.options, tls?.options];
    const asksAlike =
      known?.requestCert === wanted?.requestCert && known?.rejectUnauthorized === wanted?.rejectUnauthorized;
    return asksAlike && (this.#tls !== undefined) === (tls !== undefined) && this.#settings.site.kind === site.kind;
  }

  /** No new connections; requests that run may end within the time. */
  async close(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => {
      if (this.#server.listening) this.#server.close(() => resolve());
      else resolve();
    });
    for (const { socket, streams, session } of this.#connections.values()) {
      if (streams === 0) socket.destroy();
      else session?.close();
    }
    const timer = setTimeout(() => {
      for (const { socket } of this.#connections.values()) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    // Its timer goes with it.
    this.#http.close(() => undefined);
  }

  #createHttp(): HttpServer {
    const { site } = this.#settings;
    const server = createHttp(
      {
        ...timeoutsOf(site),
        connectionsCheckingInterval: Math.min(1_000, site.limits.headMs),
        maxHeaderSize: site.limits.headBytes,
        insecureHTTPParser: false,
        // Said by the site, so that nothing that was sent behind such a request is read.
        requireHostHeader: false,
        noDelay: true,
        // Most requests have no body, and nobody waits for its end.
        optimizeEmptyRequests: true,
        shouldUpgradeCallback: (incoming) => incoming.headers.upgrade?.toLowerCase() === 'websocket',
      },
      (incoming, outgoing) => this.#serve(incoming, outgoing),
    );
    server.maxHeadersCount = 0;
    server.on('clientError', (error, socket) => this.#unreadable(error, socket));
    server.on('upgrade', (incoming, socket, head) => this.#upgrade(incoming, socket, head));
    server.on('connect', (_incoming, socket) => this.#refuseTunnel(socket));
    // Connections come from the port's own server; this starts what looks after slow heads.
    server.emit('listening');
    return server;
  }

  #createSecure(tls: TlsSettings): void {
    const http2 = createHttp2({ ...http2Limits, ...streamResets, settings: http2Limits } as object);
    http2.on('request', (incoming, outgoing) => this.#serve(incoming, outgoing));
    http2.on('session', (session) => {
      session.setTimeout(this.#settings.site.idleMs, () => session.close());
      const connection = session.socket && this.#connections.get(keyOf(session.socket));
      if (connection) connection.session = session;
    });
    http2.on('sessionError', () => undefined);
    this.#http2 = http2;
    const server = createTls({
      ...tls.options,
      handshakeTimeout: this.#settings.site.limits.headMs,
      SNICallback: (name, done) => done(null, this.#settings.tls?.contextFor(name)),
      ALPNCallback: ({ protocols }) => this.#protocolFor(protocols),
    });
    server.on('secureConnection', (socket) => this.#secured(socket));
    server.on('tlsClientError', (_error, socket) => {
      this.#settings.site.runtime.reports.handshakeFailed();
      socket.destroy();
    });
    this.#tls = server;
  }

  #protocolFor(protocols: readonly string[]): string | undefined {
    const { site } = this.#settings;
    // To be understood by any target; without an answer the handshake would end.
    if (site.kind === 'connections') return protocols.includes('http/1.1') ? 'http/1.1' : protocols[0];
    if (site.allowsHttp2 && protocols.includes('h2')) return 'h2';
    return protocols.includes('http/1.1') ? 'http/1.1' : undefined;
  }

  #secured(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    const connection = this.#connections.get(keyOf(socket));
    if (!connection || !this.#settings.tls?.admits(socket)) {
      socket.destroy();
      return;
    }
    connection.tls = this.#settings.tls.negotiatedBy(socket);
    const { site } = this.#settings;
    if (site.kind === 'connections') site.join(connection, socket);
    else if (socket.alpnProtocol === 'h2') {
      this.#gate.enter(connection, 'idle');
      // Half a connection is none to HTTP/2: whoever says no more hears no more, and its requests are nobody's.
      socket.once('end', () => socket.destroy());
      this.#http2?.emit('connection', socket);
    } else this.#http.emit('connection', socket);
  }

  /** A connection that came to another port, of a listener whose target this one is. Its PROXY header is read. */
  adopt({ socket, client, isSecure }: Connection): void {
    const connection = this.#admit(socket);
    if (!connection) return;
    connection.client = client;
    connection.isSecure = isSecure;
    this.#begin(connection);
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const connection = this.#admit(socket);
    if (connection) takeProxyHeader(connection, this.#settings.proxies, () => this.#begin(connection));
  }

  /** @returns undefined for whom nothing is to be done: the socket is gone then */
  #admit(socket: Socket): Connection | undefined {
    const { site, ingress } = this.#settings;
    const address = plainAddress(socket.remoteAddress ?? '');
    const standing = ingress.standingOf(address, socket.remotePort ?? 0);
    // Whoever is not on the list learns nothing, and costs nothing more.
    if (this.#isDraining || standing === 'refused') {
      site.refusedConnection(standing === 'refused' ? 'group' : 'room');
      if (standing === 'refused') site.flows?.refused(address, socket.remotePort ?? 0, this.number, this.#now());
      socket.destroy();
      return undefined;
    }
    const connection = this.#gate.admit(socket, address, this.#now());
    if (!connection) {
      site.refusedConnection('room');
      return undefined;
    }
    connection.isTracked = standing === 'tracked';
    site.opened();
    const key = keyOf(socket);
    this.#connections.set(key, connection);
    const sourcePort = socket.remotePort ?? 0;
    socket.once('close', () => {
      this.#connections.delete(key);
      this.#tell(connection, sourcePort);
    });
    return connection;
  }

  #begin(connection: Connection): void {
    const { socket } = connection;
    const tls = this.#tls;
    if (!tls) {
      const { site } = this.#settings;
      if (site.kind === 'connections') {
        // Nothing is read before there is a target to read it for.
        site.join(connection, socket);
        return;
      }
      this.#http.emit('connection', socket);
      readOn(socket);
      return;
    }
    readOn(socket);
    fingerprintOf(socket).then(
      (fingerprint) => {
        connection.fingerprint = fingerprint;
        if (!socket.destroyed) tls.emit('connection', socket);
      },
      () => socket.destroy(),
    );
  }

  #serve(incoming: Incoming, outgoing: Outgoing): void {
    const connection = this.#connections.get(keyOf(incoming.socket));
    if (!connection) {
      outgoing.destroy();
      return;
    }
    if (incoming.httpVersionMajor === 1 && connection.streams > 0) {
      this.#queue(connection, () => this.#answer(connection, incoming, outgoing));
      return;
    }
    this.#answer(connection, incoming, outgoing);
  }

  /** One after the other, in the order in which they were sent. */
  #queue(connection: Connection, begin: () => void): void {
    connection.waiting ??= [];
    connection.waiting.push(begin);
    if (connection.waiting.length > mostPipelined) connection.socket.destroy();
  }

  #answer(connection: Connection, incoming: Incoming, outgoing: Outgoing): void {
    const { site } = this.#settings;
    // The answer before this one was the connection's last, or nobody is there for the next.
    if (connection.isEnding || incoming.socket.destroyed || site.kind !== 'requests') return;
    this.#gate.enter(connection, 'busy');
    const exchange = new Exchange(site, connection, incoming, outgoing);
    if (this.#isDraining || this.#now() - connection.startedAt > site.keepAliveMs) {
      exchange.closeAfter();
      // HTTP/2 says so by GOAWAY: streams that are open end as they would.
      connection.session?.close();
    }
    const over = (): void => {
      if (connection.streams > 0) return;
      const next = connection.waiting?.shift();
      if (next) next();
      else if (this.#isDraining && !connection.session) incoming.socket.destroySoon();
      else this.#gate.enter(connection, 'idle');
    };
    exchange.onOver = over;
    exchange.start();
  }

  /** Proxies for everybody are not what this is. */
  #refuseTunnel(socket: Duplex): void {
    if (this.#isFree(socket)) socket.end(lastWords(405), () => socket.destroy());
    else socket.destroy();
  }

  /**
   * Whether all that came before on this connection is answered. What asks for another protocol takes the connection
   * from HTTP, and with it the answer that is still to come: whoever asks so early gets none.
   */
  #isFree(socket: Duplex): boolean {
    const connection = this.#connections.get(keyOf(socket as Socket));
    return connection !== undefined && connection.streams === 0 && !connection.isEnding;
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = this.#connections.get(keyOf(socket as Socket));
    const { site } = this.#settings;
    if (!connection || site.kind !== 'requests' || !this.#isFree(socket)) {
      socket.destroy();
      return;
    }
    if (head.length > 0) socket.unshift(head);
    const outgoing = new ServerResponse(incoming);
    outgoing.shouldKeepAlive = false;
    outgoing.assignSocket(socket as Socket);
    this.#gate.enter(connection, 'busy');
    // Nothing but an answer ends such a connection, where it does not become a tunnel: no client may keep it open.
    outgoing.once('finish', () => (socket as Socket).destroySoon());
    new Exchange(site, connection, incoming, outgoing, true).start();
  }

  #unreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
    const { code = '' } = error;
    // What is said now would be taken for the answer to the request before.
    const isAnswering = this.#connections.get(keyOf(socket as Socket))?.phase === 'busy';
    if (code === 'ECONNRESET' || !socket.writable || isAnswering) {
      socket.destroy();
      return;
    }
    const { site } = this.#settings;
    const isSlow = code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const isLarge = code === 'HPE_HEADER_OVERFLOW';
    const reason = isSlow || isLarge ? undefined : reasonOfParseError(code, error.message);
    const status = isSlow ? 408 : isLarge ? 431 : reason === 'BadVersion' ? 505 : 400;
    const connection = this.#connections.get(keyOf(socket as Socket));
    if (site.kind === 'requests' && connection) {
      site.unreadable(connection, status, classOf(reason) === 'Compliant' ? undefined : reason);
    }
    socket.end(lastWords(status), () => socket.destroy());
  }
}

/** Somebody listens now, or within this turn: what waits behind a PROXY header may come. */
function readOn(socket: Socket): void {
  if (socket.isPaused()) process.nextTick(() => socket.resume());
}

function timeoutsOf(site: Pick<Site, 'limits' | 'idleMs'>) {
  return { headersTimeout: site.limits.headMs, requestTimeout: 0, keepAliveTimeout: site.idleMs, timeout: 0 };
}

function keyOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${socket.remotePort} ${socket.remoteAddress}`;
}
