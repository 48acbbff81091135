// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
/**
 * The simulator and the calls themselves give one answer: random policies on a real user, asked of SimulatePrincipalPolicy
 * and then tried. SIMULATE_SEED and SIMULATE_CASES repeat and change the cases. The same on the engine, for many more
 * cases: src/services/iam/simulation.property.test.ts.
 */
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  DeleteUserPermissionsBoundaryCommand,
  GetUserCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allow, type Person, Principals, policy } from '../support/principals.ts';

const cases = Number(process.env.SIMULATE_CASES ?? 20);
const seed = Number(process.env.SIMULATE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const UserName = 'simulated';

let instance: TestInstance;
let principals: Principals;
let owner: S3Client;
let user: Person;
let boundary: string;
beforeAll(async () => {
  instance = await startInstance();
  principals = new Principals(instance);
  // A Deny for the whole account leaves the way in to its root user alone.
  owner = new S3Client(instance.clientOptions(rootKeys));
  await owner.send(new CreateBucketCommand({ Bucket: 'shop' }));
  for (const Key of ['menu', 'till/monday']) await owner.send(new PutObjectCommand({ Bucket: 'shop', Key, Body: 'x' }));
  user = await principals.user(UserName, { tags: [{ Key: 'team', Value: 'beans' }] });
  await principals.iam.send(new CreateGroupCommand({ GroupName: UserName }));
  await principals.iam.send(new AddUserToGroupCommand({ GroupName: UserName, UserName }));
  boundary = await principals.managed('limit', allow('*'));
});
afterAll(() => instance.stop());

/** What is simulated, and the call that it stands for. */
interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
  call(): Promise<unknown>;
}

const s3 = () => new S3Client(instance.clientOptions(user));
const iam = () => new IAMClient(instance.clientOptions(user));
const get = (Key: string): Question => ({
  action: 's3:GetObject',
  resource: `arn:aws:s3:::shop/${Key}`,
  call: () => s3().send(new GetObjectCommand({ Bucket: 'shop', Key })),
});
const list = (Prefix: string): Question => ({
  action: 's3:ListBucket',
  resource: 'arn:aws:s3:::shop',
  context: { 's3:prefix': Prefix },
  call: () => s3().send(new ListObjectsV2Command({ Bucket: 'shop', Prefix })),
});
const questions: readonly Question[] = [
  get('menu'),
  get('till/monday'),
  list('till/'),
  list('menu'),
  { action: 's3:ListAllMyBuckets', resource: 'arn:aws:s3:::*', call: () => s3().send(new ListBucketsCommand({})) },
  {
    action: 'iam:ListUsers',
    resource: '*',
    call: () => iam().send(new ListUsersCommand({ PathPrefix: '/' })),
  },
  {
    action: 'iam:GetUser',
    resource: `arn:aws:iam::${accountId}:user/${UserName}`,
    call: () => iam().send(new GetUserCommand({ UserName })),
  },
];

const condition = fc.constantFrom<object | undefined>(
  undefined,
  undefined,
  { StringEquals: { 'aws:username': UserName } },
  { StringNotEquals: { 'aws:username': UserName } },
  { StringLike: { 's3:prefix': 'till/*' } },
  { StringNotLikeIfExists: { 's3:prefix': 'till/*' } },
  { Null: { 's3:prefix': 'false' } },
  { StringEquals: { 'aws:PrincipalTag/team': 'beans' } },
  { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'team' } },
  { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
  { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    Action: fc.constantFrom('*', 's3:*', 's3:Get*', 's3:List*', 'S3:GETOBJECT', 'iam:*', 'iam:Get*', 'iam:ListUsers'),
    Resource: fc.constantFrom<string | string[]>(
      '*',
      'arn:aws:s3:::shop',
      'arn:aws:s3:::shop/*',
      'arn:aws:s3:::shop/till/*',
      ['arn:aws:s3:::*', `arn:aws:iam::${accountId}:user/*`],
      'arn:aws:iam::*:user/${aws:username}',
    ),
    Condition: condition,
  })
  .map(({ Condition, ...rest }) => ({ ...rest, ...(Condition && { Condition }) }));
