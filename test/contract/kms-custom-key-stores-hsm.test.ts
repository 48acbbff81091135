/** Key stores of type AWS_CLOUDHSM over PKCS #11: SoftHSM stands for the cluster, its tools for an administrator. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelKeyDeletionCommand,
  ConnectCustomKeyStoreCommand,
  CreateCustomKeyStoreCommand,
  type CreateCustomKeyStoreCommandInput,
  CreateKeyCommand,
  DecryptCommand,
  DeleteCustomKeyStoreCommand,
  DescribeCustomKeyStoresCommand,
  DescribeKeyCommand,
  DisconnectCustomKeyStoreCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateRandomCommand,
  KMSClient,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateCustomKeyStoreCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accountId,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(existsSync);
const library = await import('graphene-pk11').catch(() => undefined);
const isMissing = module === undefined || library === undefined;
if (isMissing) {
  console.warn(
    'SKIPPED: key stores in tokens need softhsm2 (Debian package) and the optional dependency graphene-pk11.',
  );
}

describe.skipIf(isMissing)('a key store in a token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bailey-hsm-'));
  const conf = join(folder, 'softhsm2.conf');
  const tokens = join(folder, 'tokens');
  const password = 'kmsPswd-1';
  const ids = ['cluster-aaaaaaaaaaa', 'cluster-bbbbbbbbbbb', 'cluster-ccccccccccc', 'cluster-ddddddddddd'] as const;
  const [first, copy, unrelated, absent] = ids;
  let anchor: string;
  let otherAnchor: string;
  let instance: TestInstance;
  let kms: KMSClient;

  const util = (...args: string[]) =>
    execFileSync('softhsm2-util', args, { env: { ...process.env, SOFTHSM2_CONF: conf }, encoding: 'utf8' });

  function certificate(name: string): string {
    const path = join(folder, `${name}.crt`);
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat([
        '-subj',
        `/CN=${name}`,
        '-keyout',
        join(folder, `${name}.key`),
        '-out',
        path,
      ]),
      { stdio: 'ignore' },
    );
    return path;
  }

  beforeAll(async () => {
    mkdirSync(tokens);
    writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
    for (const label of ['first', 'copy', 'unrelated']) {
      util('--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', password);
    }
    const [file, otherFile] = [certificate('customerCA'), certificate('otherCA')];
    anchor = readFileSync(file, 'utf8');
    otherAnchor = readFileSync(otherFile, 'utf8');
    const place = { account: accountId, module: module as string, environment: { SOFTHSM2_CONF: conf } };
    instance = await startInstance({
      ...testConfig,
      keyStores: {
        clusters: [
          { ...place, id: first, token: 'first', trustAnchor: file },
          { ...place, id: copy, token: 'copy', trustAnchor: file },
          { ...place, id: unrelated, token: 'unrelated', trustAnchor: otherFile },
          { ...place, id: absent, token: 'never initialized' },
        ],
      },
    });
    kms = new KMSClient(instance.clientOptions());
  });

  afterAll(async () => {
    kms.destroy();
    await instance.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function create(more: Partial<CreateCustomKeyStoreCommandInput> = {}): Promise<string> {
    const input = {
      CustomKeyStoreName: 'token',
      CloudHsmClusterId: first,
      TrustAnchorCertificate: anchor,
      KeyStorePassword: password,
      ...more,
    };
    return (await kms.send(new CreateCustomKeyStoreCommand(input))).CustomKeyStoreId ?? '';
  }
  const connect = (CustomKeyStoreId: string) => kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId }));
  const disconnect = (CustomKeyStoreId: string) => kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId }));
  const remove = (CustomKeyStoreId: string) => kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId }));
  const stateOf = async (CustomKeyStoreId: string) =>
    (await kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreId }))).CustomKeyStores?.[0];

  /** What an administrator of the token sees of a key, in a process of its own. */
  function inToken(label: string): { count: number; attributes?: Record<string, unknown>; reading?: string } {
    const script = `
      const g = require('graphene-pk11');
      const m = g.Module.load(process.argv[1], 'x');
      m.initialize();
      const slots = m.getSlots(true);
      let slot;
      for (let i = 0; i < slots.length; i++) if (slots.items(i).getToken().label.trim() === 'first') slot = slots.items(i);
      const s = slot.open(g.SessionFlag.SERIAL_SESSION | g.SessionFlag.RW_SESSION);
      s.login(process.argv[3]);
      const found = s.find({ label: process.argv[2], class: g.ObjectClass.SECRET_KEY });
      const out = { count: found.length };
      if (found.length > 0) {
        const key = found.items(0);
        out.attributes = key.getAttribute({ sensitive: null, extractable: null, local: null, neverExtractable: null, valueLen: null });
        try { key.getAttribute('value'); out.reading = 'readable'; } catch (e) { out.reading = e.message; }
      }
      console.log(JSON.stringify(out));`;
    const env = { ...process.env, SOFTHSM2_CONF: conf };
    const args = ['-e', script, module as string, label, password];
    return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
  }

  test('its keys are made in the token, do not leave it, and are needed', async () => {
    const store = await create();
    await expect(
      kms.send(new CreateKeyCommand({ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store })),
    ).rejects.toMatchObject({ name: 'CustomKeyStoreInvalidStateException' });
    await connect(store);
    expect(await stateOf(store)).toMatchObject({
      CustomKeyStoreType: 'AWS_CLOUDHSM',
      ConnectionState: 'CONNECTED',
      CloudHsmClusterId: first,
      TrustAnchorCertificate: anchor,
    });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store }));
    const KeyId = KeyMetadata?.KeyId ?? '';
    expect(KeyMetadata).toMatchObject({
      Origin: 'AWS_CLOUDHSM',
      CustomKeyStoreId: store,
      CloudHsmClusterId: first,
      KeyState: 'Enabled',
    });
    expect(inToken(KeyId)).toEqual({
      count: 1,
      attributes: { sensitive: true, extractable: false, local: true, neverExtractable: true, valueLen: 32 },
      reading: 'CKR_ATTRIBUTE_SENSITIVE',
    });

    const EncryptionContext = { shop: 'coffee' };
    const Plaintext = Buffer.alloc(4096, 'espresso');
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
    for (let at = 0; at < (CiphertextBlob?.length ?? 0); at += 97) {
      const changed = Buffer.from(CiphertextBlob ?? []);
      changed[at] = (changed[at] as number) ^ 0x20;
      await expect(
        kms.send(new DecryptCommand({ KeyId, CiphertextBlob: changed, EncryptionContext })),
      ).rejects.toMatchObject({ name: expect.stringMatching(/^(?:InvalidCiphertext|IncorrectKey)Exception$/) });
    }

    const data = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    const back = await kms.send(new DecryptCommand({ CiphertextBlob: data.CiphertextBlob }));
    expect(Buffer.from(back.Plaintext ?? [])).toEqual(Buffer.from(data.Plaintext ?? []));
    const plain = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
    const moved = await kms.send(
      new ReEncryptCommand({ CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: plain }),
    );
    const there = await kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }));
    expect(Buffer.from(there.Plaintext ?? [])).toEqual(Plaintext);

    const random = new GenerateRandomCommand({ NumberOfBytes: 32, CustomKeyStoreId: store });
    const [one, two] = [await kms.send(random), await kms.send(random)];
    expect(one.Plaintext).toHaveLength(32);
    expect(Buffer.from(one.Plaintext ?? [])).not.toEqual(Buffer.from(two.Plaintext ?? []));
    await expect(kms.send(new RotateKeyOnDemandCommand({ KeyId }))).rejects.toMatchObject({
      name: 'UnsupportedOperationException',
    });

    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(`bean ${n}`) })),
      ),
    );
    const read = await Promise.all(
      many.map(({ CiphertextBlob: blob }) => kms.send(new DecryptCommand({ CiphertextBlob: blob }))),
    );
    expect(read.map(({ Plaintext: text }) => Buffer.from(text ?? []).toString())).toEqual(
      many.map((_, n) => `bean ${n}`),
    );

    await disconnect(store);
    const refused = { name: 'KMSInvalidStateException' };
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).rejects.toMatchObject(refused);
    await expect(kms.send(random)).rejects.toMatchObject({ name: 'CustomKeyStoreInvalidStateException' });
    const shown = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(shown.KeyMetadata).toMatchObject({ KeyState: 'Unavailable', Enabled: false });
    await connect(store);
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));

    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await instance.advance(8 * 86_400);
    expect(inToken(KeyId)).toEqual({ count: 0 });
    await disconnect(store);
    await remove(store);
  });

  test('what keeps a store from being made, and from connecting', async () => {
    const refusals: [Partial<CreateCustomKeyStoreCommandInput>, string][] = [
      [{ CloudHsmClusterId: 'cluster-zzzzzzzzzzz' }, 'CloudHsmClusterNotFoundException'],
      [{ CloudHsmClusterId: absent }, 'CloudHsmClusterNotActiveException'],
      [{ TrustAnchorCertificate: otherAnchor }, 'IncorrectTrustAnchorException'],
      [{ TrustAnchorCertificate: 'no certificate' }, 'IncorrectTrustAnchorException'],
      [{ KeyStorePassword: undefined }, 'ValidationException'],
      [{ XksProxyConnectivity: 'PUBLIC_ENDPOINT' }, 'ValidationException'],
    ];
    for (const [more, name] of refusals) await expect(create(more), name).rejects.toMatchObject({ name });
    const stranger = new KMSClient(instance.clientOptions(otherAdminKeys));
    await expect(
      stranger.send(
        new CreateCustomKeyStoreCommand({
          CustomKeyStoreName: `of ${otherAccountId}`,
          CloudHsmClusterId: first,
          TrustAnchorCertificate: anchor,
          KeyStorePassword: password,
        }),
      ),
    ).rejects.toMatchObject({ name: 'CloudHsmClusterNotFoundException' });
    stranger.destroy();

    const store = await create();
    await expect(create({ CustomKeyStoreName: 'second' })).rejects.toMatchObject({
      name: 'CloudHsmClusterInUseException',
    });
    const update = (more: object) => kms.send(new UpdateCustomKeyStoreCommand({ CustomKeyStoreId: store, ...more }));
    await connect(store);
    await expect(update({ KeyStorePassword: 'otherPswd' })).rejects.toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
    await disconnect(store);
    await expect(update({ CloudHsmClusterId: unrelated })).rejects.toMatchObject({
      name: 'CloudHsmClusterNotRelatedException',
    });
    await expect(update({ XksProxyUriPath: '/kms/xks/v1' })).rejects.toMatchObject({ name: 'ValidationException' });
    // Somebody is logged in already: a wrong password is found out all the same.
    await update({ KeyStorePassword: 'wrongPswd' });
    await connect(store);
    expect(await stateOf(store)).toMatchObject({
      ConnectionState: 'FAILED',
      ConnectionErrorCode: 'INVALID_CREDENTIALS',
    });
    await disconnect(store);
    await update({ KeyStorePassword: password, CloudHsmClusterId: copy });
    await connect(store);
    expect(await stateOf(store)).toMatchObject({ ConnectionState: 'CONNECTED', CloudHsmClusterId: copy });
    await disconnect(store);
    await remove(store);
  });
});
