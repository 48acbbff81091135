/** Speaks to one certificate authority as one account of it (RFC 8555, 6 and 7.1 to 7.3): signed requests, each with a nonce. */
import { createHash, createPublicKey } from 'node:crypto';
import { type AcmeAnswer, AcmeProblem, askAuthority } from './acme-request.ts';
import { rawSignature } from './remote-crypto.ts';
import type { Signer } from './signer.ts';

export interface AcmeSessionOptions {
  /** `https:`, of the operator's choice. */
  readonly directory: string;
  readonly email?: string | undefined;
  /** Of the curve P-256: who asks. */
  readonly signer: Signer;
  /** PEM of the roots that vouch for the authority; those of the machine otherwise. */
  readonly ca?: string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Directory {
  readonly newNonce: URL;
  readonly newAccount: URL;
  readonly newOrder: URL;
  readonly revokeCert: URL | undefined;
}

/** An authority may refuse a nonce for no fault of ours. */
const mostNonces = 4;
const longestUrl = 2000;
const anew: ReadonlySet<string> = new Set(['silent', 'accountDoesNotExist']);

export class AcmeSession {
  readonly #options: AcmeSessionOptions;
  readonly #at: URL;
  readonly #key: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
  readonly #nonces: string[] = [];
  #directory: Promise<Directory> | undefined;
  #account: Promise<string> | undefined;

  constructor(options: AcmeSessionOptions) {
    this.#options = options;
    this.#at = new URL(options.directory);
    const key = createPublicKey({ key: Buffer.from(options.signer.publicKey), format: 'der', type: 'spki' });
    const { crv = '', kty = '', x = '', y = '' } = key.export({ format: 'jwk' });
    this.#key = { crv, kty, x, y };
  }

  /** What answers the authority's question: RFC 8555, 8.1. */
  keyAuthorization(token: string): string {
    return `${token}.${createHash('sha256').update(JSON.stringify(this.#key)).digest('base64url')}`;
  }

  directory(): Promise<Directory> {
    this.#directory ??= this.#readDirectory().catch((error) => {
      this.#directory = undefined;
      throw error;
    });
    return this.#directory;
  }

  /** An address that the authority named: its own host, or nobody's. @throws AcmeProblem */
  own(url: unknown): URL {
    const parsed = typeof url === 'string' && url.length <= longestUrl ? URL.parse(url) : null;
    if (parsed?.protocol !== 'https:' || parsed.host !== this.#at.host) {
      throw new AcmeProblem('silent', 'it names an address that is not its own');
    }
    return parsed;
  }

  /**
   * Asks as the account, which is made with the first question.
   * @param payload undefined reads what is there (POST-as-GET)
   * @throws AcmeProblem
   */
  async ask(url: URL, payload?: object, accept?: string): Promise<AcmeAnswer> {
    this.#account ??= this.#openAccount().catch((error) => {
      this.#account = undefined;
      throw error;
    });
    const kid = await this.#account;
    try {
      return await this.#send(url, { kid }, payload, accept);
    } catch (error) {
      // It may have moved, or have lost the account: the next question begins anew, which changes nothing where it has not.
      if (error instanceof AcmeProblem && anew.has(error.type)) {
        this.#account = undefined;
        this.#directory = undefined;
      }
      throw error;
    }
  }

  async #openAccount(): Promise<string> {
    const { newAccount } = await this.directory();
    const { email } = this.#options;
    const answer = await this.#send(
      newAccount,
      { jwk: this.#key },
      { termsOfServiceAgreed: true, ...(email !== undefined && { contact: [`mailto:${email}`] }) },
    );
    return this.own(answer.headers.location).href;
  }

  async #send(url: URL, who: object, payload?: object, accept?: string): Promise<AcmeAnswer> {
    for (let left = mostNonces; ; left -= 1) {
      const nonce = this.#nonces.pop() ?? (await this.#newNonce());
      const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const head = encode({ alg: 'ES256', nonce, url: url.href, ...who });
      const content = payload === undefined ? '' : encode(payload);
      const der = await this.#options.signer.sign(Buffer.from(`${head}.${content}`));
      const signature = Buffer.from(rawSignature(der, 32)).toString('base64url');
      const body = JSON.stringify({ protected: head, payload: content, signature });
      const answer = await askAuthority({ method: 'POST', url, body, ca: this.#options.ca, ...(accept && { accept }) });
      this.#keepNonce(answer);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const problem = this.#problemOf(answer);
      if (problem.type !== 'badNonce' || left === 1) throw problem;
    }
  }

  async #readDirectory(): Promise<Directory> {
    const answer = await askAuthority({ method: 'GET', url: this.#at, ca: this.#options.ca });
    if (answer.status !== 200) throw this.#problemOf(answer);
    const { newNonce, newAccount, newOrder, revokeCert } = objectOf(answer);
    return {
      newNonce: this.own(newNonce),
      newAccount: this.own(newAccount),
      newOrder: this.own(newOrder),
      revokeCert: revokeCert === undefined ? undefined : this.own(revokeCert),
    };
  }

  async #newNonce(): Promise<string> {
    const { newNonce } = await this.directory();
    const answer = await askAuthority({ method: 'HEAD', url: newNonce, ca: this.#options.ca });
    this.#keepNonce(answer);
    const nonce = this.#nonces.pop();
    if (nonce === undefined) throw new AcmeProblem('silent', 'it gives no nonce');
    return nonce;
  }

  #keepNonce({ headers }: AcmeAnswer): void {
    const nonce = headers['replay-nonce'];
    if (typeof nonce === 'string' && /^[A-Za-z0-9_-]{1,512}$/.test(nonce) && this.#nonces.length < 8) {
      this.#nonces.push(nonce);
    }
  }

  #problemOf(answer: AcmeAnswer): AcmeProblem {
    const retryAfterMs = retryAfterOf(answer, this.#options.now());
    try {
      return problemIn(objectOf(answer), retryAfterMs) ?? unexplained(answer, retryAfterMs);
    } catch {
      return unexplained(answer, retryAfterMs);
    }
  }
}

const unexplained = ({ status }: AcmeAnswer, retryAfterMs: number | undefined) =>
  new AcmeProblem(status === 429 ? 'rateLimited' : 'silent', `it answered ${status}`, retryAfterMs);

const namespace = 'urn:ietf:params:acme:error:';

/** The problem that a document tells; of several names, the first. */
export function problemIn(document: unknown, retryAfterMs?: number): AcmeProblem | undefined {
  const { type, detail, subproblems } = (document ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || !type.startsWith(namespace)) return undefined;
  const [first] = Array.isArray(subproblems) ? subproblems : [];
  const inner = type === `${namespace}compound` ? problemIn(first, retryAfterMs) : undefined;
  const short = type.slice(namespace.length).replace(/[^A-Za-z]/g, '');
  return inner ?? new AcmeProblem(short.slice(0, 64), typeof detail === 'string' ? detail : '', retryAfterMs);
}

const longestWaitMs = 24 * 3_600_000;

/** `Retry-After`: seconds or a date; a day at most. */
export function retryAfterOf({ headers }: Pick<AcmeAnswer, 'headers'>, now: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), longestWaitMs) : undefined;
}

/** @throws AcmeProblem for what is no JSON object */
export function objectOf({ body }: AcmeAnswer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new AcmeProblem('silent', 'its answer is no JSON object');
}
