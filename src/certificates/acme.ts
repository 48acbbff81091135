/** A certificate of a public authority, ordered at once, with the question over HTTP (http-01) answered on a port of its own. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { beAsked, type Challenge, finishOrder, lookAtOrder, openOrder, readChain } from './acme-orders.ts';
import { AcmeProblem } from './acme-request.ts';
import { AcmeSession } from './acme-session.ts';
import { signerOfKey, signingRequest } from './signing-request.ts';

export interface AcmeOrder {
  /** URL of the authority's directory. */
  readonly directory: string;
  readonly email: string;
  readonly names: readonly string[];
  /** PEM; who asks. */
  readonly accountKey: string;
  /** Where the authority's question arrives. */
  readonly host: string;
  readonly httpPort: number;
  /** PEM file of the root that vouches for the directory, if it is no public one. */
  readonly ca?: string;
}

export interface AcmeCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM, leaf first. */
  readonly chain: string;
}

const prefix = '/.well-known/acme-challenge/';
/** Those who need the certificate try again later; a start must not hang on an authority that is not done. */
const looks = 40;
const shortestLookMs = 250;
const longestLookMs = 3_000;

/** PEM. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
}

/** Orders a certificate, and answers the authority's questions on `httpPort` as long as that takes. */
export async function orderCertificate(order: AcmeOrder): Promise<AcmeCertificate> {
  const answers = new Map<string, string>();
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    const answer = path.startsWith(prefix) ? answers.get(path.slice(prefix.length)) : undefined;
    outgoing.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(order.httpPort, order.host, resolve);
  });
  try {
    return await orderWith(order, answers);
  } catch (error) {
    const reason =
      error instanceof AcmeProblem && error.type === 'silent'
        ? `it does not answer, or nobody vouches for it (${error.message})`
        : (error as Error).message;
    throw new Error(`No certificate from ${order.directory}: ${reason}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function orderWith(order: AcmeOrder, answers: Map<string, string>): Promise<AcmeCertificate> {
  const { directory, email, accountKey, ca, names } = order;
  const session = new AcmeSession({
    directory,
    email,
    signer: signerOfKey(accountKey),
    ca: ca === undefined ? undefined : readFileSync(ca, 'utf8'),
    now: Date.now,
  });
  const opened = await openOrder(session, names);
  for (const { domain, isValid, challenges } of opened.authorizations) {
    if (isValid) continue;
    const challenge = challenges.find(({ way }) => way === 'http-01') as Challenge | undefined;
    if (!challenge) throw new Error(`it does not ask for ${domain} over HTTP`);
    answers.set(challenge.token, challenge.answer);
    await beAsked(session, challenge);
  }
  await until(session, opened.url, 'ready');
  const key = makeKey();
  await finishOrder(session, opened.finish, await signingRequest(key, names));
  return { key, chain: await readChain(session, await until(session, opened.url, 'valid')) };
}

/** Returns where the certificate is, once it is. */
async function until(session: AcmeSession, url: string, wanted: 'ready' | 'valid'): Promise<string> {
  for (let left = looks; left > 0; left -= 1) {
    const { status, certificate = '', problem, retryAfterMs = 0 } = await lookAtOrder(session, url, Date.now());
    if (problem) throw problem;
    if (status === wanted || status === 'valid') return certificate;
    await pause(Math.min(Math.max(retryAfterMs, shortestLookMs), longestLookMs));
  }
  throw new Error('it is not done in time');
}
