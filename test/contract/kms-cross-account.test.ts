/** What another account can do with a key whose policy allows it everything: to use it, and nothing beyond. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accountId,
  type Keys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let owner: K.KMSClient;
let stranger: K.KMSClient;
let key: MadeKey;
let multi: MadeKey;
let external: MadeKey;

const Policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [accountId, otherAccountId].map((account) => ({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  })),
});

beforeAll(async () => {
  instance = await startInstance();
  owner = kmsClient(instance);
  stranger = kmsClient(instance, otherAdminKeys);
  key = await makeKey(owner, { Policy });
  multi = await makeKey(owner, { Policy, MultiRegion: true });
  external = await makeKey(owner, { Policy, Origin: 'EXTERNAL' });
});
afterAll(() => instance.stop());

const plain = Buffer.from('x');

describe('operations that stay within the account, whatever the key policy says', () => {
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    CancelKeyDeletion: () => stranger.send(new K.CancelKeyDeletionCommand({ KeyId: key.Arn })),
    CreateAlias: () => stranger.send(new K.CreateAliasCommand({ AliasName: 'alias/theirs', TargetKeyId: key.Arn })),
    DeleteImportedKeyMaterial: () => stranger.send(new K.DeleteImportedKeyMaterialCommand({ KeyId: external.Arn })),
    DisableKey: () => stranger.send(new K.DisableKeyCommand({ KeyId: key.Arn })),
    DisableKeyRotation: () => stranger.send(new K.DisableKeyRotationCommand({ KeyId: key.Arn })),
    EnableKey: () => stranger.send(new K.EnableKeyCommand({ KeyId: key.Arn })),
    EnableKeyRotation: () => stranger.send(new K.EnableKeyRotationCommand({ KeyId: key.Arn })),
    GetKeyLastUsage: () => stranger.send(new K.GetKeyLastUsageCommand({ KeyId: key.Arn })),
    GetKeyPolicy: () => stranger.send(new K.GetKeyPolicyCommand({ KeyId: key.Arn })),
    GetParametersForImport: () =>
      stranger.send(
        new K.GetParametersForImportCommand({
          KeyId: external.Arn,
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        }),
      ),
    ImportKeyMaterial: () =>
      stranger.send(
        new K.ImportKeyMaterialCommand({ KeyId: external.Arn, ImportToken: plain, EncryptedKeyMaterial: plain }),
      ),
    ListKeyPolicies: () => stranger.send(new K.ListKeyPoliciesCommand({ KeyId: key.Arn })),
    ListKeyRotations: () => stranger.send(new K.ListKeyRotationsCommand({ KeyId: key.Arn })),
    ListResourceTags: () => stranger.send(new K.ListResourceTagsCommand({ KeyId: key.Arn })),
    PutKeyPolicy: () => stranger.send(new K.PutKeyPolicyCommand({ KeyId: key.Arn, Policy })),
    // A replica would come with a policy of the stranger's choosing.
    ReplicateKey: () =>
      stranger.send(new K.ReplicateKeyCommand({ KeyId: multi.Arn, ReplicaRegion: 'eu-west-1', Policy })),
    RotateKeyOnDemand: () => stranger.send(new K.RotateKeyOnDemandCommand({ KeyId: key.Arn })),
    ScheduleKeyDeletion: () => stranger.send(new K.ScheduleKeyDeletionCommand({ KeyId: key.Arn })),
    TagResource: () =>
      stranger.send(new K.TagResourceCommand({ KeyId: key.Arn, Tags: [{ TagKey: 'mine', TagValue: 'x' }] })),
    UntagResource: () => stranger.send(new K.UntagResourceCommand({ KeyId: key.Arn, TagKeys: ['mine'] })),
    UpdateKeyDescription: () =>
      stranger.send(new K.UpdateKeyDescriptionCommand({ KeyId: key.Arn, Description: 'mine now' })),
    UpdatePrimaryRegion: () =>
      stranger.send(new K.UpdatePrimaryRegionCommand({ KeyId: multi.Arn, PrimaryRegion: 'eu-west-1' })),
  };

  test.each(Object.keys(calls))('%s', async (name) => {
    const said = await refusal((calls[name] as () => Promise<unknown>)());
    // An alias stands for a key of the same account, says AWS before it asks for permission.
    expect(said).toMatch(name === 'CreateAlias' ? /Unsupported|AccessDenied/ : /^AccessDeniedException/);
  });

  test('and nothing has changed', async () => {
    const { KeyMetadata } = await owner.send(new K.DescribeKeyCommand({ KeyId: key.KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', Description: '' });
  });
});

test('operations that use the key are for both, by its ARN only', async () => {
  const { CiphertextBlob } = await stranger.send(new K.EncryptCommand({ KeyId: key.Arn, Plaintext: plain }));
  expect((await stranger.send(new K.DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.Arn);
  expect((await stranger.send(new K.DescribeKeyCommand({ KeyId: key.Arn }))).KeyMetadata?.AWSAccountId).toBe(accountId);
  await stranger.send(new K.GetKeyRotationStatusCommand({ KeyId: key.Arn }));
  await stranger.send(new K.ListGrantsCommand({ KeyId: key.Arn }));
  expect(await refusal(stranger.send(new K.EncryptCommand({ KeyId: key.KeyId, Plaintext: plain })))).toContain(
    'NotFoundException',
  );
});

test('a grant that names a foreign account does not open what a policy cannot', async () => {
  const GranteePrincipal = `arn:aws:iam::${otherAccountId}:root`;
  await owner.send(new K.CreateGrantCommand({ KeyId: key.KeyId, GranteePrincipal, Operations: ['Decrypt'] }));
  expect(await refusal(stranger.send(new K.GetKeyPolicyCommand({ KeyId: key.Arn })))).toContain('AccessDenied');
});

describe('what is not there and what is not theirs', () => {
  const reason =
    'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access';
  const said = async (KeyId: string) =>
    (await refusal(stranger.send(new K.DescribeKeyCommand({ KeyId })))).replaceAll(KeyId, 'IT');

  test('sound the same to another account: keys and aliases, of accounts that exist and that do not', async () => {
    const own = await makeKey(owner);
    await owner.send(new K.CreateAliasCommand({ AliasName: 'alias/secret-project', TargetKeyId: own.KeyId }));
    const place = `arn:aws:kms:us-east-1:${accountId}`;
    const answers = await Promise.all(
      [
        own.Arn,
        `${place}:alias/secret-project`,
        `${place}:alias/no-project`,
        `${place}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
        `${place}:key/no-key-at-all`,
        'arn:aws:kms:us-east-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        'arn:aws:kms:us-east-1:999999999999:alias/x',
      ].map(said),
    );
    expect(new Set(answers)).toEqual(
      new Set([
        `AccessDeniedException: User: arn:aws:iam::${otherAccountId}:user/admin is not authorized to perform: kms:DescribeKey on resource: IT ${reason}`,
      ]),
    );
  });

  test('every operation refuses a key that is not there, and does nothing', async () => {
    const KeyId = `arn:aws:kms:us-east-1:${accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    for (const said of await Promise.all(
      [
        stranger.send(new K.EncryptCommand({ KeyId, Plaintext: plain })),
        stranger.send(new K.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
        stranger.send(new K.PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true })),
        stranger.send(
          new K.CreateGrantCommand({
            KeyId,
            GranteePrincipal: `arn:aws:iam::${otherAccountId}:root`,
            Operations: ['Decrypt'],
          }),
        ),
        stranger.send(new K.ScheduleKeyDeletionCommand({ KeyId })),
        stranger.send(new K.RetireGrantCommand({ KeyId, GrantId: 'a'.repeat(64) })),
      ].map(refusal),
    )) {
      expect(said).toContain('AccessDeniedException');
    }
  });

  test('an owner hears of attempts on keys that are there, and of no others', async () => {
    const own = await makeKey(owner);
    const missing = `arn:aws:kms:us-east-1:${accountId}:key/deadbeef-12ab-34cd-56ef-1234567890ab`;
    for (const KeyId of [own.Arn, missing]) {
      await refusal(
        stranger.send(new K.EncryptCommand({ KeyId, Plaintext: plain, EncryptionContext: { of: 'a stranger' } })),
      );
    }
    const seen = async (keys?: Keys) => {
      const trail = new CloudTrailClient(instance.clientOptions(keys));
      const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'Encrypt' }];
      const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes }));
      const texts = (Events ?? []).map(({ CloudTrailEvent }) => CloudTrailEvent ?? '');
      return [own.Arn, missing].map((KeyId) => texts.some((one) => one.includes('a stranger') && one.includes(KeyId)));
    };
    expect(await seen(otherAdminKeys)).toEqual([true, true]);
    expect(await seen()).toEqual([true, false]);
  });

  test('a ciphertext of another account tells nobody its key', async () => {
    const own = await makeKey(owner);
    const { CiphertextBlob } = await owner.send(new K.EncryptCommand({ KeyId: own.KeyId, Plaintext: plain }));
    expect(await refusal(stranger.send(new K.DecryptCommand({ CiphertextBlob })))).toBe(
      `AccessDeniedException: User: arn:aws:iam::${otherAccountId}:user/admin is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext ${reason}`,
    );
  });
});
