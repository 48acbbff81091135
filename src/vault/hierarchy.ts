/** Root key → domain keys → wrap key per KMS key → backing key per version: opening, sealing, rotating, forgetting. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NewVaultKey, VaultError, type VaultKey } from '../services/kms/ports.ts';
import { writeDurably } from '../store/durable-file.ts';
import { checkVaultAnchor, writeVaultAnchor } from './anchor.ts';
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
}

export class Hierarchy {
  readonly #options: HierarchyOptions;
  readonly #domain: DomainKeys;
  readonly #keyring: Keyring;
  #root: Buffer;
  readonly #identification: KeyObject;

  private constructor(options: HierarchyOptions, domain: DomainKeys, root: Buffer) {
    this.#options = options;
    this.#domain = domain;
    this.#root = root;
    this.#identification = domain.identification;
    this.#keyring = new Keyring(options.folder && join(options.folder, 'keyring'), domain);
  }

  /** Throws an Error that says what to do. */
  static async open(options: HierarchyOptions): Promise<Hierarchy> {
    const { folder, provider } = options;
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = folder && join(folder, 'domain-keys');
    const hasData = path !== undefined && DomainKeys.exists(path);
    const roots = await provider.unseal(hasData);
    const fresh = !hasData;
    if (fresh && options.anchorPath !== undefined && existsSync(options.anchorPath)) {
      throw new VaultError('corrupt', `${options.anchorPath} tells of keys that ${folder} does not hold: restore them`);
    }
    const opened = hasData
      ? DomainKeys.open(path, roots)
      : { keys: DomainKeys.create(path, roots[0] as Buffer, options.now()), root: roots[0] as Buffer };
    const made = new Hierarchy(options, opened.keys, Buffer.from(opened.root));
    if (!fresh && !made.#isUnused) {
      checkVaultAnchor(options.anchorPath, opened.keys.authentication, made.#reached);
    }
    // A root rotation that a crash stopped: what is sealed decides which key it is.
    if (hasData && roots.length > 1) await made.#finishRootRotation(opened.root === roots[1]);
    made.#anchor();
    for (const root of roots) root.fill(0);
    return made;
  }

  /** Just made, and nothing was told to anybody: a crash may have come before the first anchor. */
  get #isUnused(): boolean {
    return this.#domain.counter === 1 && this.#keyring.size === 0;
  }

  get #reached() {
    return { domainKeys: this.#domain.counter, keyring: this.#keyring.counter };
  }

  #anchor(): void {
    writeVaultAnchor(this.#options.anchorPath, this.#domain.authentication, this.#reached);
  }

  get status(): { keys: number; domainKey: number; provider: string } {
    return {
      keys: this.#keyring.size,
      domainKey: this.#domain.current.number,
      provider: this.#options.provider.kind,
    };
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
    if (!this.#keyring.shred(account, keyId)) return;
    this.#anchor();
    this.#rewriteCopies();
  }

  rotateDomainKey(): void {
    this.#domain.add(this.#options.now());
    this.#domain.write([this.#root]);
    this.#keyring.rewrap();
    this.#domain.dropOld();
    this.#domain.write([this.#root]);
    this.#anchor();
    this.#rewriteCopies();
  }

  /** Only the file of domain keys is sealed anew, whatever the number of keys. */
  async rotateRootKey(): Promise<void> {
    const next = await this.#options.provider.prepare();
    this.#domain.write([this.#root, next]);
    await this.#options.provider.adopt();
    this.#root.fill(0);
    this.#root = Buffer.from(next);
    next.fill(0);
    this.#domain.write([this.#root]);
    this.#anchor();
  }

  async #finishRootRotation(isNext: boolean): Promise<void> {
    if (isNext) await this.#options.provider.adopt();
    this.#domain.write([this.#root]);
  }

  /** A key with a name, made when it is first asked for. */
  namedKey(name: string): Buffer {
    const known = this.#domain.named(name);
    if (known) return Buffer.from(known);
    const made = Buffer.from(this.#domain.makeNamed(name));
    this.#domain.write([this.#root]);
    this.#anchor();
    return made;
  }

  /** Writes a copy of the keyring that follows every later deletion. */
  copyKeyring(path: string): void {
    writeDurably(path, this.#keyring.image());
    const { folder } = this.#options;
    if (folder === undefined) return;
    const paths = new Set([...this.#copies(), path]);
    writeDurably(join(folder, 'keyring-copies'), Buffer.from(JSON.stringify([...paths])));
  }

  #copies(): readonly string[] {
    const list = this.#options.folder && join(this.#options.folder, 'keyring-copies');
    if (list === undefined || !existsSync(list)) return [];
    return (JSON.parse(readFileSync(list, 'utf8')) as unknown[]).filter((one) => typeof one === 'string');
  }

  #rewriteCopies(): void {
    for (const path of this.#copies()) {
      // A copy that was taken away is beyond reach: docs/guide says what that means.
      if (existsSync(path)) writeDurably(path, this.#keyring.image());
    }
  }

  wipe(): void {
    this.#keyring.wipe();
    this.#domain.wipe();
    this.#root.fill(0);
  }
}

function placeOf({ account, keyId, materialId, spec }: Omit<VaultKey, 'sealed'>): string {
  return `backing ${account}/${keyId} ${materialId} ${spec}`;
}