const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
const bucketStatement = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Principal: fc.constantFrom({ AWS: accountId }, { AWS: `arn:aws:iam::${accountId}:user/${UserName}` }),
  Action: fc.constantFrom('s3:*', 's3:GetObject', 's3:ListBucket'),
  Resource: fc.constant(['arn:aws:s3:::shop', 'arn:aws:s3:::shop/*']),
});

interface World {
  readonly own: readonly object[];
  readonly group: readonly object[];
  readonly limit: readonly object[] | undefined;
  readonly bucket: object | undefined;
}

async function setUp({ own, group, limit, bucket }: World): Promise<void> {
  const send = <C>(command: C) => principals.iam.send(command as never);
  await send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: policy(...own) }));
  await send(new PutGroupPolicyCommand({ GroupName: UserName, PolicyName: 'p', PolicyDocument: policy(...group) }));
  if (limit) {
    const { Versions } = await principals.iam.send(new ListPolicyVersionsCommand({ PolicyArn: boundary }));
    const old = Versions?.find((one) => !one.IsDefaultVersion);
    if (old) await send(new DeletePolicyVersionCommand({ PolicyArn: boundary, VersionId: old.VersionId }));
    const PolicyDocument = policy(...limit);
    await send(new CreatePolicyVersionCommand({ PolicyArn: boundary, PolicyDocument, SetAsDefault: true }));
    await send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: boundary }));
  } else await send(new DeleteUserPermissionsBoundaryCommand({ UserName })).catch(() => undefined);
  if (bucket) await owner.send(new PutBucketPolicyCommand({ Bucket: 'shop', Policy: policy(bucket) }));
  else await owner.send(new DeleteBucketPolicyCommand({ Bucket: 'shop' }));
}

async function simulated({ action, resource, context = {} }: Question, bucket: object | undefined): Promise<string> {
  const given = { 'aws:SourceIp': '127.0.0.1', ...context };
  const { EvaluationResults } = await principals.iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: user.arn,
      ActionNames: [action],
      ResourceArns: [resource],
      ContextEntries: Object.entries(given).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyValues: [value],
        ContextKeyType: ContextKeyName === 'aws:SourceIp' ? 'ip' : 'string',
      })),
      ...(bucket &&
        resource.startsWith('arn:aws:s3:::shop') && { ResourcePolicy: policy(bucket), CallerArn: user.arn }),
    }),
  );
  return EvaluationResults?.[0]?.EvalDecision ?? 'none';
}

async function enforced({ call }: Question): Promise<string> {
  try {
    await call();
    return 'allowed';
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'AccessDenied') throw error;
    return message.includes('explicit deny') ? 'explicitDeny' : 'implicitDeny';
  }
}

test(`policy trap 19: the simulator says what the call is answered, ${cases} worlds (SIMULATE_SEED=${seed})`, {
  timeout: 300_000,
}, async () => {
  const seen: Record<string, number> = {};
  const world: fc.Arbitrary<World> = fc.record({
    own: statements,
    group: statements,
    limit: fc.option(statements, { nil: undefined, freq: 3 }),
    bucket: fc.option(bucketStatement, { nil: undefined, freq: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      await setUp(given);
      for (const question of questions) {
        const [said, done] = [await simulated(question, given.bucket), await enforced(question)];
        seen[done] = (seen[done] ?? 0) + 1;
        expect(`${question.action} on ${question.resource}: ${said}`).toBe(
          `${question.action} on ${question.resource}: ${done}`,
        );
      }
    }),
    { numRuns: cases, seed, endOnFailure: true },
  );
  // Worlds that are all of one kind would prove nothing.
  if (cases < 20) return;
  for (const verdict of ['allowed', 'implicitDeny', 'explicitDeny'])
    expect(seen[verdict], JSON.stringify(seen)).toBeGreaterThan(cases / 4);
});
