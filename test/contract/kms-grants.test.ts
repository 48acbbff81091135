/** Grants over HTTP: whom they let in, what they pass on, how they end. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  type CreateKeyCommandInput,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  type GrantConstraints,
  GrantOperation,
  type KMSClient,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type Credentials, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAsStrict } from '../../src/services/kms/grant-rules.ts';
import {
  accountId,
  nobodyKeys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let admin: KMSClient;
let grantee: KMSClient;
beforeAll(async () => {
  instance = await startInstance();
  admin = kmsClient(instance);
  grantee = kmsClient(instance, nobodyKeys);
});
afterAll(() => instance.stop());

const nobody = `arn:aws:iam::${accountId}:user/nobody`;
const adminArn = `arn:aws:iam::${accountId}:user/admin`;
const plain = Buffer.from('x');
const constraintsOf = ({
  EncryptionContextEquals: equals,
  EncryptionContextSubset: subset,
  SourceArn,
}: GrantConstraints) => ({
  ...(equals && { equals }),
  ...(subset && { subset }),
  ...(SourceArn !== undefined && { sourceArn: SourceArn }),
});

async function grant(key: MadeKey, more: Partial<CreateGrantCommandInput> = {}, by = admin) {
  const made = await by.send(
    new CreateGrantCommand({ KeyId: key.Arn, GranteePrincipal: nobody, Operations: ['Encrypt'], ...more }),
  );
  return { GrantId: made.GrantId as string, GrantToken: made.GrantToken as string };
}
const encrypt = (key: MadeKey, more: object = {}, by = grantee) =>
  by.send(new EncryptCommand({ KeyId: key.Arn, Plaintext: plain, ...more }));

test('a grant is listed with all that it says', async () => {
  const key = await makeKey(admin);
  const { GrantId, GrantToken } = await grant(key, {
    Name: 'till',
    Operations: ['Encrypt', 'Decrypt', 'RetireGrant'],
    RetiringPrincipal: adminArn,
    Constraints: { EncryptionContextSubset: { shop: 'one' } },
  });
  expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
  expect(GrantToken.length).toBeGreaterThan(50);
  const { Grants, Truncated } = await admin.send(new ListGrantsCommand({ KeyId: key.KeyId }));
  expect(Truncated).toBe(false);
  expect(Grants).toEqual([
    {
      KeyId: key.Arn,
      GrantId,
      Name: 'till',
      CreationDate: expect.any(Date),
      GranteePrincipal: nobody,
      RetiringPrincipal: adminArn,
      IssuingAccount: `arn:aws:iam::${accountId}:root`,
      Operations: expect.arrayContaining(['Encrypt', 'Decrypt', 'RetireGrant']),
      Constraints: { EncryptionContextSubset: { shop: 'one' } },
    },
  ]);
  const retirable = await admin.send(new ListRetirableGrantsCommand({ RetiringPrincipal: adminArn }));
  expect(retirable.Grants?.map((one) => one.GrantId)).toContain(GrantId);
  const filtered = await admin.send(new ListGrantsCommand({ KeyId: key.KeyId, GranteePrincipal: adminArn }));
  expect(filtered.Grants).toEqual([]);
});

test('constraints: a subset is enough, equal means equal', async () => {
  const key = await makeKey(admin);
  await grant(key, { Constraints: { EncryptionContextEquals: { shop: 'one' } } });
  await encrypt(key, { EncryptionContext: { shop: 'one' } });
  for (const EncryptionContext of [undefined, {}, { shop: 'two' }, { shop: 'one', table: '7' }, { Shop: 'one' }]) {
    expect(await refusal(encrypt(key, { EncryptionContext }))).toMatch(/^AccessDeniedException/);
  }
  await grant(key, { Constraints: { EncryptionContextSubset: { shop: 'one' } } });
  await encrypt(key, { EncryptionContext: { shop: 'one', table: '7' } });
  expect(await refusal(encrypt(key, { EncryptionContext: { table: '7' } }))).toMatch(/^AccessDeniedException/);
});

test('a revoked grant is over for the very next call, a retired one too', async () => {
  const key = await makeKey(admin);
  const first = await grant(key);
  await encrypt(key);
  await admin.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId: first.GrantId }));
  expect(await refusal(encrypt(key))).toMatch(/^AccessDeniedException/);
  const second = await grant(key, { Operations: ['Encrypt', 'RetireGrant'] });
  await encrypt(key);
  await grantee.send(new RetireGrantCommand({ GrantToken: second.GrantToken }));
  expect(await refusal(encrypt(key))).toMatch(/^AccessDeniedException/);
  const gone = admin.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId: second.GrantId }));
  expect(await refusal(gone)).toMatch(/^NotFoundException/);
  expect(await refusal(admin.send(new RetireGrantCommand({ KeyId: key.Arn, GrantId: second.GrantId })))).toMatch(
    /^NotFoundException/,
  );
});

test('who may retire: whom the grant names, nobody else without permission', async () => {
  const key = await makeKey(admin);
  const plainGrant = await grant(key);
  const retire = (id: string, by = grantee) => by.send(new RetireGrantCommand({ KeyId: key.Arn, GrantId: id }));
  expect(await refusal(retire(plainGrant.GrantId))).toMatch(/^AccessDeniedException/);
  const named = await grant(key, { Operations: ['Decrypt'], RetiringPrincipal: nobody });
  await retire(named.GrantId);
  const elsewhere = await grant(key, {
    GranteePrincipal: adminArn,
    RetiringPrincipal: `arn:aws:iam::${otherAccountId}:user/admin`,
  });
  const theirs = kmsClient(instance, otherAdminKeys);
  expect(await refusal(grantee.send(new RevokeGrantCommand({ KeyId: key.Arn, GrantId: elsewhere.GrantId })))).toMatch(
    /^AccessDeniedException/,
  );
  await retire(elsewhere.GrantId, theirs);
});

test('a name makes a retry the same grant, on one key', async () => {
  const key = await makeKey(admin);
  const other = await makeKey(admin);
  const first = await grant(key, { Name: 'once' });
  expect((await grant(key, { Name: 'once' })).GrantId).toBe(first.GrantId);
  expect((await grant(other, { Name: 'once' })).GrantId).not.toBe(first.GrantId);
  expect((await grant(key, { Name: 'once', Operations: ['Decrypt'] })).GrantId).not.toBe(first.GrantId);
  expect((await grant(key)).GrantId).not.toBe((await grant(key)).GrantId);
});

test('a grant is passed on only as far as it goes', async () => {
  const key = await makeKey(admin);
  await grant(key, {
    Operations: ['CreateGrant', 'Encrypt'],
    Constraints: { EncryptionContextSubset: { shop: 'one' } },
  });
  const pass = (more: Partial<CreateGrantCommandInput>) => grant(key, { GranteePrincipal: adminArn, ...more }, grantee);
  const strict = { Constraints: { EncryptionContextSubset: { shop: 'one', table: '7' } } };
  expect(await refusal(pass({ Operations: ['Decrypt'], ...strict }))).toMatch(/^AccessDeniedException/);
  expect(await refusal(pass({}))).toMatch(/^AccessDeniedException/);
  expect(await refusal(pass({ Constraints: { EncryptionContextSubset: { shop: 'two' } } }))).toMatch(/^AccessDenied/);
  await pass(strict);
});

test('a policy that allows some grants is no leave to pass on others', async () => {
  const key = await makeKey(admin);
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
    {
      Effect: 'Allow',
      Principal: { AWS: nobody },
      Action: 'kms:CreateGrant',
      Resource: '*',
      Condition: { 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['DescribeKey'] } },
    },
  ];
  await admin.send(
    new PutKeyPolicyCommand({ KeyId: key.KeyId, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  );
  await grant(key, { Operations: ['CreateGrant', 'Encrypt'] });
  await grant(key, { Operations: ['DescribeKey'] }, grantee);
  await grant(key, { Operations: ['Encrypt'] }, grantee);
  for (const Operations of [['Decrypt'], ['Encrypt', 'Decrypt'], ['DescribeKey', 'Decrypt']] as const) {
    expect(await refusal(grant(key, { Operations: [...Operations] }, grantee))).toMatch(/^AccessDeniedException/);
  }
});

test('a SourceArn constraint stays on what is passed on, also beside a context', async () => {
  const source = 'arn:aws:s3:::ledger';
  for (const outer of [
    { SourceArn: source },
    { SourceArn: source, EncryptionContextSubset: { a: 'b' } },
    { SourceArn: source, EncryptionContextEquals: { a: 'b' } },
  ]) {
    expect(isAsStrict(constraintsOf({ ...outer, SourceArn: undefined }), constraintsOf(outer))).toBe(false);
    expect(isAsStrict(constraintsOf({ ...outer, SourceArn: 'arn:aws:s3:::other' }), constraintsOf(outer))).toBe(false);
    expect(isAsStrict(constraintsOf(outer), constraintsOf(outer))).toBe(true);
    expect(isAsStrict(undefined, constraintsOf(outer))).toBe(false);
  }
  expect(isAsStrict({}, { equals: {} })).toBe(false);
  expect(isAsStrict({ equals: {} }, { equals: {} })).toBe(true);
  expect(isAsStrict({ subset: { a: 'b' } }, { equals: { a: 'b' } })).toBe(false);
  expect(isAsStrict({ equals: { a: 'b', c: 'd' } }, { subset: { a: 'b' } })).toBe(true);
});

test('constraints have at most 8 pairs, of 384 characters', async () => {
  const key = await makeKey(admin);
  const pairs = (count: number, length = 1) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v'.repeat(length)]));
  for (const kind of ['EncryptionContextSubset', 'EncryptionContextEquals'] as const) {
    await grant(key, { Constraints: { [kind]: pairs(8, 384) } });
    expect(await refusal(grant(key, { Constraints: { [kind]: pairs(9) } }))).toMatch(/^ValidationException/);
    expect(await refusal(grant(key, { Constraints: { [kind]: pairs(1, 385) } }))).toMatch(/^ValidationException/);
  }
});

test('a service gets a grant for one resource, with somebody who may retire it', async () => {
  const key = await makeKey(admin);
  const service = { GranteePrincipal: undefined, GranteeServicePrincipal: 'dynamodb.us-east-1.amazonaws.com' };
  const Constraints = { SourceArn: `arn:aws:dynamodb:us-east-1:${accountId}:table/orders` };
  expect(await refusal(grant(key, service))).toMatch(/^ValidationException/);
  expect(await refusal(grant(key, { ...service, Constraints }))).toMatch(/^ValidationException/);
  expect(await refusal(grant(key, { ...service, RetiringPrincipal: adminArn }))).toMatch(/^ValidationException/);
  const both = { ...service, GranteePrincipal: nobody, Constraints, RetiringPrincipal: adminArn };
  expect(await refusal(grant(key, both))).toMatch(/^ValidationException/);
  expect(await refusal(grant(key, { GranteePrincipal: undefined }))).toMatch(/^ValidationException/);
  const retiring = { RetiringServicePrincipal: 'dynamodb.us-east-1.amazonaws.com' };
  expect(await refusal(grant(key, { ...retiring, RetiringPrincipal: adminArn }))).toMatch(/^ValidationException/);
  const { GrantId } = await grant(key, { ...service, ...retiring, Constraints });
  const { Grants } = await admin.send(new ListGrantsCommand({ KeyId: key.KeyId }));
  expect(Grants?.find((one) => one.GrantId === GrantId)).toMatchObject({ ...retiring, Constraints });
  expect(Grants?.find((one) => one.GrantId === GrantId)).not.toHaveProperty('GranteePrincipal');
  // Nobody else is that service, whatever they call themselves.
  expect(await refusal(encrypt(key))).toMatch(/^AccessDeniedException/);
  expect(await refusal(grantee.send(new RetireGrantCommand({ KeyId: key.Arn, GrantId })))).toMatch(
    /^AccessDeniedException/,
  );
  expect(
    await refusal(admin.send(new ListGrantsCommand({ KeyId: key.KeyId, GranteeServicePrincipal: 's3.amazonaws.com' }))),
  ).toMatch(/^ValidationException/);
  await admin.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId }));
});

test('a grant with a SourceArn lets no user in', async () => {
  const key = await makeKey(admin);
  await grant(key, {
    Constraints: { SourceArn: `arn:aws:sns:us-east-1:${accountId}:till` },
    Operations: ['Encrypt', 'RetireGrant'],
  });
  expect(await refusal(encrypt(key))).toMatch(/^AccessDeniedException/);
});

test('all operations that a grant can give, on the keys that have them', async () => {
  const kinds: readonly (readonly [Partial<CreateKeyCommandInput>, readonly string[]])[] = [
    [
      {},
      [
        'Decrypt',
        'Encrypt',
        'GenerateDataKey',
        'GenerateDataKeyWithoutPlaintext',
        'GenerateDataKeyPair',
        'GenerateDataKeyPairWithoutPlaintext',
        'ReEncryptFrom',
        'ReEncryptTo',
      ],
    ],
    [
      { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
      ['Decrypt', 'Encrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey'],
    ],
    [{ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }, ['Sign', 'Verify', 'GetPublicKey']],
    [{ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, ['GenerateMac', 'VerifyMac']],
    [{ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }, ['DeriveSharedSecret', 'GetPublicKey']],
    [{ KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' }, ['Encapsulate', 'Decapsulate', 'GetPublicKey']],
  ];
  const always = ['CreateGrant', 'RetireGrant', 'DescribeKey'];
  for (const [input, own] of kinds) {
    const key = await makeKey(admin, input as CreateKeyCommandInput);
    for (const operation of Object.values(GrantOperation)) {
      const call = grant(key, { Operations: [operation] });
      if (always.includes(operation) || own.includes(operation)) await call;
      else expect(await refusal(call), operation).toMatch(/^ValidationException/);
    }
    await grant(key, { Operations: [...own, ...always] as GrantOperation[] });
  }
});

test('one grant among hundreds lets in whom it names: users, roles, sessions, accounts; and nobody else', async () => {
  const key = await makeKey(admin);
  const strangers = Array.from({ length: 120 }, (_, n) => `arn:aws:sts::${accountId}:assumed-role/none/s${n}`);
  for (let at = 0; at < strangers.length; at += 20) {
    await Promise.all(strangers.slice(at, at + 20).map((GranteePrincipal) => grant(key, { GranteePrincipal })));
  }
  expect(await refusal(encrypt(key))).toMatch(/^AccessDeniedException/);
  const { GrantId } = await grant(key);
  await encrypt(key);
  expect((await grant(key, { Name: 'a/b' })).GrantId).not.toBe((await grant(key, { Name: 'a' })).GrantId);
  for (const id of (await admin.send(new ListGrantsCommand({ KeyId: key.KeyId, GranteePrincipal: nobody }))).Grants ??
    []) {
    await admin.send(new RevokeGrantCommand({ KeyId: key.KeyId, GrantId: id.GrantId }));
  }
  expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
  expect(await refusal(encrypt(key))).toMatch(/^AccessDeniedException/);
  const seen: string[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await admin.send(new ListGrantsCommand({ KeyId: key.KeyId, Limit: 100, Marker }));
    seen.push(...(page.Grants ?? []).map((one) => one.GrantId as string));
    if (!page.Truncated) break;
    Marker = page.NextMarker;
  }
  expect(new Set(seen).size).toBe(120);
});

test('grants name users, roles, their sessions, federated users and accounts', async () => {
  const iam = new IAMClient(instance.clientOptions());
  const sts = new STSClient(instance.clientOptions());
  const root = `arn:aws:iam::${accountId}:root`;
  const trust = { Effect: 'Allow', Principal: { AWS: root }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'clerk', AssumeRolePolicyDocument }));
  const as = (credentials: Credentials | undefined) =>
    kmsClient(instance, {
      accessKeyId: credentials?.AccessKeyId as string,
      secretAccessKey: credentials?.SecretAccessKey as string,
      sessionToken: credentials?.SessionToken as string,
    });
  const assume = async (RoleSessionName: string) =>
    as((await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName }))).Credentials);
  const [one, two] = [await assume('one'), await assume('two')];
  const byRole = await makeKey(admin);
  await grant(byRole, { GranteePrincipal: Role?.Arn as string });
  await encrypt(byRole, {}, one);
  await encrypt(byRole, {}, two);
  const bySession = await makeKey(admin);
  await grant(bySession, { GranteePrincipal: `arn:aws:sts::${accountId}:assumed-role/clerk/one` });
  await encrypt(bySession, {}, one);
  expect(await refusal(encrypt(bySession, {}, two))).toMatch(/^AccessDeniedException/);
  // Of a user who borrows a name: the session policy limits, the grant gives.
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' },
  });
  const federated = await sts.send(new GetFederationTokenCommand({ Name: 'guest', Policy }));
  const closed = {
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: adminArn },
        Action: ['kms:CreateGrant', 'kms:PutKeyPolicy'],
        Resource: '*',
      },
    }),
  };
  const byGuest = await makeKey(admin, closed);
  expect(await refusal(encrypt(byGuest, {}, as(federated.Credentials)))).toMatch(/^AccessDeniedException/);
  await grant(byGuest, { GranteePrincipal: `arn:aws:sts::${accountId}:federated-user/guest` });
  await encrypt(byGuest, {}, as(federated.Credentials));
  // An account's grant hands the decision to its policies.
  const byAccount = await makeKey(admin, closed);
  expect(await refusal(encrypt(byAccount, {}, admin))).toMatch(/^AccessDeniedException/);
  await grant(byAccount, { GranteePrincipal: root });
  await encrypt(byAccount, {}, admin);
  expect(await refusal(encrypt(byAccount))).toMatch(/^AccessDeniedException/);
});

test('tokens: ours are taken, forged ones refused', async () => {
  const key = await makeKey(admin);
  const { GrantToken } = await grant(key);
  await encrypt(key, { GrantTokens: [GrantToken] });
  const forged = `${GrantToken.slice(0, -4)}AAAA`;
  expect(await refusal(encrypt(key, { GrantTokens: [forged] }))).toMatch(/^InvalidGrantTokenException/);
  expect(await refusal(encrypt(key, { GrantTokens: Array(11).fill(GrantToken) }))).toMatch(/^ValidationException/);
  expect(await refusal(grantee.send(new RetireGrantCommand({ GrantToken: forged })))).toMatch(
    /^InvalidGrantTokenException/,
  );
});

test('refused: operations that the key has not, people who are not, keys that are off', async () => {
  const key = await makeKey(admin);
  const signing = await makeKey(admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  expect(await refusal(grant(signing, { Operations: ['Encrypt'] }))).toMatch(/^ValidationException/);
  expect(await refusal(grant(key, { Operations: ['Sign'] }))).toMatch(/^ValidationException/);
  expect(await refusal(grant(key, { GranteePrincipal: `arn:aws:iam::${accountId}:user/ghost` }))).toMatch(
    /^InvalidArnException/,
  );
  expect(await refusal(grant(key, { GranteePrincipal: '*' }))).toMatch(/^(InvalidArn|Validation)Exception/);
  await admin.send(new DisableKeyCommand({ KeyId: key.KeyId }));
  expect(await refusal(grant(key))).toMatch(/^DisabledException/);
});

test('lists come in pages', async () => {
  const key = await makeKey(admin);
  for (let n = 0; n < 5; n += 1) await grant(key, { RetiringPrincipal: nobody });
  for (const list of [
    (Marker?: string) => admin.send(new ListGrantsCommand({ KeyId: key.KeyId, Limit: 2, Marker })),
    (Marker?: string) => admin.send(new ListRetirableGrantsCommand({ RetiringPrincipal: nobody, Limit: 2, Marker })),
  ]) {
    const seen: string[] = [];
    let marker: string | undefined;
    do {
      const page = await list(marker);
      seen.push(...(page.Grants ?? []).map((one) => one.GrantId as string));
      marker = page.NextMarker;
    } while (marker !== undefined);
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
  }
  expect(await refusal(admin.send(new ListGrantsCommand({ KeyId: key.KeyId, Marker: 'x' })))).toMatch(
    /^InvalidMarkerException/,
  );
  expect(await refusal(admin.send(new ListRetirableGrantsCommand({ RetiringPrincipal: nobody, Marker: 'x' })))).toMatch(
    /^InvalidMarkerException/,
  );
});

test('a grant across accounts gives what IAM there allows too', async () => {
  const key = await makeKey(admin);
  await grant(key, {
    GranteePrincipal: `arn:aws:iam::${otherAccountId}:user/admin`,
    Operations: ['Encrypt', 'Decrypt'],
  });
  const theirs = kmsClient(instance, otherAdminKeys);
  const { CiphertextBlob } = await encrypt(key, {}, theirs);
  expect((await theirs.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.Arn);
});
