/** The file system as blobs use it: a seam, so that tests can count syncs, fail writes and lose what was not synced. */
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises';

export type OpenFile = Pick<FileHandle, 'write' | 'read' | 'sync' | 'stat' | 'close'>;

export interface Disk {
  open(path: string, flags: 'r' | 'wx'): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

export const nodeDisk: Disk = {
  open: (path, flags) => open(path, flags, 0o600),
  rename,
  unlink,
  readdir: (path) => readdir(path),
  async syncFolder(path) {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Lets those who ask for a folder to be synced share one sync that began after all of them asked. */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  run(): Promise<void> {
    if (this.#running) {
      this.#next ??= this.#running.catch(() => undefined).then(() => this.#start());
      return this.#next;
    }
    return this.#start();
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
