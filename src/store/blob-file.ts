/** A large blob in a file: sealed frames that can be read at any offset, but not cut, reordered or exchanged. */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { type Disk, hasCode, type OpenFile } from './disk.ts';
import type { KeyTree } from './seal.ts';
import { CorruptError } from './store.ts';

/** Plaintext bytes of every frame but the last. */
export const FRAME_BYTES = 128 * 1024;
const FRAMES_PER_WRITE = 8;
const TAG_BYTES = 16;
const MAGIC = Buffer.from('BAILEYB1');
const SALT_BYTES = 16;
const HEAD_BYTES = MAGIC.length + SALT_BYTES;
/** More and the frame counter would not fit: far beyond the 5 TB of the largest S3 object. */
const MOST_FRAMES = 2 ** 32;

/** The nonce is the frame's number and whether it is the last, so a frame opens in its own place only. */
function nonce(frame: number, isLast: boolean): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(frame, 4);
  iv[11] = isLast ? 1 : 0;
  return iv;
}

function blobKey(keys: KeyTree, salt: Uint8Array): KeyObject {
  return keys.derive('blob file', salt);
}

/** Cuts a stream of bytes into frames and seals them; holds back one frame until it knows whether it is the last. */
class FrameWriter {
  readonly #file: OpenFile;
  readonly #key: KeyObject;
  readonly #id: Buffer;
  readonly #frame = Buffer.allocUnsafe(FRAME_BYTES);
  #filled = 0;
  #frames = 0;
  #sealed: Buffer[] = [];
  size = 0;

  constructor(file: OpenFile, key: KeyObject, id: string, head: Buffer) {
    this.#file = file;
    this.#key = key;
    this.#id = Buffer.from(id);
    this.#sealed.push(head);
  }

  async write(bytes: Uint8Array): Promise<void> {
    let taken = 0;
    while (taken < bytes.length) {
      if (this.#filled === FRAME_BYTES) {
        this.#seal(false);
        if (this.#frames % FRAMES_PER_WRITE === 0) await this.#flush();
      }
      const part = bytes.subarray(taken, taken + FRAME_BYTES - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
    }
    this.size += bytes.length;
  }

  #seal(isLast: boolean): void {
    if (this.#frames >= MOST_FRAMES) throw new RangeError('the blob is too large');
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(this.#frames++, isLast));
    cipher.setAAD(this.#id);
    this.#sealed.push(cipher.update(this.#frame.subarray(0, this.#filled)));
    cipher.final();
    this.#sealed.push(cipher.getAuthTag());
    this.#filled = 0;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#sealed);
    this.#sealed = [];
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#file.write(bytes, written)).bytesWritten;
    }
  }

  async finish(): Promise<void> {
    this.#seal(true);
    await this.#flush();
    await this.#file.sync();
  }
}

/**
 * Writes and syncs a new file (its folder is the caller's to sync); removes it when the stream or the disk fails.
 * @param parts what was already taken from the stream
 * @returns plaintext bytes
 */
export async function writeBlobFile(
  disk: Disk,
  keys: KeyTree,
  path: string,
  id: string,
  parts: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): Promise<number> {
  const salt = randomBytes(SALT_BYTES);
  const file = await disk.open(path, 'wx');
  try {
    const writer = new FrameWriter(file, blobKey(keys, salt), id, Buffer.concat([MAGIC, salt]));
    for (const part of parts) await writer.write(part);
    for (let next = await rest.next(); !next.done; next = await rest.next()) await writer.write(next.value);
    await writer.finish();
    await file.close();
    return writer.size;
  } catch (error) {
    await file.close();
    await disk.unlink(path).catch(() => undefined);
    throw error;
  }
}

/** Opens the first of these paths that exists. */
async function openFirst(disk: Disk, paths: readonly string[], id: string): Promise<OpenFile> {
  for (const path of paths) {
    try {
      return await disk.open(path, 'r');
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  throw new CorruptError(`the file of blob ${id} is missing`);
}

async function readExactly(file: OpenFile, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new CorruptError('a blob file ended early');
    filled += bytesRead;
  }
  return bytes;
}

/** Plaintext of [start, end), a frame at a time. */
export async function* readBlobFile(
  disk: Disk,
  keys: KeyTree,
  paths: readonly string[],
  blob: { readonly id: string; readonly size: number },
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const corrupt = () => new CorruptError(`stored bytes do not verify: blob ${blob.id}`);
  const file = await openFirst(disk, paths, blob.id);
  try {
    const frames = Math.max(1, Math.ceil(blob.size / FRAME_BYTES));
    const { size } = await file.stat();
    if (size !== HEAD_BYTES + blob.size + frames * TAG_BYTES) throw corrupt();
    const head = await readExactly(file, HEAD_BYTES, 0);
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt();
    const key = blobKey(keys, head.subarray(MAGIC.length));
    const id = Buffer.from(blob.id);
    for (let frame = Math.floor(start / FRAME_BYTES); frame * FRAME_BYTES < end; frame++) {
      const first = frame * FRAME_BYTES;
      const length = Math.min(FRAME_BYTES, blob.size - first);
      const sealed = await readExactly(file, length + TAG_BYTES, HEAD_BYTES + frame * (FRAME_BYTES + TAG_BYTES));
      const iv = nonce(frame, frame === frames - 1);
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(id);
      decipher.setAuthTag(sealed.subarray(length));
      const plaintext = decipher.update(sealed.subarray(0, length));
      try {
        decipher.final();
      } catch {
        throw corrupt();
      }
      yield plaintext.subarray(Math.max(0, start - first), Math.min(length, end - first));
    }
  } finally {
    await file.close();
  }
}
