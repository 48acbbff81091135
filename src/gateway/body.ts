/** Takes a body that is not streamed into memory, under limits: one for each body, and one for all together. */
import { Readable } from 'node:stream';
import { AwsError } from '../services/service.ts';
import type { HttpRequest } from '../wire/types.ts';

const empty = new Uint8Array(0);

/** What all bodies that are being held take, in bytes. */
export class BodyMemory {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws AwsError ServiceUnavailable when there is no room */
  take(bytes: number): void {
    if (this.#held + bytes > this.#limit) {
      throw new AwsError('ServiceUnavailable', 'Too many large requests at once. Please try again.', { status: 503 });
    }
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** Told of the bytes of each piece of a body as it comes; what it throws ends the reading. */
type Taker = (bytes: number) => void;

/** Bytes of a body that is worth a look at the key before it is read. */
const large = 64 * 1024;

export function isLarge({ headers }: HttpRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > large;
}

/** @param limit in bytes; more is refused without reading on */
export function collect(
  request: HttpRequest,
  body: AsyncIterable<Uint8Array>,
  limit: number,
  took?: Taker,
): Promise<Uint8Array> {
  const { 'content-length': announced, 'transfer-encoding': framed } = request.headers;
  if (framed === undefined && (announced === undefined || announced === '0')) return Promise.resolve(empty);
  if (announced !== undefined && Number(announced) > limit) return Promise.reject(tooLarge(limit));
  return body instanceof Readable ? drain(body, limit, took) : iterate(body, limit, took);
}

async function iterate(body: AsyncIterable<Uint8Array>, limit: number, took: Taker | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    took?.(chunk.length);
    chunks.push(chunk);
  }
  return join(chunks, size);
}

/** By events: an iterator over a stream costs more than most bodies. */
function drain(body: Readable, limit: number, took: Taker | undefined): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let isWhole = false;
    // What listens goes with the body: after its end nothing comes, and a late error must not end the process.
    const end = () => {
      isWhole = true;
      resolve(join(chunks, size));
    };
    const fail = (error: unknown) => {
      body.off('data', take);
      reject(error);
    };
    const take = (chunk: Uint8Array) => {
      size += chunk.length;
      try {
        if (size > limit) throw tooLarge(limit);
        took?.(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        body.pause();
        fail(error);
      }
    };
    const close = () => {
      if (!isWhole) fail(brokenOff());
    };
    if (body.destroyed) {
      reject(body.errored ?? brokenOff());
      return;
    }
    body.on('data', take).on('end', end).on('error', fail).on('close', close);
  });
}

function brokenOff(): Error {
  return Object.assign(new Error('the client went away before its request was whole'), { code: 'ECONNRESET' });
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
}

function tooLarge(limit: number): AwsError {
  return new AwsError('RequestEntityTooLarge', `The body of a request may have at most ${limit} bytes.`, {
    status: 413,
  });
}
