/** One life of the vault process, as its parent sees it: started apart from all else, asked over a socket, mourned by its callers. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { VaultError } from '../services/kms/ports.ts';
import { operations, refusals, type VaultOperation } from './codes.ts';
import { encodeFrame, type Field, type Frame, FrameReader, FrameWriter } from './frames.ts';

/** Of what OpenSSL and the runtime free, glibc overwrites every byte; without its per-thread cache, which it would not. */
const wipeFreed = 'glibc.malloc.perturb=165:glibc.malloc.tcache_count=0';

/** In a network namespace of its own, where the system has them and allows it: as root, or as a user who may map himself. */
const withoutNetwork =
  'for apart in "unshare -n" "unshare -cn"; do $apart true 2>/dev/null && exec $apart "$0" "$@"; done;';

const codeOf = new Map(operations.map((name, code) => [name, code]));

interface Pending {
  readonly resolve: (fields: readonly Buffer[]) => void;
  readonly reject: (error: VaultError) => void;
}

/** One life of the process. */
export class Life {
  readonly child: ChildProcess;
  readonly #writer: FrameWriter;
  readonly #pending = new Map<number, Pending>();
  #next = 0;
  isOver = false;

  /** @param hasNetwork whether its seal or its tokens are to be reached over one */
  constructor(environment: Readonly<Record<string, string>>, hasNetwork: boolean, onEnd: () => void) {
    const entry = fileURLToPath(import.meta.url).replace(/life(\.[jt]s)$/, 'process$1');
    // No core dumps, no inspector, and of the environment only what the runtime itself needs.
    this.child = spawn(
      '/bin/sh',
      [
        '-c',
        `ulimit -c 0; ${hasNetwork ? '' : withoutNetwork} exec "$0" "$@"`,
        process.execPath,
        '--disable-sigusr1',
        '--expose-gc',
        '--disable-warning=ExperimentalWarning',
        entry,
      ],
      { stdio: ['ignore', 'ignore', 'inherit', 'pipe'], env: { ...environment, GLIBC_TUNABLES: wipeFreed }, cwd: '/' },
    );
    const socket = this.child.stdio[3] as Duplex;
    this.#writer = new FrameWriter(socket);
    const reader = new FrameReader();
    const end = (): void => {
      if (this.isOver) return;
      this.isOver = true;
      for (const { reject } of this.#pending.values()) reject(new VaultError('unavailable', 'The vault went away.'));
      this.#pending.clear();
      onEnd();
    };
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of reader.push(chunk)) this.#settle(frame);
      } catch {
        this.child.kill('SIGKILL');
      }
      chunk.fill(0);
    });
    socket.on('close', end);
    socket.on('error', end);
    this.child.on('error', end);
    this.child.on('exit', end);
  }

  #settle({ id, code, fields }: Frame): void {
    const waiting = this.#pending.get(id);
    if (!waiting) return;
    this.#pending.delete(id);
    if (code === 0) waiting.resolve(fields);
    else waiting.reject(new VaultError(refusals[code - 1] ?? 'unavailable', fields[0]?.toString() ?? ''));
  }

  call(operation: VaultOperation, fields: readonly Field[]): Promise<readonly Buffer[]> {
    return new Promise((resolve, reject) => {
      if (this.isOver) {
        reject(new VaultError('unavailable', 'The vault went away.'));
        return;
      }
      this.#next = (this.#next + 1) >>> 0;
      this.#pending.set(this.#next, { resolve, reject });
      this.#writer.send(encodeFrame(this.#next, codeOf.get(operation) as number, fields));
    });
  }
}
