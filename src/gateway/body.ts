/** Takes a body that is not streamed into memory, under a limit. */
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
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
}

function tooLarge(limit: number): AwsError {
  return new AwsError('RequestEntityTooLarge', `The body of a request may have at most ${limit} bytes.`, {
    status: 413,
  });
}
