/**
 * Who is connected: caps for all and for each source, and the order in which connections are given up when there are too
 * many. Those that take longest over a request go first: they are what slow attacks are made of.
 */
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Place } from '../inspection/places.ts';
import type { Told } from '../reports/flows.ts';
import type { EdgeLimits } from '../snapshot.ts';
import type { NegotiatedTls } from './tls.ts';

/** What a connection is at: nothing whole yet, a body, an answer, or between requests. */
export type Phase = 'waiting' | 'busy' | 'idle';

export interface Fingerprint {
  readonly ja3: string;
  readonly ja4: string;
}

export class Connection {
  readonly socket: Socket;
  /** Of the socket itself, which counts for caps. */
  readonly address: string;
  readonly startedAt: number;
  /** Whether it goes on when the rule that let it in goes. */
  isTracked = true;
  readonly told: Told = { read: 0, written: 0, isBegun: false };
  phase: Phase = 'waiting';
  /** It counts no more, and nobody gives it up. */
  hasLeft = false;
  /** The client: the peer, or whom a trusted proxy speaks for. */
  client: string;
  /** Whether a trusted proxy had it by TLS. */
  isSecure = false;
  fingerprint: Fingerprint | undefined;
  /** What the handshake came to; nobody can ask a socket that is closed. */
  tls: NegotiatedTls | undefined;
  /** What HTTP/2 made of `socket`. */
  session: ServerHttp2Session | undefined;
  /** Where the client is, once somebody has asked. */
  place: Place | undefined;
  requests = 0;
  /** Requests of HTTP/1.1 that were sent before the one before them was answered. */
  waiting: (() => void)[] | undefined;
  /** Nothing that was sent behind its last request is read. */
  isEnding = false;
  /** Anything but HTTP/1: streams share it. */
  streams = 0;

  constructor(socket: Socket, address: string, startedAt: number) {
    this.socket = socket;
    this.address = address;
    this.client = address;
    this.startedAt = startedAt;
  }
}

export class Gate {
  limits: EdgeLimits;
  readonly #waiting = new Set<Connection>();
  readonly #idle = new Set<Connection>();
  readonly #sources = new Map<string, Set<Connection>>();
  #open = 0;

  constructor(limits: EdgeLimits) {
    this.limits = limits;
  }

  /** @returns undefined where there is room for nobody: the socket is gone then */
  admit(socket: Socket, address: string, now: number): Connection | undefined {
    const source = sourceOf(address);
    const own = this.#sources.get(source);
    const isFull = own !== undefined && own.size >= this.limits.connectionsPerSource && !this.#shedOne(own);
    if (isFull || (this.#open >= this.limits.connections && !this.#shed())) {
      socket.destroy();
      return undefined;
    }
    const connection = new Connection(socket, address, now);
    this.#open += 1;
    this.#waiting.add(connection);
    const set = this.#sources.get(source);
    if (set) set.add(connection);
    else this.#sources.set(source, new Set([connection]));
    socket.once('close', () => this.#leave(connection));
    return connection;
  }

  /** Its socket goes to another listener, which admits it as its own: no client counts twice. */
  handOver(connection: Connection): void {
    this.#leave(connection);
  }

  enter(connection: Connection, phase: Phase): void {
    if (connection.phase === phase || connection.hasLeft) return;
    if (connection.phase === 'waiting') this.#waiting.delete(connection);
    else if (connection.phase === 'idle') this.#idle.delete(connection);
    connection.phase = phase;
    if (connection.socket.destroyed) return;
    if (phase === 'waiting') this.#waiting.add(connection);
    else if (phase === 'idle') this.#idle.add(connection);
  }

  /** Connections without a whole request that are older than this, oldest first. */
  *waitingSince(before: number): Iterable<Connection> {
    for (const connection of this.#waiting) {
      if (connection.startedAt > before) continue;
      yield connection;
    }
  }

  #leave(connection: Connection): void {
    if (connection.hasLeft) return;
    connection.hasLeft = true;
    const source = sourceOf(connection.address);
    this.#open -= 1;
    this.#waiting.delete(connection);
    this.#idle.delete(connection);
    const own = this.#sources.get(source);
    own?.delete(connection);
    if (own?.size === 0) this.#sources.delete(source);
  }

  /** The longest without a whole request, or else the longest unused. */
  #shed(): boolean {
    for (const set of [this.#waiting, this.#idle]) {
      for (const connection of set) {
        this.#cut(connection);
        return true;
      }
    }
    return false;
  }

  #shedOne(own: ReadonlySet<Connection>): boolean {
    for (const phase of ['waiting', 'idle'] as const) {
      for (const connection of own) {
        if (connection.phase !== phase || connection.socket.destroyed) continue;
        this.#cut(connection);
        return true;
      }
    }
    return false;
  }

  #cut(connection: Connection): void {
    this.#waiting.delete(connection);
    this.#idle.delete(connection);
    connection.socket.destroy();
  }
}

/** One subscriber has a whole /64 of IPv6. */
export function sourceOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  if (tail !== undefined) while (groups.length < 4) groups.push('0');
  return groups.slice(0, 4).join(':');
}
