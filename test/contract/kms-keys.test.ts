/** Keys from making to deletion: metadata, states, aliases, policies, tags, pages, over HTTP with the real SDK. */
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let kms: ReturnType<typeof kmsClient>;
beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
});
afterAll(() => instance.stop());

const day = 86_400;
const nobody = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const missing = `NotFoundException: Key 'arn:aws:kms:us-east-1:${accountId}:key/${nobody}' does not exist`;

describe('CreateKey', () => {
  test('says all there is to say of a symmetric key', async () => {
    const before = Date.now();
    const key = await makeKey(kms, { Description: 'till' });
    expect(key).toEqual({
      AWSAccountId: accountId,
      KeyId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      Arn: `arn:aws:kms:us-east-1:${accountId}:key/${key.KeyId}`,
      CreationDate: expect.any(Date),
      Enabled: true,
      Description: 'till',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: false,
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(Math.abs((key.CreationDate as Date).getTime() - before)).toBeLessThan(10_000);
  });

  test.each([
    ['RSA_2048', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']],
    ['RSA_3072', 'SIGN_VERIFY', 'SigningAlgorithms', undefined],
    ['ECC_NIST_P256', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_256']],
    ['ECC_NIST_P384', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_384']],
    ['ECC_NIST_P521', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_512']],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_256']],
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 'SigningAlgorithms', ['ED25519_PH_SHA_512', 'ED25519_SHA_512']],
    ['ECC_NIST_P256', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms', ['ECDH']],
    ['HMAC_224', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_224']],
    ['HMAC_512', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_512']],
    ['ML_DSA_44', 'SIGN_VERIFY', 'SigningAlgorithms', ['ML_DSA_SHAKE_256']],
    ['ML_DSA_87', 'SIGN_VERIFY', 'SigningAlgorithms', ['ML_DSA_SHAKE_256']],
  ] as const)('makes %s for %s', async (KeySpec, KeyUsage, member, algorithms) => {
    const key = await makeKey(kms, { KeySpec, KeyUsage });
    expect(key).toMatchObject({ KeySpec, KeyUsage, KeyState: 'Enabled' });
    const listed = key[member] as string[];
    if (algorithms) expect([...listed].sort()).toEqual([...algorithms]);
    else expect(listed).toHaveLength(6);
    expect(key.CurrentKeyMaterialId).toBeUndefined();
  });

  test.each([
    [{ KeySpec: 'HMAC_256', KeyUsage: 'SIGN_VERIFY' }, 'ValidationException'],
    [{ KeySpec: 'ECC_NIST_P256', KeyUsage: 'ENCRYPT_DECRYPT' }, 'ValidationException'],
    [{ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'KEY_AGREEMENT' }, 'ValidationException'],
    [{ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException'],
    [{ KeySpec: 'RSA_2048' }, 'ValidationException'],
    [{ Policy: '{"Version"' }, 'MalformedPolicyDocumentException'],
    [{ Policy: '{"Version":"2012-10-17","Statement":[]}' }, 'MalformedPolicyDocumentException'],
    [
      {
        Tags: [
          { TagKey: 'a', TagValue: '1' },
          { TagKey: 'a', TagValue: '2' },
        ],
      },
      'TagException',
    ],
  ])('refuses %j', async (input, code) => {
    expect(await refusal(kms.send(new CreateKeyCommand(input as never)))).toMatch(new RegExp(`^${code}`));
  });
});

test('DescribeKey and UpdateKeyDescription', async () => {
  const { KeyId, Arn } = await makeKey(kms, { Description: 'one' });
  await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'two' }));
  for (const name of [KeyId, Arn]) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: name }));
    expect(KeyMetadata).toMatchObject({ KeyId, Arn, Description: 'two' });
  }
  expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: nobody })))).toBe(missing);
  expect(await refusal(kms.send(new UpdateKeyDescriptionCommand({ KeyId: nobody, Description: '' })))).toBe(missing);
  expect(await refusal(kms.send(new UpdateKeyDescriptionCommand({ KeyId: 'alias/x', Description: '' })))).toBe(
    "NotFoundException: Invalid keyId 'alias/x'",
  );
});

