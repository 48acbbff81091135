/** A PKCS #11 token: AES keys that are made in it, never leave it, and are used in it. The library is loaded when it is asked for. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Module, Session, Slot } from 'graphene-pk11';
import { VaultError } from '../services/kms/ports.ts';

type Library = typeof import('graphene-pk11');

/** Where a token is: what the operator's configuration says. */
export interface TokenPlace {
  /** Path of the vendor's shared library. */
  readonly module: string;
  /** The token's label. */
  readonly token: string;
  /** Variables that the vendor's library reads (`SOFTHSM2_CONF`). */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TokenCiphertext {
  readonly iv: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

const TAG = 16;
const IV = 12;
/** C_Initialize: the library may use the system's locks, since work runs on other threads. */
const OS_LOCKING_OK = 2;

/** @param why the name of a return value (`CKR_PIN_INCORRECT`), or one of our own words: never a secret */
function refused(why: string): VaultError {
  return new VaultError('token-refused', why);
}

/** What a library threw, without what else it may say. */
function reasonOf(error: unknown): string {
  return /\bCKR_[A-Z0-9_]+\b/.exec(error instanceof Error ? error.message : '')?.[0] ?? 'failed';
}

async function attempt<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof VaultError ? error : refused(reasonOf(error));
  }
}

const modules = new Map<string, Module>();

async function load(place: TokenPlace): Promise<{ library: Library; module: Module }> {
  let library: Library;
  try {
    const loaded = await import('graphene-pk11');
    library = (loaded as unknown as { default?: Library }).default ?? loaded;
  } catch {
    throw refused('library-missing');
  }
  Object.assign(process.env, place.environment);
  try {
    const module = modules.get(place.module) ?? library.Module.load(place.module, 'token');
    // A library may be in use already, by us: that is no error.
    if (!modules.has(place.module)) module.initialize({ flags: OS_LOCKING_OK });
    modules.set(place.module, module);
    return { library, module };
  } catch {
    throw refused('module-unavailable');
  }
}

export class Token {
  readonly #library: Library;
  readonly #slot: Slot;
  /** Keeps the login, which is the whole process's and ends with its last session. */
  #session: Session | undefined;
  /** Of the PIN that logged in: the library would take any once somebody has. */
  #proof: Buffer | undefined;
  readonly #proofKey = randomBytes(32);

  private constructor(library: Library, slot: Slot) {
    this.#library = library;
    this.#slot = slot;
  }

  /** Throws a VaultError `token-refused`: `library-missing`, `module-unavailable`, `slot-missing`. */
  static async open(place: TokenPlace): Promise<Token> {
    const { library, module } = await load(place);
    const slots = await attempt(() => module.getSlots(true));
    for (let index = 0; index < slots.length; index += 1) {
      const slot = slots.items(index);
      if (slot.getToken().label.trim() === place.token) return new Token(library, slot);
    }
    throw refused('slot-missing');
  }

