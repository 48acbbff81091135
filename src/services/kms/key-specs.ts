/** Which key specs there are, what each is for, and with which algorithms ("Key spec reference", AWS KMS Developer Guide). */
import { unsupported } from './errors.ts';
import type { KmsPorts } from './ports.ts';
import type { KeyRow } from './state.ts';

type Usage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT' | 'ENCAPSULATE_DECAPSULATE';

type SpecEntry = Readonly<Partial<Record<Usage, readonly string[]>>>;

const oaep = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
const rsaSigning = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
];
const rsa: SpecEntry = { ENCRYPT_DECRYPT: oaep, SIGN_VERIFY: rsaSigning };
const mlDsa: SpecEntry = { SIGN_VERIFY: ['ML_DSA_SHAKE_256'] };
const mlKem: SpecEntry = { ENCAPSULATE_DECAPSULATE: ['ML_KEM'] };
const nist = (digest: number): SpecEntry => ({ SIGN_VERIFY: [`ECDSA_SHA_${digest}`], KEY_AGREEMENT: ['ECDH'] });
const hmac = (digest: number): SpecEntry => ({ GENERATE_VERIFY_MAC: [`HMAC_SHA_${digest}`] });

export const keySpecs: Readonly<Record<string, SpecEntry>> = {
  SYMMETRIC_DEFAULT: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
  RSA_2048: rsa,
  RSA_3072: rsa,
  RSA_4096: rsa,
  ECC_NIST_P256: nist(256),
  ECC_NIST_P384: nist(384),
  ECC_NIST_P521: nist(512),
  ECC_SECG_P256K1: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
  ECC_NIST_EDWARDS25519: { SIGN_VERIFY: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] },
  ML_DSA_44: mlDsa,
  ML_DSA_65: mlDsa,
  ML_DSA_87: mlDsa,
  ML_KEM_512: mlKem,
  ML_KEM_768: mlKem,
  ML_KEM_1024: mlKem,
  HMAC_224: hmac(224),
  HMAC_256: hmac(256),
  HMAC_384: hmac(384),
  HMAC_512: hmac(512),
  SM2: { ENCRYPT_DECRYPT: ['SM2PKE'], SIGN_VERIFY: ['SM2DSA'], KEY_AGREEMENT: ['ECDH'] },
};

/** The algorithms of a key for what it is used for. */
export function algorithmsOf({ spec, usage }: Pick<KeyRow, 'spec' | 'usage'>): readonly string[] {
  return keySpecs[spec]?.[usage as Usage] ?? [];
}

export const isSymmetric = (key: Pick<KeyRow, 'spec'>): boolean => key.spec === 'SYMMETRIC_DEFAULT';

/** @throws AwsError where SM2 is asked for outside the China Regions, unless the configuration opens it */
export function requireSm2(spec: string, region: string, { settings }: Pick<KmsPorts, 'settings'>): void {
  if (spec !== 'SM2' || region.startsWith('cn-') || settings.isSm2Everywhere) return;
  throw unsupported('SM2 is available in the China Regions only.');
}
