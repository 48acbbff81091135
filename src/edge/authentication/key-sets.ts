/** Key sets of those who issue tokens (JWKS): fetched within limits, and kept for a while. */
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { createLocalJWKSet } from 'jose/jwks/local';
import { AuthenticationFailure } from './failure.ts';
import { type Fetch, FetchFailure, jsonObject } from './fetching.ts';

/** "Verify JWTs using an Application Load Balancer", limits. */
const mostBytes = 150 * 1024;
const mostKeys = 10;
/** A key that its issuer takes back is good for so long at the most … */
const freshMs = 5 * 60_000;
/** … or for so long where the issuer cannot be reached meanwhile. */
const staleMs = 30 * 60_000;
/** An issuer is asked no more often for keys that are not in its set, whatever tokens name. */
const pauseMs = 30_000;

interface Known {
  readonly keys: JWTVerifyGetKey;
  readonly ids: ReadonlySet<string>;
  readonly fetchedAt: number;
}

interface Place {
  known: Known | undefined;
  askedAt: number;
  failure: AuthenticationFailure | undefined;
  asking: Promise<void> | undefined;
}

export class KeySets {
  readonly #places = new Map<string, Place>();
  readonly #fetch: Fetch;
  readonly #now: () => number;

  constructor(fetch: Fetch, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /**
   * @param keyId what the token calls its key
   * @throws AuthenticationFailure where there is no set to be had
   */
  async of(url: string, keyId: string | undefined): Promise<JWTVerifyGetKey> {
    const place = this.#placeOf(url);
    const { known } = place;
    const now = this.#now();
    const isFresh = known !== undefined && now - known.fetchedAt < freshMs;
    const isThere = known !== undefined && (keyId === undefined || known.ids.has(keyId));
    if (!(isFresh && isThere) && (place.asking || now - place.askedAt >= pauseMs)) {
      place.asking ??= this.#ask(url, place);
      await place.asking;
    }
    if (place.known && this.#now() - place.known.fetchedAt < staleMs) return place.known.keys;
    throw place.failure ?? new AuthenticationFailure('JWKSRequestFailed', 500);
  }

  /** Forgets sets that no listener names any more. */
  retire(urls: readonly string[]): void {
    const used = new Set(urls);
    for (const url of this.#places.keys()) if (!used.has(url)) this.#places.delete(url);
  }

  #placeOf(url: string): Place {
    const known = this.#places.get(url);
    if (known) return known;
    const place = { known: undefined, askedAt: Number.NEGATIVE_INFINITY, failure: undefined, asking: undefined };
    this.#places.set(url, place);
    return place;
  }

  async #ask(url: string, place: Place): Promise<void> {
    place.askedAt = this.#now();
    try {
      place.known = { ...(await this.#fetched(url)), fetchedAt: this.#now() };
      place.failure = undefined;
    } catch (error) {
      place.failure =
        error instanceof AuthenticationFailure ? error : new AuthenticationFailure('JWKSRequestFailed', 500);
    } finally {
      place.asking = undefined;
    }
  }

  async #fetched(url: string): Promise<Pick<Known, 'keys' | 'ids'>> {
    const answer = await this.#fetch({ url, method: 'GET', headers: {}, mostBytes }).catch((error: unknown) => {
      const isLarge = error instanceof FetchFailure && error.kind === 'too-large';
      throw new AuthenticationFailure(isLarge ? 'JWKSResponseSizeExceeded' : 'JWKSRequestTimeout', 500);
    });
    if (answer.status !== 200) throw new AuthenticationFailure('JWKSRequestFailed', 500);
    const set = jsonObject(answer.body);
    if (!isKeySet(set)) throw new AuthenticationFailure('JWKSResponseInvalid', 500);
    if (set.keys.length > mostKeys) throw new AuthenticationFailure('JWKSResponseSizeExceeded', 500);
    const ids = new Set(set.keys.flatMap(({ kid }) => (typeof kid === 'string' ? kid : [])));
    return { keys: createLocalJWKSet(set), ids };
  }
}

function isKeySet(set: object | undefined): set is JSONWebKeySet {
  const keys: unknown = set && 'keys' in set ? set.keys : undefined;
  return (
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'object' && key !== null && typeof (key as { kty?: unknown }).kty === 'string')
  );
}