  /** Throws a VaultError `token-refused` with the name of the return value (`CKR_PIN_INCORRECT`, `CKR_PIN_LOCKED`). */
  async login(pin: string): Promise<void> {
    const proof = createHmac('sha256', this.#proofKey).update(pin).digest();
    if (this.#proof && timingSafeEqual(this.#proof, proof)) return;
    await attempt(() => {
      const { SERIAL_SESSION, RW_SESSION } = this.#library.SessionFlag;
      this.#session ??= this.#slot.open(SERIAL_SESSION | RW_SESSION);
      if (this.#proof) {
        this.#proof = undefined;
        this.#session.logout();
      }
      this.#session.login(pin);
      this.#proof = proof;
    });
  }

  /** Makes an AES-256 key that cannot be read. */
  async makeKey(label: string): Promise<void> {
    const { KeyGenMechanism, KeyType, ObjectClass } = this.#library;
    await this.#work(async (session) => {
      if (this.#find(session, label)) throw refused('label-taken');
      const template = {
        class: ObjectClass.SECRET_KEY,
        keyType: KeyType.AES,
        valueLen: 32,
        label,
        token: true,
        private: true,
        sensitive: true,
        extractable: false,
        encrypt: true,
        decrypt: true,
      };
      await new Promise<void>((resolve, reject) =>
        session.generateKey(KeyGenMechanism.AES, template, (error) => (error ? reject(error) : resolve())),
      );
    });
  }

  hasKey(label: string): Promise<boolean> {
    return this.#work(async (session) => this.#find(session, label) !== undefined);
  }

  /** Idempotent. */
  destroyKey(label: string): Promise<void> {
    return this.#work(async (session) => this.#find(session, label)?.destroy());
  }

  encrypt(label: string, plaintext: Uint8Array, aad: Uint8Array): Promise<TokenCiphertext> {
    const iv = randomBytes(IV);
    return this.#work(async (session) => {
      const cipher = session.createCipher(this.#gcm(iv, aad), this.#key(session, label));
      const out = await new Promise<Buffer>((resolve, reject) =>
        cipher.once(Buffer.from(plaintext), Buffer.alloc(plaintext.byteLength + TAG), (error, data) =>
          error ? reject(error) : resolve(data),
        ),
      );
      if (out.length !== plaintext.byteLength + TAG) throw refused('failed');
      return { iv, body: out.subarray(0, -TAG), tag: out.subarray(-TAG) };
    });
  }

  /** Throws a VaultError `invalid-ciphertext` for what the key did not make, or with other data. */
  decrypt(label: string, { iv, body, tag }: TokenCiphertext, aad: Uint8Array): Promise<Buffer> {
    return this.#work(async (session) => {
      const decipher = session.createDecipher(this.#gcm(Buffer.from(iv), aad), this.#key(session, label));
      try {
        return await new Promise<Buffer>((resolve, reject) =>
          decipher.once(Buffer.concat([body, tag]), Buffer.alloc(body.byteLength + TAG), (error, data) =>
            error ? reject(error) : resolve(data),
          ),
        );
      } catch (error) {
        const reason = reasonOf(error);
        // Libraries have no common word for it; these are what they say of data that does not verify.
        const isData = /^CKR_(?:ENCRYPTED_DATA_|AEAD_DECRYPT_|GENERAL_ERROR|FUNCTION_FAILED|SIGNATURE_INVALID)/;
        if (isData.test(reason)) throw new VaultError('invalid-ciphertext', 'The ciphertext does not verify.');
        throw refused(reason);
      }
    });
  }

  random(size: number): Promise<Buffer> {
    return this.#work(async (session) => session.generateRandom(size));
  }

  close(): void {
    this.#proof = undefined;
    try {
      this.#session?.logout();
      this.#session?.close();
    } catch {
      // The token is gone already.
    }
    this.#session = undefined;
  }

  #gcm(iv: Buffer, aad: Uint8Array) {
    return { name: 'AES_GCM', params: new this.#library.AesGcmParams(iv, Buffer.from(aad), TAG * 8) };
  }

  #find(session: Session, label: string) {
    const found = session.find({ label, class: this.#library.ObjectClass.SECRET_KEY });
    return found.length > 0 ? found.items(0) : undefined;
  }

  #key(session: Session, label: string) {
    const found = this.#find(session, label);
    if (!found) throw refused('key-missing');
    return found.toType<import('graphene-pk11').SecretKey>();
  }

  /** A session of its own for each piece of work: a session does one thing at a time. */
  #work<T>(use: (session: Session) => Promise<T>): Promise<T> {
    return attempt(async () => {
      const { SERIAL_SESSION, RW_SESSION } = this.#library.SessionFlag;
      const session = this.#slot.open(SERIAL_SESSION | RW_SESSION);
      try {
        return await use(session);
      } finally {
        session.close();
      }
    });
  }
}
