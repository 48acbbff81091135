/** The vault's operations and refusals as they travel: a number each, never given to another meaning. */
import type { VaultErrorCode } from '../services/kms/ports.ts';

export const operations = [
  'open',
  'status',
  'seal',
  'create',
  'adopt',
  'shred',
  'encrypt',
  'decrypt',
  'reEncrypt',
  'dataKey',
  'dataKeyPair',
  'sign',
  'verify',
  'mac',
  'verifyMac',
  'sharedSecret',
  'encapsulate',
  'decapsulate',
  'random',
  'importParameters',
  'importMaterial',
  'rotateDomainKey',
  'rotateRootKey',
  'archive',
  'namedKey',
  'checkToken',
  'makeTokenKey',
  'destroyTokenKey',
  'encryptInToken',
  'decryptInToken',
  'tokenRandom',
  'unseal',
  'initialize',
  'missing',
] as const;
export type VaultOperation = (typeof operations)[number];

/** Position + 1 is the code of an answer; 0 is success. */
export const refusals: readonly VaultErrorCode[] = [
  'invalid-ciphertext',
  'invalid-token',
  'invalid-material',
  'invalid-public-key',
  'unsupported',
  'shredded',
  'corrupt',
  'sealed',
  'unavailable',
  'token-refused',
];
