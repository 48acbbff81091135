/** The API process's side of the vault: starts the process, asks it, and starts it again should it die. */
import type { Duplex } from 'node:stream';
import {
  type CiphertextHead,
  type Encryption,
  type KeyVault,
  type MadeKey,
  type NewVaultKey,
  type Recipient,
  type Secret,
  type TokenLogin,
  type TokenMade,
  type TokenVault,
  VaultError,
  type VaultKey,
} from '../services/kms/ports.ts';
import type { ArchiveTarget } from './archive.ts';
import { readHead } from './ciphertext.ts';
import type { VaultOperation } from './codes.ts';
import {
  double,
  empty,
  encryption,
  first,
  flag,
  made,
  newKey,
  recipientField,
  secret,
  size,
  tokenLogin,
  vaultKey,
  yes,
} from './fields.ts';
import type { Field } from './frames.ts';
import { Life } from './life.ts';
import type { OpenOptions, VaultStatus } from './lifecycle.ts';

export type { VaultStatus } from './lifecycle.ts';

export interface VaultOptions extends OpenOptions {
  /** Short for the seal `key-file`: the root key's file. */
  readonly keyFile?: string | undefined;
  /** Variables of the vault's environment: none but those that its seal needs. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** How long a vault that died stays away before it is started again: doubled after each failure, up to a second. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
/** Words from its parent in the time of silence after which the vault takes it for lost. */
const HEARTBEATS = 6;

export class VaultClient implements KeyVault, TokenVault {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #hasNetwork: boolean;
  readonly #heartbeatMs: number;
  /** JSON of OpenOptions. */
  readonly #opening: string;
  #life: Promise<Life> | undefined;
  #pause = FIRST_PAUSE_MS;
  /** An operator sealed it: it stays so until an operator says otherwise. */
  #isHeld = false;
  #isClosed = false;
  #status: VaultStatus | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  /** Told when a vault that was sealed has opened. */
  onOpened: () => void = () => undefined;

  /** The process starts with the first question. */
  constructor({ keyFile, environment = {}, ...options }: VaultOptions) {
    const { tokens = {}, silenceSeconds = 60 } = options;
    const seal: OpenOptions['seal'] = keyFile === undefined ? options.seal : { kind: 'key-file', file: keyFile };
    this.#environment = environment;
    this.#hasNetwork = seal?.kind === 'kms' || seal?.kind === 'pkcs11' || Object.keys(tokens).length > 0;
    this.#heartbeatMs = (silenceSeconds * 1000) / HEARTBEATS;
    this.#opening = JSON.stringify({ ...options, seal });
  }

  /** Starts the process now. Rejects with an Error whose message says what to do; a vault that waits is no error. */
  async start(): Promise<void> {
    await this.#alive();
  }

  /** As it last said: false before its process starts. */
  get isSealed(): boolean {
    return this.#status?.isSealed ?? false;
  }

  get isStarted(): boolean {
    return this.#life !== undefined;
  }

  #alive(): Promise<Life> {
    this.#life ??= this.#begin();
    return this.#life;
  }

  async #begin(): Promise<Life> {
    if (this.#isClosed) throw new VaultError('unavailable', 'The vault is closed.');
    const life = new Life(this.#environment, this.#hasNetwork, () => this.#ended());
    try {
      await (this.#isHeld ? this.#observe(life.call('status', [])) : this.#open(life));
    } catch (error) {
      life.child.kill('SIGKILL');
      throw error;
    }
    this.#pause = FIRST_PAUSE_MS;
    this.#heartbeat ??= setInterval(() => void this.#beat(), this.#heartbeatMs).unref();
    return life;
  }

  #open(life: Life): Promise<VaultStatus> {
    return this.#observe(life.call('open', [this.#opening]));
  }

  async #observe(answer: Promise<readonly Buffer[]>): Promise<VaultStatus> {
    const [text = empty] = await answer;
    const status = JSON.parse(text.toString()) as VaultStatus;
    const hasOpened = this.isSealed && !status.isSealed;
    this.#status = status;
    if (hasOpened) this.onOpened();
    return status;
  }

  /** Tells the vault that its parent is there, and opens it again where nobody needs to give anything. */
  async #beat(): Promise<void> {
    try {
      const life = await this.#life;
      if (!life || life.isOver) return;
      const { isSealed, wants } = await this.#observe(life.call('status', []));
      if (isSealed && wants === undefined && !this.#isHeld) await this.#open(life);
    } catch {
      // Whoever asks the vault for something learns it.
    }
  }

