/** A seal provider: where the root key comes from, and how it is replaced. It runs inside the vault process. */

/** What an operator must give before the root key can be had; undefined where the provider needs nobody. */
export type Wanted = 'passphrase' | 'share' | undefined;

export interface Progress {
  readonly given: number;
  readonly needed: number;
}

export interface SealProvider {
  /** `key-file`, `memory`, `passphrase`, … as `bailey status` shows it. */
  readonly kind: string;
  /** Whether a root key was made already. */
  readonly isInitialized: boolean;
  readonly wants: Wanted;
  /** Shares so far, of those that are needed. */
  readonly progress?: Progress | undefined;
  /**
   * The root keys that may be meant, 32 bytes each: one, or two after a crash in the middle of a root rotation.
   * Throws a VaultError `sealed` while something is missing that time or an operator brings, otherwise an Error whose
   * message says what to do.
   * @param hasData whether there is something that only the existing key opens
   */
  unseal(hasData: boolean): Promise<readonly Buffer[]>;
  /** Makes the next root key durable beside the current one; `adopt` puts it in its place once everything is sealed with it. */
  prepare(): Promise<Buffer>;
  adopt(): Promise<void>;
  /** Removes a next root key that nothing is sealed with. */
  drop(): Promise<void>;
  /** Takes what `wants` asks for. Throws a VaultError `sealed` with the reason if it is not the right one. */
  give?(secret: Buffer): Promise<void>;
  /** Makes the shares of a vault that has none yet: the only time that they can be seen. */
  initialize?(shares: number, threshold: number): Promise<readonly Buffer[]>;
  /** Forgets what it was given. */
  wipe(): void;
}

/** What a root key that lies in a file is sealed with. */
export interface RootSeal {
  readonly kind: string;
  readonly wants: Wanted;
  readonly progress?: Progress | undefined;
  /** @param parameters what an earlier `close` noted; undefined for the first root key */
  close(root: Buffer, parameters: Parameters | undefined): Promise<{ parameters: Parameters; sealed: Buffer }>;
  /** Throws a VaultError `sealed`. */
  open(sealed: Buffer, parameters: Parameters): Promise<Buffer>;
  give?(secret: Buffer, parameters: Parameters | undefined): Promise<void>;
  initialize?(shares: number, threshold: number): Promise<readonly Buffer[]>;
  wipe(): void;
}

/** What is known to everybody: salts, counts, names. */
export type Parameters = Readonly<Record<string, string | number>>;
