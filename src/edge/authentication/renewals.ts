/**
 * Sessions that are being renewed: a page asks for many things at once, and a refresh token is often good for one use.
 * Requests that come together, or bring the old cookie a moment later, share one renewal.
 */
import { createHash } from 'node:crypto';
import type { Session } from './session.ts';

const sharedMs = 60_000;
/** One that has failed is tried again sooner. */
const failedMs = 5_000;
const most = 1_000;

interface Renewal {
  readonly session: Promise<Session>;
  until: number;
}

export class Renewals {
  readonly #running = new Map<string, Renewal>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param name of what is renewed; only a digest of it is kept */
  once(name: string, renew: () => Promise<Session>): Promise<Session> {
    const id = createHash('sha256').update(name).digest('base64');
    const now = this.#now();
    const known = this.#running.get(id);
    if (known && known.until > now) return known.session;
    this.#running.delete(id);
    for (const oldest of this.#running.keys()) {
      if (this.#running.size < most) break;
      this.#running.delete(oldest);
    }
    const renewal: Renewal = { session: renew(), until: now + sharedMs };
    this.#running.set(id, renewal);
    renewal.session.then(
      ({ accessUntil = renewal.until }) => {
        renewal.until = Math.min(renewal.until, accessUntil);
      },
      () => {
        renewal.until = this.#now() + failedMs;
      },
    );
    return renewal.session;
  }
}
