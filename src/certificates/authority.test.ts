/** The authority's certificates before OpenSSL's eyes: chains, names, uses, and clients and servers that meet over TLS. */
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { type Issuer, makeIntermediate, makeLeaf, makeRoot, renewalTime, validFor, validityOf } from './authority.ts';
import { arnOfSpiffe, spiffeOf } from './names.ts';
import type { Signer } from './signer.ts';

function signer(curve: 'P-256' | 'P-384'): Signer {
  const pair = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    curve,
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }),
    sign: async (message) => sign(curve === 'P-256' ? 'sha256' : 'sha384', message, pair.privateKey),
  };
}

function leafKey() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }),
    pem: String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })),
  };
}

async function authority() {
  const now = Date.now();
  const rootSigner = signer('P-384');
  const root: Issuer = { signer: rootSigner, certificate: await makeRoot(rootSigner, 'Root', validFor(now, 3650)) };
  const own = signer('P-256');
  const certificate = await makeIntermediate(root, own.publicKey, 'Issuing', validFor(now, 365));
  return { root, intermediate: { signer: own, certificate } as Issuer, now };
}

test('each certificate is signed by the one above it, and says what it is for', async () => {
  const { root, intermediate, now } = await authority();
  const key = leafKey();
  const pem = await makeLeaf(
    intermediate,
    key.publicKey,
    'server',
    ['localhost', '*.localhost', '127.0.0.1', '::1'],
    validFor(now, 7),
  );
  const [top, middle, leaf] = [root.certificate, intermediate.certificate, pem].map((one) => new X509Certificate(one));
  if (!top || !middle || !leaf) throw new Error('three certificates');
  expect(top.verify(top.publicKey)).toBe(true);
  expect(middle.verify(top.publicKey)).toBe(true);
  expect(leaf.verify(middle.publicKey)).toBe(true);
  expect(leaf.verify(top.publicKey)).toBe(false);
  expect([top.ca, middle.ca, leaf.ca]).toEqual([true, true, false]);
  expect(middle.checkIssued(top)).toBe(true);
  expect(leaf.checkIssued(middle)).toBe(true);
  expect(leaf.subjectAltName).toContain('DNS:*.localhost');
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(leaf.checkPrivateKey(createPrivateKey(key.pem))).toBe(true);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(BigInt(`0x${leaf.serialNumber}`)).toBeGreaterThan(2n ** 120n);
});

test('a leaf never outlives its issuer, and is renewed after two thirds of its life', async () => {
  const { intermediate, now } = await authority();
  const pem = await makeLeaf(intermediate, leafKey().publicKey, 'server', ['localhost'], validFor(now, 1000));
  expect(validityOf(pem).to).toBe(validityOf(intermediate.certificate).to);
  expect(renewalTime({ from: 0, to: 300 })).toBe(200);
});

test('over TLS: who has no certificate, another root, or one for servers, is refused as a client', async () => {
  const { root, intermediate, now } = await authority();
  const make = async (use: 'server' | 'client', name: string, by = intermediate) => {
    const key = leafKey();
    const cert = (await makeLeaf(by, key.publicKey, use, [name], validFor(now, 7))) + by.certificate;
    return { key: key.pem, cert };
  };
  const server = createServer(
    { ...(await make('server', 'localhost')), ca: root.certificate, requestCert: true, rejectUnauthorized: true },
    (incoming, outgoing) => outgoing.end((incoming.socket as TLSSocket).getPeerX509Certificate()?.subjectAltName),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const get = (options: object) =>
    new Promise<string>((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', servername: 'localhost', port, agent: false, ...options },
        (incoming) => {
          let text = '';
          incoming.on('data', (chunk) => {
            text += chunk;
          });
          incoming.on('end', () => resolve(text));
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
  const id = spiffeOf('arn:aws:iam::111122223333:user/rudy');
  const ca = root.certificate;
  try {
    expect(await get({ ca, ...(await make('client', id)) })).toBe(`URI:${id}`);
    await expect(get({ ca })).rejects.toThrow();
    await expect(get({ ca, ...(await make('server', 'localhost')) })).rejects.toThrow();
    const foreign = (await authority()).intermediate;
    await expect(get({ ca, ...(await make('client', id, foreign)) })).rejects.toThrow();
    await expect(get({ ca: (await authority()).root.certificate, ...(await make('client', id)) })).rejects.toThrow(
      /self.signed|unable to/,
    );
  } finally {
    server.close();
  }
});

test('principals and their SPIFFE ids', () => {
  const arn = 'arn:aws:iam::111122223333:role/staff/till';
  expect(spiffeOf(arn)).toBe('spiffe://bailey/111122223333/role/staff/till');
  expect(arnOfSpiffe(spiffeOf(arn))).toBe(arn);
  expect(arnOfSpiffe('spiffe://elsewhere/111122223333/user/rudy')).toBeUndefined();
  expect(() => spiffeOf('arn:aws:s3:::bucket')).toThrow('IAM user or role');
});
