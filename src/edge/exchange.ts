/**
 * One request and its answer: taken whole, inspected, routed, answered, counted. What holds for it is fixed when its head
 * has come: a snapshot that arrives meanwhile is for the next request.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { grpcStatusOf, isGrpc } from './answers/grpc.ts';
import { pageOf } from './answers/pages.ts';
import type { Inflated } from './inspection/inflate.ts';
import { type Body, BodyTaking, emptyBody, type Failure } from './intake/body.ts';
import type { Reason } from './intake/classification.ts';
import { type Head, type RawHead, readHead } from './intake/head.ts';
import type { Connection } from './listeners/gate.ts';
import type { Site } from './site.ts';

export type Incoming = IncomingMessage | Http2ServerRequest;
export type Outgoing = ServerResponse | Http2ServerResponse;

/** What of the answer is counted and logged. */
export interface Outcome {
  status: number;
  targetStatus: number | undefined;
  /** Why the edge answered by itself, in the words of the access log's `error_reason`. */
  errorReason: string;
  actions: string[];
  target: string;
  targetGroup: string;
  rulePriority: string;
  redirectUrl: string;
  /** Milliseconds of the monotonic clock; 0 where it did not come to that. */
  forwardedAt: number;
  answeredAt: number;
  /** Of bodies. */
  receivedBytes: number;
  sentBytes: number;
  sentHeadBytes: number;
  /** Why the head was refused, in the words of the access log's `classification_reason`. */
  refusedFor: Reason | undefined;
  /** The client went away before it had its answer. */
  isAbandoned: boolean;
}

const reasons: Partial<Record<Failure, string>> = { 'no-room': 'NoRoomForBody', 'too-slow': 'RequestTooSlow' };

/** Who has an exchange's answer in hand. */
export interface Answering {
  /** The client is gone. */
  abandon(): void;
}

export class Exchange {
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  readonly connection: Connection;
  readonly site: Site;
  /** Of the monotonic clock, in milliseconds. */
  readonly startedAt: number;
  readonly requestId: string;
  readonly outcome: Outcome = {
    status: 0,
    targetStatus: undefined,
    errorReason: '',
    actions: [],
    target: '',
    targetGroup: '',
    rulePriority: '',
    redirectUrl: '',
    forwardedAt: 0,
    answeredAt: 0,
    receivedBytes: 0,
    sentBytes: 0,
    sentHeadBytes: 0,
    refusedFor: undefined,
    isAbandoned: false,
  };
  head: Head | undefined;
  body: Body = emptyBody;
  /** The beginning of a compressed body, opened for inspection. */
  inflated: Inflated | undefined;
  /** Names and values for the answer beside its own: cookies of stickiness, what a web ACL gives out. */
  readonly answerHeaders: string[] = [];
  /** Names and values for the target, from the web ACL. */
  insertedHeaders: readonly (readonly [name: string, value: string])[] = [];
  /** A connection that wants to become a WebSocket. */
  readonly isUpgrade: boolean;
  traceId = '';
  /** Whoever is at an answer: told when the client goes away. */
  answering: Answering | undefined;
  /** Told when the answer is out, or will never be. */
  onOver: (() => void) | undefined;
  #isOver = false;

  constructor(site: Site, connection: Connection, incoming: Incoming, outgoing: Outgoing, isUpgrade = false) {
    this.site = site;
    this.connection = connection;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.isUpgrade = isUpgrade;
    this.startedAt = performance.now();
    this.requestId = randomUUID();
  }

  start(): void {
    const { site, connection } = this;
    connection.requests += 1;
    connection.streams += 1;
    this.outgoing.once('close', () => this.#end());
    const raw = this.incoming as unknown as RawHead;
    if (raw.rawHeaders.length > site.limits.headerCount * 2) {
      this.page(431, 'TooManyHeaders');
      return;
    }
    const head = readHead(raw, site.headRules);
    if ('status' in head) {
      if (head.reason !== undefined) site.refusedHead(this, head.reason);
      this.closeAfter();
      this.page(head.status, head.reason ?? 'BadRequest');
      return;
    }
    this.head = head;
    if (head.closes) this.closeAfter();
    this.#takeBody(head);
  }

  #takeBody(head: Head): void {
    const { incoming, site } = this;
    const { headers } = incoming;
    const length = headers['content-length'];
    const isEmpty =
      head.httpVersion === '2.0'
        ? (incoming as Http2ServerRequest).stream.endAfterHeaders
        : (length === undefined || length === '0') && headers['transfer-encoding'] === undefined;
    if (isEmpty) {
      this.#proceed();
      return;
    }
    if (length !== undefined && Number(length) > site.limits.bodyBytes) {
      this.#failed('too-large');
      return;
    }
    const { gate, pace } = site.runtime;
    gate.enter(this.connection, 'waiting');
    const taking = new BodyTaking(incoming, site.taking, (result) => {
      pace.forgetBody(watched);
      gate.enter(this.connection, 'busy');
      if (typeof result === 'string') {
        this.#failed(result);
        return;
      }
      this.body = result;
      this.outcome.receivedBytes = result.size;
      if (this.#isOver) this.#release();
      else this.#proceed();
    });
    const watched = pace.watchBody(taking);
  }

  /** A fault of ours ends this exchange, and no other. */
  #proceed(): void {
    try {
      this.site.inspect(this);
    } catch (error) {
      this.fault(error);
    }
  }

  /** Something of ours went wrong, now or while others were asked. */
  fault(error: unknown): void {
    console.error(`bailey edge: request ${this.requestId}:`, error);
    this.site.runtime.reports.failed();
    if (this.outgoing.headersSent) this.breakOff();
    else {
      this.closeAfter();
      this.page(500, 'InternalError');
    }
  }

