/** Material from outside is taken only if it is a whole key of the wanted spec. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import { isOfSpec, rawBytes } from './specs.ts';

const invalid = (why: string): VaultError => new VaultError('invalid-material', why);

/** Throws a VaultError `invalid-material`. The result is a copy in canonical form, to be wiped by whoever asked. */
export function checkMaterial(spec: string, material: Uint8Array): Buffer {
  const raw = rawBytes[spec];
  if (raw) {
    if (material.byteLength < raw[0] || material.byteLength > raw[1])
      throw invalid('The key material has a wrong length.');
    return Buffer.from(material);
  }
  const bytes = Buffer.from(material.buffer, material.byteOffset, material.byteLength);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  } catch {
    throw invalid('The key material is not a private key in PKCS #8.');
  }
  if (!isOfSpec(spec, key)) throw invalid(`The key material is not a ${spec} key.`);
  return key.export({ format: 'der', type: 'pkcs8' });
}
