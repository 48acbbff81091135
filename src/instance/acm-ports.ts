/** What Certificate Manager asks of its neighbours: this instance's authority, links that approve, and who presents what. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { day, makeLeaf } from '../certificates/authority.ts';
import { approve } from '../services/acm/approval.ts';
import type { AcmPorts, Issued, IssueRequest } from '../services/acm/ports.ts';
import { distributionsUsing } from '../services/cloudfront/reading.ts';
import { listenersUsing } from '../services/elasticloadbalancing/reading.ts';
import type { Sealer } from '../services/service.ts';
import type { Store } from '../store/store.ts';
import type { HttpResponse } from '../wire/types.ts';
import type { OwnAuthority } from './transport/own-authority.ts';

const generatePair = promisify(generateKeyPair);

const curves: Readonly<Record<string, string>> = { EC_prime256v1: 'P-256', EC_secp384r1: 'P-384' };

/** Clients check certificates by the machine's clock: one that is made while the test clock is ahead holds already. */
const allowanceMs = 5 * 60_000;

/** The key of a certificate, as Certificate Manager keeps it. */
export async function makeKeyPair(keyAlgorithm: IssueRequest['keyAlgorithm']) {
  const namedCurve = curves[keyAlgorithm];
  const { publicKey, privateKey } =
    namedCurve === undefined
      ? await generatePair('rsa', { modulusLength: 2048 })
      : await generatePair('ec', { namedCurve });
  return {
    /** SubjectPublicKeyInfo, DER. */
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    /** PKCS #8. */
    pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
  };
}

/** Signs by the instance's own authority. */
export async function issueBy(
  authority: () => Promise<OwnAuthority>,
  { names, keyAlgorithm, now, days }: IssueRequest,
): Promise<Issued & { readonly chain: string }> {
  const issuer = await (await authority()).intermediate();
  const { spki, pem } = await makeKeyPair(keyAlgorithm);
  const validity = { from: Math.min(now, Date.now()) - allowanceMs, to: now + days * day };
  return {
    body: await makeLeaf(issuer, spki, 'server', names, validity),
    chain: issuer.certificate,
    privateKey: pem,
  };
}

/** Whether a certificate for a name, which may begin with `*.`, would be good for another name or for those below it. */
export function covers(name: string, own: string): boolean {
  const isAbove = name.startsWith('*.') && own.slice(own.indexOf('.')) === name.slice(1);
  return name === own || name.endsWith(`.${own}`) || isAbove;
}

/** Load balancers whose listeners present a certificate, each once, and distributions. */
export const usersOf: AcmPorts['users'] = async (reader, arn) => {
  const listeners = await listenersUsing(reader, arn);
  const balancers = listeners.map((one) => one.slice(0, one.lastIndexOf('/')).replace(':listener/', ':loadbalancer/'));
  return [...new Set(balancers), ...(await distributionsUsing(reader, arn))];
};

const purpose = 'certificate approval';
export const approvalsPath = '/_bailey/certificates/approve/';

/** Links in validation mails: `/_bailey/certificates/approve/…`. */
export function approvalLinks(sealer: Sealer, store: Store, endpoint: () => string) {
  const link: AcmPorts['approvalLink'] = (approval) =>
    `${endpoint()}${approvalsPath}${sealer.seal(purpose, JSON.stringify(approval))}`;
  return {
    link,
    /**
     * GET asks, POST approves: programs that look at mail follow its links.
     * @param path begins with `approvalsPath`
     */
    async answer(method: string, path: string): Promise<HttpResponse | undefined> {
      const opened = sealer.open(purpose, path.slice(approvalsPath.length));
      if (!opened || (method !== 'GET' && method !== 'POST')) return undefined;
      const approval = JSON.parse(Buffer.from(opened).toString()) as Parameters<typeof approve>[1];
      if (method === 'GET') {
        const button = '<form method="post"><button>Approve</button></form>';
        return page(200, `<p>Certificate request for ${approval.domain}</p>${button}`);
      }
      return (await approve({ store }, approval))
        ? page(200, `<p>The certificate for ${approval.domain} is approved.</p>`)
        : page(410, `<p>The request for ${approval.domain} does not wait for approval any more.</p>`);
    },
  };
}

/** @param body of domain names, which hold no character that HTML knows */
function page(status: number, body: string): HttpResponse {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
  return { status, headers, body: `<!doctype html><title>Certificate</title>${body}\n` };
}
