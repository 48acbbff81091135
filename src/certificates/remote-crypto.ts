/** Lends a signer to the X.509 library, which wants WebCrypto: every signature is made where the key is. */
import { webcrypto } from 'node:crypto';
import type { Signer } from './signer.ts';

const hashes = { 'P-256': 'SHA-256', 'P-384': 'SHA-384' } as const;

/** The signature algorithm as WebCrypto names it. */
export const algorithmOf = ({ curve }: Signer) => ({ name: 'ECDSA', namedCurve: curve, hash: hashes[curve] });

/** A key that names its signer and holds nothing. */
export function keyOf(signer: Signer): webcrypto.CryptoKey {
  return {
    type: 'private',
    extractable: false,
    usages: ['sign'],
    algorithm: algorithmOf(signer),
  } as webcrypto.CryptoKey;
}

export function cryptoOf(signer: Signer): webcrypto.Crypto {
  const sign = async (_algorithm: unknown, _key: unknown, data: ArrayBuffer | Uint8Array): Promise<ArrayBuffer> => {
    const raw = rawSignature(await signer.sign(new Uint8Array(data)), signer.curve === 'P-256' ? 32 : 48);
    return raw.buffer;
  };
  const subtle = new Proxy(webcrypto.subtle, {
    get: (target, name) => (name === 'sign' ? sign : bound(target, name)),
  });
  return { subtle, getRandomValues: webcrypto.getRandomValues.bind(webcrypto) } as unknown as webcrypto.Crypto;
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

/** The two numbers of a DER signature side by side, as WebCrypto has them. @param size bytes of each */
export function rawSignature(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(2 * size);
  // SEQUENCE, its length in one byte for these curves, then two INTEGERs.
  let at = 2;
  for (const end of [size, 2 * size]) {
    const length = der[at + 1] as number;
    const value = der.subarray(at + 2, at + 2 + length);
    const digits = value[0] === 0 ? value.subarray(1) : value;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return raw;
}
