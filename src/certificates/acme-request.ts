/** One request to a certificate authority: bounded in time and size, and never led elsewhere. */
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface AcmeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface AcmeQuestion {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  /** JSON of a JWS. */
  readonly body?: string;
  readonly accept?: string;
  /** PEM of the roots that vouch for the authority; those of the machine otherwise. */
  readonly ca?: string | undefined;
}

/** Why the authority gave no certificate: RFC 8555, 6.7, or `silent` where it gave no answer that can be read. */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem';
  /** `rateLimited`, `caa`: without `urn:ietf:params:acme:error:`. */
  readonly type: string;
  /** How long the authority wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  /** @param detail of the authority: a foreigner's words */
  constructor(type: string, detail: string, retryAfterMs?: number) {
    const plain = detail.replace(/[^\x20-\x7e]/g, ' ').slice(0, longestDetail);
    super(plain === '' ? type : `${type}: ${plain}`);
    this.type = type;
    this.retryAfterMs = retryAfterMs;
  }
}

const longestDetail = 300;
const answerMs = 10_000;
/** Chains of certificates are the longest of what they say: a few kilobytes each. */
const mostBytes = 256 * 1024;

/** Redirects are answers like any other: nothing is asked of whom they name. @throws AcmeProblem `silent` */
export function askAuthority({ method, url, body, accept, ca }: AcmeQuestion): Promise<AcmeAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(new AcmeProblem('silent', reason));
    };
    const outgoing = request(url, {
      method,
      agent: false,
      headers: {
        'user-agent': 'Bailey',
        ...(accept !== undefined && { accept }),
        ...(body !== undefined && {
          'content-type': 'application/jose+json',
          'content-length': Buffer.byteLength(body),
        }),
      },
      ...(ca !== undefined && { ca }),
    });
    const timer = setTimeout(() => fail('no answer in time'), answerMs);
    outgoing.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'no connection'));
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('error', () => fail('the answer broke off'));
      incoming.on('aborted', () => fail('the answer broke off'));
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) fail('the answer is too large');
        else chunks.push(chunk);
      });
      incoming.on('end', () => {
        clearTimeout(timer);
        const { statusCode: status = 0, headers } = incoming;
        resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    outgoing.end(body);
  });
}
