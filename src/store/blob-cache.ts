/** The plaintext of small blobs that were read lately: a blob never changes, so only its discard drops it. */

/** Bytes of all of them together. */
const BUDGET = 16 * 1024 * 1024;
const LARGEST = 32 * 1024;

export class BlobCache {
  readonly #blobs = new Map<string, Buffer>();
  #bytes = 0;

  get(id: string): Buffer | undefined {
    const bytes = this.#blobs.get(id);
    if (bytes) {
      // A map keeps the order of insertion: what was used last stands last.
      this.#blobs.delete(id);
      this.#blobs.set(id, bytes);
    }
    return bytes;
  }

  set(id: string, bytes: Buffer): void {
    if (bytes.length > LARGEST) return;
    this.delete(id);
    this.#blobs.set(id, bytes);
    this.#bytes += bytes.length;
    for (const [oldest] of this.#blobs) {
      if (this.#bytes <= BUDGET) return;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    const bytes = this.#blobs.get(id);
    if (bytes && this.#blobs.delete(id)) this.#bytes -= bytes.length;
  }

  clear(): void {
    this.#blobs.clear();
    this.#bytes = 0;
  }
}
