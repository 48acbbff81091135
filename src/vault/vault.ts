/** What the vault does with the keys it holds: every operation, from fields of bytes to fields of bytes. */
import { createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { type NewVaultKey, VaultError, type VaultKey } from '../services/kms/ports.ts';
import type { Algorithms, Material } from './algorithms/types.ts';
import { decryptWith, encryptWith } from './ciphertext.ts';
import type { VaultOperation } from './codes.ts';
import type { Field } from './frames.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { Token } from './pkcs11.ts';
import { type How, Reading } from './reading.ts';
import type { Tokens } from './tokens.ts';

type Fields = readonly Buffer[];
type Answer = readonly Field[];

const SYMMETRIC = 'SYMMETRIC_DEFAULT';
const none = Buffer.alloc(0);

export class Vault {
  readonly #hierarchy: Hierarchy;
  readonly #algorithms: Algorithms;
  readonly #tokens: Tokens;

  constructor(hierarchy: Hierarchy, algorithms: Algorithms, tokens: Tokens) {
    this.#hierarchy = hierarchy;
    this.#algorithms = algorithms;
    this.#tokens = tokens;
  }

  /** Throws a VaultError. Fields are wiped by the caller. */
  perform(operation: VaultOperation, fields: Fields): Answer | Promise<Answer> {
    const reading = new Reading(fields);
    switch (operation) {
      case 'create':
        return this.#create(reading);
      case 'adopt':
        return this.#adopt(reading);
      case 'shred':
        this.#hierarchy.shred(reading.text(), reading.text());
        return [];
      case 'encrypt':
        return this.#encrypt(reading);
      case 'decrypt':
        return this.#decrypt(reading);
      case 'reEncrypt':
        return this.#reEncrypt(reading);
      case 'dataKey':
        return this.#dataKey(reading);
      case 'dataKeyPair':
        return this.#dataKeyPair(reading);
      case 'sign':
        return this.#sign(reading);
      case 'verify':
        return this.#verify(reading);
      case 'mac':
        return this.#mac(reading);
      case 'verifyMac':
        return this.#verifyMac(reading);
      case 'sharedSecret':
        return this.#sharedSecret(reading);
      case 'encapsulate':
        return this.#encapsulate(reading);
      case 'decapsulate':
        return this.#decapsulate(reading);
      case 'random':
        return this.#random(reading);
      case 'importParameters':
        return this.#importParameters(reading);
      case 'importMaterial':
        return this.#importMaterial(reading);
      case 'rotateDomainKey':
        return yes(this.#hierarchy.rotateDomainKey(reading.number(), reading.number()));
      case 'missing':
        return [JSON.stringify(this.#hierarchy.missing(JSON.parse(reading.text()) as string[]))];
      case 'rotateRootKey':
        return this.#hierarchy.rotateRootKey().then(() => []);
      case 'namedKey':
        return [this.#hierarchy.namedKey(reading.text())];
      case 'checkToken':
        return this.#checkToken(reading);
      case 'makeTokenKey':
        return this.#inToken(reading, (token) => token.makeKey(reading.text()).then(() => []));
      case 'destroyTokenKey':
        return this.#inToken(reading, (token) => token.destroyKey(reading.text()).then(() => []));
      case 'encryptInToken':
        return this.#inToken(reading, async (token) => {
          const { iv, body, tag } = await token.encrypt(reading.text(), reading.bytes(), reading.bytes());
          return [iv, body, tag];
        });
      case 'decryptInToken':
        return this.#inToken(reading, async (token) => {
          const label = reading.text();
          const made = { iv: reading.bytes(), body: reading.bytes(), tag: reading.bytes() };
          return [await token.decrypt(label, made, reading.bytes())];
        });
      case 'tokenRandom':
        return this.#inToken(reading, async (token) => [await token.random(reading.size())]);
      default:
        throw new VaultError('unsupported', `The vault knows no ${operation}.`);
    }
  }

  async #create(reading: Reading): Promise<Answer> {
    const key = reading.newKey();
    const material = await this.#algorithms.generate(key.spec);
    // Generated material needs no recognizing: any 32 bytes name it.
    return this.#made(key, material, () => randomBytes(32).toString('hex'));
  }

  async #adopt(reading: Reading): Promise<Answer> {
    const key = reading.newKey();
    const material = await this.#algorithms.check(key.spec, reading.bytes());
    return this.#made(key, material, () => this.#hierarchy.idOfAdopted(key, material));
  }

  /** Wipes the material, whatever comes of it. */
  async #made(key: NewVaultKey, material: Material, idOf: () => string): Promise<Answer> {
    try {
      const materialId = idOf();
      const publicKey = await this.#algorithms.publicKey(key.spec, material);
      const sealed = await this.#hierarchy.seal(key, materialId, material);
      return [materialId, sealed, ...(publicKey ? [publicKey] : [])];
    } finally {
      material.fill(0);
    }
  }

  #encrypt(reading: Reading): Answer | Promise<Answer> {
    const how = reading.how();
    const plaintext = reading.bytes();
    if (how.key.spec === SYMMETRIC) return [this.#seal(how, plaintext)];
    return this.#with(how.key, async (material) => [
      await this.#algorithms.encrypt(how.key.spec, material, how.algorithm, plaintext),
    ]);
  }

  #seal({ key, context }: How, plaintext: Uint8Array): Buffer {
    return encryptWith(this.#backing(key), key, plaintext, context);
  }

  #backing(key: VaultKey): KeyObject {
    const material = this.#hierarchy.open(key);
    try {
      return createSecretKey(material);
    } finally {
      material.fill(0);
    }
  }

  #open(how: How, ciphertext: Uint8Array): Buffer | Promise<Buffer> {
    const { key, context, algorithm } = how;
    if (key.spec === SYMMETRIC) return decryptWith(this.#backing(key), key, ciphertext, context);
    return this.#with(key, (material) => this.#algorithms.decrypt(key.spec, material, algorithm, ciphertext));
  }

  #decrypt(reading: Reading): Answer | Promise<Answer> {
    const how = reading.how();
    const ciphertext = reading.bytes();
    const recipient = reading.bytes();
    const opened = this.#open(how, ciphertext);
    if (opened instanceof Promise) return opened.then((plaintext) => this.#secret(plaintext, recipient));
    return this.#secret(opened, recipient);
  }

  /** Plaintext for the caller, or an envelope that only the recipient opens. */
  #secret(plaintext: Buffer, recipient: Buffer): Answer {
    if (recipient.length === 0) return [plaintext, none];
    try {
      return [none, this.#algorithms.envelop(recipient, plaintext)];
    } finally {
      plaintext.fill(0);
    }
  }

  async #reEncrypt(reading: Reading): Promise<Answer> {
    const source = reading.how();
    const ciphertext = reading.bytes();
    const destination = reading.how();
    const plaintext = await this.#open(source, ciphertext);
    try {
      if (destination.key.spec === SYMMETRIC) return [this.#seal(destination, plaintext)];
      const { key, algorithm } = destination;
      return await this.#with(key, async (material) => [
        await this.#algorithms.encrypt(key.spec, material, algorithm, plaintext),
      ]);
    } finally {
      plaintext.fill(0);
    }
  }

  #dataKey(reading: Reading): Answer {
    const how = reading.how();
    const plaintext = randomBytes(reading.size());
    const isWanted = reading.flag();
    const recipient = reading.bytes();
    const ciphertext = this.#seal(how, plaintext);
    if (isWanted) return [ciphertext, ...this.#secret(plaintext, recipient)];
    plaintext.fill(0);
    return [ciphertext, none, none];
  }

  async #dataKeyPair(reading: Reading): Promise<Answer> {
    const how = reading.how();
    const spec = reading.text();
    const isWanted = reading.flag();
    const recipient = reading.bytes();
    const material = await this.#algorithms.generate(spec);
    const publicKey = (await this.#algorithms.publicKey(spec, material)) ?? none;
    const ciphertext = this.#seal(how, material);
    if (isWanted) return [ciphertext, publicKey, ...this.#secret(material, recipient)];
    material.fill(0);
    return [ciphertext, publicKey, none, none];
  }

  #sign(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const algorithm = reading.text();
    const message = reading.bytes();
    const type = reading.text();
    return this.#with(key, async (material) => [
      await this.#algorithms.sign(key.spec, material, algorithm, message, type),
    ]);
  }

  #verify(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const algorithm = reading.text();
    const message = reading.bytes();
    const type = reading.text();
    const signature = reading.bytes();
    return this.#with(key, async (material) =>
      yes(await this.#algorithms.verify(key.spec, material, algorithm, message, type, signature)),
    );
  }

  #mac(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const algorithm = reading.text();
    const message = reading.bytes();
    return this.#with(key, async (material) => [this.#algorithms.mac(key.spec, material, algorithm, message)]);
  }

  #verifyMac(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const algorithm = reading.text();
    const message = reading.bytes();
    const given = reading.bytes();
    return this.#with(key, async (material) => {
      const right = this.#algorithms.mac(key.spec, material, algorithm, message);
      return yes(given.length === right.length && timingSafeEqual(given, right));
    });
  }

  #sharedSecret(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const publicKey = reading.bytes();
    const recipient = reading.bytes();
    return this.#with(key, async (material) =>
      this.#secret(await this.#algorithms.sharedSecret(key.spec, material, publicKey), recipient),
    );
  }

  #encapsulate(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const algorithm = reading.text();
    const recipient = reading.bytes();
    return this.#with(key, async (material) => {
      const { secret, ciphertext } = await this.#algorithms.encapsulate(key.spec, material, algorithm);
      return [ciphertext, ...this.#secret(secret, recipient)];
    });
  }

  #decapsulate(reading: Reading): Promise<Answer> {
    const key = reading.key();
    const algorithm = reading.text();
    const ciphertext = reading.bytes();
    const recipient = reading.bytes();
    return this.#with(key, async (material) =>
      this.#secret(await this.#algorithms.decapsulate(key.spec, material, algorithm, ciphertext), recipient),
    );
  }

  #random(reading: Reading): Answer {
    const bytes = randomBytes(reading.size());
    return this.#secret(bytes, reading.bytes());
  }

  async #importParameters(reading: Reading): Promise<Answer> {
    const key = reading.newKey();
    const spec = reading.text();
    const algorithm = reading.text();
    const { material, publicKey } = await this.#algorithms.wrappingPair(spec);
    try {
      return [publicKey, this.#hierarchy.sealToken(tokenPlace(key, algorithm), material)];
    } finally {
      material.fill(0);
    }
  }

  async #importMaterial(reading: Reading): Promise<Answer> {
    const key = reading.newKey();
    const token = reading.bytes();
    const algorithm = reading.text();
    const wrapped = reading.bytes();
    const wrapping = this.#hierarchy.openToken(tokenPlace(key, algorithm), token);
    try {
      const unwrapped = await this.#algorithms.unwrap(wrapping, algorithm, wrapped);
      const material = await this.#algorithms.check(key.spec, unwrapped).finally(() => unwrapped.fill(0));
      return await this.#made(key, material, () => this.#hierarchy.idOf(key, material));
    } finally {
      wrapping.fill(0);
    }
  }

  async #checkToken(reading: Reading): Promise<Answer> {
    const cluster = reading.text();
    if (!reading.flag()) {
      await this.#tokens.find(cluster);
      return [];
    }
    return this.#inToken(reading, async () => []);
  }

  /** The password is opened here, and is known to nobody else. */
  async #inToken(reading: Reading, work: (token: Token) => Promise<Answer>): Promise<Answer> {
    const cluster = reading.text();
    const how = reading.how();
    const password = await this.#open(how, reading.bytes());
    try {
      return await this.#tokens.use(cluster, password, work);
    } finally {
      password.fill(0);
    }
  }

  /** Opens the material of a key for one use. */
  async #with<T>(key: VaultKey, use: (material: Material) => Promise<T>): Promise<T> {
    const material = this.#hierarchy.open(key);
    try {
      return await use(material);
    } finally {
      material.fill(0);
    }
  }
}

function tokenPlace({ account, keyId, spec }: NewVaultKey, algorithm: string): string {
  return `import ${account}/${keyId} ${spec} ${algorithm}`;
}

const yes = (is: boolean): Answer => [Buffer.from([is ? 1 : 0])];
