/**
 * The certificate of distributions that have none of their own: for all names below cloudfront.net, signed by this
 * instance's authority. Made when it is first needed, anew with every start and before it is old; kept in memory alone.
 */
import type { CertificateSettings } from '../../edge/snapshot.ts';
import { issueBy } from '../acm-ports.ts';
import type { OwnAuthority } from '../transport/own-authority.ts';

export const standardArn = 'bailey:cloudfront:standard-certificate';
const days = 90;
const renewedBeforeMs = 30 * 86_400_000;
const retryMs = 60_000;

export interface StandardCertificateParts {
  readonly authority: () => Promise<OwnAuthority>;
  /** Viewers check it by the machine's clock. */
  readonly machineNow: () => number;
  /** There is one now, or another one. */
  readonly changed: () => void;
}

export class StandardCertificate {
  readonly #parts: StandardCertificateParts;
  #held: { readonly settings: CertificateSettings; readonly until: number } | undefined;
  #isAsking = false;
  #triedAt = Number.NEGATIVE_INFINITY;
  #isWanted = false;

  constructor(parts: StandardCertificateParts) {
    this.#parts = parts;
  }

  /** Whoever asks is not made to wait: `changed` tells when there is one. */
  get current(): CertificateSettings | undefined {
    this.#isWanted = true;
    this.renew();
    return this.#held?.settings;
  }

  renew(): void {
    const now = this.#parts.machineNow();
    const isFresh = this.#held !== undefined && now < this.#held.until - renewedBeforeMs;
    if (!this.#isWanted || isFresh || this.#isAsking || now < this.#triedAt + retryMs) return;
    this.#isAsking = true;
    this.#triedAt = now;
    void this.#ask(now);
  }

  async #ask(now: number): Promise<void> {
    const { authority, changed } = this.#parts;
    try {
      const issued = await issueBy(authority, {
        names: ['*.cloudfront.net'],
        keyAlgorithm: 'EC_prime256v1',
        now,
        days,
      });
      const chain = `${issued.body.trimEnd()}\n${issued.chain}`;
      const settings = { arn: standardArn, chain, privateKey: issued.privateKey };
      this.#held = { settings, until: now + days * 86_400_000 };
      changed();
    } catch {
      // The vault is sealed, or there is none: until it answers, these distributions are served without TLS.
    } finally {
      this.#isAsking = false;
    }
  }
}