  /** Keys of a vault in memory are gone with it: such an instance cannot go on, and says so at each call. */
  #ended(): void {
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    const later = new Promise<Life>((resolve, reject) => {
      setTimeout(() => this.#begin().then(resolve, reject), pause).unref();
    });
    later.catch(() => {
      if (this.#life === later) this.#life = undefined;
    });
    this.#life = this.#isClosed ? undefined : later;
  }

  async #call(operation: VaultOperation, fields: readonly Field[] = []): Promise<readonly Buffer[]> {
    return (await this.#alive()).call(operation, fields);
  }

  status(): Promise<VaultStatus> {
    return this.#observe(this.#call('status'));
  }

  /** The process wipes everything; every call answers `sealed` until `unseal`. */
  async seal(): Promise<void> {
    this.#isHeld = true;
    await this.#observe(this.#call('seal'));
  }

  /** @param letter a passphrase or a share, sealed to the address in `status`; none where the root of trust needs none */
  async unseal(letter?: Uint8Array): Promise<VaultStatus> {
    const life = await this.#alive();
    // A vault that was sealed has forgotten what it is to open.
    const status = this.#isHeld || letter === undefined ? await this.#open(life) : undefined;
    this.#isHeld = false;
    if (letter === undefined || status?.isSealed === false) return status as VaultStatus;
    return this.#observe(life.call('unseal', [letter]));
  }

  /** Makes the shares of a new vault; they come in letters to the address. */
  async initialize(shares: number, threshold: number, address: Uint8Array): Promise<readonly Buffer[]> {
    const letters = await this.#call('initialize', [Buffer.from([shares]), Buffer.from([threshold]), address]);
    await this.status();
    return letters;
  }

  /** Answers whether a new domain key was made: not before the newest has this age. @param now epoch milliseconds */
  async rotateDomainKey(now: number, oldestMs: number): Promise<boolean> {
    return yes(await this.#call('rotateDomainKey', [double(now), double(oldestMs)]));
  }

  async rotateRootKey(): Promise<void> {
    await this.#call('rotateRootKey');
  }

  /** Writes the vault's part of a backup; later deletions rewrite its keyring. */
  async archive(target: ArchiveTarget): Promise<void> {
    await this.#call('archive', [JSON.stringify(target)]);
  }

  /** Which of these keys have no wrap key (any more). @param names `account/keyId` */
  async missing(names: readonly string[]): Promise<readonly string[]> {
    const [text = empty] = await this.#call('missing', [JSON.stringify(names)]);
    return JSON.parse(text.toString()) as string[];
  }

  /** 32 bytes that belong to a name, made when first asked for. */
  async namedKey(name: string): Promise<Buffer> {
    const [key = empty] = await this.#call('namedKey', [name]);
    return key;
  }

  async create(key: NewVaultKey): Promise<MadeKey> {
    return made(await this.#call('create', newKey(key)));
  }

  async adopt(key: NewVaultKey, material: Uint8Array): Promise<MadeKey> {
    return made(await this.#call('adopt', [...newKey(key), material]));
  }

  async shred(account: string, keyId: string): Promise<void> {
    await this.#call('shred', [account, keyId]);
  }

  async encrypt(how: Encryption, plaintext: Uint8Array): Promise<Uint8Array> {
    return first(await this.#call('encrypt', [...encryption(how), plaintext]));
  }

  async decrypt(how: Encryption, ciphertext: Uint8Array, recipient?: Recipient): Promise<Secret> {
    return secret(await this.#call('decrypt', [...encryption(how), ciphertext, recipientField(recipient)]), 0);
  }

  async reEncrypt(source: Encryption, ciphertext: Uint8Array, destination: Encryption): Promise<Uint8Array> {
    return first(await this.#call('reEncrypt', [...encryption(source), ciphertext, ...encryption(destination)]));
  }

  headOf(ciphertext: Uint8Array): CiphertextHead | undefined {
    return readHead(ciphertext);
  }

  async dataKey(
    how: Encryption,
    length: number,
    options: { readonly isWanted: boolean; readonly recipient?: Recipient },
  ): Promise<Secret & { readonly ciphertext: Uint8Array }> {
    const fields = [...encryption(how), size(length), flag(options.isWanted), recipientField(options.recipient)];
    const answer = await this.#call('dataKey', fields);
    return { ciphertext: first(answer), ...secret(answer, 1) };
  }

  async dataKeyPair(
    how: Encryption,
    pairSpec: string,
    options: { readonly isWanted: boolean; readonly recipient?: Recipient },
  ): Promise<Secret & { readonly ciphertext: Uint8Array; readonly publicKey: Uint8Array }> {
    const fields = [...encryption(how), pairSpec, flag(options.isWanted), recipientField(options.recipient)];
    const answer = await this.#call('dataKeyPair', fields);
    return { ciphertext: first(answer), publicKey: answer[1] ?? empty, ...secret(answer, 2) };
  }

  async sign(key: VaultKey, algorithm: string, message: Uint8Array, messageType: string): Promise<Uint8Array> {
    return first(await this.#call('sign', [...vaultKey(key), algorithm, message, messageType]));
  }

  async verify(
    key: VaultKey,
    algorithm: string,
    message: Uint8Array,
    messageType: string,
    signature: Uint8Array,
  ): Promise<boolean> {
    return yes(await this.#call('verify', [...vaultKey(key), algorithm, message, messageType, signature]));
  }

  async mac(key: VaultKey, algorithm: string, message: Uint8Array): Promise<Uint8Array> {
    return first(await this.#call('mac', [...vaultKey(key), algorithm, message]));
  }

  async verifyMac(key: VaultKey, algorithm: string, message: Uint8Array, mac: Uint8Array): Promise<boolean> {
    return yes(await this.#call('verifyMac', [...vaultKey(key), algorithm, message, mac]));
  }

  async sharedSecret(key: VaultKey, publicKey: Uint8Array, recipient?: Recipient): Promise<Secret> {
    return secret(await this.#call('sharedSecret', [...vaultKey(key), publicKey, recipientField(recipient)]), 0);
  }

  async encapsulate(
    key: VaultKey,
    algorithm: string,
    recipient?: Recipient,
  ): Promise<Secret & { readonly ciphertext: Uint8Array }> {
    const answer = await this.#call('encapsulate', [...vaultKey(key), algorithm, recipientField(recipient)]);
    return { ciphertext: first(answer), ...secret(answer, 1) };
  }

  async decapsulate(key: VaultKey, algorithm: string, ciphertext: Uint8Array, recipient?: Recipient): Promise<Secret> {
    const fields = [...vaultKey(key), algorithm, ciphertext, recipientField(recipient)];
    return secret(await this.#call('decapsulate', fields), 0);
  }

  async random(length: number, recipient?: Recipient): Promise<Secret> {
    return secret(await this.#call('random', [size(length), recipientField(recipient)]), 0);
  }

  async importParameters(
    key: NewVaultKey,
    wrappingSpec: string,
    wrappingAlgorithm: string,
  ): Promise<{ readonly publicKey: Uint8Array; readonly token: Uint8Array }> {
    const answer = await this.#call('importParameters', [...newKey(key), wrappingSpec, wrappingAlgorithm]);
    return { publicKey: first(answer), token: answer[1] ?? empty };
  }

  async importMaterial(
    key: NewVaultKey,
    token: Uint8Array,
    wrappingAlgorithm: string,
    wrapped: Uint8Array,
  ): Promise<MadeKey> {
    return made(await this.#call('importMaterial', [...newKey(key), token, wrappingAlgorithm, wrapped]));
  }

  async checkToken(clusterId: string, login?: TokenLogin): Promise<void> {
    // With a login the cluster's id comes again, as in every other call.
    await this.#call('checkToken', [clusterId, flag(login !== undefined), ...(login ? tokenLogin(login) : [])]);
  }

  async makeTokenKey(login: TokenLogin, label: string): Promise<void> {
    await this.#call('makeTokenKey', [...tokenLogin(login), label]);
  }

  async destroyTokenKey(login: TokenLogin, label: string): Promise<void> {
    await this.#call('destroyTokenKey', [...tokenLogin(login), label]);
  }

  async encryptInToken(login: TokenLogin, label: string, plaintext: Uint8Array, aad: Uint8Array): Promise<TokenMade> {
    const [iv = empty, body = empty, tag = empty] = await this.#call('encryptInToken', [
      ...tokenLogin(login),
      label,
      plaintext,
      aad,
    ]);
    return { iv, body, tag };
  }

  async decryptInToken(login: TokenLogin, label: string, made: TokenMade, aad: Uint8Array): Promise<Uint8Array> {
    const { iv, body, tag } = made;
    return first(await this.#call('decryptInToken', [...tokenLogin(login), label, iv, body, tag, aad]));
  }

  async tokenRandom(login: TokenLogin, length: number): Promise<Uint8Array> {
    return first(await this.#call('tokenRandom', [...tokenLogin(login), size(length)]));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    const life = await this.#life?.catch(() => undefined);
    this.#life = undefined;
    if (!life || life.isOver) return;
    const ended = new Promise((resolve) => life.child.once('exit', resolve));
    (life.child.stdio[3] as Duplex).end();
    await ended;
  }
}
