/** The support plan has no client on npm: the signed request by hand, as the console makes it. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Person } from './lab.ts';

class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: unknown): void {
    this.#hash.update(data as Buffer);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

/** Rejects with an Error named like the answer's code. */
export async function startSupportPlanUpdate(person: Person, level: string): Promise<void> {
  const { endpoint, region, credentials } = person.options;
  const url = new URL('/v1/startSupportPlanUpdate', endpoint);
  const body = JSON.stringify({ SupportLevel: level });
  const signer = new SignatureV4({ service: 'supportplans', region, credentials, sha256: Sha256 as never });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: {},
    headers: { host: url.host, 'content-type': 'application/json' },
    body,
  });
  const response = await fetch(url, { method: 'POST', headers, body });
  if (response.ok) return;
  const answer = (await response.json()) as { message?: string; Message?: string };
  const code = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? 'Unknown';
  throw Object.assign(new Error(answer.message ?? answer.Message ?? ''), {
    name: code,
    $metadata: { httpStatusCode: response.status },
  });
}
