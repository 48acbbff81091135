/** Root key → domain keys → wrap key per KMS key → backing key per version: opening, sealing, rotating, forgetting. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NewVaultKey, VaultError, type VaultKey } from '../services/kms/ports.ts';
import { makeFolderDurably, writeDurably } from '../store/durable-file.ts';
import { checkVaultAnchor, type Reached, writeVaultAnchor } from './anchor.ts';
import { type ArchiveTarget, copiesOf, registerCopy, type VaultFiles, writeArchive } from './archive.ts';
import { DomainKeys } from './domain-keys.ts';
import { Keyring } from './keyring.ts';
import type { SealProvider } from './seal-providers/provider.ts';
import { openSecret, sealSecret } from './secret-box.ts';

export interface HierarchyOptions {
  /** Where the files lie; undefined keeps everything in memory. */
  readonly folder: string | undefined;
  readonly provider: SealProvider;
  /** Beside the root key, outside of what a data folder's backup holds. */
  readonly anchorPath: string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The files come from a backup: a new history begins, without what was deleted since by these newer keyrings. */
  readonly restored?: { readonly keyrings: readonly string[]; readonly copies: readonly string[] } | undefined;
}

/** How long the anchor may lag behind new keys. */
const ANCHOR_LAG_MS = 1000;

export class Hierarchy {
  readonly #options: HierarchyOptions;
  readonly #domain: DomainKeys;
  readonly #keyring: Keyring;
  /** The file of domain keys is sealed under each: under two while a root rotation is on its way. */
  #roots: readonly Buffer[];
  readonly #identification: KeyObject;
  #anchoring: NodeJS.Timeout | undefined;
  #isRotatingRoot = false;
  /** Keyrings of backups that still hold what was deleted here: their disk refused. */
  #copiesLeft = 0;

  private constructor(options: HierarchyOptions, domain: DomainKeys, root: Buffer) {
    this.#options = options;
    this.#domain = domain;
    this.#roots = [root];
    this.#identification = domain.identification;
    this.#keyring = new Keyring(options.folder && join(options.folder, 'keyring'), domain);
  }

  /** Throws an Error that says what to do. */
  static async open(options: HierarchyOptions): Promise<Hierarchy> {
    const { folder, provider, anchorPath, restored } = options;
    if (folder !== undefined) makeFolderDurably(folder);
    const path = folder && join(folder, 'domain-keys');
    const hasData = path !== undefined && DomainKeys.exists(path);
    if (!hasData && anchorPath !== undefined && existsSync(anchorPath)) {
      throw new VaultError('corrupt', `${anchorPath} tells of keys that ${folder} does not hold: restore them`);
    }
    const roots = await provider.unseal(hasData);
    try {
      const [first = Buffer.alloc(0)] = roots;
      if (!hasData)
        return new Hierarchy(options, DomainKeys.create(path, first, options.now()), Buffer.from(first)).#begun();
      const opened = DomainKeys.open(path, roots);
      try {
        const made = new Hierarchy(options, opened.keys, Buffer.from(opened.root));
        if (restored) made.#beginHistory(restored);
        else if (!made.#isUnused || (anchorPath && existsSync(anchorPath)))
          checkVaultAnchor(anchorPath, opened.keys.authentication, made.#reached);
        if (opened.sealings > 1 || roots.length > 1) await made.#finishRootRotation(opened.root === roots[1]);
        return made.#begun();
      } catch (error) {
        opened.keys.wipe();
        throw error;
      }
    } finally {
      for (const root of roots) root.fill(0);
    }
  }

  #begun(): this {
    this.#keyring.onGrowth = () => {
      this.#anchoring ??= setTimeout(() => this.#anchorLater(), ANCHOR_LAG_MS).unref();
    };
    // A restore that is not anchored would be refused at the next start.
    if (this.#options.restored) this.#anchor();
    else this.#anchorLater();
    // A crash may have come between a deletion and its copies.
    this.rewriteCopies();
    return this;
  }

  /** Just made, and nothing was told to anybody: a crash may have come before the first anchor. */
  get #isUnused(): boolean {
    return this.#domain.counter === 1 && this.#keyring.size === 0;
  }

