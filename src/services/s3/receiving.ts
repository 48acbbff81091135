/** Runs the rest of a write once its body is received; what is refused after that leaves no bytes behind. */

import { ConflictError } from '../../store/store.ts';
import type { Call } from '../service.ts';
import type { S3Ports } from './ports.ts';
import { type Body, type DigestInput, type Received, type ReceiveOptions, receive } from './receive.ts';

export async function receiving<T>(
  call: Call,
  ports: S3Ports,
  body: Body,
  digests: DigestInput,
  rest: (received: Received) => Promise<T>,
  options?: ReceiveOptions,
): Promise<T> {
  const received = await call.once('body', () => receive(body, digests, ports.blobs, options));
  try {
    return await rest(received);
  } catch (error) {
    // After a conflict the handler runs again, with the same bytes.
    if (!(error instanceof ConflictError) && 'blob' in received.piece) await ports.blobs.release(received.piece.blob);
    throw error;
  }
}
