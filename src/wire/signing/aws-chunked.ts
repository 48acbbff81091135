/**
 * The parser of aws-chunked bodies: `SIZE[;chunk-signature=…]CRLF bytes CRLF`, a chunk of size 0, then trailers.
 * Payload bytes are passed on as they come, uncopied; only lines are buffered, under limits.
 */
import type { ChunkVerifier } from './chunk-signatures.ts';
import { SignatureRefusal } from './refusal.ts';

export interface ChunkOptions {
  /** `x-amz-decoded-content-length` */
  readonly length: number;
  /** Absent for unsigned chunks. */
  readonly verifier: ChunkVerifier | undefined;
  /** Names of trailers to come; undefined where there may be none. */
  readonly announced: readonly string[] | undefined;
  /** Filled when the trailers have been read and their signature holds. */
  readonly trailers: Map<string, string>;
}

const lineLimit = 4096;
const trailerLimit = 16 * 1024;
/** Only the last chunk may be smaller (S3 API Reference, InvalidChunkSizeError). */
const leastChunk = 8192;
const empty = new Uint8Array(0);

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

export class ChunkParser {
  readonly #options: ChunkOptions;
  #state: State = 'size';
  /** Bytes of a line that is not complete. */
  #line: Uint8Array = empty;
  #remaining = 0;
  #signature = '';
  #size = 0;
  #small = false;
  #received = 0;
  #trailerBytes = 0;
  #trailersSigned = false;
  #afterEnd = 0;
  #canonicalTrailers = '';
  readonly #found = new Map<string, string>();

  constructor(options: ChunkOptions) {
    this.#options = options;
  }

  /** Takes bytes as received; yields payload, as parts of what was given. Throws SignatureRefusal. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < piece.length) {
      if (this.#state === 'data') {
        const part = piece.subarray(at, at + this.#remaining);
        at += part.length;
        this.#remaining -= part.length;
        this.#options.verifier?.update(part);
        if (this.#remaining === 0) this.#state = 'data-end';
        yield part;
        continue;
      }
      if (this.#state === 'done') {
        this.#takeRest(piece.subarray(at));
        return;
      }
      const end = piece.indexOf(10, at);
      const stop = end < 0 ? piece.length : end + 1;
      const fresh = piece.subarray(at, stop);
      at = stop;
      if (this.#line.length + fresh.length > lineLimit) throw incomplete('A chunk header or trailer is too long.');
      const line = this.#line.length === 0 ? fresh : Buffer.concat([this.#line, fresh]);
      if (end < 0) {
        // A copy: the piece may be reused by whoever reads the socket.
        this.#line = Uint8Array.from(line);
        return;
      }
      this.#line = empty;
      this.#takeLine(line);
    }
  }

  /** The last bytes have been pushed. Throws if the body was not complete. */
  end(): void {
    if (this.#state !== 'done') throw incomplete('The body ended before its last chunk.');
    if (this.#received !== this.#options.length)
      throw incomplete('The body is not as long as X-Amz-Decoded-Content-Length says.');
    for (const name of this.#options.announced ?? []) {
      if (!this.#found.has(name)) throw badTrailer(`The trailer ${name} was announced and did not come.`);
    }
    for (const [name, value] of this.#found) this.#options.trailers.set(name, value);
  }

  /** Some clients end with one empty line too many. */
  #takeRest(rest: Uint8Array): void {
    for (const byte of rest) {
      if (byte !== (this.#afterEnd === 0 ? 13 : 10) || this.#afterEnd === 2) {
        throw incomplete('Bytes follow the end of the body.');
      }
      this.#afterEnd += 1;
    }
  }

  #takeLine(line: Uint8Array): void {
    if (this.#state === 'trailer') {
      this.#takeTrailer(line);
      return;
    }
    if (line.length < 2 || line[line.length - 2] !== 13) throw incomplete('A line does not end with CR LF.');
    const text = Buffer.from(line.buffer, line.byteOffset, line.length - 2).toString('latin1');
    if (this.#state === 'size') this.#takeSize(text);
    else {
      if (text !== '') throw incomplete('A chunk is longer than its size.');
      this.#options.verifier?.chunk(this.#signature);
      this.#state = 'size';
    }
  }

  #takeSize(text: string): void {
    const semicolon = text.indexOf(';');
    const digits = semicolon < 0 ? text : text.slice(0, semicolon);
    if (!/^[0-9a-fA-F]{1,12}$/.test(digits)) throw incomplete('A chunk has no valid size.');
    const extension = semicolon < 0 ? '' : text.slice(semicolon + 1);
    this.#size = Number.parseInt(digits, 16);
    if (this.#options.verifier) {
      if (!extension.startsWith('chunk-signature='))
        throw new SignatureRefusal('chunk-mismatch', { detail: 'A chunk has no signature.' });
      this.#signature = extension.slice('chunk-signature='.length);
    } else if (extension !== '') throw incomplete('A chunk has an extension that its payload mode does not know.');
    this.#received += this.#size;
    if (this.#received > this.#options.length)
      throw incomplete('The body is longer than X-Amz-Decoded-Content-Length says.');
    if (this.#size === 0) {
      this.#options.verifier?.chunk(this.#signature);
      this.#state = 'trailer';
      return;
    }
    // S3 says so of every chunk; unsigned ones cost nothing to check, so their clients are spared.
    if (this.#small && this.#options.verifier)
      throw new SignatureRefusal('chunk-small', { detail: String(this.#size) });
    this.#small = this.#size < leastChunk;
    this.#remaining = this.#size;
    this.#state = 'data';
  }

  /** Trailers end with an empty line. AWS's own examples end a trailer with LF CR LF; LF alone is taken too. */
  #takeTrailer(line: Uint8Array): void {
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > trailerLimit) throw badTrailer('The trailers are too long.');
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1').trim();
    if (text === '') {
      if (line.length === 2 && line[0] === 13 && this.#trailersComplete()) this.#state = 'done';
      return;
    }
    const { announced, verifier } = this.#options;
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = text.slice(colon + 1).trim();
    if (announced === undefined || name === '') throw badTrailer('A trailer is not of the form name:value.');
    if (name === 'x-amz-trailer-signature' && verifier) {
      if (this.#found.has(name)) throw badTrailer('The trailer signature came more than once.');
      verifier.trailer(this.#canonicalTrailers, value);
      this.#trailersSigned = true;
      return;
    }
    if (!announced.includes(name) || this.#found.has(name) || this.#trailersSigned)
      throw badTrailer('A trailer was not announced, or came twice.');
    this.#found.set(name, value);
    this.#canonicalTrailers += `${name}:${value}\n`;
  }

  /** Where `x-amz-trailer-signature` must come, an empty line before it does not end the body. */
  #trailersComplete(): boolean {
    const { announced, verifier } = this.#options;
    return announced === undefined || verifier === undefined || this.#trailersSigned;
  }
}

function incomplete(detail: string): SignatureRefusal {
  return new SignatureRefusal('body-incomplete', { detail });
}

function badTrailer(detail: string): SignatureRefusal {
  return new SignatureRefusal('trailer-malformed', { detail });
}
