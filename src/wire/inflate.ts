/** Bodies that clients compressed (`Content-Encoding: gzip`), opened after their signature was checked. */
import { gunzip } from 'node:zlib';
import { WireFault } from './fault.ts';

/**
 * @param limit largest size after decompression, in bytes: nothing beyond it is ever allocated
 * @throws WireFault RequestEntityTooLarge (413), SerializationException for bytes that are no gzip
 */
export function inflate(body: Uint8Array, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: limit }, (error, inflated) => {
      if (!error) resolve(new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.byteLength));
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        reject(new WireFault('RequestEntityTooLarge', 'The request body is too large.', { status: 413 }));
      } else reject(new WireFault('SerializationException', 'The request body is not valid gzip.', { status: 400 }));
    });
  });
}
