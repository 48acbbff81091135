/** Bodies of streamed uploads that are small: read and verified as one piece, when somebody first asks for them. */
import type { StreamingBody } from '../services/service.ts';
import { type SignatureClaim, verifyBufferedBody } from '../wire/signing/index.ts';
import type { HttpRequest } from '../wire/types.ts';
import { collect } from './body.ts';
import type { Credential } from './ports.ts';

/** Bytes as sent, framing included. */
export const smallBytes = 64 * 1024;

const noNames: readonly string[] = [];

/** Names in `x-amz-trailer`, in lower case. */
export function announcedTrailers(request: HttpRequest): readonly string[] {
  const text = request.headers['x-amz-trailer'];
  if (text === undefined) return noNames;
  return text
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

const none: Readonly<Record<string, string>> = {};

export class SmallBody implements StreamingBody {
  readonly announcedTrailers: readonly string[];
  readonly #claim: SignatureClaim | undefined;
  readonly #credential: Credential | undefined;
  readonly #request: HttpRequest;
  readonly #bytes: AsyncIterable<Uint8Array>;
  #trailers: ReadonlyMap<string, string> | undefined;

  constructor(
    claim: SignatureClaim | undefined,
    credential: Credential | undefined,
    request: HttpRequest,
    bytes: AsyncIterable<Uint8Array>,
  ) {
    this.announcedTrailers = announcedTrailers(request);
    this.#claim = claim;
    this.#credential = credential;
    this.#request = request;
    this.#bytes = bytes;
  }

  trailers(): Readonly<Record<string, string>> {
    return this.#trailers?.size ? Object.fromEntries(this.#trailers) : none;
  }

  /** @throws SignatureRefusal */
  async whole(): Promise<Uint8Array> {
    const sent = await collect(this.#request, this.#bytes, smallBytes);
    const { body, trailers } = verifyBufferedBody(this.#claim, this.#credential, this.#request, sent);
    this.#trailers = trailers;
    return body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const bytes = await this.whole();
    if (bytes.length > 0) yield bytes;
  }
}