test('a disabled key does nothing until it is enabled again', async () => {
  const { KeyId, Arn } = await makeKey(kms);
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('till') }));
  await kms.send(new DisableKeyCommand({ KeyId }));
  await kms.send(new DisableKeyCommand({ KeyId }));
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  expect(KeyMetadata).toMatchObject({ Enabled: false, KeyState: 'Disabled' });
  expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(
    `DisabledException: ${Arn} is disabled.`,
  );
  await kms.send(new EnableKeyCommand({ KeyId }));
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
  expect(Buffer.from(Plaintext ?? []).toString()).toBe('till');
  expect(await refusal(kms.send(new EnableKeyCommand({ KeyId: nobody })))).toBe(missing);
  expect(await refusal(kms.send(new DisableKeyCommand({ KeyId: nobody })))).toBe(missing);
});

test('ListKeys shows every key once, in pages', async () => {
  const region = 'eu-central-1';
  const there = kmsClient(instance, undefined, region);
  const made = new Set<string>();
  for (let n = 0; n < 5; n += 1) made.add((await makeKey(there)).KeyId);
  const seen: string[] = [];
  let Marker: string | undefined;
  let pages = 0;
  do {
    const page = await there.send(new ListKeysCommand({ Limit: 2, Marker }));
    seen.push(...(page.Keys ?? []).map((key) => key.KeyId as string));
    expect(page.Truncated).toBe(page.NextMarker !== undefined);
    Marker = page.NextMarker;
    pages += 1;
  } while (Marker);
  expect(pages).toBe(3);
  expect(new Set(seen)).toEqual(made);
  expect(seen).toHaveLength(5);
  expect(await refusal(there.send(new ListKeysCommand({ Marker: 'nonsense' })))).toMatch(/^InvalidMarkerException/);
});

describe('deletion', () => {
  test('waits, can be cancelled, and then leaves the key disabled', async () => {
    const { KeyId, Arn } = await makeKey(kms);
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyId: Arn, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({
      KeyState: 'PendingDeletion',
      Enabled: false,
      DeletionDate: scheduled.DeletionDate,
    });
    const encrypt = () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
    const pending = `KMSInvalidStateException: ${Arn} is pending deletion.`;
    expect(await refusal(encrypt())).toBe(pending);
    expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toBe(pending);
    expect(await kms.send(new CancelKeyDeletionCommand({ KeyId }))).toMatchObject({ KeyId: Arn });
    expect(await refusal(encrypt())).toBe(`DisabledException: ${Arn} is disabled.`);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await encrypt();
    expect(await refusal(kms.send(new CancelKeyDeletionCommand({ KeyId })))).toMatch(/^KMSInvalidStateException/);
  });

  test('takes the key, its aliases and what it encrypted', async () => {
    const { KeyId } = await makeKey(kms);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/doomed', TargetKeyId: KeyId }));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await instance.advance(7 * day - 3600);
    expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('PendingDeletion');
    await instance.advance(3700);
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId })))).toMatch(/^NotFoundException: Key 'arn/);
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe('InvalidCiphertextException');
    const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
    expect(Aliases.map((alias) => alias.AliasName)).not.toContain('alias/doomed');
    const list = await kms.send(new ListKeysCommand({ Limit: 1000 }));
    expect(list.Keys?.map((key) => key.KeyId)).not.toContain(KeyId);
  });

  test('takes 30 days by default, at least 7 and at most 30', async () => {
    const { KeyId } = await makeKey(kms);
    for (const PendingWindowInDays of [6, 31, 0]) {
      const call = kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
      expect(await refusal(call)).toMatch(/^ValidationException/);
    }
    expect((await kms.send(new ScheduleKeyDeletionCommand({ KeyId }))).PendingWindowInDays).toBe(30);
    expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId: nobody })))).toBe(missing);
    expect(await refusal(kms.send(new CancelKeyDeletionCommand({ KeyId: nobody })))).toBe(missing);
  });
});

