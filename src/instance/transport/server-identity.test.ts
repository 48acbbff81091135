/** Certificates that are renewed in time, over a listener that never stops. */

import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { VaultClient } from '../../vault/client.ts';
import { issueLeaf } from './leaf.ts';
import { openAuthority } from './own-authority.ts';
import { ServerIdentity } from './server-identity.ts';

const hour = 3_600_000;

test('a certificate is replaced after two thirds of its life; connections go on, new ones see the new one', async () => {
  const vault = new VaultClient({});
  // The client has the machine's clock: all of this happens before its now.
  let now = Date.now() - 20 * hour;
  const authority = await openAuthority(vault, undefined, () => now);
  const failures: unknown[] = [];
  let isBroken = false;
  const source = {
    next: () => (isBroken ? Promise.reject(new Error('later')) : issueLeaf(authority, 'server', ['localhost'], 1, now)),
  };
  const identity = await ServerIdentity.open(
    source,
    () => now,
    (error) => failures.push(error),
  );
  const settings = () => ({ key: identity.current.key, cert: identity.current.chain });
  const server = createServer(settings(), (_incoming, outgoing) => outgoing.end('ok'));
  identity.onChange(() => server.setSecureContext(settings()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const serial = () =>
    new Promise<string>((resolve, reject) => {
      request({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.root, agent: false }, (incoming) => {
        resolve((incoming.socket as TLSSocket).getPeerX509Certificate()?.serialNumber ?? '');
        incoming.resume();
      })
        .on('error', reject)
        .end();
    });
  try {
    const first = await serial();
    await identity.renewIfDue();
    expect(await serial()).toBe(first);
    now += 17 * hour;
    isBroken = true;
    await identity.renewIfDue();
    expect(failures).toHaveLength(1);
    expect(await serial()).toBe(first);
    isBroken = false;
    await identity.renewIfDue();
    expect(await serial()).not.toBe(first);
    expect(identity.renewAt).toBeGreaterThan(now + 15 * hour);
  } finally {
    server.close();
    await vault.close();
  }
});

test('the intermediate is renewed in time too, under the same root', async () => {
  const vault = new VaultClient({});
  let now = Date.now();
  try {
    const authority = await openAuthority(vault, undefined, () => now);
    const first = (await authority.intermediate()).certificate;
    expect((await authority.intermediate()).certificate).toBe(first);
    now += 250 * 24 * hour;
    const second = await authority.intermediate();
    expect(second.certificate).not.toBe(first);
  } finally {
    await vault.close();
  }
});
