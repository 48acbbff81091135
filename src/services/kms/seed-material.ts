/** Key material as an operator writes it down: hexadecimal, base64 or PEM. */
import { createPrivateKey, type KeyObject } from 'node:crypto';

/** Bytes as the vault adopts them, and the spec of key pairs, which the material itself tells. */
export interface SeedMaterial {
  readonly bytes: Buffer;
  readonly spec?: string;
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ECC_NIST_P256',
  secp384r1: 'ECC_NIST_P384',
  secp521r1: 'ECC_NIST_P521',
  secp256k1: 'ECC_SECG_P256K1',
  SM2: 'SM2',
};

/** Undefined for what is none of these. Hexadecimal digits alone are hexadecimal. */
export function readSeedMaterial(text: string): SeedMaterial | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN')) return ofKey(() => createPrivateKey(trimmed));
  const compact = trimmed.replace(/\s+/g, '');
  if (/^(?:[0-9a-fA-F]{2})+$/.test(compact)) return { bytes: Buffer.from(compact, 'hex') };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || compact.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(compact, 'base64');
  // Raw keys are no PKCS #8.
  return ofKey(() => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })) ?? { bytes };
}

function ofKey(read: () => KeyObject): SeedMaterial | undefined {
  try {
    const key = read();
    const spec = specOf(key);
    return { bytes: key.export({ format: 'der', type: 'pkcs8' }), ...(spec !== undefined && { spec }) };
  } catch {
    return undefined;
  }
}

function specOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): string | undefined {
  if (type === 'rsa') return `RSA_${details.modulusLength}`;
  if (type === 'ec') return curves[details.namedCurve ?? ''];
  if (type === 'ed25519') return 'ECC_NIST_EDWARDS25519';
  return type?.toUpperCase().replaceAll('-', '_');
}