  /**
   * Whether nobody hears an answer any more. Its body is let go of then: whoever has waited for something asks before
   * anything goes on, or what went on would be a request without it. Answers of HTTP/2 do not say so by themselves.
   */
  get isGone(): boolean {
    const { outgoing } = this;
    return this.#isOver || ('stream' in outgoing ? outgoing.stream.destroyed : outgoing.destroyed);
  }

  #failed(failure: Failure): void {
    if (failure === 'broken-off') {
      this.outcome.isAbandoned = true;
      this.outgoing.destroy();
      return;
    }
    this.closeAfter();
    const status = failure === 'too-large' ? 413 : failure === 'too-slow' ? 408 : 503;
    this.page(status, reasons[failure] ?? this.outcome.errorReason);
  }

  /** The connection is not used for another request. */
  closeAfter(): void {
    if (this.#isTwo) return;
    (this.outgoing as ServerResponse).shouldKeepAlive = false;
    this.connection.isEnding = true;
  }

  get #isTwo(): boolean {
    return this.incoming.httpVersionMajor === 2;
  }

  /** Half an answer must not look like a whole one: with HTTP/2, a stream that is only let go of does. */
  breakOff(): void {
    const { outgoing } = this;
    if ('stream' in outgoing) outgoing.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else outgoing.destroy();
  }

  page(status: number, errorReason: string): void {
    this.outcome.errorReason = errorReason;
    if (isGrpc(this.incoming)) {
      this.#refuseCall(status, errorReason);
      return;
    }
    this.answer(status, ['content-type', 'text/html'], pageOf(status));
  }

  /** An answer of the edge's own. @param headers names and values in turn */
  answer(status: number, headers: readonly string[], body: string | Buffer): void {
    const { outgoing, outcome } = this;
    if (outgoing.headersSent || this.isGone) return;
    outcome.status = status;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const { serverName } = this.site;
    const all = serverName === undefined ? [] : ['server', serverName];
    all.push('date', httpDate(), ...headers, ...this.answerHeaders);
    if (status !== 204 && status !== 304) all.push('content-length', String(bytes.length));
    all.push('x-amzn-requestid', this.requestId);
    this.writeHead(status, undefined, all);
    if (this.incoming.method === 'HEAD') outgoing.end();
    else {
      outcome.sentBytes += bytes.length;
      outgoing.end(bytes);
    }
  }

  /** The status that AWS documents, and the same in gRPC's own words. */
  #refuseCall(status: number, reason: string): void {
    const { outgoing, outcome } = this;
    if (outgoing.headersSent || this.isGone) return;
    outcome.status = status;
    const { serverName } = this.site;
    const headers = serverName === undefined ? [] : ['server', serverName];
    headers.push('date', httpDate(), 'content-type', 'application/grpc', 'grpc-status', String(grpcStatusOf(status)));
    headers.push('grpc-message', reason, ...this.answerHeaders, 'x-amzn-requestid', this.requestId);
    this.endWithHead(status, headers);
  }

  /** HTTP/2 only: an answer that is its head alone. */
  endWithHead(status: number, headers: readonly string[]): void {
    if (this.isGone) return;
    this.outcome.sentHeadBytes = lengthOfHead('', headers);
    const outgoing = this.outgoing as Http2ServerResponse;
    outgoing.statusCode = status;
    for (let at = 0; at < headers.length; at += 2) {
      outgoing.appendHeader(headers[at] as string, headers[at + 1] as string);
    }
    outgoing.end();
  }

  writeHead(status: number, text: string | undefined, headers: string[]): void {
    this.outcome.sentHeadBytes = lengthOfHead('HTTP/1.1 200 OK', headers);
    const outgoing = this.outgoing as ServerResponse;
    if (this.#isTwo) {
      // The compatible interface of HTTP/2 knows no flat lists.
      for (let at = 0; at < headers.length; at += 2) {
        outgoing.appendHeader(headers[at] as string, headers[at + 1] as string);
      }
      outgoing.writeHead(status);
      return;
    }
    outgoing.sendDate = false;
    if (text === undefined || text === '') outgoing.writeHead(status, headers);
    else outgoing.writeHead(status, text, headers);
  }

  /** With the head as HTTP/1.1 writes it: what compression made of it in HTTP/2 is not seen here. */
  get receivedInAll(): number {
    const { method = '', url = '', rawHeaders } = this.incoming;
    return lengthOfHead(`${method} ${url} HTTP/1.1`, rawHeaders) + this.outcome.receivedBytes;
  }

  get sentInAll(): number {
    return this.outcome.sentHeadBytes + this.outcome.sentBytes;
  }

  #release(): void {
    this.body.release();
    this.body = emptyBody;
  }

  /** Streams of HTTP/2 that the client throws away finish, too: what it threw away is whether we had ended, and its reset. */
  get #isAnswered(): boolean {
    const { outgoing } = this;
    if ('stream' in outgoing) return outgoing.writableEnded && outgoing.stream.rstCode === constants.NGHTTP2_NO_ERROR;
    return outgoing.writableFinished;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { connection } = this;
    if (!this.#isAnswered) {
      this.outcome.isAbandoned = true;
      this.answering?.abandon();
    }
    if (this.body !== emptyBody) this.#release();
    connection.streams -= 1;
    this.site.finished(this);
    this.onOver?.();
  }
}

/** @param headers names and values in turn; each pair takes four bytes more, and so do the first line and the end */
function lengthOfHead(line: string, headers: readonly string[]): number {
  let length = line.length + 4;
  for (const text of headers) length += text.length + 2;
  return length;
}

let dateSecond = 0;
let dateText = '';

/** As in Date headers, made once a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