describe('aliases', () => {
  test('stand for one key, and can be moved to another of the same kind', async () => {
    const one = await makeKey(kms);
    const two = await makeKey(kms);
    const AliasName = 'alias/coffee/till';
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one.KeyId }));
    const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId: one.KeyId }));
    expect(Aliases).toEqual([
      {
        AliasName,
        AliasArn: `arn:aws:kms:us-east-1:${accountId}:${AliasName}`,
        TargetKeyId: one.KeyId,
        CreationDate: expect.any(Date),
        LastUpdatedDate: expect.any(Date),
      },
    ]);
    for (const name of [AliasName, Aliases[0]?.AliasArn as string]) {
      expect((await kms.send(new DescribeKeyCommand({ KeyId: name }))).KeyMetadata?.KeyId).toBe(one.KeyId);
    }
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two.Arn }));
    expect((await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.KeyId).toBe(two.KeyId);
    expect((await kms.send(new ListAliasesCommand({ KeyId: one.KeyId }))).Aliases).toEqual([]);
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: AliasName })))).toBe(
      `NotFoundException: Alias arn:aws:kms:us-east-1:${accountId}:${AliasName} is not found.`,
    );
  });

  test('are refused where AWS refuses them', async () => {
    const { KeyId } = await makeKey(kms);
    const create = (AliasName: string, TargetKeyId = KeyId) =>
      refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId })));
    expect(await create('till')).toMatch(/^InvalidAliasNameException/);
    expect(await create('alias/aws/till')).toMatch(/^NotAuthorizedException/);
    expect(await create('alias/a b')).toMatch(/^(InvalidAliasName|Validation)Exception/);
    expect(await create('alias/none', nobody)).toBe(missing);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/twice', TargetKeyId: KeyId }));
    expect(await create('alias/twice')).toBe(
      `AlreadyExistsException: An alias with the name arn:aws:kms:us-east-1:${accountId}:alias/twice already exists`,
    );
    const rsa = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const move = (AliasName: string, TargetKeyId: string) =>
      refusal(kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId })));
    expect(await move('alias/twice', rsa.KeyId)).toMatch(/^ValidationException: Alias alias\/twice cannot be changed/);
    expect(await move('alias/nowhere', KeyId)).toMatch(/^NotFoundException: Alias arn/);
    expect(await refusal(kms.send(new DeleteAliasCommand({ AliasName: 'alias/nowhere' })))).toMatch(
      /^NotFoundException/,
    );
    expect(await refusal(kms.send(new ListAliasesCommand({ KeyId: nobody })))).toBe(missing);
  });

  test('are at most 50 for a key', async () => {
    const there = kmsClient(instance, undefined, 'eu-west-2');
    const { KeyId } = await makeKey(there);
    for (let n = 0; n < 50; n += 1) {
      await there.send(new CreateAliasCommand({ AliasName: `alias/n-${n}`, TargetKeyId: KeyId }));
    }
    const one = there.send(new CreateAliasCommand({ AliasName: 'alias/n-50', TargetKeyId: KeyId }));
    expect(await refusal(one)).toMatch(/^LimitExceededException/);
    const page = await there.send(new ListAliasesCommand({ Limit: 20 }));
    expect([page.Aliases?.length, page.Truncated]).toEqual([20, true]);
  });
});

