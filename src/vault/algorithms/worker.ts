/** A thread of the vault: takes a task with its material, answers, and wipes what it was given. */
import { parentPort } from 'node:worker_threads';
import { VaultError } from '../../services/kms/ports.ts';
import { type Argument, type TaskName, tasks } from './tasks.ts';

export interface Job {
  readonly id: number;
  readonly task: TaskName;
  readonly args: readonly (Uint8Array | string)[];
}

export interface JobAnswer {
  readonly id: number;
  readonly result?: readonly Uint8Array[];
  readonly refusal?: { readonly code: string; readonly message: string };
}

const port = parentPort;
port?.on('message', ({ id, task, args }: Job) => {
  const given: Argument[] = args.map((one) =>
    typeof one === 'string' ? one : Buffer.from(one.buffer, one.byteOffset, one.byteLength),
  );
  try {
    const result = tasks[task](given);
    port.postMessage({ id, result } satisfies JobAnswer);
    for (const one of result) one.fill(0);
  } catch (error) {
    const code = error instanceof VaultError ? error.code : 'unavailable';
    // Other people's errors may quote what they were given.
    const message = error instanceof VaultError ? error.message : 'The vault failed.';
    port.postMessage({ id, refusal: { code, message } } satisfies JobAnswer);
  } finally {
    for (const one of given) if (typeof one !== 'string') one.fill(0);
  }
});
