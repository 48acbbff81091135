/** Backups of a data folder, running or not: a consistent copy of the database, its blob files, and a signed list of both. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { blobIdOfKey } from './blob-id.ts';
import { hasCode, nodeDisk } from './disk.ts';
import { writeDurably } from './durable-file.ts';
import { loadRootKey } from './root-key.ts';
import { KeyTree } from './seal.ts';
import { BLOB_FOLDER, DATABASE_FILE, ROOT_KEY_FILE } from './sqlite.ts';

export const MANIFEST_FILE = 'manifest.json';
/** More pages than any database has: the copy is then one step, which writers do not make start again. */
const ALL_PAGES = 2 ** 30;
/** Attempts to catch blobs that are discarded while they are being linked. */
const ATTEMPTS = 5;

export interface ManifestFile {
  /** Relative to the backup, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

export interface Manifest {
  readonly format: 1;
  readonly files: readonly ManifestFile[];
  /** HMAC of the manifest without this member, under a key derived from the root key. */
  readonly mac: string;
}

export function macOf(keys: KeyTree, files: readonly ManifestFile[]): string {
  return keys.mac('backup manifest', JSON.stringify({ format: 1, files }));
}

/**
 * Writes a backup into a new or empty folder. The root key is not part of it: keep that elsewhere. Blob files are linked
 * where the file system allows, which costs no room. Rejects with an Error that says what to do.
 */
export async function backupStore(options: {
  readonly dir: string;
  readonly rootKeyFile?: string;
  readonly target: string;
}): Promise<Manifest> {
  const dir = resolve(options.dir);
  const target = resolve(options.target);
  if (!existsSync(join(dir, DATABASE_FILE))) throw new Error(`${dir} is not a data folder of Bailey`);
  const keys = new KeyTree(loadRootKey(options.rootKeyFile ?? join(dir, ROOT_KEY_FILE), true));
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) throw new Error(`${target} is not empty: choose a new folder for the backup`);

  const blobs = join(dir, BLOB_FOLDER);
  const copies = join(target, BLOB_FOLDER);
  await mkdir(copies, { mode: 0o700 });
  // Made by us, or it would be readable by all; what can be looked up by is not sealed.
  await (await open(join(target, DATABASE_FILE), 'a', 0o600)).close();
  const source = new DatabaseSync(join(dir, DATABASE_FILE), { timeout: 5000 });
  try {
    for (let attempt = 1; ; attempt++) {
      // Linked before and after: what is discarded in between is in the first pass, what is new in the second.
      await linkAll(blobs, copies);
      await backup(source, join(target, DATABASE_FILE), { rate: ALL_PAGES });
      await linkAll(blobs, copies);
      if (await keepOnly(copies, filesIn(join(target, DATABASE_FILE)))) break;
      if (attempt === ATTEMPTS)
        throw new Error('objects are deleted faster than they can be backed up: try again later');
    }
  } finally {
    source.close();
  }

  const files: ManifestFile[] = [];
  for (const path of [DATABASE_FILE, ...(await readdir(copies)).map((id) => `${BLOB_FOLDER}/${id}`)]) {
    files.push({ path, ...(await fingerprint(join(target, path))) });
  }
  await syncFile(join(target, DATABASE_FILE));
  await nodeDisk.syncFolder(copies);
  const manifest: Manifest = { format: 1, files, mac: macOf(keys, files) };
  writeDurably(join(target, MANIFEST_FILE), Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`));
  return manifest;
}

async function linkAll(from: string, to: string): Promise<void> {
  for (const folder of await readdir(from)) {
    for (const id of await readdir(join(from, folder))) {
      try {
        await link(join(from, folder, id), join(to, id));
      } catch (error) {
        if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOENT')) continue;
        // Another file system, or one without links.
        await copyFile(join(from, folder, id), join(to, id)).catch((failure) => {
          if (!hasCode(failure, 'ENOENT')) throw failure;
        });
      }
    }
  }
}

/** Ids of the blobs that a database keeps in files. */
function filesIn(path: string): Set<string> {
  const database = new DatabaseSync(path);
  try {
    const rows = database.prepare('SELECT id FROM blob WHERE body IS NULL').all();
    return new Set(rows.map(({ id }) => blobIdOfKey(id as number)));
  } finally {
    database.close();
  }
}

/** Removes files that the database does not name. @returns whether all that it names are there */
async function keepOnly(folder: string, wanted: ReadonlySet<string>): Promise<boolean> {
  let kept = 0;
  for (const id of await readdir(folder)) {
    if (wanted.has(id)) kept++;
    else await unlink(join(folder, id));
  }
  return kept === wanted.size;
}

async function fingerprint(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return { size: (await stat(path)).size, sha256: hash.digest('hex') };
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
