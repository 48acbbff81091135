/** A seal provider: where the root key comes from, and how it is replaced. It runs inside the vault process. */

export interface SealProvider {
  /** `key-file`, `memory`, … as `bailey status` shows it. */
  readonly kind: string;
  /**
   * The root keys that may be meant, 32 bytes each: one, or two after a crash in the middle of a root rotation.
   * Throws an Error whose message says what to do.
   * @param hasData whether there is something that only the existing key opens
   */
  unseal(hasData: boolean): Promise<readonly Buffer[]>;
  /** Makes the next root key durable beside the current one; `adopt` puts it in its place once everything is sealed with it. */
  prepare(): Promise<Buffer>;
  adopt(): Promise<void>;
}
