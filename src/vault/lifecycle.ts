/** The vault's states: sealed, waiting for what an operator must give, and open. */
import { networkInterfaces } from 'node:os';
import { VaultError } from '../services/kms/ports.ts';
import { createAlgorithms } from './algorithms/index.ts';
import type { Algorithms } from './algorithms/types.ts';
import type { ArchiveTarget } from './archive.ts';
import { Hierarchy } from './hierarchy.ts';
import { type Letterbox, openLetterbox, sealLetter } from './letter.ts';
import type { Progress, SealProvider, Wanted } from './seal-providers/provider.ts';
import { providerOf, type SealSettings } from './seal-providers/settings.ts';
import { type ClusterPlace, Tokens } from './tokens.ts';
import { Vault } from './vault.ts';

/** What the first call, `open`, says. Paths and names only: no secret travels in it. */
export interface OpenOptions {
  /** Where the vault's files lie; undefined: everything in its memory, gone with it. */
  readonly folder?: string | undefined;
  /** Needed with a folder. */
  readonly seal?: SealSettings | undefined;
  /** PKCS #11 tokens that stand for CloudHSM clusters, by the clusters' ids. */
  readonly tokens?: Readonly<Record<string, ClusterPlace>> | undefined;
  /** After so long without a word from its parent the vault takes it for lost and seals itself: a minute by default. */
  readonly silenceSeconds?: number | undefined;
  /** The files come from a backup; newer keyrings say what was deleted since, copies are to follow later deletions. */
  readonly restored?: { readonly keyrings: readonly string[]; readonly copies: readonly string[] } | undefined;
}

export interface VaultStatus {
  readonly isSealed: boolean;
  readonly pid: number;
  /** The kind of seal provider. */
  readonly provider: string;
  /** Whether it ever had a root key. */
  readonly isInitialized: boolean;
  /** What an operator must give. */
  readonly wants?: Wanted;
  readonly progress?: Progress | undefined;
  /** Why it could not be opened. */
  readonly reason?: string | undefined;
  /** Base64: to where letters with passphrases and shares are sealed. */
  readonly address: string;
  /** KMS keys that have a wrap key. */
  readonly keys?: number;
  /** Generation of the newest domain key. */
  readonly domainKey?: number;
  /** Epoch milliseconds. */
  readonly domainKeySince?: number;
  /** Wrap keys that are not sealed under it yet. */
  readonly keysToRewrap?: number;
  /** Keyrings of backups that could not be rewritten after a deletion. */
  readonly copiesLeft?: number;
  /** Whether the process can reach a network: only where its seal or its tokens need one, or the system forbids less. */
  readonly hasNetwork: boolean;
}

/** Wrap keys of one step, and the time between steps: they follow a new domain key without holding up anybody. */
const REWRAP_STEP = 200;
const REWRAP_PAUSE_MS = 200;
const COPIES_PAUSE_MS = 60_000;

export class Lifecycle {
  #options: OpenOptions = {};
  #provider: SealProvider | undefined;
  #letterbox: Letterbox = openLetterbox();
  #algorithms: Algorithms | undefined;
  #hierarchy: Hierarchy | undefined;
  #vault: Vault | undefined;
  #tokens: Tokens | undefined;
  #reason: string | undefined;
  /** One at a time: opening, taking a share, sealing. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor() {
    const often = (ms: number, work: (hierarchy: Hierarchy) => unknown): void => {
      setInterval(() => {
        try {
          if (this.#hierarchy) work(this.#hierarchy);
        } catch {
          // A disk that refused may take it the next time.
        }
      }, ms).unref();
    };
    often(REWRAP_PAUSE_MS, (hierarchy) => hierarchy.isRotating && hierarchy.rewrap(REWRAP_STEP));
    often(COPIES_PAUSE_MS, (hierarchy) => hierarchy.status.copiesLeft > 0 && hierarchy.rewriteCopies());
  }

  get silenceMs(): number {
    return (this.#options.silenceSeconds ?? 60) * 1000;
  }

  get isSealed(): boolean {
    return this.#vault === undefined;
  }

  /** Throws a VaultError `sealed`. */
  get vault(): Vault {
    if (!this.#vault) throw new VaultError('sealed', this.#reason ?? 'The vault is sealed.');
    return this.#vault;
  }

  get status(): VaultStatus {
    const provider = this.#provider;
    return {
      isSealed: this.isSealed,
      pid: process.pid,
      provider: provider?.kind ?? 'none',
      isInitialized: provider?.isInitialized ?? false,
      address: this.#letterbox.address.toString('base64'),
      hasNetwork: Object.keys(networkInterfaces()).length > 0,
      ...(this.isSealed && { wants: provider?.wants, progress: provider?.progress, reason: this.#reason }),
      ...this.#hierarchy?.status,
    };
  }

  /** Answers too when it cannot be opened yet: the status says why. Throws an Error for what only an operator can mend. */
  open(options: OpenOptions): Promise<void> {
    return this.#alone(async () => {
      if (this.#vault) return;
      this.#options = options;
      this.#provider ??= providerOf(options.seal);
      // Shares do not make a root key by themselves: somebody must be there to take them down.
      if (this.#provider.initialize && !this.#provider.isInitialized) {
        this.#reason = 'The vault has no shares yet: make them with bailey unseal --init.';
        return;
      }
      await this.#tryToOpen().catch((error) => {
        if (!(error instanceof VaultError) || error.code !== 'sealed') throw error;
      });
    });
  }

