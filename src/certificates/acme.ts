/** Certificates of public authorities, by ACME (RFC 8555) with the question over HTTP (http-01). */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import acme from 'acme-client';

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

/** Those who need the certificate try again later; a start must not hang on an authority that is not there. */
const patience = { retryMaxAttempts: 2, retryDefaultDelay: 1 };

const prefix = '/.well-known/acme-challenge/';

/** PEM. */
export async function makeAccountKey(): Promise<string> {
  return String(await acme.crypto.createPrivateEcdsaKey('P-256'));
}

/** Orders a certificate, and answers the authority's questions on `httpPort` as long as that takes. */
export async function orderCertificate(order: AcmeOrder): Promise<AcmeCertificate> {
  const { defaults } = acme.axios;
  const httpsAgent = order.ca === undefined ? undefined : new Agent({ ca: readFileSync(order.ca) });
  const { acmeSettings } = defaults as { acmeSettings?: object };
  Object.assign(defaults, { httpsAgent, acmeSettings: { ...acmeSettings, ...patience } });
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
    const client = new acme.Client({ directoryUrl: order.directory, accountKey: order.accountKey });
    const privateKey = await acme.crypto.createPrivateEcdsaKey('P-256');
    const [key, csr] = await acme.crypto.createCsr({ altNames: [...order.names] }, privateKey);
    const chain = await client.auto({
      csr,
      email: order.email,
      termsOfServiceAgreed: true,
      // The authority asks; asking ourselves would need its view of the network.
      skipChallengeVerification: true,
      challengePriority: ['http-01'],
      challengeCreateFn: async (_authorization, challenge, answer) => void answers.set(challenge.token, answer),
      challengeRemoveFn: async (_authorization, challenge) => void answers.delete(challenge.token),
    });
    return { key: String(key), chain };
  } catch (error) {
    // The library's own word for no answer at all is a TypeError about `status`.
    const reason =
      error instanceof TypeError ? 'it does not answer, or nobody vouches for it' : (error as Error).message;
    throw new Error(`No certificate from ${order.directory}: ${reason}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
