/** The algorithms of the vault: quick ones at once, slow ones on other threads. */
import { createHmac, createSecretKey } from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import { envelopFor } from './envelope.ts';
import { generatePkcs8, generateRaw, RsaStock } from './generate.ts';
import { checkMaterial } from './material.ts';
import { Pool } from './pool.ts';
import { isQuick, signQuick, spkiOf, verifyQuick } from './quick.ts';
import { hmacDigests, rawBytes } from './specs.ts';
import type { Algorithms, Material } from './types.ts';

/** RSA pairs of 2048 bits that are kept ready. */
const STOCK = 2;

/** @param options.threads most threads for slow work, 2 by default */
export function createAlgorithms(options: { readonly threads?: number } = {}): Algorithms {
  const pool = new Pool(options.threads ?? 2);
  const stock = new RsaStock('RSA_2048', STOCK);
  const first = async (answer: Promise<readonly Buffer[]>): Promise<Buffer> => (await answer)[0] as Buffer;
  return {
    async generate(spec) {
      const raw = generateRaw(spec);
      if (raw) return raw;
      return spec === 'RSA_2048' ? stock.take() : (await generatePkcs8(spec)).material;
    },
    check: async (spec, material) => checkMaterial(spec, material),
    publicKey: async (spec, material) => (rawBytes[spec] ? undefined : spkiOf(material)),
    encrypt: (_spec, material, algorithm, plaintext) => first(pool.run('encrypt', [material, algorithm, plaintext])),
    decrypt: (_spec, material, algorithm, ciphertext) => first(pool.run('decrypt', [material, algorithm, ciphertext])),
    async sign(spec, material, algorithm, message, type) {
      if (isQuick(spec, algorithm, type)) return signQuick(material, algorithm, message);
      return first(pool.run('sign', [spec, material, algorithm, message, type]));
    },
    async verify(spec, material, algorithm, message, type, signature) {
      if (isQuick(spec, algorithm, type)) {
        return verifyQuick(material, algorithm, message, signature);
      }
      return (await first(pool.run('verify', [spec, material, algorithm, message, type, signature])))[0] === 1;
    },
    mac(_spec, material, algorithm, message) {
      const digest = hmacDigests[algorithm];
      if (!digest) throw new VaultError('unsupported', `The vault makes no ${algorithm}.`);
      return createHmac(digest, createSecretKey(material)).update(message).digest();
    },
    sharedSecret: (spec, material, publicKey) => first(pool.run('agree', [spec, material, publicKey])),
    async encapsulate(_spec, material) {
      const [secret, ciphertext] = await pool.run('encapsulate', [material]);
      return { secret: secret as Material, ciphertext: ciphertext as Buffer };
    },
    decapsulate: (_spec, material, _algorithm, ciphertext) => first(pool.run('decapsulate', [material, ciphertext])),
    wrappingPair: (spec) => generatePkcs8(spec),
    unwrap: (key, algorithm, wrapped) => first(pool.run('unwrap', [key, algorithm, wrapped])),
    envelop: envelopFor,
    async close() {
      stock.wipe();
      await pool.close();
    },
  };
}
