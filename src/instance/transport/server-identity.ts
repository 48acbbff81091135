/** What the TLS listener shows: a certificate that is replaced in time, without a connection noticing. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { renewalTime, validityOf } from '../../certificates/authority.ts';

export interface Identity {
  /** PEM. */
  readonly key: string;
  /** PEM, leaf first. */
  readonly chain: string;
}

export interface IdentitySource {
  /** Tries to get a certificate; may reject, and is asked again later. */
  next(): Promise<Identity>;
}

/** Certificate and key of the operator's own, in files that some other program renews. */
export function identityFiles(certificate: string, privateKey: string): IdentitySource {
  return {
    async next() {
      const identity = { chain: readFileSync(certificate, 'utf8'), key: readFileSync(privateKey, 'utf8') };
      // What does not fit together is refused here, before it takes the place of what works.
      createSecureContext({ cert: identity.chain, key: identity.key });
      return identity;
    },
  };
}

export class ServerIdentity {
  readonly #source: IdentitySource;
  readonly #now: () => number;
  readonly #failed: (error: unknown) => void;
  #current: Identity;
  #renewAt: number;
  #changed: (identity: Identity) => void = () => undefined;

  private constructor(source: IdentitySource, first: Identity, now: () => number, failed: (error: unknown) => void) {
    this.#source = source;
    this.#now = now;
    this.#failed = failed;
    this.#current = first;
    this.#renewAt = renewalTime(validityOf(first.chain));
  }

  /** @param failed told of every renewal that failed; the certificate of before stays */
  static async open(
    source: IdentitySource,
    now: () => number,
    failed: (error: unknown) => void,
  ): Promise<ServerIdentity> {
    return new ServerIdentity(source, await source.next(), now, failed);
  }

  get current(): Identity {
    return this.#current;
  }

  /** Epoch milliseconds. */
  get renewAt(): number {
    return this.#renewAt;
  }

  /** Told of every certificate that takes the place of another. */
  onChange(changed: (identity: Identity) => void): void {
    this.#changed = changed;
  }

  /** To be called now and then. */
  async renewIfDue(): Promise<void> {
    if (this.#now() < this.#renewAt) return;
    try {
      const next = await this.#source.next();
      this.#renewAt = renewalTime(validityOf(next.chain));
      if (next.chain === this.#current.chain) return;
      this.#current = next;
      this.#changed(next);
    } catch (error) {
      this.#failed(error);
    }
  }
}
