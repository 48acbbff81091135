/** Which wrapping suits which key ("Select a wrapping algorithm", AWS KMS Developer Guide), and what a token of import holds. */
import { AwsError, type CheckCall } from '../service.ts';
import { unsupported, validation } from './errors.ts';
import { requireSm2 } from './key-specs.ts';
import type { KmsPorts } from './ports.ts';
import type { KeyRow } from './state.ts';

/** "The import token is valid for 24 hours." */
export const tokenLife = 86_400_000;
/** "You can set the expiration date up to 365 days from the request date." */
export const longestLife = 365 * 86_400_000;

const oaep = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
const keyWrap = ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256'];

/** @throws AwsError */
export function requireWrapping(key: KeyRow, algorithm: string, wrappingSpec: string, ports: KmsPorts): void {
  if (algorithm === 'RSAES_PKCS1_V1_5') {
    throw unsupported('AWS KMS does not support RSAES_PKCS1_V1_5 as a wrapping algorithm any more.');
  }
  if (wrappingSpec === 'SM2' || algorithm === 'SM2PKE') {
    requireSm2('SM2', key.region, ports);
    if (wrappingSpec !== 'SM2' || algorithm !== 'SM2PKE') throw mismatch(algorithm, wrappingSpec);
    return;
  }
  const fits = key.spec.startsWith('RSA_') || key.spec.startsWith('ML_') ? keyWrap : [...oaep, ...keyWrap];
  if (!fits.includes(algorithm)) throw mismatch(algorithm, key.spec);
  // The wrapped key must fit: a P-521 key does not fit into RSA_2048 with OAEP.
  if (key.spec === 'ECC_NIST_P521' && wrappingSpec === 'RSA_2048' && oaep.includes(algorithm)) {
    throw mismatch(algorithm, `${key.spec} with wrapping key spec ${wrappingSpec}`);
  }
}

function mismatch(algorithm: string, other: string): AwsError {
  return validation(`Wrapping algorithm ${algorithm} is incompatible with key spec ${other}.`);
}

export interface ImportToken {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly algorithm: string;
  /** What the vault gave: only it can open this. */
  readonly inner: Buffer;
}

const purpose = (key: KeyRow): string => `kms import token ${key.account}/${key.region}/${key.id}`;

export function sealImportToken(call: CheckCall, key: KeyRow, token: ImportToken): Uint8Array {
  const text = JSON.stringify([token.until, token.algorithm, token.inner.toString('base64')]);
  return Buffer.from(call.sealer.seal(purpose(key), text));
}

/** @throws AwsError InvalidImportTokenException, ExpiredImportTokenException */
export function openImportToken(call: CheckCall, key: KeyRow, sealed: Uint8Array): ImportToken {
  const opened = call.sealer.open(purpose(key), Buffer.from(sealed).toString('latin1'));
  if (!opened) throw new AwsError('InvalidImportTokenException', 'The import token does not belong to this key.');
  const [until, algorithm, inner] = JSON.parse(Buffer.from(opened).toString()) as [number, string, string];
  if (until <= call.now) throw new AwsError('ExpiredImportTokenException', 'The import token has expired.');
  return { until, algorithm, inner: Buffer.from(inner, 'base64') };
}
