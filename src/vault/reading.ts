/** Takes the fields of a call apart, on the vault's side; `fields.ts` is the other one. */
import { type NewVaultKey, VaultError, type VaultKey } from '../services/kms/ports.ts';

/** Most bytes of one call that asks for a size (GenerateRandom, GenerateDataKey). */
const MOST_BYTES = 1024;

/** A key, and how it is used. */
export interface How {
  readonly key: VaultKey;
  readonly algorithm: string;
  /** Canonical bytes. */
  readonly context: Buffer;
}

/** Account, key, spec. */
const identity = /^\d{12} [^\s/]{1,250} \w{1,40}$/;

/** Takes fields in their order; a missing one is a fault of the caller, and refused. */
export class Reading {
  readonly #fields: readonly Buffer[];
  #next = 0;

  constructor(fields: readonly Buffer[]) {
    this.#fields = fields;
  }

  bytes(): Buffer {
    const field = this.#fields[this.#next];
    if (!field) throw new VaultError('unsupported', 'A field of the call is missing.');
    this.#next += 1;
    return field;
  }

  /** Names only: never material or plaintext. */
  text(): string {
    return this.bytes().toString('utf8');
  }

  flag(): boolean {
    return this.bytes()[0] === 1;
  }

  number(): number {
    const field = this.bytes();
    if (field.length !== 8) throw new VaultError('unsupported', 'A number of the call is none.');
    return field.readDoubleBE();
  }

  size(): number {
    const field = this.bytes();
    const size = field.length === 4 ? field.readUInt32BE() : 0;
    if (size < 1 || size > MOST_BYTES) throw new VaultError('unsupported', `1 to ${MOST_BYTES} bytes can be made.`);
    return size;
  }

  newKey(): NewVaultKey {
    const [account, keyId, spec] = [this.text(), this.text(), this.text()];
    // They are joined into names, which must not run into each other.
    if (!identity.test(`${account} ${keyId} ${spec}`)) {
      throw new VaultError('unsupported', 'The key of the call has an impossible name.');
    }
    return { account, keyId, spec };
  }

  key(): VaultKey {
    return { ...this.newKey(), materialId: this.text(), sealed: this.bytes() };
  }

  how(): How {
    return { key: this.key(), algorithm: this.text(), context: this.bytes() };
  }
}