  get #reached(): Reached {
    const { bytes: keyringBytes, counter: keyring } = this.#keyring;
    return { epoch: this.#domain.epoch, domainKeys: this.#domain.counter, keyring, keyringBytes };
  }

  #anchor(): void {
    clearTimeout(this.#anchoring);
    this.#anchoring = undefined;
    writeVaultAnchor(this.#options.anchorPath, this.#domain.authentication, this.#reached);
  }

  /** A full disk is no reason to end: the anchor lags behind a little longer. */
  #anchorLater(): void {
    try {
      this.#anchor();
    } catch {
      this.#anchoring = undefined;
      this.#keyring.onGrowth();
    }
  }

  #beginHistory({ keyrings, copies }: NonNullable<HierarchyOptions['restored']>): void {
    const gone = new Set<string>();
    for (const path of keyrings) {
      const names = Keyring.namesIn(readFileSync(path), this.#domain.authentication);
      if (!names) throw new VaultError('corrupt', `${path} is no keyring of this vault`);
      for (const name of this.#keyring.names) if (!names.has(name)) gone.add(name);
    }
    this.#keyring.shred(...gone);
    this.#domain.beginEpoch(this.#roots);
    for (const path of copies) this.#register(path);
  }

  get status() {
    const { number: domainKey, createdAt: domainKeySince } = this.#domain.current;
    const { size: keys, left: keysToRewrap } = this.#keyring;
    return { keys, domainKey, domainKeySince, keysToRewrap, copiesLeft: this.#copiesLeft };
  }

  /** Seals material; its wrap key is durable before this resolves. */
  async seal(key: NewVaultKey, materialId: string, material: Uint8Array): Promise<Buffer> {
    const wrap = await this.#keyring.ensure(key.account, key.keyId);
    return sealSecret(wrap, placeOf({ ...key, materialId }), material);
  }

  /** Throws a VaultError `shredded` or `corrupt`. Whoever gets the material wipes it. */
  open(key: VaultKey): Buffer {
    return openSecret(this.#keyring.wrapKey(key.account, key.keyId), placeOf(key), key.sealed);
  }

  /** A secret of the vault that travels: import tokens. */
  sealToken(place: string, secret: Uint8Array): Buffer {
    return sealSecret(this.#tokenKey(), place, secret);
  }

  openToken(place: string, token: Uint8Array): Buffer {
    try {
      return openSecret(this.#tokenKey(), place, token);
    } catch {
      throw new VaultError('invalid-token', 'The import token does not belong to this key.');
    }
  }

  #tokenKey(): KeyObject {
    const bytes = createHmac('sha256', this.#identification).update('import-token').digest();
    try {
      return createSecretKey(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** The same material of the same key always has the same id, and the id tells nothing of it. */
  idOf({ account, keyId, spec }: NewVaultKey, material: Uint8Array): string {
    return createHmac('sha256', this.#identification)
      .update(`material ${account}/${keyId} ${spec}\0`)
      .update(material)
      .digest('hex');
  }

  /**
   * Of material that a configuration states: the same in every vault that has the same configuration, so that each reads
   * what the others encrypted. The material keys its own id.
   */
  idOfAdopted({ account, keyId, spec }: NewVaultKey, material: Uint8Array): string {
    return createHmac('sha256', material).update(`bailey adopted ${account}/${keyId} ${spec}`).digest('hex');
  }

  shred(account: string, keyId: string): void {
    if (this.#keyring.shred(`${account}/${keyId}`)) this.#anchor();
    this.rewriteCopies();
  }

  /** Which of these have no wrap key (any more). @param names `account/keyId` */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => !this.#keyring.has(name));
  }

  /**
   * Makes a new domain key if the newest is older than this, and the last rotation has come to its end. The wrap keys
   * follow by and by: see `rewrap`. Answers whether it did.
   * @param now epoch milliseconds, as the age is counted
   */
  rotateDomainKey(now: number, oldestMs: number): boolean {
    if (this.isRotating || now - this.#domain.current.createdAt < oldestMs) return false;
    this.#domain.add(this.#roots, now);
    this.#anchor();
    return true;
  }

  /** Whether there are older domain keys still. */
  get isRotating(): boolean {
    return this.#domain.generations.length > 1;
  }

  /** Seals some more wrap keys under the newest domain key. Answers how many are left. */
  rewrap(most: number): number {
    const left = this.#keyring.rewrap(most);
    if (left === 0) this.#dropOldDomainKeys();
    return left;
  }

  /** Once nothing here is sealed under them; backups have those of their day. */
  #dropOldDomainKeys(): void {
    if (!this.isRotating || this.#keyring.left > 0) return;
    this.#domain.dropOld(this.#roots);
    this.#anchor();
  }

  /** Only the file of domain keys is sealed anew, whatever the number of keys. */
  async rotateRootKey(): Promise<void> {
    if (this.#isRotatingRoot) throw new VaultError('unavailable', 'A root rotation is on its way already.');
    this.#isRotatingRoot = true;
    try {
      const { provider } = this.#options;
      const next = await provider.prepare();
      const old = this.#roots;
      // Of one that failed half-way too: who knows which of them the provider has kept.
      this.#roots = [...old, next];
      this.#domain.write(this.#roots);
      await provider.adopt();
      this.#roots = [next];
      for (const root of old) root.fill(0);
      this.#domain.write(this.#roots);
      this.#anchor();
    } finally {
      this.#isRotatingRoot = false;
    }
  }

  /** A crash stopped it: what the domain keys open with decides which key it is, and the other is forgotten. */
  async #finishRootRotation(isNext: boolean): Promise<void> {
    if (isNext) await this.#options.provider.adopt();
    this.#domain.write(this.#roots);
    await this.#options.provider.drop();
  }

  /** A key with a name, made when it is first asked for. */
  namedKey(name: string): Buffer {
    const { counter } = this.#domain;
    const key = Buffer.from(this.#domain.named(this.#roots, name));
    if (this.#domain.counter !== counter) this.#anchor();
    return key;
  }

  /** Writes what a backup needs of the vault; its keyring follows every later deletion. */
  archive(source: VaultFiles, target: ArchiveTarget): void {
    // First, so that no backup is written whose keyring nobody knows of.
    this.#register(target.keyring);
    writeArchive(source, target);
  }

  #register(path: string): void {
    if (this.#options.folder !== undefined) registerCopy(this.#options.folder, path);
  }

  /** Takes what was deleted here out of the keyrings of backups. Answers how many could not be written. */
  rewriteCopies(): number {
    const { folder } = this.#options;
    let left = 0;
    for (const path of folder === undefined ? [] : copiesOf(folder)) {
      try {
        // A copy that was taken away is beyond reach: docs/guide/encryption.md says what that means.
        const without = existsSync(path) ? this.#keyring.prune(readFileSync(path)) : undefined;
        if (without) writeDurably(path, without);
      } catch {
        left += 1;
      }
    }
    this.#copiesLeft = left;
    return left;
  }

  wipe(): void {
    if (this.#anchoring) this.#anchorLater();
    clearTimeout(this.#anchoring);
    this.#keyring.wipe();
    this.#domain.wipe();
    for (const root of this.#roots) root.fill(0);
  }
}

function placeOf({ account, keyId, materialId, spec }: Omit<VaultKey, 'sealed'>): string {
  return `backing ${account}/${keyId} ${materialId} ${spec}`;
}
