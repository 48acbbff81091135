/** Calls without a valid identity: counted by reason, sampled into a bounded file, never waited for. */
import { appendFile, rename, stat } from 'node:fs/promises';

export interface RefusedRequest {
  readonly time: number;
  readonly reason: string;
  readonly sourceIp: string;
  readonly service: string;
  /** As claimed; it identified nobody. */
  readonly accessKeyId?: string | undefined;
  readonly requestId: string;
}

const perSecond = 20;
const maxBytes = 4 * 1024 * 1024;

/** Keeps at most two files of 4 MiB and at most 20 lines a second. */
export class SecurityLog {
  readonly counts = new Map<string, number>();
  readonly #path: string | undefined;
  #second = 0;
  #written = 0;
  #queue: string[] = [];
  #flushing: Promise<void> | undefined;

  /** @param path of the log file; undefined only counts */
  constructor(path?: string) {
    this.#path = path;
  }

  refused(request: RefusedRequest): void {
    this.counts.set(request.reason, (this.counts.get(request.reason) ?? 0) + 1);
    if (this.#path === undefined) return;
    const second = Math.floor(request.time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    if (this.#written >= perSecond) return;
    this.#written += 1;
    this.#queue.push(`${JSON.stringify(request)}\n`);
    this.#flushing ??= this.#flush(this.#path).finally(() => {
      this.#flushing = undefined;
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
  }

  async #flush(path: string): Promise<void> {
    while (this.#queue.length > 0) {
      const lines = this.#queue.splice(0).join('');
      try {
        await appendFile(path, lines, { mode: 0o600 });
        if ((await stat(path)).size > maxBytes) await rename(path, `${path}.1`);
      } catch {
        // A log that cannot be written must not stop the door; the counts stay.
        return;
      }
    }
  }
}
