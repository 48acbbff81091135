/** Material from outside, unwrapped as AWS documents. */
import { createDecipheriv, createPrivateKey, createSecretKey } from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import { openOaep } from './encryption.ts';
import { decryptSm2 } from './sm2.ts';

const invalid = (why: string): VaultError => new VaultError('invalid-material', why);

const KWP_IV = Buffer.from('A65959A6', 'hex');

/** AES key wrap with padding (RFC 5649). */
function openKwp(key: Buffer, wrapped: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv('id-aes256-wrap-pad', createSecretKey(key), KWP_IV);
    const opened = decipher.update(wrapped);
    decipher.final();
    return opened;
  } catch {
    return undefined;
  }
}

/** Throws a VaultError `invalid-material`; which step failed is not told. */
export function unwrapMaterial(wrappingKey: Buffer, algorithm: string, wrapped: Buffer): Buffer {
  const opened = open(wrappingKey, algorithm, wrapped);
  if (!opened || opened.length === 0) throw invalid('The key material does not unwrap.');
  return opened;
}

function open(wrappingKey: Buffer, algorithm: string, wrapped: Buffer): Buffer | undefined {
  switch (algorithm) {
    case 'RSAES_OAEP_SHA_1':
    case 'RSAES_OAEP_SHA_256':
      return openOaep(wrappingKey, algorithm, wrapped);
    case 'SM2PKE':
      return decryptSm2(wrappingKey, wrapped);
    case 'RSA_AES_KEY_WRAP_SHA_1':
    case 'RSA_AES_KEY_WRAP_SHA_256': {
      const size =
        (createPrivateKey({ key: wrappingKey, format: 'der', type: 'pkcs8' }).asymmetricKeyDetails?.modulusLength ??
          0) / 8;
      if (wrapped.length <= size) return undefined;
      const oaep = algorithm === 'RSA_AES_KEY_WRAP_SHA_1' ? 'RSAES_OAEP_SHA_1' : 'RSAES_OAEP_SHA_256';
      const key = openOaep(wrappingKey, oaep, wrapped.subarray(0, size));
      if (key?.length !== 32) return undefined;
      const opened = openKwp(key, wrapped.subarray(size));
      key.fill(0);
      return opened;
    }
    default:
      throw new VaultError('unsupported', `The vault does not unwrap ${algorithm}.`);
  }
}
