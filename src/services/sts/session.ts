/** Session tokens: everything about a temporary credential, its secret key included, sealed inside the token itself. */
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

/** @returns the token: base64url text of a few hundred characters and more, by what the session carries */
export function mintSession(sealer: Sealer, session: NewSession): string {
  const payload: Payload = {
    format: 1,
    key: session.accessKeyId,
    secret: session.secret,
    principal: session.principal,
    account: session.account,
    session: session.session,
  };
  return sealer.seal(purpose, JSON.stringify(payload));
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
  const bytes = sealer.open(purpose, token);
  if (!bytes) return undefined;
  const payload = JSON.parse(new TextDecoder().decode(bytes)) as Payload;
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
