/**
 * What toy key services do, and what catches them: one test a trap, each over HTTP against a running instance with keys whose
 * material the test knows. Two have suites of their own: 8, acknowledged before it is on the disk (test/durability), and 14,
 * certificates that are not checked (test/architecture).
 */
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createHash, createHmac, createPublicKey, verify, webcrypto } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as K from '@aws-sdk/client-kms';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../bench/door/load.ts';
import { keys } from '../../bench/door/requests.ts';
import type { Config } from '../../src/config/config.ts';
import { start } from '../../src/main.ts';
import { VaultClient } from '../../src/vault/client.ts';
import {
  accountId,
  adminKeys,
  nobodyKeys,
  rootKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { bytes, kmsClient, makeKey, refusal } from '../support/kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-traps-'));
const material = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const known = '11111111-2222-4333-8444-666666666666';
const [first, ...others] = testConfig.accounts ?? [];
const config = {
  ...testConfig,
  accounts: [{ ...first, keys: [{ id: known, material: material.toString('hex') }] }, ...others],
} as Config;
let instance: TestInstance;
let kms: K.KMSClient;
beforeAll(async () => {
  instance = await startInstance(config);
  kms = kmsClient(instance);
});
afterAll(async () => {
  await instance.stop();
  rmSync(folder, { recursive: true });
});

const secret = Buffer.from('a flat white, please');
const encrypt = async (KeyId = known, more: Partial<K.EncryptCommandInput> = {}) =>
  bytes((await kms.send(new K.EncryptCommand({ KeyId, Plaintext: secret, ...more }))).CiphertextBlob);
const decrypt = (CiphertextBlob: Uint8Array, more: Partial<K.DecryptCommandInput> = {}) =>
  kms.send(new K.DecryptCommand({ CiphertextBlob, ...more }));

describe('1 a ciphertext that is a prefix and base64', () => {
  test.each([undefined, known])('any flipped bit is refused (KeyId: %s)', async (KeyId) => {
    const blob = await encrypt();
    const answers = await Promise.all(
      Array.from({ length: 8 * blob.length }, (_, bit) => {
        const wrong = Buffer.from(blob);
        wrong[bit >> 3] = (wrong[bit >> 3] as number) ^ (1 << (bit & 7));
        return refusal(decrypt(wrong, { KeyId }));
      }),
    );
    expect(new Set(answers)).toEqual(new Set(['InvalidCiphertextException']));
  });

  test('cut short or made longer it is none', async () => {
    const blob = await encrypt();
    const cut = Array.from({ length: blob.length - 1 }, (_, length) => blob.subarray(0, length + 1));
    const longer = [1, 16, 100].map((more) => Buffer.concat([blob, Buffer.alloc(more)]));
    const answers = await Promise.all([...cut, ...longer].map((one) => refusal(decrypt(one))));
    expect(new Set(answers)).toEqual(new Set(['InvalidCiphertextException']));
  });

  test('the same plaintext twice gives two, of which no part tells it', async () => {
    const zeros = Buffer.alloc(4096);
    const [one, two] = await Promise.all([known, known].map((KeyId) => encrypt(KeyId, { Plaintext: zeros })));
    expect(one).not.toEqual(two);
    const body = (one as Buffer).subarray(-4096 - 16);
    const counts = new Array<number>(256).fill(0);
    for (const byte of body) counts[byte] = (counts[byte] as number) + 1;
    const entropy = counts.reduce(
      (sum, n) => (n === 0 ? sum : sum - (n / body.length) * Math.log2(n / body.length)),
      0,
    );
    expect(entropy).toBeGreaterThan(7.9);
    expect(one?.includes(Buffer.from(known))).toBe(true);
  });

  test('in ten thousand calls no nonce comes twice', async () => {
    const vault = new VaultClient({});
    try {
      const names = { account: accountId, keyId: known, spec: 'SYMMETRIC_DEFAULT' };
      const key = { ...names, ...(await vault.create(names)) };
      const seen = new Set<string>();
      for (let round = 0; round < 100; round += 1) {
        const made = await Promise.all(
          Array.from({ length: 100 }, () => vault.encrypt({ key, algorithm: 'SYMMETRIC_DEFAULT' }, secret)),
        );
        for (const blob of made)
          seen.add(
            Buffer.from(blob)
              .subarray(-(16 + secret.length + 28), -(16 + secret.length))
              .toString('hex'),
          );
      }
      expect(seen.size).toBe(10_000);
    } finally {
      await vault.close();
    }
  }, 30_000);
});

