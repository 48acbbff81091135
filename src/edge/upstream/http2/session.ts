/** One HTTP/2 connection to a target at work: how many requests it carries, and when no more. */
import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { connectTo, type Destination } from './connection.ts';
import { UpstreamError } from './error.ts';

/** More would wait for each other behind one window of the connection. */
const mostStreams = 100;
/** Without a request for so long, it is let go. */
const idleKeptMs = 30_000;
/** A connection of which a request had no answer has to answer a ping within. */
const probeMs = 2_000;

export interface Watcher {
  /** It may take requests, or more than before. */
  ready(session: Session): void;
  /** It takes no more; with the reason where it never came to be. */
  retired(session: Session, error: Error | undefined): void;
  /** The last request of one that takes no more has ended. */
  emptied(session: Session): void;
}

export class Session {
  /** Requests that it carries. */
  open = 0;
  #hasCarried = false;
  #http2: ClientHttp2Session | undefined;
  #socket: Socket | undefined;
  #most = 0;
  #isRetired = false;
  #isProbing = false;
  readonly #giveUp: () => void;
  readonly #watcher: Watcher;

  constructor(destination: Destination, watcher: Watcher) {
    this.#watcher = watcher;
    this.#giveUp = connectTo(destination, (error, session, socket) => {
      this.#socket = socket;
      if (session) this.#begin(session);
      else this.#retire(error);
    });
  }

  get isConnecting(): boolean {
    return this.#http2 === undefined && !this.#isRetired;
  }

  /** What the target lets it carry at a time. */
  get most(): number {
    return this.#most;
  }

  get hasRoom(): boolean {
    return this.open < this.#most && !this.#isRetired && !this.#isProbing && !this.isGone;
  }

  /** The connection itself has ended, or is about to. */
  get isGone(): boolean {
    return this.#http2 === undefined || this.#http2.destroyed || this.#http2.closed;
  }

  get http2(): ClientHttp2Session {
    return this.#http2 as ClientHttp2Session;
  }

  entered(): void {
    this.open += 1;
    this.#hasCarried = true;
  }

  left(): void {
    this.open -= 1;
    if (!this.#isRetired) this.#watcher.ready(this);
    else if (this.open === 0) {
      this.#closeIfEmpty();
      this.#watcher.emptied(this);
    }
  }

  /** Is anybody there? Asked after a request had no answer: else every other would wait as long. */
  probe(): void {
    if (this.#isProbing || this.isGone) return;
    this.#isProbing = true;
    const timer = setTimeout(() => this.destroy(), probeMs);
    timer.unref();
    this.http2.ping((error) => {
      clearTimeout(timer);
      this.#isProbing = false;
      if (!error) this.#watcher.ready(this);
    });
  }

  /** No new requests; those that run may end. */
  close(): void {
    if (this.#http2 === undefined) this.#giveUp();
    this.#retire(undefined);
  }

  destroy(): void {
    if (this.#http2 === undefined) this.#giveUp();
    this.#retire(undefined);
    this.#http2?.destroy();
    this.#socket?.destroy();
  }

  #begin(http2: ClientHttp2Session): void {
    this.#http2 = http2;
    const limit = (): void => {
      this.#most = Math.min(mostStreams, http2.remoteSettings.maxConcurrentStreams ?? mostStreams);
      this.#watcher.ready(this);
    };
    http2.on('remoteSettings', limit);
    http2.on('goaway', () => this.#retire(undefined));
    // Requests hear of it by their streams.
    http2.on('error', () => this.#retire(undefined));
    http2.once('close', () => this.#retire(undefined));
    http2.setTimeout(idleKeptMs, () => {
      if (this.open === 0) this.close();
    });
    limit();
  }

  #retire(error: Error | undefined): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    // Whoever hangs up without having taken a request would be asked again and again.
    this.#watcher.retired(this, error ?? (this.#hasCarried ? undefined : new UpstreamError('UND_ERR_SOCKET')));
    this.#closeIfEmpty();
  }

  #closeIfEmpty(): void {
    if (this.open > 0) return;
    this.#http2?.destroy();
    // The session would wait for the target to hang up, too.
    this.#socket?.destroySoon();
  }
}
