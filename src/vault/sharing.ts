/**
 * Shamir's secret sharing, in a thread that ends with its work: the engine keeps small arrays among its own objects, where
 * they are copied about and nobody can wipe them; what the thread had goes with it.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { VaultError } from '../services/kms/ports.ts';

/** What the thread is given. */
export interface Sharing {
  /** One secret where `shares` and `threshold` are given. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly shares?: number;
  readonly threshold?: number;
}

/** Of a secret, `shares` parts; whoever gets them wipes them. The secret stays the caller's. */
export function splitSecret(secret: Uint8Array, shares: number, threshold: number): Promise<readonly Buffer[]> {
  return run({ parts: [apart(secret)], shares, threshold });
}

/** The secret behind enough parts; something else behind wrong ones. */
export async function combineParts(parts: readonly Uint8Array[]): Promise<Buffer> {
  const [secret] = await run({ parts: parts.map(apart) });
  return secret as Buffer;
}

/** A copy in memory of its own, which can be handed over whole. */
export function apart(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

async function run(work: Sharing): Promise<readonly Buffer[]> {
  const file = fileURLToPath(import.meta.url).replace(/sharing(\.[jt]s)$/, 'sharing-thread$1');
  const worker = new Worker(file, { env: {}, execArgv: [] });
  try {
    return await new Promise<readonly Buffer[]>((resolve, reject) => {
      const failed = () => reject(new VaultError('sealed', 'The shares could not be put together.'));
      worker.once('message', (parts: Uint8Array<ArrayBuffer>[]) =>
        resolve(parts.map((one) => Buffer.from(one.buffer))),
      );
      worker.once('error', failed);
      worker.once('exit', failed);
      worker.postMessage(
        work,
        work.parts.map((part) => part.buffer),
      );
    });
  } finally {
    await worker.terminate();
  }
}
