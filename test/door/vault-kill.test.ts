/** The vault is killed again and again while callers use keys and the operator rotates: they see errors that pass, and lose nothing. */
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { ask } from '../../src/cli/operator.ts';
import { startInstance } from '../support/instance.ts';

const rounds = Number(process.env.VAULT_KILLS ?? 8);

test(`${rounds} deaths of the vault in the middle of calls`, { timeout: 120_000 }, async () => {
  const instance = await startInstance();
  const kms = new KMSClient(instance.clientOptions());
  const make = async (spec?: 'ECC_NIST_P384' | 'HMAC_256') => {
    const usage = spec === 'HMAC_256' ? 'GENERATE_VERIFY_MAC' : 'SIGN_VERIFY';
    const { KeyMetadata } = await kms.send(new CreateKeyCommand(spec ? { KeySpec: spec, KeyUsage: usage } : {}));
    return KeyMetadata?.KeyId as string;
  };
  const [signing, mac] = [await make('ECC_NIST_P384'), await make('HMAC_256')];
  const blobs: { blob: Uint8Array; text: string; KeyId: string }[] = [];
  const errors = new Map<string, number>();
  let isOver = false;
  let answers = 0;
  const pidOf = async (): Promise<number> =>
    (await ask<{ vault: { pid: number } }>(instance.dataDir, '/vault/status', {})).vault.pid;

  const calls: (() => Promise<unknown>)[] = [
    async () => {
      const KeyId = await make();
      const text = `text ${blobs.length}`;
      const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(text) }));
      blobs.push({ blob: CiphertextBlob as Uint8Array, text, KeyId });
    },
    async () => {
      const one = blobs[Math.floor(Math.random() * blobs.length)];
      if (!one) return;
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: one.blob }));
      expect(Buffer.from(Plaintext ?? []).toString()).toBe(one.text);
    },
    () => kms.send(new SignCommand({ KeyId: signing, Message: Buffer.from('m'), SigningAlgorithm: 'ECDSA_SHA_384' })),
    () => kms.send(new GenerateMacCommand({ KeyId: mac, Message: Buffer.from('m'), MacAlgorithm: 'HMAC_SHA_256' })),
  ];
  const lane = async (at: number): Promise<void> => {
    for (let n = at; !isOver; n += 1) {
      try {
        await (calls[n % calls.length] as () => Promise<unknown>)();
        answers += 1;
      } catch (error) {
        const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
        const what = `${name} ${$metadata?.httpStatusCode}`;
        errors.set(what, (errors.get(what) ?? 0) + 1);
      }
    }
  };
  try {
    const lanes = Array.from({ length: 6 }, (_, at) => lane(at));
    for (let round = 0; round < rounds; round += 1) {
      const pid = await pidOf().catch(() => pidOf());
      const rotation = round % 2 === 0 ? ask(instance.dataDir, '/vault/rotate-root', {}) : undefined;
      rotation?.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      process.kill(pid, 'SIGKILL');
      await rotation?.catch(() => undefined);
      await expect
        .poll(
          () =>
            pidOf().then(
              (next) => next !== pid,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    isOver = true;
    await Promise.all(lanes);
    expect(answers).toBeGreaterThan(rounds);
    expect([...errors.keys()].filter((what) => what !== 'KMSInternalException 500')).toEqual([]);
    for (const { blob, text, KeyId } of blobs) {
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: blob, KeyId }));
      expect(Buffer.from(Plaintext ?? []).toString()).toBe(text);
    }
    expect(errors.size, 'somebody saw a death').toBeGreaterThan(0);
    // Clients with their own retries notice nothing: AWS SDKs take KMSInternalException for one that passes.
    const patient = new KMSClient({ ...instance.clientOptions(), maxAttempts: 8 });
    process.kill(await pidOf(), 'SIGKILL');
    await patient.send(new GenerateMacCommand({ KeyId: mac, Message: Buffer.from('m'), MacAlgorithm: 'HMAC_SHA_256' }));
    // Also deletions come to their end: the vault forgets the material, killed or not.
    const doomed = blobs.slice(0, 3);
    for (const { KeyId } of doomed) {
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    }
    process.kill(await pidOf(), 'SIGKILL');
    await instance.advance(8 * 86_400).catch(() => undefined);
    await expect
      .poll(
        async () => {
          await instance.advance(3_600);
          const left = await Promise.allSettled(doomed.map(({ KeyId }) => kms.send(new DescribeKeyCommand({ KeyId }))));
          return left.map((one) => (one.status === 'rejected' ? (one.reason as Error).name : 'there'));
        },
        { timeout: 20_000, interval: 300 },
      )
      .toEqual(doomed.map(() => 'NotFoundException'));
  } finally {
    isOver = true;
    await instance.stop();
  }
});
