/** Every condition key of the Key Management Service on a live call: with its value the call passes, with another it does not. */
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeriveSharedSecretCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  GenerateMacCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, adminKeys, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let admin: KMSClient;
let caller: KMSClient;
const made: Record<string, MadeKey> = {};
beforeAll(async () => {
  instance = await startInstance();
  admin = kmsClient(instance);
  caller = kmsClient(instance, nobodyKeys);
  made.symmetric = await makeKey(admin);
  made.rsa = await makeKey(admin, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  made.signing = await makeKey(admin, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  made.mac = await makeKey(admin, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  made.agreement = await makeKey(admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
  made.external = await makeKey(admin, { Origin: 'EXTERNAL' });
  made.multiRegion = await makeKey(admin, { MultiRegion: true });
  await admin.send(new CreateAliasCommand({ AliasName: 'alias/conditions', TargetKeyId: made.symmetric.KeyId }));
});
afterAll(() => instance.stop());

const id = (name: string): string => (made[name] as MadeKey).KeyId;
const nobody = `arn:aws:iam::${accountId}:user/nobody`;
const adminArn = `arn:aws:iam::${accountId}:user/admin`;

async function may(action: string | string[], condition?: object): Promise<void> {
  const Statement = [
    { Effect: 'Allow', Action: action, Resource: '*', ...(condition && { Condition: condition }) },
    // A replica is made where it will live, which needs permission of its own.
    ...(action === 'kms:ReplicateKey' ? [{ Effect: 'Allow', Action: 'kms:CreateKey', Resource: '*' }] : []),
  ];
  await new IAMClient(instance.clientOptions(adminKeys)).send(
    new PutUserPolicyCommand({
      UserName: 'nobody',
      PolicyName: 'condition',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
}

const plain = Buffer.from('x');
const encrypt =
  (name: string, more: object = {}) =>
  () =>
    caller.send(new EncryptCommand({ KeyId: id(name), Plaintext: plain, ...more }));
const create = (input: object) => () => caller.send(new CreateKeyCommand(input));
const oaep = { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const;
const grant = (more: object) => () =>
  caller.send(
    new CreateGrantCommand({ KeyId: id('symmetric'), GranteePrincipal: nobody, Operations: ['Decrypt'], ...more }),
  );
const parameters = (more: object) => () =>
  caller.send(
    new GetParametersForImportCommand({
      KeyId: id('external'),
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
      ...more,
    }),
  );
const importing = (more: object) => () =>
  caller.send(
    new ImportKeyMaterialCommand({
      KeyId: id('external'),
      EncryptedKeyMaterial: Buffer.alloc(256),
      ImportToken: Buffer.alloc(10),
      ...more,
    }),
  );
const sign = (more: object) => () =>
  caller.send(
    new SignCommand({ KeyId: id('signing'), Message: plain, SigningAlgorithm: 'RSASSA_PSS_SHA_256', ...more }),
  );
const pair = (KeyPairSpec: 'ECC_NIST_P256' | 'ECC_NIST_P384') => () =>
  caller.send(new GenerateDataKeyPairCommand({ KeyId: id('symmetric'), KeyPairSpec }));
const symmetricEncrypt = encrypt('symmetric');

type Row = readonly [key: string, operator: string, value: string, action: string, passes: Call, fails: Call];
type Call = () => Promise<unknown>;

const hmac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const rows: readonly Row[] = [
  ['kms:CallerAccount', 'StringEquals', accountId, 'kms:Encrypt', symmetricEncrypt, symmetricEncrypt],
  [
    'kms:EncryptionAlgorithm',
    'StringEquals',
    'RSAES_OAEP_SHA_256',
    'kms:Encrypt',
    encrypt('rsa', oaep),
    symmetricEncrypt,
  ],
  [
    'kms:EncryptionContext:shop',
    'StringEquals',
    'one',
    'kms:Encrypt',
    encrypt('symmetric', { EncryptionContext: { shop: 'one' } }),
    encrypt('symmetric', { EncryptionContext: { shop: 'two' } }),
  ],
  [
    'kms:EncryptionContextKeys',
    'ForAnyValue:StringEquals',
    'shop',
    'kms:Encrypt',
    encrypt('symmetric', { EncryptionContext: { shop: 'one', x: 'y' } }),
    encrypt('symmetric', { EncryptionContext: { x: 'y' } }),
  ],
  ['kms:KeySpec', 'StringEquals', 'RSA_2048', 'kms:Encrypt', encrypt('rsa', oaep), symmetricEncrypt],
  ['kms:KeySpec', 'StringEquals', 'HMAC_256', 'kms:CreateKey', create(hmac), create({})],
  ['kms:KeyUsage', 'StringEquals', 'GENERATE_VERIFY_MAC', 'kms:CreateKey', create(hmac), create({})],
  ['kms:KeyOrigin', 'StringEquals', 'EXTERNAL', 'kms:CreateKey', create({ Origin: 'EXTERNAL' }), create({})],
  ['kms:MultiRegion', 'Bool', 'true', 'kms:Encrypt', encrypt('multiRegion'), symmetricEncrypt],
  ['kms:MultiRegionKeyType', 'StringEquals', 'PRIMARY', 'kms:Encrypt', encrypt('multiRegion'), symmetricEncrypt],
  [
    'kms:RequestAlias',
    'StringEquals',
    'alias/conditions',
    'kms:Encrypt',
    () => caller.send(new EncryptCommand({ KeyId: 'alias/conditions', Plaintext: plain })),
    symmetricEncrypt,
  ],
  [
    'kms:ResourceAliases',
    'ForAnyValue:StringEquals',
    'alias/conditions',
    'kms:Encrypt',
    symmetricEncrypt,
    encrypt('multiRegion'),
  ],
  [
    'kms:BypassPolicyLockoutSafetyCheck',
    'Bool',
    'true',
    'kms:CreateKey',
    create({ BypassPolicyLockoutSafetyCheck: true }),
    create({}),
  ],
  [
    'kms:DataKeyPairSpec',
    'StringEquals',
    'ECC_NIST_P384',
    'kms:GenerateDataKeyPair',
    pair('ECC_NIST_P384'),
    pair('ECC_NIST_P256'),
  ],
  [
    'kms:SigningAlgorithm',
    'StringEquals',
    'RSASSA_PSS_SHA_512',
    'kms:Sign',
    sign({ SigningAlgorithm: 'RSASSA_PSS_SHA_512' }),
    sign({}),
  ],
  [
    'kms:MessageType',
    'StringEquals',
    'DIGEST',
    'kms:Sign',
    sign({ MessageType: 'DIGEST', Message: Buffer.alloc(32) }),
    sign({}),
  ],
  [
    'kms:MacAlgorithm',
    'StringEquals',
    'HMAC_SHA_256',
    'kms:GenerateMac',
    () => caller.send(new GenerateMacCommand({ KeyId: id('mac'), Message: plain, MacAlgorithm: 'HMAC_SHA_256' })),
    () => caller.send(new GenerateMacCommand({ KeyId: id('mac'), Message: plain, MacAlgorithm: 'HMAC_SHA_512' })),
  ],
  [
    'kms:KeyAgreementAlgorithm',
    'StringEquals',
    'ECDH',
    'kms:DeriveSharedSecret',
    async () => {
      const { PublicKey } = await admin.send(new GetPublicKeyCommand({ KeyId: id('agreement') }));
      return caller.send(
        new DeriveSharedSecretCommand({ KeyId: id('agreement'), KeyAgreementAlgorithm: 'ECDH', PublicKey }),
      );
    },
    symmetricEncrypt,
  ],
  [
    'kms:GrantOperations',
    'ForAllValues:StringEquals',
    'Decrypt',
    'kms:CreateGrant',
    grant({}),
    grant({ Operations: ['Encrypt'] }),
  ],
  ['kms:GranteePrincipal', 'StringEquals', nobody, 'kms:CreateGrant', grant({}), grant({ GranteePrincipal: adminArn })],
  [
    'kms:RetiringPrincipal',
    'StringEquals',
    adminArn,
    'kms:CreateGrant',
    grant({ RetiringPrincipal: adminArn }),
    grant({ RetiringPrincipal: nobody }),
  ],
  [
    'kms:GrantConstraintType',
    'StringEquals',
    'EncryptionContextSubset',
    'kms:CreateGrant',
    grant({ Constraints: { EncryptionContextSubset: { a: 'b' } } }),
    grant({ Constraints: { EncryptionContextEquals: { a: 'b' } } }),
  ],
  ['kms:GrantIsForAWSResource', 'Bool', 'false', 'kms:CreateGrant', grant({}), encrypt('symmetric')],
  [
    'kms:RotationPeriodInDays',
    'NumericLessThanEquals',
    '100',
    'kms:EnableKeyRotation',
    () => caller.send(new EnableKeyRotationCommand({ KeyId: id('symmetric'), RotationPeriodInDays: 100 })),
    () => caller.send(new EnableKeyRotationCommand({ KeyId: id('symmetric'), RotationPeriodInDays: 101 })),
  ],
  [
    'kms:WrappingAlgorithm',
    'StringEquals',
    'RSAES_OAEP_SHA_1',
    'kms:GetParametersForImport',
    parameters({ WrappingAlgorithm: 'RSAES_OAEP_SHA_1' }),
    parameters({}),
  ],
  [
    'kms:WrappingKeySpec',
    'StringEquals',
    'RSA_3072',
    'kms:GetParametersForImport',
    parameters({ WrappingKeySpec: 'RSA_3072' }),
    parameters({}),
  ],
  [
    'kms:PrimaryRegion',
    'StringEquals',
    'us-east-1',
    'kms:UpdatePrimaryRegion',
    () => caller.send(new UpdatePrimaryRegionCommand({ KeyId: id('multiRegion'), PrimaryRegion: 'us-east-1' })),
    () => caller.send(new UpdatePrimaryRegionCommand({ KeyId: id('multiRegion'), PrimaryRegion: 'eu-west-1' })),
  ],
  [
    'kms:ReplicaRegion',
    'StringEquals',
    'eu-west-1',
    'kms:ReplicateKey',
    () => caller.send(new ReplicateKeyCommand({ KeyId: id('multiRegion'), ReplicaRegion: 'eu-west-1' })),
    () => caller.send(new ReplicateKeyCommand({ KeyId: id('multiRegion'), ReplicaRegion: 'eu-west-2' })),
  ],
  [
    'kms:ExpirationModel',
    'StringEquals',
    'KEY_MATERIAL_DOES_NOT_EXPIRE',
    'kms:ImportKeyMaterial',
    importing({ ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }),
    importing({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date('2030-01-01') }),
  ],
  [
    'kms:ValidTo',
    'DateLessThan',
    '2030-01-01T00:00:00Z',
    'kms:ImportKeyMaterial',
    importing({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date('2029-12-31') }),
    importing({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date('2030-01-02') }),
  ],
  [
    'kms:ScheduleKeyDeletionPendingWindowInDays',
    'NumericGreaterThanEquals',
    '20',
    'kms:ScheduleKeyDeletion',
    () => caller.send(new ScheduleKeyDeletionCommand({ KeyId: id('doomed'), PendingWindowInDays: 20 })),
    () => caller.send(new ScheduleKeyDeletionCommand({ KeyId: id('doomed'), PendingWindowInDays: 7 })),
  ],
  [
    'aws:RequestTag/team',
    'StringEquals',
    'till',
    'kms:TagResource',
    () => caller.send(new TagResourceCommand({ KeyId: id('mac'), Tags: [{ TagKey: 'team', TagValue: 'till' }] })),
    () => caller.send(new TagResourceCommand({ KeyId: id('mac'), Tags: [{ TagKey: 'team', TagValue: 'bar' }] })),
  ],
];

/** Refused for want of permission; other refusals mean that authorization passed. */
async function isDenied(call: Call): Promise<boolean> {
  const said = await call().then(
    () => '',
    (error: Error) => error.name,
  );
  return said === 'AccessDeniedException';
}

test.each(rows)('%s %s %s', async (key, operator, value, action, passes, fails) => {
  made.doomed = await makeKey(admin);
  await may(action);
  expect(await isDenied(passes), 'without a condition').toBe(false);
  made.doomed = await makeKey(admin);
  await may(action, { [operator]: { [key]: value } });
  expect(await isDenied(passes), 'with its value').toBe(false);
  if (fails !== passes) expect(await isDenied(fails), 'with another value').toBe(true);
  const other = operator.startsWith('Numeric') ? (operator.includes('Less') ? '1' : '400') : 'false';
  const wrong =
    operator === 'Bool'
      ? value === 'true'
        ? 'false'
        : 'true'
      : operator.startsWith('Date')
        ? '2001-01-01T00:00:00Z'
        : other;
  await may(action, { [operator]: { [key]: wrong } });
  expect(await isDenied(passes), `only with ${wrong}`).toBe(true);
});

test('kms:ReEncryptOnSameKey', async () => {
  const { CiphertextBlob } = await admin.send(new EncryptCommand({ KeyId: id('symmetric'), Plaintext: plain }));
  const other = await makeKey(admin);
  const move = (DestinationKeyId: string) => () =>
    caller.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }));
  await may('kms:ReEncrypt*', { Bool: { 'kms:ReEncryptOnSameKey': 'true' } });
  expect(await isDenied(move(id('symmetric')))).toBe(false);
  expect(await isDenied(move(other.KeyId))).toBe(true);
});

test('a key policy reads them as well', async () => {
  const { Arn } = await makeKey(admin);
  await may('sts:GetCallerIdentity');
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { AWS: nobody },
        Action: 'kms:Encrypt',
        Resource: '*',
        Condition: { StringEquals: { 'kms:EncryptionContext:shop': 'one' } },
      },
    ],
  });
  await admin.send(new PutKeyPolicyCommand({ KeyId: Arn, Policy }));
  const use = (shop: string) =>
    caller.send(new EncryptCommand({ KeyId: Arn, Plaintext: plain, EncryptionContext: { shop } }));
  await use('one');
  expect(await refusal(use('two'))).toMatch(/^AccessDeniedException/);
});
