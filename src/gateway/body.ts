/** Takes a body that is not streamed into memory, under a limit. */
import { Readable } from 'node:stream';
import { AwsError } from '../services/service.ts';
import type { HttpRequest } from '../wire/types.ts';

const empty = new Uint8Array(0);

/** @param limit in bytes; more is refused without reading on */
export async function collect(
  request: HttpRequest,
  body: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array> {
  const { 'content-length': announced, 'transfer-encoding': framed } = request.headers;
  if (framed === undefined && (announced === undefined || announced === '0')) return empty;
  if (announced !== undefined && Number(announced) > limit) throw tooLarge(limit);
  if (body instanceof Readable) return drain(body, limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return join(chunks, size);
}

/** By events: an iterator over a stream costs more than most bodies. */
function drain(body: Readable, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const settle = (error?: unknown) => {
      body.off('data', take).off('end', settle).off('close', broken);
      // The listener for errors stays, or a late one would end the process.
      if (error === undefined) resolve(join(chunks, size));
      else reject(error);
    };
    const take = (chunk: Uint8Array) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return;
      body.pause();
      settle(tooLarge(limit));
    };
    const broken = () => settle(brokenOff());
    if (body.destroyed) {
      reject(body.errored ?? brokenOff());
      return;
    }
    body.on('data', take).on('end', settle).on('error', settle).on('close', broken);
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
