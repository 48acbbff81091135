/** Keys for signing users in at the edge, as the service would make them. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { AuthenticationKeySettings } from '../../src/edge/snapshot.ts';

export function newAuthenticationKey(createdAt: number): AuthenticationKeySettings & { readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    id: randomUUID(),
    createdAt,
    sessionKey: randomBytes(32).toString('base64'),
    privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    publicKey: String(publicKey.export({ format: 'pem', type: 'spki' })),
  };
}
