/** A certificate of our own with its key: the key is made here and never written by us. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type LeafUse, makeLeaf, validFor, validityOf } from '../../certificates/authority.ts';
import type { OwnAuthority } from './own-authority.ts';

export interface Leaf {
  /** PEM. */
  readonly key: string;
  /** PEM: the certificate, and the intermediate that signed it. */
  readonly chain: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

const generatePair = promisify(generateKeyPair);

export async function issueLeaf(
  authority: OwnAuthority,
  use: LeafUse,
  names: readonly string[],
  days: number,
  now: number,
): Promise<Leaf> {
  const { publicKey, privateKey } = await generatePair('ec', { namedCurve: 'P-256' });
  const issuer = await authority.intermediate();
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const certificate = await makeLeaf(issuer, spki, use, names, validFor(now, days));
  return {
    key: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    chain: `${certificate}${issuer.certificate}`,
    ...validityOf(certificate),
  };
}
