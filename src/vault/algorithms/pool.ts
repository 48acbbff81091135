/** A few threads, started when there is work and ended when there is none: memory that held numbers goes with them. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { VaultError, type VaultErrorCode } from '../../services/kms/ports.ts';
import type { TaskName } from './tasks.ts';
import type { Job, JobAnswer } from './worker.ts';

/** A thread without work ends after this. */
const IDLE_MS = 2000;

interface Waiting {
  readonly job: Job;
  readonly resolve: (result: readonly Buffer[]) => void;
  readonly reject: (error: VaultError) => void;
}

class Thread {
  readonly worker: Worker;
  current: Waiting | undefined;
  idle: NodeJS.Timeout | undefined;

  constructor(worker: Worker) {
    this.worker = worker;
  }
}

export class Pool {
  readonly #most: number;
  readonly #threads = new Set<Thread>();
  readonly #queue: Waiting[] = [];
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Arguments are copied; the caller wipes its own. */
  run(task: TaskName, args: readonly (Uint8Array | string)[]): Promise<readonly Buffer[]> {
    return new Promise((resolve, reject) => {
      this.#next += 1;
      this.#queue.push({ job: { id: this.#next, task, args }, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const free = [...this.#threads].find((thread) => !thread.current) ?? this.#start();
      if (!free) return;
      clearTimeout(free.idle);
      free.current = this.#queue.shift();
      free.worker.ref();
      if (free.current) free.worker.postMessage(free.current.job);
    }
  }

  #start(): Thread | undefined {
    if (this.#threads.size >= this.#most) return undefined;
    const own = fileURLToPath(import.meta.url);
    const worker = new Worker(own.replace(/pool(\.[jt]s)$/, 'worker$1'), { env: {}, execArgv: [] });
    const thread = new Thread(worker);
    this.#threads.add(thread);
    worker.on('message', (answer: JobAnswer) => this.#settle(thread, answer));
    const gone = (): void => {
      this.#threads.delete(thread);
      thread.current?.reject(new VaultError('unavailable', 'A thread of the vault went away.'));
      thread.current = undefined;
      this.#dispatch();
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    return thread;
  }

  #settle(thread: Thread, { result, refusal }: JobAnswer): void {
    const { current } = thread;
    thread.current = undefined;
    if (result) current?.resolve(result.map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength)));
    else current?.reject(new VaultError((refusal?.code ?? 'unavailable') as VaultErrorCode, refusal?.message ?? ''));
    this.#dispatch();
    if (thread.current) return;
    thread.worker.unref();
    thread.idle = setTimeout(() => void thread.worker.terminate(), IDLE_MS);
    thread.idle.unref();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }
}