describe('2 signatures that nobody else can verify', () => {
  const curves = { ECC_NIST_P256: p256, ECC_NIST_P384: p384, ECC_NIST_P521: p521, ECC_SECG_P256K1: secp256k1 } as const;
  const cases = [
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 'P-256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384', 'P-384'],
    ['ECC_NIST_P521', 'ECDSA_SHA_512', 'P-521'],
    ['ECC_SECG_P256K1', 'ECDSA_SHA_256', undefined],
  ] as const;

  test.each(cases)('%s: OpenSSL, WebCrypto and noble agree', async (KeySpec, SigningAlgorithm, namedCurve) => {
    const { KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const { PublicKey } = await kms.send(new K.GetPublicKeyCommand({ KeyId }));
    const { Signature } = await kms.send(new K.SignCommand({ KeyId, Message: secret, SigningAlgorithm }));
    const hash = `sha${SigningAlgorithm.slice(-3)}`;
    for (const [name, content] of [
      ['public.der', bytes(PublicKey)],
      ['signature', bytes(Signature)],
      ['message', secret],
    ] as const) {
      writeFileSync(join(folder, name), content);
    }
    const args = ['dgst', `-${hash}`, '-verify', 'public.der', '-keyform', 'DER', '-signature', 'signature', 'message'];
    expect(execFileSync('openssl', args, { cwd: folder }).toString()).toContain('Verified OK');
    const curve = curves[KeySpec];
    const spki = bytes(PublicKey);
    const point = spki.subarray(spki.lastIndexOf(4, spki.length - 2 * Math.ceil(curve.Point.Fn.BITS / 8) - 1));
    const digest = createHash(hash).update(secret).digest();
    const compact = curve.Signature.fromBytes(bytes(Signature), 'der').toBytes('compact');
    expect(curve.verify(compact, digest, point, { prehash: false, lowS: false })).toBe(true);
    if (namedCurve === undefined) return;
    const key = await webcrypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve }, false, ['verify']);
    const how = { name: 'ECDSA', hash: `SHA-${hash.slice(3)}` };
    expect(await webcrypto.subtle.verify(how, key, compact as Uint8Array<ArrayBuffer>, secret)).toBe(true);
  });

  test('an invalid one is an error, not a false', async () => {
    const { KeyId } = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const ask = { KeyId, Message: secret, SigningAlgorithm: 'ECDSA_SHA_256' as const };
    const right = bytes((await kms.send(new K.SignCommand(ask))).Signature);
    // Of zeros, of ones, of the order, in another encoding, with a longer length than it has.
    const wrong = ['3006020100020100', '3006020101020101', '3080', '30', '00'].map((one) => Buffer.from(one, 'hex'));
    const compact = Buffer.from(p256.Signature.fromBytes(right, 'der').toBytes('compact'));
    for (const Signature of [...wrong, compact, Buffer.concat([right, Buffer.from([0])]), right.subarray(0, -1)]) {
      expect(await refusal(kms.send(new K.VerifyCommand({ ...ask, Signature })))).toBe('KMSInvalidSignatureException');
    }
  });
});

