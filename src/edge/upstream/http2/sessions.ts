/** The HTTP/2 connections to one target, shared by all requests that go there. */
import type { Dispatcher } from 'undici';
import { bracketed, type Destination } from './connection.ts';
import { busy, UpstreamError } from './error.ts';
import { requestHeaders } from './request-headers.ts';
import { Session, type Watcher } from './session.ts';
import { type Handler, Stream } from './stream.ts';

/** Requests that wait for a connection; who comes later is told at once. */
const mostWaiting = 1_000;

export class Sessions implements Watcher {
  readonly #destination: Destination;
  readonly #authority: string;
  readonly #mostSessions: number;
  readonly #sessions = new Set<Session>();
  /** Connections that carry their last requests. */
  readonly #leaving = new Set<Session>();
  readonly #waiting = new Set<Stream>();
  /** As many as the target let its last connection carry. */
  #streamsEach = 100;
  #isClosing = false;

  constructor(destination: Destination, mostSessions: number) {
    this.#destination = destination;
    this.#authority = `${bracketed(destination.host)}:${destination.port}`;
    this.#mostSessions = mostSessions;
  }

  /** @throws Error for what is no request */
  dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean {
    const body = (options.body ?? undefined) as Buffer | AsyncIterable<Buffer> | undefined;
    const { method, path, headersTimeout } = options;
    const scheme = this.#destination.isSecure ? 'https' : 'http';
    const headers = requestHeaders(
      { method, path, scheme, authority: this.#authority },
      options.headers as readonly string[],
    );
    const asked = { headers, body, isHead: method === 'HEAD', idleMs: headersTimeout ?? 60_000 };
    const stream = new Stream(asked, handler);
    if (stream.isOver) return true;
    for (const session of this.#sessions) {
      if (!session.hasRoom) continue;
      stream.begin(session);
      return true;
    }
    if (this.#isClosing || this.#waiting.size >= mostWaiting) {
      stream.fail(new UpstreamError(busy));
      return true;
    }
    this.#waiting.add(stream);
    stream.wait(() => this.#waiting.delete(stream));
    this.#grow();
    return true;
  }

  ready(session: Session): void {
    this.#streamsEach = session.most;
    for (const stream of this.#waiting) {
      if (!session.hasRoom) break;
      this.#waiting.delete(stream);
      if (!stream.isOver) stream.begin(session);
    }
    if (this.#isClosing) this.#closeAll();
    else this.#grow();
  }

  retired(session: Session, error: Error | undefined): void {
    this.#sessions.delete(session);
    if (session.open > 0) this.#leaving.add(session);
    if (error && this.#sessions.size === 0) {
      for (const stream of this.#waiting) stream.fail(error);
      this.#waiting.clear();
    } else this.#grow();
  }

  emptied(session: Session): void {
    this.#leaving.delete(session);
  }

  /** Requests that run end first, for at most so long. */
  close(graceMs: number): void {
    this.#isClosing = true;
    this.#closeAll();
    setTimeout(() => this.destroy(), graceMs).unref();
  }

  destroy(): void {
    this.#isClosing = true;
    for (const stream of this.#waiting) stream.fail(new UpstreamError('UND_ERR_SOCKET'));
    this.#waiting.clear();
    for (const session of [...this.#sessions, ...this.#leaving]) session.destroy();
    this.#leaving.clear();
  }

  #closeAll(): void {
    if (this.#waiting.size > 0) return;
    for (const session of [...this.#sessions]) session.close();
  }

  #grow(): void {
    for (const stream of this.#waiting) if (stream.isOver) this.#waiting.delete(stream);
    if (this.#isClosing || this.#waiting.size === 0) return;
    let coming = 0;
    for (const { isConnecting } of this.#sessions) if (isConnecting) coming += 1;
    while (
      this.#sessions.size < this.#mostSessions &&
      (coming === 0 || this.#waiting.size > coming * this.#streamsEach) &&
      (this.#sessions.size === 0 || this.#streamsEach > 0)
    ) {
      this.#sessions.add(new Session(this.#destination, this));
      coming += 1;
    }
  }
}
