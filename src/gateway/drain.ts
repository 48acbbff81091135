/** Reads a stream to its end by events: an iterator over a stream costs more than most bodies. */
import type { Readable } from 'node:stream';

/**
 * @param took told of the bytes of each piece as it comes; what it throws ends the reading, and the stream stands still
 * @throws Error with code ECONNRESET if the stream ends before it is whole
 */
export function drain(body: Readable, took: (bytes: number) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const stop = () => {
      // The listener for errors stays, or a late one would end the process.
      body.off('data', take).off('end', end).off('close', broken);
    };
    const fail = (error: unknown) => {
      stop();
      reject(error);
    };
    const take = (chunk: Uint8Array) => {
      try {
        took(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        body.pause();
        fail(error);
      }
    };
    const end = () => {
      stop();
      resolve(chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
    };
    const broken = () => fail(brokenOff());
    if (body.destroyed) fail(body.errored ?? brokenOff());
    else body.on('data', take).on('end', end).on('error', fail).on('close', broken);
  });
}

function brokenOff(): Error {
  return Object.assign(new Error('the client went away before its request was whole'), { code: 'ECONNRESET' });
}
