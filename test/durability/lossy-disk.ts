/** A disk that forgets: replays traced operations, and shows a folder as a power cut could have left it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DiskOperation } from './trace.ts';

type Content = Extract<DiskOperation, { kind: 'write' | 'truncate' }>;
type Naming =
  | { readonly kind: 'create' | 'mkdir' | 'unlink'; readonly path: string }
  | Extract<DiskOperation, { kind: 'rename' }>;

/** A file apart from its names. */
class Inode {
  #synced: Buffer = Buffer.alloc(0);
  #pending: Content[] = [];

  change(operation: Content): void {
    this.#pending.push(operation);
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Makes the oldest of the pending changes durable. */
  sync(count: number): void {
    this.#synced = applied(this.#synced, this.#pending.splice(0, count));
  }

  /** What is left if each unsynced change reached the disk or not as the die says. */
  survivors(keeps: () => boolean): Buffer {
    return applied(this.#synced, this.#pending.filter(keeps));
  }
}

function applied(bytes: Buffer, operations: readonly Content[]): Buffer {
  const ends = operations.map((op) => (op.kind === 'truncate' ? op.size : op.offset + op.bytes.length));
  const room = Buffer.alloc(Math.max(bytes.length, ...ends));
  bytes.copy(room);
  let end = bytes.length;
  for (const operation of operations) {
    if (operation.kind === 'truncate') {
      room.fill(0, Math.min(end, operation.size));
      end = operation.size;
    } else {
      operation.bytes.copy(room, operation.offset);
      end = Math.max(end, operation.offset + operation.bytes.length);
    }
  }
  return room.subarray(0, end);
}

class Names {
  readonly files = new Map<string, Inode>();
  readonly folders = new Set<string>(['.']);

  /** Whether a folder, and each above it, has its name. */
  has(folder: string): boolean {
    return folder === '.' || (this.folders.has(folder) && this.has(dirname(folder)));
  }

  apply(operation: Naming, created: Map<Naming, Inode>): void {
    if (operation.kind === 'rename') {
      const inode = this.files.get(operation.path);
      this.files.delete(operation.path);
      if (inode) this.files.set(operation.to, inode);
    } else if (operation.kind === 'mkdir') this.folders.add(operation.path);
    else if (operation.kind === 'unlink') this.files.delete(operation.path);
    else {
      const inode = created.get(operation);
      if (inode) this.files.set(operation.path, inode);
    }
  }
}

export class LossyDisk {
  /** As the writer sees it. */
  readonly #current = new Names();
  readonly #durable = new Names();
  readonly #created = new Map<Naming, Inode>();
  /** Names changed but not synced, in order. */
  #pending: Naming[] = [];
  readonly #syncing = new Map<string, { inode: Inode; count: number } | { names: readonly Naming[] }>();

  run(operation: DiskOperation): void {
    switch (operation.kind) {
      case 'create':
        if (this.#current.files.has(operation.path)) return;
        this.#created.set(operation, new Inode());
        this.#rename(operation);
        return;
      case 'mkdir':
      case 'unlink':
      case 'rename':
        this.#rename(operation);
        return;
      case 'write':
      case 'truncate':
        this.#current.files.get(operation.path)?.change(operation);
        return;
      case 'sync-begin': {
        const inode = this.#current.files.get(operation.path);
        const names = this.#pending.filter((naming) => foldersOf(naming).includes(operation.path));
        this.#syncing.set(operation.thread, inode ? { inode, count: inode.pendingCount } : { names });
        return;
      }
      case 'sync-end': {
        const sync = this.#syncing.get(operation.thread);
        if (!sync) return;
        if ('inode' in sync) sync.inode.sync(sync.count);
        else for (const naming of sync.names) this.#makeDurable(naming);
        return;
      }
      case 'acknowledge':
    }
  }

  #rename(naming: Naming): void {
    this.#current.apply(naming, this.#created);
    this.#pending.push(naming);
  }

  #makeDurable(naming: Naming): void {
    if (!this.#pending.includes(naming)) return;
    this.#pending = this.#pending.filter((other) => other !== naming);
    this.#durable.apply(naming, this.#created);
  }

  /**
   * Writes the folder after a power cut.
   * @param keeps decides for each unsynced write whether it reached the disk; names survive in their order
   */
  powerCut(dir: string, keeps: () => boolean): void {
    const names = new Names();
    for (const [path, inode] of this.#durable.files) names.files.set(path, inode);
    for (const folder of this.#durable.folders) names.folders.add(folder);
    for (const naming of this.#pending) {
      if (!keeps()) break;
      names.apply(naming, this.#created);
    }
    mkdirSync(dir, { mode: 0o700 });
    for (const folder of [...names.folders].sort()) {
      if (names.has(folder)) mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });
    }
    for (const [path, inode] of names.files) {
      if (names.has(dirname(path))) writeFileSync(join(dir, path), inode.survivors(keeps), { mode: 0o600 });
    }
  }
}

function foldersOf(naming: Naming): string[] {
  return naming.kind === 'rename' ? [dirname(naming.path), dirname(naming.to)] : [dirname(naming.path)];
}