  /** Takes a letter with a passphrase or a share. Throws a VaultError with the reason if it is not the right one. */
  give(letter: Buffer): Promise<void> {
    return this.#alone(async () => {
      const provider = this.#provider;
      if (this.#vault || !provider?.give) throw new VaultError('unsupported', 'The vault asks for nothing.');
      const secret = this.#letterbox.open(letter);
      try {
        await provider.give(secret);
      } finally {
        secret.fill(0);
      }
      if (provider.wants === undefined) await this.#tryToOpen();
    });
  }

  /** Makes the shares of a new vault, and opens it. The shares leave in letters to `address`. */
  initialize(shares: number, threshold: number, address: Buffer): Promise<readonly Buffer[]> {
    return this.#alone(async () => {
      const provider = this.#provider;
      if (this.#vault || !provider?.initialize)
        throw new VaultError('unsupported', 'This vault has no shares to make.');
      const made = await provider.initialize(shares, threshold);
      try {
        const letters = made.map((share) => sealLetter(address, share));
        await this.#tryToOpen();
        return letters;
      } finally {
        for (const share of made) share.fill(0);
      }
    });
  }

  async #tryToOpen(): Promise<void> {
    const provider = this.#provider as SealProvider;
    const { folder, seal, tokens, restored } = this.#options;
    try {
      this.#hierarchy = await Hierarchy.open({
        folder,
        provider,
        anchorPath: seal && `${seal.file}.anchor`,
        now: Date.now,
        restored,
      });
    } catch (error) {
      this.#reason = error instanceof Error ? error.message : undefined;
      throw error;
    }
    this.#reason = undefined;
    this.#algorithms = createAlgorithms();
    this.#tokens = new Tokens(tokens);
    this.#vault = new Vault(this.#hierarchy, this.#algorithms, this.#tokens);
  }

  /** Forgets everything: keys, threads that worked with them, and what past calls left for the collector. */
  seal(): Promise<void> {
    return this.#alone(async () => {
      const algorithms = this.#algorithms;
      this.forget();
      this.#provider = providerOf(this.#options.seal);
      this.#letterbox = openLetterbox();
      await algorithms?.close();
      // What is freed is overwritten (see the client): key objects of past calls hold material until they are collected.
      globalThis.gc?.();
    });
  }

  forget(): void {
    this.#hierarchy?.wipe();
    this.#hierarchy = undefined;
    this.#vault = undefined;
    this.#tokens?.close();
    this.#tokens = undefined;
    this.#algorithms = undefined;
    this.#provider?.wipe();
    this.#reason = undefined;
  }

  /** @param target JSON of an ArchiveTarget */
  archive(target: string): void {
    const { folder, seal } = this.#options;
    if (!this.#hierarchy || folder === undefined || seal === undefined) {
      throw new VaultError('sealed', 'A sealed vault is backed up by its files.');
    }
    const source = { folder, rootKey: seal.file, isClear: seal.kind === 'key-file' };
    this.#hierarchy.archive(source, JSON.parse(target) as ArchiveTarget);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
