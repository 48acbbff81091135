/** Sends one whole request upstream and its answer down as it comes, by the events of undici's dispatcher. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Answering, Exchange } from '../exchange.ts';
import type { Reader } from '../intake/pace.ts';
import { downstreamHeaders, type ResponseHeaders } from './headers.ts';
import { busy, untouched } from './http2/error.ts';
import { joinTunnel } from './tunnel.ts';

export interface ForwardOptions {
  readonly pool: Pick<Dispatcher, 'dispatch'>;
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, the host first. */
  readonly headers: readonly string[];
  /** The answer may end with trailers, whatever length it announces: HTTP/2. */
  readonly awaitsTrailers?: boolean;
  /** How long the target may be silent, in milliseconds. */
  readonly idleMs: number;
  /** Names, lower case, that the answer does not bring. */
  readonly withheld: ReadonlySet<string> | undefined;
  /** Names and values in turn, for every answer. */
  readonly answerHeaders: readonly string[];
  /** Told of the answer's head; adds what depends on it. */
  readonly answered?: (status: number, headers: ResponseHeaders) => void;
  /** Told of every piece of the answer's body. */
  readonly took?: (chunk: Buffer) => void;
  /** Told when the exchange with the target is over. */
  readonly ended: (failure: Failure | undefined) => void;
}

/** Why there is no answer of the target's. */
export interface Failure {
  readonly status: 502 | 503 | 504;
  readonly reason: string;
  /** There was no connection to the target: it has seen nothing of the request. */
  readonly isUnconnected?: true;
}

