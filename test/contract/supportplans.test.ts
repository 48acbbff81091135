/** M-041: the support plan is the root user's to change, whatever policies say, unless the operator opens it to them. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, expect, test } from 'vitest';
import {
  adminKeys,
  type Keys,
  nobodyKeys,
  rootKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';

/** There is no SDK client: requests are signed by hand. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : Buffer.from(data as Uint8Array));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('one use only');
  }
}

let instance: TestInstance;
afterEach(() => instance.stop());

async function call(keys: Keys, method: 'GET' | 'POST', path: string, body?: object) {
  const url = new URL(path, instance.endpoint);
  const signer = new SignatureV4({ service: 'supportplans', region: 'us-east-1', credentials: keys, sha256: Sha256 });
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path,
    headers: { host: url.host, ...(text && { 'content-type': 'application/json' }) },
    ...(text && { body: text }),
  });
  const response = await fetch(url, { method, headers: signed.headers, ...(text && { body: text }) });
  return {
    status: response.status,
    error: response.headers.get('x-amzn-errortype'),
    body: (await response.json()) as { SupportPlan?: { SupportLevel: string } },
  };
}

const update = (keys: Keys, SupportLevel = 'BUSINESS') =>
  call(keys, 'POST', '/v1/startSupportPlanUpdate', { SupportLevel });
const plan = async () => (await call(adminKeys, 'GET', '/v1/getSupportPlan')).body.SupportPlan?.SupportLevel;

test('M-041 only the root user changes the support plan', async () => {
  instance = await startInstance();
  expect(await plan()).toBe('BASIC');
  for (const keys of [adminKeys, nobodyKeys]) {
    expect(await update(keys)).toMatchObject({ status: 403, error: 'AccessDeniedException' });
  }
  expect(await plan()).toBe('BASIC');
  expect(await update(rootKeys, 'GOLD')).toMatchObject({ status: 400, error: 'ValidationException' });
  expect(await update(rootKeys)).toMatchObject({ status: 200, body: { SupportPlan: { SupportLevel: 'BUSINESS' } } });
  expect(await plan()).toBe('BUSINESS');
  expect((await call(nobodyKeys, 'GET', '/v1/getSupportPlan')).status).toBe(403);
  expect((await call({ ...rootKeys, secretAccessKey: 'wrong' }, 'GET', '/v1/getSupportPlan')).status).toBe(403);
});

test('M-041 the operator can leave support plans to policies', async () => {
  instance = await startInstance({ ...testConfig, rootOnlySupportPlans: false });
  expect((await update(nobodyKeys)).status).toBe(403);
  expect((await update(adminKeys)).status).toBe(200);
  expect(await plan()).toBe('BUSINESS');
});
