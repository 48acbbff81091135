/**
 * Both sides across accounts, in each service whose resources have policies (IAM User Guide, "Cross-account policy
 * evaluation logic"): same account or another × identity policy or none × what the resource's policy grants.
 */
import { CreateRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { EncryptCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accountId,
  adminKeys,
  type Keys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { kmsClient, makeKey } from '../support/kms.ts';
import { allow, outcome, type Person, Principals, policy } from '../support/principals.ts';

type Grant = 'nobody' | 'the account' | 'the user';
interface Cell {
  readonly other: boolean;
  readonly identity: boolean;
  readonly grant: Grant;
  readonly bucket: boolean;
  /** Keys and roles: their policies must allow by themselves, in their own account, too. */
  readonly keyOrRole: boolean;
}

// Written down, not computed: the two columns differ in one line only.
const cells: readonly Cell[] = [
  { other: false, identity: false, grant: 'nobody', bucket: false, keyOrRole: false },
  { other: false, identity: false, grant: 'the account', bucket: false, keyOrRole: false },
  { other: false, identity: false, grant: 'the user', bucket: true, keyOrRole: true },
  { other: false, identity: true, grant: 'nobody', bucket: true, keyOrRole: false },
  { other: false, identity: true, grant: 'the account', bucket: true, keyOrRole: true },
  { other: false, identity: true, grant: 'the user', bucket: true, keyOrRole: true },
  { other: true, identity: false, grant: 'nobody', bucket: false, keyOrRole: false },
  { other: true, identity: false, grant: 'the account', bucket: false, keyOrRole: false },
  { other: true, identity: false, grant: 'the user', bucket: false, keyOrRole: false },
  { other: true, identity: true, grant: 'nobody', bucket: false, keyOrRole: false },
  { other: true, identity: true, grant: 'the account', bucket: true, keyOrRole: true },
  { other: true, identity: true, grant: 'the user', bucket: true, keyOrRole: true },
];
const title = 'another account: $other, identity policy: $identity, granted to $grant';

let instance: TestInstance;
let owner: S3Client;
let iam: IAMClient;
let KeyId: string;
let keyArn: string;
const RoleName = 'shared';
const RoleArn = `arn:aws:iam::${accountId}:role/${RoleName}`;
const callers = new Map<string, Person>();
const admin = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${accountId}:user/admin` },
  Action: 'kms:*',
  Resource: '*',
};

beforeAll(async () => {
  instance = await startInstance();
  owner = new S3Client(instance.clientOptions());
  iam = new IAMClient(instance.clientOptions());
  await owner.send(new CreateBucketCommand({ Bucket: 'shared' }));
  await owner.send(new PutObjectCommand({ Bucket: 'shared', Key: 'menu', Body: 'tea' }));
  ({ KeyId, Arn: keyArn } = await makeKey(kmsClient(instance)));
  const AssumeRolePolicyDocument = policy({
    Effect: 'Allow',
    Principal: { Service: 'ec2.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  for (const other of [false, true]) {
    const account = {
      clientOptions: (keys: Keys = other ? otherAdminKeys : adminKeys) => instance.clientOptions(keys),
    };
    const principals = new Principals(account as TestInstance);
    for (const identity of [false, true]) {
      const may = identity ? { may: [allow(['s3:GetObject', 'kms:Encrypt', 'sts:AssumeRole'])] } : {};
      callers.set(`${other} ${identity}`, await principals.user(identity ? 'may' : 'may-not', may));
    }
  }
});
afterAll(() => instance.stop());

const callerOf = ({ other, identity }: Cell) => callers.get(`${other} ${identity}`) as Person;

function principalOf(cell: Cell): object | undefined {
  if (cell.grant === 'nobody') return undefined;
  return { AWS: cell.grant === 'the user' ? callerOf(cell).arn : cell.other ? otherAccountId : accountId };
}

describe('policy trap 6: over accounts both sides must allow', () => {
  it('has every cell once', () => {
    const seen = cells.map(({ other, identity, grant }) => `${other} ${identity} ${grant}`);
    expect(new Set(seen).size).toBe(12);
  });

  it.each(cells)(`S3, ${title}`, async (cell) => {
    const Principal = principalOf(cell);
    const Resource = 'arn:aws:s3:::shared/*';
    if (Principal) {
      const Policy = policy({ Effect: 'Allow', Principal, Action: 's3:GetObject', Resource });
      await owner.send(new PutBucketPolicyCommand({ Bucket: 'shared', Policy }));
    } else await owner.send(new DeleteBucketPolicyCommand({ Bucket: 'shared' }));
    const s3 = new S3Client(instance.clientOptions(callerOf(cell)));
    const answer = await outcome(s3.send(new GetObjectCommand({ Bucket: 'shared', Key: 'menu' })));
    expect(answer).toBe(cell.bucket ? 'allowed' : 'AccessDenied');
  });

  it.each(cells)(`KMS, ${title}`, async (cell) => {
    const Principal = principalOf(cell);
    const granted = Principal ? [{ Effect: 'Allow', Principal, Action: 'kms:Encrypt', Resource: '*' }] : [];
    await kmsClient(instance).send(new PutKeyPolicyCommand({ KeyId, Policy: policy(admin, ...granted) }));
    const kms = kmsClient(instance, callerOf(cell));
    const answer = await outcome(kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('tea') })));
    expect(answer).toBe(cell.keyOrRole ? 'allowed' : 'AccessDeniedException');
  });

  it.each(cells)(`roles, ${title}`, async (cell) => {
    const Principal = principalOf(cell) ?? { Service: 'ec2.amazonaws.com' };
    const PolicyDocument = policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    const sts = new Principals(instance).sts(callerOf(cell));
    const answer = await outcome(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shift' })));
    expect(answer).toBe(cell.keyOrRole ? 'allowed' : 'AccessDenied');
  });
});
