/** Asks for a certificate in a key's own name (PKCS #10). */
import { createPrivateKey, createPublicKey, sign, webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as X509 from '@peculiar/x509';
import { generalName } from './names.ts';
import type { Signer } from './signer.ts';

const require = createRequire(import.meta.url);

const hashes: Readonly<Record<string, string>> = { 'P-256': 'SHA-256', 'P-384': 'SHA-384' };

/**
 * Returns DER.
 * @param privateKey PEM: RSA, or of the curves P-256 and P-384
 */
export async function signingRequest(privateKey: string, names: readonly string[]): Promise<Uint8Array> {
  require('reflect-metadata');
  const x509 = require('@peculiar/x509') as typeof X509;
  const key = createPrivateKey(privateKey);
  const { crv } = createPublicKey(key).export({ format: 'jwk' });
  const algorithm =
    crv === undefined
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: crv, hash: hashes[crv] ?? 'SHA-256' };
  const { subtle } = webcrypto;
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  const keys = {
    publicKey: await subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']),
    privateKey: await subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign']),
  };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension(names.map(generalName))],
    },
    webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0],
  );
  return new Uint8Array(request.rawData);
}

/** Of a P-256 key that is at hand. @param pem PKCS #8 or SEC 1 */
export function signerOfKey(pem: string): Signer {
  const key = createPrivateKey(pem);
  return {
    curve: 'P-256',
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }),
    sign: async (message) => sign('sha256', message, key),
  };
}
