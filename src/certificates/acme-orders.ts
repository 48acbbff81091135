/** Orders of certificates (RFC 8555, 7.4 to 7.6): opened, their questions answered, finished, and revoked. */
import { createHash } from 'node:crypto';
import { AcmeProblem } from './acme-request.ts';
import { type AcmeSession, objectOf, problemIn, retryAfterOf } from './acme-session.ts';

/** How the authority asks whether a name is ours: by a page of it, or by a record in its DNS. */
type Way = 'http-01' | 'dns-01';

export interface Challenge {
  readonly way: Way;
  readonly url: string;
  /** Letters, digits, `-` and `_`. */
  readonly token: string;
  /** The page's text, or the record's. */
  readonly answer: string;
}

interface Authorization {
  readonly url: string;
  /** As ordered: may begin with `*.`. */
  readonly domain: string;
  /** It need not be asked any more. */
  readonly isValid: boolean;
  readonly challenges: readonly Challenge[];
}

export interface OpenedOrder {
  readonly url: string;
  /** Where the signing request goes. */
  readonly finish: string;
  readonly authorizations: readonly Authorization[];
}

export interface OrderState {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  /** `valid`: where the certificate is. */
  readonly certificate?: string;
  /** `invalid`: why. */
  readonly problem?: AcmeProblem;
  readonly retryAfterMs?: number;
}

/** At least 128 bits (RFC 8555, 8.1); it becomes part of a path. */
const tokenShape = /^[A-Za-z0-9_-]{22,128}$/;
const statuses: ReadonlySet<unknown> = new Set(['pending', 'ready', 'processing', 'valid', 'invalid']);
const mostNames = 100;
/** Proofs of one name that an authority may hold: each comes to light when the one before is forgotten. */
const mostBelieved = 5;
const unreadable = (what: string) => new AcmeProblem('silent', `its ${what} cannot be read`);

export async function openOrder(session: AcmeSession, names: readonly string[]): Promise<OpenedOrder> {
  const { newOrder } = await session.directory();
  const answer = await session.ask(newOrder, { identifiers: names.map((value) => ({ type: 'dns', value })) });
  const { authorizations, finalize } = objectOf(answer);
  if (!Array.isArray(authorizations) || authorizations.length > mostNames) throw unreadable('order');
  const found: Authorization[] = [];
  for (const url of authorizations) found.push(await readAuthorization(session, session.own(url)));
  // What was not ordered is not answered for.
  if (found.some(({ domain }) => !names.includes(domain))) throw unreadable('order');
  return { url: session.own(answer.headers.location).href, finish: session.own(finalize).href, authorizations: found };
}

/**
 * The same, with every name to be proven now. What the authority believes already was proven for an earlier order, perhaps
 * by somebody else who orders here: it is told to forget that (RFC 8555, 7.5.2). @throws AcmeProblem where it does not
 */
export async function openUnprovenOrder(session: AcmeSession, names: readonly string[]): Promise<OpenedOrder> {
  for (let left = mostBelieved; left > 0; left -= 1) {
    const order = await openOrder(session, names);
    const believed = order.authorizations.filter(({ isValid }) => isValid);
    if (believed.length === 0) return order;
    for (const { url } of believed) await session.ask(session.own(url), { status: 'deactivated' });
  }
  throw new AcmeProblem('unauthorized', 'it asks for no proof');
}

async function readAuthorization(session: AcmeSession, url: URL): Promise<Authorization> {
  const { identifier, status, wildcard, challenges } = objectOf(await session.ask(url));
  const name = (identifier as { value?: unknown } | undefined)?.value;
  if (typeof name !== 'string' || !Array.isArray(challenges)) throw unreadable('authorization');
  return {
    url: url.href,
    domain: wildcard === true ? `*.${name}` : name,
    isValid: status === 'valid',
    challenges: challenges.slice(0, mostNames).flatMap((one) => challengeOf(session, one)),
  };
}

function challengeOf(session: AcmeSession, one: unknown): Challenge[] {
  const { type, url, token } = (one ?? {}) as Record<string, unknown>;
  if ((type !== 'http-01' && type !== 'dns-01') || typeof token !== 'string' || !tokenShape.test(token)) return [];
  const page = session.keyAuthorization(token);
  const answer = type === 'http-01' ? page : createHash('sha256').update(page).digest('base64url');
  return [{ way: type, url: session.own(url).href, token, answer }];
}

/** Says that a question may be asked now. */
export async function beAsked(session: AcmeSession, { url }: Pick<Challenge, 'url'>): Promise<void> {
  await session.ask(session.own(url), {});
}

/** @param now epoch milliseconds */
export async function lookAtOrder(session: AcmeSession, url: string, now: number): Promise<OrderState> {
  const answer = await session.ask(session.own(url));
  const { status, certificate, error, authorizations } = objectOf(answer);
  if (!statuses.has(status)) throw unreadable('order');
  const retryAfterMs = retryAfterOf(answer, now);
  return {
    status: status as OrderState['status'],
    ...(status === 'valid' && { certificate: session.own(certificate).href }),
    ...(status === 'invalid' && { problem: problemIn(error) ?? (await whyInvalid(session, authorizations)) }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** What the authority found when it asked: the order itself need not say. */
async function whyInvalid(session: AcmeSession, authorizations: unknown): Promise<AcmeProblem> {
  for (const url of Array.isArray(authorizations) ? authorizations.slice(0, mostNames) : []) {
    const { challenges } = objectOf(await session.ask(session.own(url)));
    for (const { error } of Array.isArray(challenges) ? (challenges as { error?: unknown }[]) : []) {
      const problem = problemIn(error);
      if (problem) return problem;
    }
  }
  return new AcmeProblem('unauthorized', 'it does not say why');
}

/** @param signingRequest PKCS #10, DER */
export async function finishOrder(session: AcmeSession, finish: string, signingRequest: Uint8Array): Promise<void> {
  await session.ask(session.own(finish), { csr: Buffer.from(signingRequest).toString('base64url') });
}

const chainShape = /^(?:\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----)+\s*$/;

/** PEM, leaf first. */
export async function readChain(session: AcmeSession, url: string): Promise<string> {
  const { body } = await session.ask(session.own(url), undefined, 'application/pem-certificate-chain');
  if (!chainShape.test(body)) throw unreadable('certificate');
  return body;
}

/** @param reason of RFC 5280, 5.3.1 */
export async function revoke(session: AcmeSession, certificate: Uint8Array, reason: number): Promise<void> {
  const { revokeCert } = await session.directory();
  if (!revokeCert) throw new AcmeProblem('unsupported', 'it revokes nothing');
  try {
    await session.ask(revokeCert, { certificate: Buffer.from(certificate).toString('base64url'), reason });
  } catch (error) {
    if (!(error instanceof AcmeProblem) || error.type !== 'alreadyRevoked') throw error;
  }
}