test('3 one key and random nonces for ever: a ciphertext opens outside with a key derived for it alone', async () => {
  const EncryptionContext = { shop: 'coffee', a: 'ü' };
  const blob = await encrypt(known, { EncryptionContext });
  const idLength = blob[8] as number;
  const nonceAt = 9 + idLength + 32;
  const [nonce, iv] = [blob.subarray(nonceAt, nonceAt + 16), blob.subarray(nonceAt + 16, nonceAt + 28)];
  // SP 800-108 in counter mode: one block of HMAC-SHA-256 over counter, label, zero, context and length.
  const fixed = Buffer.concat([Buffer.from('Bailey KMS encrypt\0'), nonce, Buffer.from([0, 0, 1, 0])]);
  const key = createHmac('sha256', material)
    .update(Buffer.from([0, 0, 0, 1]))
    .update(fixed)
    .digest();
  const sized = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const context = Buffer.concat(['a', 'ü', 'shop', 'coffee'].map(sized));
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAAD(Buffer.concat([blob.subarray(0, nonceAt + 28), context]));
  decipher.setAuthTag(blob.subarray(-16));
  expect(Buffer.concat([decipher.update(blob.subarray(nonceAt + 28, -16)), decipher.final()])).toEqual(secret);
});

test('4 a context that is JSON: order is free, look-alikes are not the same', async () => {
  const blob = await encrypt(known, { EncryptionContext: { a: '1', b: '2' } });
  expect(bytes((await decrypt(blob, { EncryptionContext: { b: '2', a: '1' } })).Plaintext)).toEqual(secret);
  for (const EncryptionContext of [
    { a: '1,"b":"2' },
    { a: '1', b: '2', c: '' },
    { a: '1' },
    { A: '1', b: '2' },
    {},
    undefined,
  ]) {
    expect(await refusal(decrypt(blob, { EncryptionContext }))).toBe('InvalidCiphertextException');
  }
  expect(bytes((await decrypt(await encrypt(), { EncryptionContext: {} })).Plaintext)).toEqual(secret);
});

