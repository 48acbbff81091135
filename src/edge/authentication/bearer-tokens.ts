/** The action `jwt-validation`: a request passes with a bearer token that its issuer signed, and that says what it must. */
import type {
  JwtValidationActionAdditionalClaim,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { compactVerify } from 'jose/jws/compact/verify';
import type { Head } from '../intake/head.ts';
import { AuthenticationFailure } from './failure.ts';
import { jsonObject } from './fetching.ts';
import type { KeySets } from './key-sets.ts';

/** "Only the RS256 algorithm is supported." */
const algorithms = ['RS256'];
/** The issuer's clock may be ahead of ours by so much; what has expired has expired. */
const leewaySeconds = 60;

type Claims = Readonly<Record<string, unknown>>;

/** @throws AuthenticationFailure */
export async function validateBearer(
  head: Head,
  config: JwtValidationActionConfig,
  { keySets, now }: { readonly keySets: KeySets; readonly now: () => number },
): Promise<void> {
  const token = bearerOf(head);
  const keyId = keyIdOf(token);
  const keys = await keySets.of(String(config.JwksEndpoint), keyId);
  const payload = await compactVerify(token, keys, { algorithms }).then(
    (verified) => verified.payload,
    () => {
      throw new AuthenticationFailure('JWTSignatureValidationError');
    },
  );
  const claims = jsonObject(Buffer.from(payload));
  if (!claims) throw new AuthenticationFailure('JWTRequestFormatInvalid');
  checkTimes(claims, now() / 1000);
  if (present(claims, 'iss') !== config.Issuer) throw new AuthenticationFailure('JWTClaimValueInvalid');
  for (const claim of config.AdditionalClaims ?? []) check(claims, claim);
}

/** There is one token, and the target reads the same one. */
function bearerOf({ headers }: Head): string {
  let found: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() !== 'authorization') continue;
    if (found !== undefined) throw new AuthenticationFailure('JWTRequestFormatInvalid');
    found = headers[at + 1] as string;
  }
  if (found === undefined) throw new AuthenticationFailure('JWTHeaderNotPresent');
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(found)?.[1];
  if (token === undefined) throw new AuthenticationFailure('JWTRequestFormatInvalid');
  return token;
}

/** Which of the issuer's keys; where keys lie, a token does not get to say (`jku`, `jwk`, `x5u`). */
function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    if (kid === undefined || typeof kid === 'string') return kid;
  } catch {
    // No header of a token.
  }
  throw new AuthenticationFailure('JWTRequestFormatInvalid');
}

function checkTimes(claims: Claims, now: number): void {
  if (number(claims, 'exp') <= now) throw new AuthenticationFailure('JWTClaimValueInvalid');
  for (const name of ['nbf', 'iat']) {
    if (!Object.hasOwn(claims, name)) continue;
    if (number(claims, name) > now + leewaySeconds) throw new AuthenticationFailure('JWTClaimValueInvalid');
  }
}

/** All values must be in the token; what else is in it does not matter. */
function check(claims: Claims, { Name = '', Format, Values = [] }: JwtValidationActionAdditionalClaim): void {
  const value = present(claims, Name);
  const given = Format === 'string-array' ? value : typeof value === 'string' ? value : undefined;
  const all = typeof given === 'string' && Format === 'space-separated-values' ? given.split(' ') : [given].flat();
  if (given === undefined || (Format === 'string-array' && !Array.isArray(value)) || !all.every(isText)) {
    throw new AuthenticationFailure('JWTClaimFormatInvalid');
  }
  if (!Values.every((one) => all.includes(one))) throw new AuthenticationFailure('JWTClaimValueInvalid');
}

const isText = (value: unknown): value is string => typeof value === 'string';

function present(claims: Claims, name: string): unknown {
  if (!Object.hasOwn(claims, name)) throw new AuthenticationFailure('JWTClaimNotPresent');
  return claims[name];
}

function number(claims: Claims, name: string): number {
  const value = present(claims, name);
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new AuthenticationFailure('JWTClaimFormatInvalid');
  return value;
}
