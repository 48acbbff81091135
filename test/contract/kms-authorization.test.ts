/** Who may use a key: key policy, IAM, grants and accounts in every combination that decides differently, over HTTP. */
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type GrantOperation,
  type KMSClient,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import {
  accountId,
  adminKeys,
  type Keys,
  otherAccountId,
  otherAdminKeys,
  rootKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { bytes, kmsClient, makeKey, refusal } from '../support/kms.ts';

const rudyKeys: Keys = {
  accessKeyId: 'AKIARUDYEXAMPLE00001',
  secretAccessKey: 'rudysecret/rudysecret/rudysecret/rudysec',
};
const strangerKeys: Keys = {
  accessKeyId: 'AKIASTRANGEREXAMPLE1',
  secretAccessKey: 'strangersecret/strangersecret/strangerse',
};

const key = (keys: Keys) => ({ id: keys.accessKeyId, secret: keys.secretAccessKey });
const config: Config = {
  ...testConfig,
  accounts: (testConfig.accounts ?? []).map((account) => ({
    ...account,
    users: [
      ...(account.users ?? []),
      account.id === accountId
        ? { name: 'rudy', accessKeys: [key(rudyKeys)] }
        : { name: 'stranger', accessKeys: [key(strangerKeys)] },
    ],
  })),
};

let instance: TestInstance;
let admin: KMSClient;
beforeAll(async () => {
  instance = await startInstance(config);
  admin = kmsClient(instance);
});
afterAll(() => instance.stop());

const root = `arn:aws:iam::${accountId}:root`;
const rudy = `arn:aws:iam::${accountId}:user/rudy`;
const stranger = `arn:aws:iam::${otherAccountId}:user/stranger`;
const otherRoot = `arn:aws:iam::${otherAccountId}:root`;
const callers = {
  root: rootKeys,
  admin: adminKeys,
  rudy: rudyKeys,
  stranger: strangerKeys,
  otherAdmin: otherAdminKeys,
} as const;

type Statement = Readonly<Record<string, unknown>>;
const allow = (who: unknown, Action: string | string[] = 'kms:*', more: object = {}): Statement => ({
  Effect: 'Allow',
  Principal: typeof who === 'string' && who !== '*' ? { AWS: who } : who,
  Action,
  Resource: '*',
  ...more,
});
const deny = (who: unknown, Action: string | string[], more: object = {}): Statement => ({
  ...allow(who, Action, more),
  Effect: 'Deny',
});
const iam = (Effect: 'Allow' | 'Deny', Action: string | string[], more: object = {}): Statement => ({
  Effect,
  Action,
  Resource: '*',
  ...more,
});
const document = (statements: readonly Statement[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

interface Case {
  readonly name: string;
  /** Statements of the key policy. */
  readonly policy: readonly Statement[];
  /** What rudy (or stranger) may by IAM; nothing by default. */
  readonly identity?: readonly Statement[];
  readonly grant?: {
    readonly to: string;
    readonly operations: GrantOperation[];
    readonly subset?: Record<string, string>;
  };
  readonly by: keyof typeof callers;
  readonly verb?: 'Encrypt' | 'Decrypt' | 'GenerateDataKey' | 'DescribeKey' | 'PutKeyPolicy' | 'ScheduleKeyDeletion';
  readonly context?: Record<string, string>;
  readonly allowed: boolean;
}

const delegating = [allow(root)];
const cases: readonly Case[] = [
  // The key policy is the root of all authority.
  { name: 'default policy, administrator by IAM', policy: delegating, by: 'admin', allowed: true },
  { name: 'default policy, root user', policy: delegating, by: 'root', allowed: true },
  { name: 'default policy, user without IAM permission', policy: delegating, by: 'rudy', allowed: false },
  {
    name: 'default policy, user with IAM permission',
    policy: delegating,
    identity: [iam('Allow', 'kms:Encrypt')],
    by: 'rudy',
    allowed: true,
  },
  {
    name: 'IAM permission for another action',
    policy: delegating,
    identity: [iam('Allow', 'kms:Decrypt')],
    by: 'rudy',
    allowed: false,
  },
  { name: 'policy of somebody else denies the administrator', policy: [allow(rudy)], by: 'admin', allowed: false },
  { name: 'policy of somebody else denies even the root user', policy: [allow(rudy)], by: 'root', allowed: false },
  { name: 'policy names a user: no IAM needed', policy: [allow(rudy)], by: 'rudy', allowed: true },
  {
    name: 'policy does not delegate: IAM counts for nothing',
    policy: [allow(`arn:aws:iam::${accountId}:user/admin`)],
    identity: [iam('Allow', 'kms:*')],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'policy delegates one action: IAM gives that',
    policy: [allow(root, 'kms:Encrypt')],
    identity: [iam('Allow', 'kms:*')],
    by: 'rudy',
    allowed: true,
  },
  {
    name: 'policy delegates one action: IAM cannot give another',
    policy: [allow(root, 'kms:Encrypt')],
    identity: [iam('Allow', 'kms:*')],
    by: 'rudy',
    verb: 'DescribeKey',
    allowed: false,
  },
  { name: 'account id as principal delegates too', policy: [allow(accountId)], by: 'admin', allowed: true },
  {
    name: 'account id as principal gives nothing by itself',
    policy: [allow(accountId)],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'policy for another action',
    policy: [...delegating, allow(rudy, 'kms:Decrypt')],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'wildcard action',
    policy: [...delegating, allow(rudy, 'kms:Enc*')],
    by: 'rudy',
    allowed: true,
  },
  { name: 'policy for everyone', policy: [allow('*', 'kms:Encrypt')], by: 'rudy', allowed: true },
  {
    name: 'policy for everyone with a condition on who calls',
    policy: [allow('*', 'kms:Encrypt', { Condition: { StringEquals: { 'kms:CallerAccount': otherAccountId } } })],
    by: 'rudy',
    allowed: false,
  },
  // Denials.
  {
    name: 'deny in the policy beats its allow',
    policy: [...delegating, allow(rudy), deny(rudy, 'kms:Encrypt')],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'deny in the policy beats IAM',
    policy: [...delegating, deny(rudy, 'kms:Encrypt')],
    identity: [iam('Allow', 'kms:*')],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'deny in IAM beats the policy',
    policy: [...delegating, allow(rudy)],
    identity: [iam('Deny', 'kms:Encrypt')],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'deny for everyone binds the root user',
    policy: [...delegating, deny('*', 'kms:Encrypt')],
    by: 'root',
    allowed: false,
  },
  {
    name: 'deny of one action leaves the others',
    policy: [...delegating, deny('*', 'kms:Decrypt')],
    by: 'admin',
    allowed: true,
  },
  {
    name: 'deny beats a grant',
    policy: [...delegating, deny(rudy, 'kms:Encrypt')],
    grant: { to: rudy, operations: ['Encrypt'] },
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'deny in IAM beats a grant',
    policy: delegating,
    identity: [iam('Deny', 'kms:Encrypt')],
    grant: { to: rudy, operations: ['Encrypt'] },
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'NotAction in a deny',
    policy: [
      ...delegating,
      { Effect: 'Deny', Principal: { AWS: rudy }, NotAction: 'kms:Encrypt', Resource: '*' },
      allow(rudy),
    ],
    by: 'rudy',
    verb: 'DescribeKey',
    allowed: false,
  },
  // Grants.
  {
    name: 'a grant alone is enough',
    policy: delegating,
    grant: { to: rudy, operations: ['Encrypt'] },
    by: 'rudy',
    allowed: true,
  },
  {
    name: 'a grant for another operation',
    policy: delegating,
    grant: { to: rudy, operations: ['Decrypt'] },
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'a grant for somebody else',
    policy: delegating,
    grant: { to: `arn:aws:iam::${accountId}:user/nobody`, operations: ['Encrypt'] },
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'a grant whose context is there',
    policy: delegating,
    grant: { to: rudy, operations: ['Encrypt'], subset: { shop: 'one' } },
    by: 'rudy',
    context: { shop: 'one', table: '7' },
    allowed: true,
  },
  {
    name: 'a grant whose context is another',
    policy: delegating,
    grant: { to: rudy, operations: ['Encrypt'], subset: { shop: 'one' } },
    by: 'rudy',
    context: { shop: 'two' },
    allowed: false,
  },
  {
    name: 'a grant whose context is missing',
    policy: delegating,
    grant: { to: rudy, operations: ['Encrypt'], subset: { shop: 'one' } },
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'a grant across accounts, and IAM on the other side',
    policy: delegating,
    grant: { to: stranger, operations: ['Encrypt'] },
    by: 'stranger',
    identity: [iam('Allow', 'kms:Encrypt')],
    allowed: true,
  },
  {
    name: 'a grant across accounts without IAM on the other side',
    policy: delegating,
    grant: { to: stranger, operations: ['Encrypt'] },
    by: 'stranger',
    allowed: false,
  },
  // Other accounts: both sides must allow.
  {
    name: 'across accounts: policy alone',
    policy: [...delegating, allow(otherRoot)],
    by: 'stranger',
    allowed: false,
  },
  {
    name: 'across accounts: IAM alone',
    policy: delegating,
    identity: [iam('Allow', 'kms:*')],
    by: 'stranger',
    allowed: false,
  },
  {
    name: 'across accounts: policy for the account, and IAM',
    policy: [...delegating, allow(otherRoot)],
    identity: [iam('Allow', 'kms:Encrypt')],
    by: 'stranger',
    allowed: true,
  },
  {
    name: 'across accounts: policy for the user, and IAM',
    policy: [...delegating, allow(stranger)],
    identity: [iam('Allow', 'kms:Encrypt')],
    by: 'stranger',
    allowed: true,
  },
  {
    name: 'across accounts: policy for the user, no IAM',
    policy: [...delegating, allow(stranger)],
    by: 'stranger',
    allowed: false,
  },
  {
    name: 'across accounts: policy for everyone, and IAM',
    policy: [...delegating, allow('*', 'kms:Encrypt')],
    identity: [iam('Allow', 'kms:Encrypt')],
    by: 'stranger',
    allowed: true,
  },
  {
    name: 'across accounts: policy for everyone, no IAM',
    policy: [...delegating, allow('*', 'kms:Encrypt')],
    by: 'stranger',
    allowed: false,
  },
  {
    name: 'across accounts: administrator there, policy for the account',
    policy: [...delegating, allow(otherRoot, 'kms:Encrypt')],
    by: 'otherAdmin',
    allowed: true,
  },
  {
    name: 'across accounts: an action that the policy does not give',
    policy: [...delegating, allow(otherRoot, 'kms:Decrypt')],
    by: 'otherAdmin',
    allowed: false,
  },
  {
    name: 'across accounts: deny on this side',
    policy: [...delegating, allow(otherRoot), deny(stranger, 'kms:Encrypt')],
    identity: [iam('Allow', 'kms:*')],
    by: 'stranger',
    allowed: false,
  },
  {
    name: 'across accounts: deny on the other side',
    policy: [...delegating, allow(otherRoot)],
    identity: [iam('Allow', 'kms:*'), iam('Deny', 'kms:Encrypt')],
    by: 'stranger',
    allowed: false,
  },
  // Conditions.
  {
    name: 'context condition holds',
    policy: [
      ...delegating,
      allow(rudy, 'kms:Encrypt', { Condition: { StringEquals: { 'kms:EncryptionContext:shop': 'one' } } }),
    ],
    by: 'rudy',
    context: { shop: 'one' },
    allowed: true,
  },
  {
    name: 'context condition does not hold',
    policy: [
      ...delegating,
      allow(rudy, 'kms:Encrypt', { Condition: { StringEquals: { 'kms:EncryptionContext:shop': 'one' } } }),
    ],
    by: 'rudy',
    context: { shop: 'One' },
    allowed: false,
  },
  {
    name: 'context condition without a context',
    policy: [
      ...delegating,
      allow(rudy, 'kms:Encrypt', { Condition: { StringEquals: { 'kms:EncryptionContext:shop': 'one' } } }),
    ],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'names of the context: all of these',
    policy: [
      ...delegating,
      allow(rudy, 'kms:Encrypt', {
        Condition: { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['shop', 'table'] } },
      }),
    ],
    by: 'rudy',
    context: { shop: 'one', price: '2' },
    allowed: false,
  },
  {
    name: 'a service must stand between: it does not',
    policy: [
      ...delegating,
      allow(rudy, 'kms:Encrypt', { Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } }),
    ],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'account of the caller',
    policy: [allow('*', 'kms:*', { Condition: { StringEquals: { 'kms:CallerAccount': accountId } } })],
    by: 'rudy',
    allowed: true,
  },
  {
    name: 'tags of the key in IAM',
    policy: delegating,
    identity: [iam('Allow', 'kms:Encrypt', { Condition: { StringEquals: { 'aws:ResourceTag/team': 'till' } } })],
    by: 'rudy',
    allowed: true,
  },
  {
    name: 'other tags in IAM',
    policy: delegating,
    identity: [iam('Allow', 'kms:Encrypt', { Condition: { StringEquals: { 'aws:ResourceTag/team': 'bar' } } })],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'resource of another key in IAM',
    policy: delegating,
    identity: [
      {
        ...iam('Allow', 'kms:Encrypt'),
        Resource: `arn:aws:kms:us-east-1:${accountId}:key/00000000-0000-0000-0000-000000000000`,
      },
    ],
    by: 'rudy',
    allowed: false,
  },
  {
    name: 'resource of all keys of the account in IAM',
    policy: delegating,
    identity: [{ ...iam('Allow', 'kms:Encrypt'), Resource: `arn:aws:kms:*:${accountId}:key/*` }],
    by: 'rudy',
    allowed: true,
  },
  {
    name: 'an alias in IAM does not name a key',
    policy: delegating,
    identity: [{ ...iam('Allow', 'kms:Encrypt'), Resource: `arn:aws:kms:us-east-1:${accountId}:alias/*` }],
    by: 'rudy',
    allowed: false,
  },
  // Administration and use are different things.
  {
    name: 'who administers does not decrypt',
    policy: [...delegating, allow(rudy, ['kms:Create*', 'kms:Describe*', 'kms:Put*', 'kms:ScheduleKeyDeletion'])],
    by: 'rudy',
    verb: 'Decrypt',
    allowed: false,
  },
  {
    name: 'who administers puts policies',
    policy: [...delegating, allow(rudy, ['kms:Create*', 'kms:Describe*', 'kms:Put*', 'kms:ScheduleKeyDeletion'])],
    by: 'rudy',
    verb: 'PutKeyPolicy',
    allowed: true,
  },
  {
    name: 'who uses does not put policies',
    policy: [...delegating, allow(rudy, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'])],
    by: 'rudy',
    verb: 'PutKeyPolicy',
    allowed: false,
  },
  {
    name: 'who uses does not delete',
    policy: [...delegating, allow(rudy, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'])],
    by: 'rudy',
    verb: 'ScheduleKeyDeletion',
    allowed: false,
  },
  {
    name: 'who uses decrypts',
    policy: [...delegating, allow(rudy, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'])],
    by: 'rudy',
    verb: 'Decrypt',
    allowed: true,
  },
  {
    name: 'who uses makes data keys',
    policy: [...delegating, allow(rudy, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'])],
    by: 'rudy',
    verb: 'GenerateDataKey',
    allowed: true,
  },
];

async function putIdentity(by: Case['by'], statements: readonly Statement[]): Promise<void> {
  if (by !== 'rudy' && by !== 'stranger') return;
  const owner = by === 'rudy' ? adminKeys : otherAdminKeys;
  const documented = statements.length > 0 ? statements : [iam('Allow', 'sts:GetCallerIdentity')];
  await new IAMClient(instance.clientOptions(owner)).send(
    new PutUserPolicyCommand({ UserName: by, PolicyName: 'case', PolicyDocument: document(documented) }),
  );
}

describe('truth table', () => {
  test('has at least 40 cases of distinct names', () => {
    expect(new Set(cases.map((one) => one.name)).size).toBeGreaterThanOrEqual(60);
    expect(cases.filter((one) => one.allowed).length).toBeGreaterThan(20);
  });

  test.each(cases)(
    '$name → $allowed',
    async ({ policy, identity = [], grant, by, verb = 'Encrypt', context, allowed }) => {
      const made = await makeKey(admin, { Tags: [{ TagKey: 'team', TagValue: 'till' }] });
      const KeyId = made.Arn;
      const { CiphertextBlob } = await admin.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
      if (grant) {
        await admin.send(
          new CreateGrantCommand({
            KeyId,
            GranteePrincipal: grant.to,
            Operations: grant.operations,
            ...(grant.subset && { Constraints: { EncryptionContextSubset: grant.subset } }),
          }),
        );
      }
      await admin.send(
        new PutKeyPolicyCommand({ KeyId, Policy: document(policy), BypassPolicyLockoutSafetyCheck: true }),
      );
      await putIdentity(by, identity);
      const kms = kmsClient(instance, callers[by]);
      const calls = {
        Encrypt: () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionContext: context })),
        Decrypt: () => kms.send(new DecryptCommand({ KeyId, CiphertextBlob })),
        GenerateDataKey: () => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
        DescribeKey: () => kms.send(new DescribeKeyCommand({ KeyId })),
        PutKeyPolicy: () => kms.send(new PutKeyPolicyCommand({ KeyId, Policy: document(policy) })),
        ScheduleKeyDeletion: () => kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
      };
      if (allowed) {
        const answer = (await calls[verb]()) as { Plaintext?: Uint8Array };
        if (verb === 'Decrypt') expect(bytes(answer.Plaintext).toString()).toBe('x');
        return;
      }
      expect(await refusal(calls[verb]())).toMatch(new RegExp(`^AccessDeniedException: .*kms:${verb} on`));
    },
  );
});

describe('denials tell why, and outsiders nothing', () => {
  test('in the words of AWS', async () => {
    await putIdentity('rudy', []);
    const { Arn } = await makeKey(admin);
    const by = (keys: Keys) =>
      kmsClient(instance, keys).send(new EncryptCommand({ KeyId: Arn, Plaintext: Buffer.from('x') }));
    expect(await refusal(by(rudyKeys))).toBe(
      `AccessDeniedException: User: ${rudy} is not authorized to perform: kms:Encrypt on resource: ${Arn} because no identity-based policy allows the kms:Encrypt action`,
    );
    await putIdentity('stranger', [iam('Allow', 'kms:*')]);
    expect(await refusal(by(strangerKeys))).toBe(
      `AccessDeniedException: User: ${stranger} is not authorized to perform: kms:Encrypt on resource: ${Arn} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
  });
});

test('ReEncrypt needs both keys to allow it', async () => {
  const from = await makeKey(admin);
  const to = await makeKey(admin);
  const { CiphertextBlob } = await admin.send(new EncryptCommand({ KeyId: from.KeyId, Plaintext: Buffer.from('x') }));
  const move = () =>
    kmsClient(instance, rudyKeys).send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.KeyId }));
  const may = (Action: string, Resource: string) => ({ ...iam('Allow', Action), Resource });
  await putIdentity('rudy', [may('kms:ReEncryptFrom', from.Arn)]);
  expect(await refusal(move())).toMatch(new RegExp(`kms:ReEncryptTo on resource: ${to.Arn}`));
  await putIdentity('rudy', [may('kms:ReEncryptTo', to.Arn)]);
  expect(await refusal(move())).toMatch(
    /kms:ReEncryptFrom on the resource associated with this ciphertext because no identity-based policy/,
  );
  await putIdentity('rudy', [may('kms:ReEncryptTo', from.Arn), may('kms:ReEncryptFrom', to.Arn)]);
  expect(await refusal(move())).toMatch(/^AccessDeniedException/);
  await putIdentity('rudy', [may('kms:ReEncryptFrom', from.Arn), may('kms:ReEncryptTo', to.Arn)]);
  await move();
});

test('policy trap 11: session policies and boundaries limit key policies of roles too', async () => {
  const { Arn } = await makeKey(admin);
  const { CreateRoleCommand } = await import('@aws-sdk/client-iam');
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: root }, Action: 'sts:AssumeRole' }],
  };
  const made = await new IAMClient(instance.clientOptions(adminKeys)).send(
    new CreateRoleCommand({ RoleName: 'sealer', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const RoleArn = made.Role?.Arn as string;
  await admin.send(
    new PutKeyPolicyCommand({ KeyId: Arn, Policy: document([...delegating, allow(RoleArn, ['kms:Encrypt'])]) }),
  );
  const session = async (Policy?: string): Promise<Keys> => {
    const { Credentials } = await new STSClient(instance.clientOptions(adminKeys)).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'one', Policy }),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
    };
  };
  const encrypt = async (keys: Keys) =>
    kmsClient(instance, keys).send(new EncryptCommand({ KeyId: Arn, Plaintext: Buffer.from('x') }));
  await encrypt(await session());
  await encrypt(await session(document([iam('Allow', 'kms:*')])));
  expect(await refusal(encrypt(await session(document([iam('Allow', 's3:*')]))))).toMatch(/^AccessDeniedException/);
});

test('policy trap 16: a user who is deleted and comes again by the same name is not the one the policy meant', async () => {
  const { CreateUserCommand, CreateAccessKeyCommand, DeleteUserCommand, DeleteAccessKeyCommand } = await import(
    '@aws-sdk/client-iam'
  );
  const people = new IAMClient(instance.clientOptions(adminKeys));
  const hire = async (): Promise<Keys> => {
    await people.send(new CreateUserCommand({ UserName: 'temp' }));
    const { AccessKey } = await people.send(new CreateAccessKeyCommand({ UserName: 'temp' }));
    return { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
  };
  const first = await hire();
  const { Arn } = await makeKey(admin);
  const temp = `arn:aws:iam::${accountId}:user/temp`;
  await admin.send(
    new PutKeyPolicyCommand({ KeyId: Arn, Policy: document([...delegating, allow(temp, 'kms:Encrypt')]) }),
  );
  await admin.send(new CreateGrantCommand({ KeyId: Arn, GranteePrincipal: temp, Operations: ['GenerateDataKey'] }));
  const uses = (keys: Keys) => [
    kmsClient(instance, keys).send(new EncryptCommand({ KeyId: Arn, Plaintext: Buffer.from('x') })),
    kmsClient(instance, keys).send(new GenerateDataKeyCommand({ KeyId: Arn, KeySpec: 'AES_256' })),
  ];
  await Promise.all(uses(first));
  await people.send(new DeleteAccessKeyCommand({ UserName: 'temp', AccessKeyId: first.accessKeyId }));
  await people.send(new DeleteUserCommand({ UserName: 'temp' }));
  for (const use of uses(await hire())) expect(await refusal(use)).toMatch(/^AccessDeniedException/);
});

test('calls without a key: creating and listing are decided by IAM', async () => {
  const kms = kmsClient(instance, rudyKeys);
  await putIdentity('rudy', []);
  expect(await refusal(kms.send(new CreateKeyCommand({})))).toMatch(/kms:CreateKey on resource: \*/);
  expect(await refusal(kms.send(new ListKeysCommand({})))).toMatch(/kms:ListKeys on resource: \*/);
  await putIdentity('rudy', [
    iam('Allow', ['kms:CreateKey', 'kms:TagResource'], {
      Condition: { StringEquals: { 'kms:KeySpec': 'HMAC_256', 'aws:RequestTag/team': 'till' } },
    }),
  ]);
  const Tags = [{ TagKey: 'team', TagValue: 'till' }];
  expect(await refusal(kms.send(new CreateKeyCommand({ Tags })))).toMatch(/^AccessDeniedException/);
  const hmac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const;
  expect(await refusal(kms.send(new CreateKeyCommand(hmac)))).toMatch(/^AccessDeniedException/);
  await makeKey(kms, { ...hmac, Tags });
});

test('aliases need permission on the alias and on the key', async () => {
  const { Arn } = await makeKey(admin);
  const kms = kmsClient(instance, rudyKeys);
  const create = () => kms.send(new CreateAliasCommand({ AliasName: 'alias/both', TargetKeyId: Arn }));
  const alias = `arn:aws:kms:us-east-1:${accountId}:alias/both`;
  await putIdentity('rudy', [{ ...iam('Allow', 'kms:CreateAlias'), Resource: Arn }]);
  expect(await refusal(create())).toMatch(new RegExp(`kms:CreateAlias on resource: ${alias}`));
  await putIdentity('rudy', [{ ...iam('Allow', 'kms:CreateAlias'), Resource: alias }]);
  expect(await refusal(create())).toMatch(new RegExp(`kms:CreateAlias on resource: ${Arn}`));
  await putIdentity('rudy', [{ ...iam('Allow', 'kms:CreateAlias'), Resource: [alias, Arn] }]);
  await create();
});
