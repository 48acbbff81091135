/** One request and its answer on an HTTP/2 connection, told by the events of undici's dispatcher. */
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import type { Dispatcher } from 'undici';
import type { ResponseHeaders } from '../headers.ts';
import { UpstreamError, untouched } from './error.ts';
import type { Session } from './session.ts';

export type Handler = Dispatcher.DispatchHandler & {
  /** An answer that ends with its head: gRPC has its status there, and its readers look for it in no other. */
  onHeadAlone?(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void;
};

export interface Asked {
  /** Names and values in turn, those of the request line first. */
  readonly headers: readonly string[];
  readonly body: Buffer | AsyncIterable<Buffer> | undefined;
  readonly isHead: boolean;
  /** How long the target may be silent, in milliseconds. */
  readonly idleMs: number;
}

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

export class Stream implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly #asked: Asked;
  readonly #handler: Handler;
  /** While it has no connection. */
  #patience: NodeJS.Timeout | undefined;
  #session: Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  #hasBegun = false;
  #isOver = false;
  #trailers: ResponseHeaders = {};
  /** Bytes that the answer has announced; -1 where it has not. */
  #announced = -1;
  #received = 0;

  constructor(asked: Asked, handler: Handler) {
    this.#asked = asked;
    this.#handler = handler;
    handler.onRequestStart?.(this, undefined);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param left told if it has waited in vain */
  wait(left: () => void): void {
    this.#patience = setTimeout(() => {
      left();
      this.fail(new UpstreamError('UND_ERR_HEADERS_TIMEOUT'));
    }, this.#asked.idleMs);
  }

  begin(session: Session): void {
    clearTimeout(this.#patience);
    this.#session = session;
    session.entered();
    const { headers, body, idleMs } = this.#asked;
    let stream: ClientHttp2Stream;
    try {
      // The types of Node 24 do not know lists yet, which keep the order, and what is there twice.
      stream = session.http2.request(headers as never, { endStream: body === undefined });
    } catch (error) {
      session.left();
      const { code = '' } = error as { code?: string };
      const isLate = code === 'ERR_HTTP2_INVALID_SESSION' || code === 'ERR_HTTP2_GOAWAY_SESSION';
      this.fail(isLate ? new UpstreamError(untouched) : (error as Error));
      return;
    }
    this.#stream = stream;
    stream.setTimeout(idleMs, () => this.#silent());
    stream.on('response', (answer, flags) => this.#guarded(() => this.#answered(answer, flags)));
    stream.on('trailers', (trailers) => {
      this.#trailers = trailers;
    });
    stream.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
      if (!this.#isOver) this.#guarded(() => this.#handler.onResponseData?.(this, chunk));
    });
    stream.on('end', () => this.#ended());
    stream.on('error', (error) => this.#brokenOff(error));
    stream.once('close', () => {
      session.left();
      this.#brokenOff(undefined);
    });
    if (Buffer.isBuffer(body)) stream.end(body);
    else if (body !== undefined) sendPieces(stream, body).catch((error: Error) => this.fail(error));
  }

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
    this.#over();
  }

  pause(): void {
    this.paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.paused = false;
    this.#stream?.resume();
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#over();
    this.#handler.onResponseError?.(this, error);
  }

  #answered(answer: IncomingHttpHeaders & IncomingHttpStatusHeader, flags: number): void {
    if (this.#isOver) return;
    this.#hasBegun = true;
    const { ':status': status = 0, 'content-length': length } = answer;
    if (length !== undefined && !this.#asked.isHead && status !== 304) this.#announced = Number(length);
    if ((flags & NGHTTP2_FLAG_END_STREAM) !== 0 && this.#handler.onHeadAlone) {
      this.#handler.onHeadAlone(this, status, answer as ResponseHeaders);
    } else this.#handler.onResponseStart?.(this, status, answer as IncomingHttpHeaders);
  }

  /** Streams that were reset end, too. */
  #ended(): void {
    if (this.#isOver) return;
    if (!this.#hasBegun || this.#stream?.rstCode !== NGHTTP2_NO_ERROR) {
      this.#brokenOff(undefined);
      return;
    }
    if (this.#announced >= 0 && this.#announced !== this.#received) {
      this.fail(new UpstreamError('ERR_HTTP2_STREAM_ERROR'));
      return;
    }
    this.#isOver = true;
    // Whoever answers before it has heard all wants no more of it.
    if (!this.#stream.writableFinished) this.#stream.close(NGHTTP2_CANCEL);
    try {
      this.#handler.onResponseEnd?.(this, this.#trailers as never);
    } catch {
      this.#handler.onResponseError?.(this, new UpstreamError('ERR_HTTP2_INVALID_ANSWER'));
    }
  }

  /** Whoever cannot keep up is not the target's fault. */
  #silent(): void {
    if (this.#isOver) return;
    if (this.paused) {
      this.#stream?.setTimeout(this.#asked.idleMs);
      return;
    }
    this.#session?.probe();
    this.fail(new UpstreamError(this.#hasBegun ? 'UND_ERR_BODY_TIMEOUT' : 'UND_ERR_HEADERS_TIMEOUT'));
  }

  /** Every stream closes: an error is dear, and made for those alone that have no answer yet. */
  #brokenOff(error: Error | undefined): void {
    if (this.#isOver) return;
    if (this.#stream?.rstCode === NGHTTP2_REFUSED_STREAM) this.fail(new UpstreamError(untouched));
    else if (this.#session?.isGone) this.fail(new UpstreamError('UND_ERR_SOCKET'));
    else this.fail(error ?? new UpstreamError('ERR_HTTP2_STREAM_ERROR'));
  }

  /** What an answer does to those who hear it harms no other request of the connection. */
  #guarded(tell: () => void): void {
    try {
      tell();
    } catch {
      this.fail(new UpstreamError('ERR_HTTP2_INVALID_ANSWER'));
    }
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#patience);
    const stream = this.#stream;
    if (stream === undefined || stream.closed) return;
    // Closing ends the body first: half of one must not look like a whole one.
    if (!stream.writableEnded) stream.destroy(new UpstreamError('ERR_HTTP2_STREAM_CANCEL'));
    else {
      stream.close(NGHTTP2_CANCEL);
      // Else it would wait for somebody to read what has come.
      stream.destroy();
    }
  }
}

/** One after the other: a piece holds until the next is asked for. */
async function sendPieces(stream: ClientHttp2Stream, body: AsyncIterable<Buffer>): Promise<void> {
  for await (const piece of body) {
    await new Promise<void>((resolve, reject) => {
      // A stream that is gone may forget whom to tell.
      stream.once('close', resolve);
      stream.write(piece, (error) => {
        stream.off('close', resolve);
        if (error) reject(error);
        else resolve();
      });
    });
    if (stream.destroyed || stream.closed) return;
  }
  stream.end();
}
