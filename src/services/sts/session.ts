/** Session tokens: everything about a temporary credential, its secret key included, sealed inside the token itself. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Caller, Principal, Sealer, Session } from '../service.ts';

/** What a token says once it is opened; the same object for as long as it is remembered. */
export interface OpenedSession {
  readonly secret: string;
  readonly caller: Caller;
}

/** A temporary credential to be sealed. */
export interface NewSession {
  /** `ASIA…` */
  readonly accessKeyId: string;
  readonly secret: string;
  readonly principal: Principal;
  /** The account of the principal. */
  readonly account: string;
  readonly session: Session;
}

interface Payload {
  readonly format: 1;
  readonly key: string;
  readonly secret: string;
  readonly principal: Principal;
  readonly account: string;
  readonly session: Session;
}

const purpose = 'session-token';
const rememberedLimit = 10_000;
/** Tokens are far shorter; longer ones are not worth opening. */
const longestToken = 64 * 1024;

/** Opened tokens of each instance (each has its own sealer), least recently used first. */
const remembered = new WeakMap<Sealer, Map<string, OpenedSession>>();

/** What sealing adds to the bytes of a token before they become base64url. */
const sealBytes = 29;
/** The length of the packed payload comes before it, because zeros may follow. */
const lengthBytes = 4;
/** No payload is nearly as long. */
const longestPayload = 256 * 1024;

/**
 * @param leastSize characters that the token has at least: it is filled up
 * @returns the token: base64url text of a few hundred characters and more, by what the session carries
 */
export function mintSession(sealer: Sealer, session: NewSession, leastSize = 0): string {
  const payload: Payload = {
    format: 1,
    key: session.accessKeyId,
    secret: session.secret,
    principal: session.principal,
    account: session.account,
    session: session.session,
  };
  const packed = deflateRawSync(JSON.stringify(payload));
  const filled = Math.max(lengthBytes + packed.length, Math.ceil((leastSize * 3) / 4) - sealBytes);
  const bytes = Buffer.alloc(filled);
  bytes.writeUInt32BE(packed.length);
  packed.copy(bytes, lengthBytes);
  return sealer.seal(purpose, bytes);
}

/**
 * Opens a token that came with a request.
 * @param accessKeyId the key that signed: a token is good for its own key only
 * @param now epoch milliseconds of the instance's clock
 */
export function openSession(
  sealer: Sealer,
  token: string,
  accessKeyId: string,
  now: number,
): OpenedSession | 'invalid-token' | 'expired' {
  const opened = lookUp(sealer, token);
  if (!opened || opened.caller.accessKeyId !== accessKeyId) return 'invalid-token';
  const { session } = opened.caller;
  return session && session.expiresAt > now ? opened : 'expired';
}

/** Forgets what tokens said: the sealer no longer opens those of before. */
export function forgetSessions(sealer: Sealer): void {
  remembered.delete(sealer);
}

function lookUp(sealer: Sealer, token: string): OpenedSession | undefined {
  let cache = remembered.get(sealer);
  if (!cache) {
    cache = new Map();
    remembered.set(sealer, cache);
  }
  const known = cache.get(token);
  if (known) {
    cache.delete(token);
    cache.set(token, known);
    return known;
  }
  const opened = token.length > longestToken ? undefined : unseal(sealer, token);
  if (!opened) return undefined;
  if (cache.size >= rememberedLimit) {
    const oldest = cache.keys().next().value;
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(token, opened);
  return opened;
}

function unseal(sealer: Sealer, token: string): OpenedSession | undefined {
  const opened = sealer.open(purpose, token);
  if (!opened) return undefined;
  const bytes = Buffer.from(opened);
  const packed = bytes.subarray(lengthBytes, lengthBytes + bytes.readUInt32BE());
  const payload = JSON.parse(inflateRawSync(packed, { maxOutputLength: longestPayload }).toString()) as Payload;
  if (payload.format !== 1) return undefined;
  return {
    secret: payload.secret,
    caller: {
      principal: payload.principal,
      account: payload.account,
      accessKeyId: payload.key,
      session: payload.session,
    },
  };
}