test('5 a key policy that is stored and not asked: an empty one denies everybody, the root user too', async () => {
  const { KeyId } = await makeKey(kms);
  const nobodyElse = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountId}:user/nobody` },
    Action: 'kms:DescribeKey',
    Resource: '*',
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [nobodyElse] });
  const put = { KeyId, Policy, BypassPolicyLockoutSafetyCheck: true };
  expect(await refusal(kms.send(new K.PutKeyPolicyCommand({ KeyId, Policy })))).toContain('MalformedPolicyDocument');
  await kms.send(new K.PutKeyPolicyCommand(put));
  for (const keys of [adminKeys, rootKeys, nobodyKeys]) {
    const by = kmsClient(instance, keys);
    expect(await refusal(by.send(new K.EncryptCommand({ KeyId, Plaintext: secret })))).toContain('AccessDenied');
    expect(await refusal(by.send(new K.PutKeyPolicyCommand(put)))).toContain('AccessDenied');
  }
});

test('6 a rotation that replaces: 25 times, with a restart in the middle, and the 26th is refused', async () => {
  const dataDir = join(folder, 'rotated');
  const begin = async () => {
    const running = await start({ port: 0, config, dataDir });
    return {
      running,
      client: new K.KMSClient({ endpoint: running.endpoint, region: 'us-east-1', credentials: adminKeys }),
    };
  };
  let { running, client } = await begin();
  const { KeyId } = await makeKey(client);
  const blobs: Buffer[] = [];
  const keep = async () =>
    blobs.push(bytes((await client.send(new K.EncryptCommand({ KeyId, Plaintext: secret }))).CiphertextBlob));
  for (let round = 0; round < 25; round += 1) {
    await keep();
    await client.send(new K.RotateKeyOnDemandCommand({ KeyId }));
    if (round === 12) {
      await running.close();
      ({ running, client } = await begin());
    }
  }
  await keep();
  expect(await refusal(client.send(new K.RotateKeyOnDemandCommand({ KeyId })))).toContain('LimitExceededException');
  const opened = await Promise.all(
    blobs.map((CiphertextBlob) => client.send(new K.DecryptCommand({ CiphertextBlob }))),
  );
  expect(opened.every(({ Plaintext }) => bytes(Plaintext).equals(secret))).toBe(true);
  expect(new Set(opened.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(26);
  await running.close();
}, 30_000);

test('7 a deletion that keeps the material: the vault has nothing to open it with, however it is asked', async () => {
  const vault = new VaultClient({});
  try {
    const names = { account: accountId, keyId: known, spec: 'SYMMETRIC_DEFAULT' };
    // The sealed material is what a backup of the store would hold.
    const key = { ...names, ...(await vault.create(names)) };
    const how = { key, algorithm: 'SYMMETRIC_DEFAULT' };
    const blob = await vault.encrypt(how, secret);
    await vault.shred(accountId, known);
    await expect(vault.decrypt(how, blob)).rejects.toMatchObject({ code: 'shredded' });
    // A new key of the same name does not bring it back.
    await vault.create(names);
    await expect(vault.decrypt(how, blob)).rejects.toMatchObject({ name: 'VaultError' });
  } finally {
    await vault.close();
  }
});

test('9 sealed rows that fit everywhere: the material of one key is none under the name of another', async () => {
  const vault = new VaultClient({});
  try {
    const make = async (keyId: string, account = accountId) => {
      const names = { account, keyId, spec: 'SYMMETRIC_DEFAULT' };
      return { ...names, ...(await vault.create(names)) };
    };
    const [one, two, foreign] = [await make('one'), await make('two'), await make('one', '444455556666')];
    const swapped = [
      { ...two, sealed: one.sealed },
      { ...two, sealed: one.sealed, materialId: one.materialId },
      { ...one, sealed: foreign.sealed },
      { ...one, materialId: two.materialId },
      { ...one, spec: 'HMAC_256' },
    ];
    for (const key of swapped) {
      await expect(vault.encrypt({ key, algorithm: 'SYMMETRIC_DEFAULT' }, secret)).rejects.toMatchObject({
        name: 'VaultError',
      });
    }
  } finally {
    await vault.close();
  }
});

test('10 a key that is remembered: in a sealed vault nothing works, and callers hear that they may try again', async () => {
  const vault = new VaultClient({});
  try {
    const names = { account: accountId, keyId: known, spec: 'SYMMETRIC_DEFAULT' };
    const key = { ...names, ...(await vault.create(names)) };
    const how = { key, algorithm: 'SYMMETRIC_DEFAULT' };
    const blob = await vault.encrypt(how, secret);
    await vault.seal();
    for (const work of [
      () => vault.encrypt(how, secret),
      () => vault.decrypt(how, blob),
      () => vault.dataKey(how, 32, { isWanted: true }),
      () => vault.random(16),
      () => vault.create({ ...names, keyId: 'another' }),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'sealed' });
    }
  } finally {
    await vault.close();
  }
});

test('11 signatures that are skipped: another secret, another body, another hour, another region', async () => {
  const options = instance.clientOptions();
  const client = (more: object) => new K.KMSClient({ ...options, ...more });
  const wrongSecret = { credentials: { ...adminKeys, secretAccessKey: 'x'.repeat(40) } };
  const command = () => new K.EncryptCommand({ KeyId: known, Plaintext: secret });
  expect(await refusal(client(wrongSecret).send(command()))).toMatch(/^InvalidSignatureException/);
  const late = client({ systemClockOffset: -6 * 60_000 });
  expect(await refusal(late.send(command()))).toMatch(/^InvalidSignatureException/);
  const altered = client({});
  altered.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string };
      request.body = request.body.replace(known, known.replace('666', '667'));
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'alter' },
  );
  expect(await refusal(altered.send(command()))).toMatch(/^InvalidSignatureException/);
});

test('12 heavy work that holds up the rest: Encrypt goes on beside RSA-4096 pairs and ML-DSA signatures', async () => {
  const signing = await makeKey(kms, { KeySpec: 'ML_DSA_87', KeyUsage: 'SIGN_VERIFY' });
  const sign = { KeyId: signing.KeyId, Message: secret, SigningAlgorithm: 'ML_DSA_SHAKE_256' as const };
  let heavy = 12;
  const done = () => {
    heavy -= 1;
  };
  const work = Promise.all([
    ...Array.from({ length: 6 }, () =>
      kms.send(new K.GenerateDataKeyPairCommand({ KeyId: known, KeyPairSpec: 'RSA_4096' })).then(done),
    ),
    ...Array.from({ length: 6 }, () => kms.send(new K.SignCommand(sign)).then(done)),
  ]);
  let beside = 0;
  while (heavy > 0) {
    await encrypt();
    if (heavy > 0) beside += 1;
  }
  await work;
  // Work in line behind a single generation would let by no more calls than there are generations.
  expect(beside).toBeGreaterThan(20);
}, 60_000);

test('13 algorithms that are only listed: whatever CreateKey takes does its work at once', async () => {
  for (const [KeySpec, SigningAlgorithm, MessageType, size] of [
    ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'DIGEST', 64],
    ['ML_DSA_87', 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', 64],
    ['RSA_2048', 'RSASSA_PSS_SHA_512', 'DIGEST', 64],
    ['ECC_SECG_P256K1', 'ECDSA_SHA_256', 'DIGEST', 32],
  ] as const) {
    const { KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const ask = { KeyId, SigningAlgorithm, MessageType, Message: Buffer.alloc(size, 7) };
    const { Signature } = await kms.send(new K.SignCommand(ask));
    expect((await kms.send(new K.VerifyCommand({ ...ask, Signature }))).SignatureValid).toBe(true);
    const other = { ...ask, Message: Buffer.alloc(size, 8) };
    expect(await refusal(kms.send(new K.VerifyCommand({ ...other, Signature })))).toBe('KMSInvalidSignatureException');
  }
  const { KeyId } = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  const { PublicKey } = await kms.send(new K.GetPublicKeyCommand({ KeyId }));
  const { Signature } = await kms.send(
    new K.SignCommand({ KeyId, Message: secret, SigningAlgorithm: 'RSASSA_PSS_SHA_384' }),
  );
  const key = createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
  expect(verify('sha384', secret, { key, padding: 6, saltLength: 48 }, bytes(Signature))).toBe(true);
});

test('15 numbers of one machine: Encrypt is measured against a bare server of the same run', async () => {
  const [bare, bailey] = await Promise.all([serve('bare'), serve('bailey', join(folder, 'measured'))]);
  try {
    const client = new K.KMSClient({ endpoint: bailey.endpoint, region: 'us-east-1', credentials: adminKeys });
    const { KeyId } = await makeKey(client, {});
    const ask = keys(bailey.endpoint, 'Encrypt', { KeyId, Plaintext: secret.toString('base64') });
    const costs: number[] = [];
    for (const server of [bare, bailey]) {
      await server.measure([ask], 2000);
      costs.push((await server.measure([ask], 500)).cpuMicrosPerRequest);
    }
    // The benchmark says how much; a call that costs ten times its share is a fault on any machine.
    expect(costs[1] as number).toBeLessThan((costs[0] as number) * 45);
  } finally {
    await Promise.all([bare.stop(), bailey.stop()]);
  }
}, 60_000);

test('16 an engine that nobody runs: each that stores takes the same conformance suite', () => {
  const store = new URL('../../src/store/', import.meta.url);
  const read = (file: string) => readFileSync(new URL(file, store), 'utf8');
  const engines = readdirSync(store).filter((file) => /class \w+ implements Store\b/.test(read(file)));
  const conforming = readdirSync(store).filter(
    (file) => file.endsWith('.test.ts') && /\bdescribeStore\(/.test(read(file)),
  );
  expect(engines.length).toBeGreaterThan(0);
  for (const engine of engines) {
    const suite = engine.replace(/(-store)?\.ts$/, '.test.ts');
    expect(conforming, engine).toContain(suite);
  }
});