describe('key policies', () => {
  test('the default one gives the account the key', async () => {
    const { KeyId } = await makeKey(kms);
    const { Policy, PolicyName } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
    expect(PolicyName).toBe('default');
    expect(JSON.parse(Policy as string)).toEqual({
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${accountId}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    });
    expect(await kms.send(new ListKeyPoliciesCommand({ KeyId }))).toMatchObject({
      PolicyNames: ['default'],
      Truncated: false,
    });
  });

  test('are put and read back as they were sent', async () => {
    const { KeyId } = await makeKey(kms);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:user/admin` }, Action: 'kms:*', Resource: '*' },
      ],
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy }));
    expect((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy).toBe(Policy);
  });

  test('are refused when they lock everyone out, name nobody, or are no policies', async () => {
    const { KeyId } = await makeKey(kms);
    const put = (statement: object, more = {}) =>
      kms.send(
        new PutKeyPolicyCommand({
          KeyId,
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
          ...more,
        }),
      );
    const allow = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    expect(await refusal(put({ ...allow, Principal: { AWS: `arn:aws:iam::${accountId}:user/ghost` } }))).toBe(
      'MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.',
    );
    const nobodyKey = { ...allow, Principal: { AWS: `arn:aws:iam::${accountId}:user/nobody` } };
    expect(await refusal(put(nobodyKey))).toBe(
      'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.',
    );
    await put(nobodyKey, { BypassPolicyLockoutSafetyCheck: true });
    expect(await refusal(put(nobodyKey))).toMatch(/^AccessDeniedException/);
    const other = await makeKey(kms);
    const call = kms.send(new PutKeyPolicyCommand({ KeyId: other.KeyId, PolicyName: 'mine', Policy: '{}' }));
    expect(await refusal(call)).toBe('NotFoundException: No such policy exists');
    expect(await refusal(kms.send(new GetKeyPolicyCommand({ KeyId: other.KeyId, PolicyName: 'mine' })))).toBe(
      'NotFoundException: No such policy exists',
    );
    expect(await refusal(kms.send(new ListKeyPoliciesCommand({ KeyId: nobody })))).toBe(missing);
  });
});

test('tags come, change, are listed in pages and go', async () => {
  const { KeyId } = await makeKey(kms, { Tags: [{ TagKey: 'Purpose', TagValue: 'Test' }] });
  const Tags = [
    { TagKey: 'CostCenter', TagValue: '87654' },
    { TagKey: 'Purpose', TagValue: 'Live' },
  ];
  await kms.send(new TagResourceCommand({ KeyId, Tags }));
  const first = await kms.send(new ListResourceTagsCommand({ KeyId, Limit: 1 }));
  expect(first).toMatchObject({ Tags: [Tags[0]], Truncated: true });
  const second = await kms.send(new ListResourceTagsCommand({ KeyId, Limit: 1, Marker: first.NextMarker }));
  expect(second).toMatchObject({ Tags: [Tags[1]], Truncated: false });
  await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['Purpose', 'CostCenter', 'Never'] }));
  expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([]);
  const reserved = [{ TagKey: 'aws:x', TagValue: '' }];
  expect(await refusal(kms.send(new TagResourceCommand({ KeyId, Tags: reserved })))).toBe(
    'TagException: Tags beginning with aws: are reserved',
  );
  expect(await refusal(kms.send(new UntagResourceCommand({ KeyId: nobody, TagKeys: ['a'] })))).toBe(missing);
  expect(await refusal(kms.send(new ListResourceTagsCommand({ KeyId: nobody })))).toBe(missing);
});

test('keys of one account are nothing to another', async () => {
  const { KeyId, Arn } = await makeKey(kms);
  const theirs = kmsClient(instance, otherAdminKeys);
  expect(await refusal(theirs.send(new DescribeKeyCommand({ KeyId })))).toMatch(/^NotFoundException/);
  expect(await refusal(theirs.send(new DescribeKeyCommand({ KeyId: Arn })))).toMatch(/^AccessDeniedException/);
  expect((await theirs.send(new ListKeysCommand({}))).Keys).toEqual([]);
});
