/** A root key sealed by another KMS, as seen from here: what is asked, and what happens when the answers are bad or none. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { remoteKmsSeal } from './remote-kms.ts';

interface Asked {
  readonly target: string;
  readonly body: Record<string, unknown>;
}

let server: Server;
let asked: Asked[];
let answer: (call: Asked) => { status: number; body: object };
const before = { ...process.env };

beforeEach(async () => {
  asked = [];
  process.env.AWS_ACCESS_KEY_ID = 'AKIASEALEXAMPLE00001';
  process.env.AWS_SECRET_ACCESS_KEY = 'sealsecret/sealsecret/sealsecret/sealsecr';
  server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const target = String(incoming.headers['x-amz-target']).replace('TrentService.', '');
    const call = { target, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> };
    asked.push(call);
    const { status, body } = answer(call);
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  process.env = { ...before };
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const keyId = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const seal = () =>
  remoteKmsSeal({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, region: 'us-east-1', keyId });
const root = Buffer.alloc(32, 7);
const parameters = { keyId, vault: 'a-vault' };

test('the root key is encrypted under the key, bound to this vault', async () => {
  answer = () => ({ status: 200, body: { CiphertextBlob: Buffer.from('sealed').toString('base64') } });
  const made = await seal().close(root, undefined);
  expect(made.sealed.toString()).toBe('sealed');
  expect(made.parameters.keyId).toBe(keyId);
  const [{ target, body } = { target: '', body: {} }] = asked;
  expect(target).toBe('Encrypt');
  expect(body.EncryptionContext).toEqual({ purpose: 'bailey vault root key', vault: made.parameters.vault });
  expect((await seal().close(root, made.parameters)).parameters.vault).toBe(made.parameters.vault);
  expect((await seal().close(root, undefined)).parameters.vault).not.toBe(made.parameters.vault);
});

test('it is asked for by the key that sealed it, with the same context', async () => {
  answer = () => ({ status: 200, body: { Plaintext: root.toString('base64') } });
  expect(await seal().open(Buffer.from('sealed'), parameters)).toEqual(root);
  expect(asked[0]?.body).toMatchObject({ KeyId: keyId, EncryptionContext: { vault: 'a-vault' } });
});

test('an answer that is no root key is not taken', async () => {
  answer = () => ({ status: 200, body: { Plaintext: Buffer.alloc(16).toString('base64') } });
  await expect(seal().open(Buffer.from('sealed'), parameters)).rejects.toMatchObject({ code: 'sealed' });
});

test('a refusal is told by its name alone, and is no reason to give up', async () => {
  answer = () => ({ status: 400, body: { __type: 'AccessDeniedException', message: 'secret things' } });
  const refused = seal().open(Buffer.from('sealed'), parameters);
  await expect(refused).rejects.toMatchObject({
    code: 'sealed',
    message: expect.stringContaining('AccessDeniedException'),
  });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('secret things') });
});

test('where nobody answers the vault stays sealed', async () => {
  const nowhere = remoteKmsSeal({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', keyId });
  await expect(nowhere.open(Buffer.from('sealed'), parameters)).rejects.toMatchObject({ code: 'sealed' });
});
