/** Calls that come together: limits hold, names stay unique, and what is refused has done nothing. */
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { bytes, kmsClient, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let kms: K.KMSClient;
beforeAll(async () => {
  instance = await startInstance({ ...testConfig, kms: { grantsPerKey: 20, keysPerRegion: 30 } });
  kms = kmsClient(instance);
});
afterAll(() => instance.stop());

/** How the calls ended: how often each name of an error, and how often none. */
async function outcomes(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of await Promise.allSettled(calls)) {
    const name = one.status === 'fulfilled' ? 'ok' : (one.reason as Error).name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
const times = <T>(count: number, call: (n: number) => Promise<T>) => Array.from({ length: count }, (_, n) => call(n));

test('25 rotations on demand and no more', async () => {
  const { KeyId } = await makeKey(kms);
  const Plaintext = Buffer.from('x');
  const { CiphertextBlob } = await kms.send(new K.EncryptCommand({ KeyId, Plaintext }));
  const said = await outcomes(times(30, () => kms.send(new K.RotateKeyOnDemandCommand({ KeyId }))));
  expect(said).toEqual({ ok: 25, LimitExceededException: 5 });
  const { Rotations } = await kms.send(
    new K.ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
  );
  expect(new Set(Rotations?.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(26);
  expect(Rotations?.filter(({ KeyMaterialState }) => KeyMaterialState === 'CURRENT')).toHaveLength(1);
  expect(bytes((await kms.send(new K.DecryptCommand({ CiphertextBlob }))).Plaintext)).toEqual(Plaintext);
});

test('one alias of a name, 50 aliases of a key', async () => {
  const { KeyId: TargetKeyId } = await makeKey(kms);
  const create = (AliasName: string) => kms.send(new K.CreateAliasCommand({ AliasName, TargetKeyId }));
  expect(await outcomes(times(8, () => create('alias/same')))).toEqual({ ok: 1, AlreadyExistsException: 7 });
  // In waves: who comes too late too often is told to try again.
  for (const wave of [0, 1]) expect(await outcomes(times(18, (n) => create(`alias/${wave}-${n}`)))).toEqual({ ok: 18 });
  expect(await outcomes(times(18, (n) => create(`alias/2-${n}`)))).toEqual({ ok: 13, LimitExceededException: 5 });
});

test('grants up to the limit, and one grant of a name', async () => {
  const { KeyId } = await makeKey(kms);
  const GranteePrincipal = `arn:aws:iam::${accountId}:user/nobody`;
  const grant = (Name?: string) =>
    kms.send(new K.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Encrypt'], Name }));
  const named = await Promise.all(times(6, () => grant('once')));
  expect(new Set(named.map(({ GrantId }) => GrantId)).size).toBe(1);
  expect(await outcomes(times(25, () => grant()))).toEqual({ ok: 19, LimitExceededException: 6 });
});

test('keys up to the limit', async () => {
  const there = kmsClient(instance, undefined, 'eu-west-1');
  expect(await outcomes(times(36, () => makeKey(there)))).toEqual({ ok: 30, LimitExceededException: 6 });
});

test('one state at a time: disabled, enabled, scheduled and saved at once ends in one of them', async () => {
  const { KeyId } = await makeKey(kms);
  await outcomes([
    ...times(5, () => kms.send(new K.DisableKeyCommand({ KeyId }))),
    ...times(5, () => kms.send(new K.EnableKeyCommand({ KeyId }))),
    ...times(5, () => kms.send(new K.ScheduleKeyDeletionCommand({ KeyId }))),
    ...times(5, () => kms.send(new K.CancelKeyDeletionCommand({ KeyId }))),
  ]);
  const { KeyMetadata } = await kms.send(new K.DescribeKeyCommand({ KeyId }));
  const isLeaving = KeyMetadata?.KeyState === 'PendingDeletion';
  expect(['Enabled', 'Disabled', 'PendingDeletion']).toContain(KeyMetadata?.KeyState);
  expect(KeyMetadata?.Enabled).toBe(KeyMetadata?.KeyState === 'Enabled');
  expect(KeyMetadata?.DeletionDate !== undefined).toBe(isLeaving);
  // What was cancelled is not deleted by what was scheduled before.
  if (isLeaving) await kms.send(new K.CancelKeyDeletionCommand({ KeyId }));
  await instance.advance(31 * 86_400);
  const answer = await kms.send(new K.DescribeKeyCommand({ KeyId }));
  expect(answer.KeyMetadata?.KeyState).toMatch(/Enabled|Disabled/);
});