/** Bytes of an answer that go with its head, as one text in one write: two pieces cost more than making them one. */
const longestAsText = 8192;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export class Forwarding implements Dispatcher.DispatchHandler, Reader, Answering {
  readonly #exchange: Exchange;
  readonly #options: ForwardOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  /** Bytes that the answer has announced; -1 where it has not. */
  #announced = -1;
  #isWhole = false;
  #isOver = false;
  #hasRetried = false;
  #mayDrain = false;

  constructor(exchange: Exchange, options: ForwardOptions) {
    this.#exchange = exchange;
    this.#options = options;
    exchange.answering = this;
  }

  send(): void {
    const { pool, method, target, idleMs } = this.#options;
    const { head, body: whole } = this.#exchange;
    const body = whole.upstream();
    const isOnDisk = body !== undefined && !Buffer.isBuffer(body);
    const headers =
      isOnDisk && !this.#options.awaitsTrailers
        ? [...this.#options.headers, 'Content-Length', String(whole.size)]
        : (this.#options.headers as string[]);
    try {
      pool.dispatch(
        {
          method: method as Dispatcher.HttpMethod,
          path: target,
          headers,
          body: (body ?? null) as NonNullable<Dispatcher.DispatchOptions['body']> | null,
          headersTimeout: idleMs,
          bodyTimeout: idleMs,
          ...(this.#exchange.isUpgrade && head?.upgrade !== undefined && { upgrade: head.upgrade }),
        },
        this,
      );
    } catch {
      // What the client library takes for no request has no way upstream.
      this.#fail({ status: 502, reason: 'UnsendableRequest' });
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('the client is gone'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    text?: string,
  ): void {
    // What is said on the way to an answer is for the connection upstream.
    if (status < 200) return;
    const { outgoing } = this.#exchange;
    const flat = this.#begin(controller, status, headers);
    if (this.#exchange.isGone) return;
    this.#exchange.writeHead(status, text, flat);
    if (this.#hasNoBody()) return;
    // Heads leave with the first bytes; where these may be long in coming, at once.
    if (this.#announced < 0) (outgoing as ServerResponse).flushHeaders();
  }

  onHeadAlone(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    const flat = this.#begin(controller, status, headers);
    this.#isWhole = true;
    this.#exchange.endWithHead(status, flat);
  }

  /** @returns names and values in turn, for the client */
  #begin(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): string[] {
    const exchange = this.#exchange;
    const { outcome } = exchange;
    this.#controller = controller;
    this.#status = status;
    outcome.status = status;
    outcome.targetStatus = status;
    outcome.answeredAt = performance.now();
    this.#options.answered?.(status, headers);
    const length = headers['content-length'];
    if (typeof length === 'string' && !this.#options.awaitsTrailers) this.#announced = Number(length);
    const flat = downstreamHeaders(headers, this.#options.withheld);
    for (const one of this.#options.answerHeaders) flat.push(one);
    for (const one of exchange.answerHeaders) flat.push(one);
    if (headers['x-amzn-requestid'] === undefined) flat.push('x-amzn-requestid', exchange.requestId);
    return flat;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { outgoing, outcome, site } = this.#exchange;
    outcome.sentBytes += chunk.length;
    this.#options.took?.(chunk);
    if (this.#exchange.isGone) return;
    if (outcome.sentBytes === this.#announced) {
      // The last bytes go with the end, in one write.
      this.#isWhole = true;
      if (chunk.length <= longestAsText) (outgoing as ServerResponse).end(chunk.toString('latin1'), 'latin1');
      else (outgoing as ServerResponse).end(chunk);
    } else if (!(outgoing as ServerResponse).write(chunk)) {
      const { runtime, limits } = site;
      runtime.pace.watchReader(this, chunk.length);
      if (this.pending < limits.answerMemoryBytes) return;
      controller.pause();
      if (this.#mayDrain) return;
      this.#mayDrain = true;
      outgoing.once('drain', () => {
        this.#mayDrain = false;
        controller.resume();
      });
    }
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: ResponseHeaders): void {
    const { outgoing } = this.#exchange;
    this.#over(undefined);
    if (this.#isWhole || this.#exchange.isGone) return;
    if (trailers !== null && this.#announced < 0) {
      const kept = downstreamHeaders(trailers);
      if (kept.length > 0) (outgoing as ServerResponse).addTrailers(Object.fromEntries(pairs(kept)));
    }
    (outgoing as ServerResponse).end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    if (this.#status !== 0) {
      // Half an answer must not look like a whole one.
      this.#over({ status: 502, reason: 'TargetBrokeOff' });
      this.#exchange.breakOff();
      return;
    }
    if (this.#mayRetry(error)) {
      this.#hasRetried = true;
      this.send();
      return;
    }
    this.#fail(failureOf(error));
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    socket: Duplex,
  ): void {
    const { outcome } = this.#exchange;
    outcome.status = status;
    outcome.targetStatus = status;
    outcome.answeredAt = performance.now();
    this.#exchange.answering = undefined;
    joinTunnel(this.#exchange, headers, socket, this.#options.idleMs, () => this.#over(undefined));
  }

  /** HTTP/1 waits in the socket, HTTP/2 in the stream. */
  get pending(): number {
    const { outgoing, incoming } = this.#exchange;
    return 'stream' in outgoing ? outgoing.stream.writableLength : incoming.socket.writableLength;
  }

  get taken(): number {
    return this.#exchange.outcome.sentBytes - this.pending;
  }

  get isGone(): boolean {
    return this.#exchange.isGone || this.#exchange.outgoing.writableFinished;
  }

  cutForPace(): void {
    this.#exchange.breakOff();
  }

  #hasNoBody(): boolean {
    return this.#options.method === 'HEAD' || this.#status === 204 || this.#status === 304;
  }

  /**
   * A kept connection may close in the moment of its use: whoever only asked may ask again, once; so may anybody whose
   * request was not begun with.
   */
  #mayRetry(error: Error): boolean {
    const code = (error as { code?: string }).code;
    if (code === untouched) return !this.#hasRetried;
    const isClosed = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
    return isClosed && !this.#hasRetried && safeMethods.has(this.#options.method) && !this.#exchange.isUpgrade;
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#over(undefined);
    this.#controller?.abort(new Error('the client is gone'));
  }

  #fail(failure: Failure): void {
    this.#over(failure);
    this.#exchange.page(failure.status, failure.reason);
  }

  #over(failure: Failure | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.answering = undefined;
    this.#options.ended(failure);
  }
}

function* pairs(flat: readonly string[]): Iterable<[string, string]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] as string, flat[at + 1] as string];
}

function failureOf(error: Error): Failure {
  const code = (error as { code?: string }).code ?? '';
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return { status: 504, reason: 'TargetConnectTimeout', isUnconnected: true };
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return { status: 504, reason: 'TargetTimeout' };
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'ERR_HTTP2_NOT_OFFERED':
      return { status: 502, reason: 'TargetConnectionError', isUnconnected: true };
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_HTTP2_STREAM_ERROR':
    case untouched:
      return { status: 502, reason: 'TargetConnectionReset' };
    case busy:
      return { status: 503, reason: 'TargetBusy' };
    default:
      return { status: 502, reason: /^(?:HPE_|ERR_HTTP2_)/.test(code) ? 'TargetResponseMalformed' : 'TargetError' };
  }
}
