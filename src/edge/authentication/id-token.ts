/**
 * The ID token that comes with a code's tokens. It comes from the token endpoint itself, by TLS with its certificate
 * checked, which takes the place of a signature by keys that the configuration does not name.
 * @see OpenID Connect Core 1.0, section 3.1.3.7
 */
import type { JWTPayload } from 'jose';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { AuthenticationFailure } from './failure.ts';

export interface Expected {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly nonce: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The provider's clock may be ahead or behind by so much. */
const leewaySeconds = 60;
/** What a signature may be: never `none`, which needs no key at all. */
const asymmetric = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]);

/** @returns the subject @throws AuthenticationFailure AuthInvalidIdToken */
export async function subjectOf(token: string, expected: Expected): Promise<string> {
  const claims = await claimsOf(token, expected.clientSecret).catch(() => {
    throw new AuthenticationFailure('AuthInvalidIdToken');
  });
  if (!isFor(claims, expected)) throw new AuthenticationFailure('AuthInvalidIdToken');
  return String(claims.sub);
}

async function claimsOf(token: string, clientSecret: string): Promise<JWTPayload> {
  const { alg = 'none' } = decodeProtectedHeader(token);
  if (/^HS(?:256|384|512)$/.test(alg)) await compactVerify(token, Buffer.from(clientSecret), { algorithms: [alg] });
  else if (!asymmetric.has(alg)) throw new Error(`an ID token by ${alg}`);
  return decodeJwt(token);
}

function isFor({ iss, sub, aud, azp, exp, iat, nonce }: JWTPayload, expected: Expected): boolean {
  const seconds = expected.now / 1000;
  const audiences = [aud].flat();
  return (
    iss === expected.issuer &&
    typeof sub === 'string' &&
    sub !== '' &&
    audiences.includes(expected.clientId) &&
    (audiences.length === 1 || azp === expected.clientId) &&
    (azp === undefined || azp === expected.clientId) &&
    typeof exp === 'number' &&
    exp + leewaySeconds > seconds &&
    typeof iat === 'number' &&
    iat - leewaySeconds < seconds &&
    nonce === expected.nonce
  );
}
