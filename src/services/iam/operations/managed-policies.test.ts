import { expect, test } from 'vitest';
import { account } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { attachGroupPolicy, attachRolePolicy, attachUserPolicy, detachUserPolicy } from './attach-policies.ts';
import { createGroup } from './create-group.ts';
import { createPolicy, deletePolicy } from './create-policy.ts';
import { createRole } from './create-role.ts';
import { createUser } from './create-user.ts';
import { listAttachedUserPolicies } from './list-attached-policies.ts';
import { putUserPermissionsBoundary } from './permissions-boundaries.ts';
import {
  createPolicyVersion,
  deletePolicyVersion,
  getPolicyVersion,
  listPolicyVersions,
  setDefaultPolicyVersion,
} from './policy-versions.ts';
import { getPolicy, listEntitiesForPolicy, listPolicies } from './read-policies.ts';
import { listPolicyTags, tagPolicy, untagPolicy } from './tag-policy.ts';

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const document = (action = 's3:ListBucket') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

async function withPolicy(quotas = {}) {
  const setting = iamBench(quotas);
  const { bench } = setting;
  const { Policy } = await bench.run('CreatePolicy', createPolicy, {
    PolicyName: 'Reports',
    Path: '/shop/',
    PolicyDocument: document(),
    Description: 'reads reports',
  });
  await bench.run('CreateUser', createUser, { UserName: 'rudy' });
  return { ...setting, PolicyArn: Policy?.Arn as string };
}

test('a policy shows its ARN, path, default version and counts', async () => {
  const { bench, PolicyArn } = await withPolicy();
  expect(PolicyArn).toBe(`arn:aws:iam::${account}:policy/shop/Reports`);
  await bench.run('AttachUserPolicy', attachUserPolicy, { UserName: 'rudy', PolicyArn });
  await bench.run('AttachUserPolicy', attachUserPolicy, { UserName: 'Rudy', PolicyArn });
  await bench.run('PutUserPermissionsBoundary', putUserPermissionsBoundary, {
    UserName: 'rudy',
    PermissionsBoundary: PolicyArn,
  });
  const { Policy } = await bench.run('GetPolicy', getPolicy, { PolicyArn });
  expect(Policy).toMatchObject({
    PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
    DefaultVersionId: 'v1',
    AttachmentCount: 1,
    PermissionsBoundaryUsageCount: 1,
    IsAttachable: true,
    Description: 'reads reports',
    Tags: [],
  });
});

test('names are unique without regard to case, and documents are held against the grammar and the size', async () => {
  const { bench } = await withPolicy();
  const create = (PolicyName: string, PolicyDocument: string) =>
    failure(bench.run('CreatePolicy', createPolicy, { PolicyName, PolicyDocument }));
  expect(await create('REPORTS', document())).toBe(
    'EntityAlreadyExists: A policy called REPORTS already exists. Duplicate names are not allowed.',
  );
  expect(await create('x', '{"Version":"2012-10-17",\n "Statement": oops}')).toMatch(
    /^MalformedPolicyDocument: .+ \(line 2, column 15\)$/,
  );
  expect(await create('x', document().replace('Allow', 'Maybe'))).toMatch(/^MalformedPolicyDocument: /);
  expect(await create('x', document(`s3:${'a'.repeat(6144)}`))).toBe(
    'LimitExceeded: Cannot exceed quota for PolicySize: 6144',
  );
  await bench.run('CreatePolicy', createPolicy, {
    PolicyName: 'spaced',
    PolicyDocument: document().replace('[', `[${' '.repeat(7000)}`),
  });
});

test('policy trap 20: five versions at most, never numbered again', async () => {
  const { bench, PolicyArn } = await withPolicy();
  for (let count = 2; count <= 5; count++) {
    await bench.run('CreatePolicyVersion', createPolicyVersion, { PolicyArn, PolicyDocument: document() });
  }
  expect(
    await failure(bench.run('CreatePolicyVersion', createPolicyVersion, { PolicyArn, PolicyDocument: document() })),
  ).toBe(
    'LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
  );
  expect(await failure(bench.run('DeletePolicy', deletePolicy, { PolicyArn }))).toMatch(
    /^DeleteConflict: This policy has more than one version/,
  );
  await bench.run('DeletePolicyVersion', deletePolicyVersion, { PolicyArn, VersionId: 'v5' });
  const { PolicyVersion } = await bench.run('CreatePolicyVersion', createPolicyVersion, {
    PolicyArn,
    PolicyDocument: document('s3:GetObject'),
    SetAsDefault: true,
  });
  expect(PolicyVersion).toMatchObject({ VersionId: 'v6', IsDefaultVersion: true });
  expect(PolicyVersion).not.toHaveProperty('Document');
  expect(await failure(bench.run('DeletePolicyVersion', deletePolicyVersion, { PolicyArn, VersionId: 'v6' }))).toBe(
    'DeleteConflict: Cannot delete the default version of a policy.',
  );
  await bench.run('SetDefaultPolicyVersion', setDefaultPolicyVersion, { PolicyArn, VersionId: 'v2' });
  const { Versions } = await bench.run('ListPolicyVersions', listPolicyVersions, { PolicyArn });
  expect(Versions?.map((version) => [version.VersionId, version.IsDefaultVersion])).toEqual([
    ['v6', false],
    ['v4', false],
    ['v3', false],
    ['v2', true],
    ['v1', false],
  ]);
  expect(await failure(bench.run('GetPolicyVersion', getPolicyVersion, { PolicyArn, VersionId: 'v9' }))).toBe(
    `NoSuchEntity: Policy ${PolicyArn} version v9 does not exist or is not attachable.`,
  );
});

test('documents are answered percent-encoded as RFC 3986 says', async () => {
  const { bench, PolicyArn } = await withPolicy();
  const { PolicyVersion } = await bench.run('GetPolicyVersion', getPolicyVersion, { PolicyArn, VersionId: 'v1' });
  expect(PolicyVersion?.Document).not.toMatch(/[^A-Za-z0-9\-_.~%]/);
  expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(document());
});

test('AWS managed policies can be read and attached, not changed', async () => {
  const { bench } = await withPolicy();
  const { PolicyVersion } = await bench.run('GetPolicyVersion', getPolicyVersion, {
    PolicyArn: administrator,
    VersionId: 'v1',
  });
  expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? '')).Statement[0].Action).toBe('*');
  expect(await failure(bench.run('DeletePolicy', deletePolicy, { PolicyArn: administrator }))).toMatch(/^AccessDenied/);
  await bench.run('AttachUserPolicy', attachUserPolicy, { UserName: 'rudy', PolicyArn: administrator });
  await bench.run('CreateRole', createRole, { RoleName: 'r', AssumeRolePolicyDocument: trust });
  expect(
    await failure(
      bench.run('AttachRolePolicy', attachRolePolicy, {
        RoleName: 'r',
        PolicyArn: 'arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy',
      }),
    ),
  ).toBe('PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.');
});

test('ListPolicies filters by scope, path and use, and pages', async () => {
  const { bench, PolicyArn } = await withPolicy();
  await bench.run('AttachUserPolicy', attachUserPolicy, { UserName: 'rudy', PolicyArn: administrator });
  const list = async (input: object) =>
    (await bench.run('ListPolicies', listPolicies, input)).Policies?.map((policy) => policy.Arn);
  expect(await list({ Scope: 'Local' })).toEqual([PolicyArn]);
  expect(await list({ OnlyAttached: true })).toEqual([administrator]);
  expect(await list({ Scope: 'Local', OnlyAttached: true })).toEqual([]);
  expect(await list({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual([]);
  const job = await list({ PathPrefix: '/job-function/' });
  expect(job).toContain('arn:aws:iam::aws:policy/job-function/ViewOnlyAccess');
  let marker: string | undefined;
  let seen = 0;
  do {
    const page = await bench.run('ListPolicies', listPolicies, {
      MaxItems: 1000,
      ...(marker !== undefined && { Marker: marker }),
    });
    seen += page.Policies?.length ?? 0;
    marker = page.Marker;
  } while (marker !== undefined);
  expect(seen).toBeGreaterThan(1500);
});

test('attaching: unknown policies, quotas, and detaching what is not attached', async () => {
  const { bench, PolicyArn } = await withPolicy({ policiesPerUser: 1 });
  const user = { UserName: 'rudy' };
  const missing = `arn:aws:iam::${account}:policy/Missing`;
  expect(await failure(bench.run('AttachUserPolicy', attachUserPolicy, { ...user, PolicyArn: missing }))).toBe(
    `NoSuchEntity: Policy ${missing} does not exist or is not attachable.`,
  );
  expect(
    await failure(bench.run('AttachUserPolicy', attachUserPolicy, { ...user, PolicyArn: 'arn:aws:s3:::bucket-name' })),
  ).toBe('InvalidInput: ARN arn:aws:s3:::bucket-name is not valid.');
  // The path is part of the name.
  expect(
    await failure(
      bench.run('AttachUserPolicy', attachUserPolicy, { ...user, PolicyArn: `arn:aws:iam::${account}:policy/Reports` }),
    ),
  ).toMatch(/^NoSuchEntity/);
  await bench.run('AttachUserPolicy', attachUserPolicy, { ...user, PolicyArn });
  expect(await failure(bench.run('AttachUserPolicy', attachUserPolicy, { ...user, PolicyArn: administrator }))).toBe(
    'LimitExceeded: Cannot exceed quota for PoliciesPerUser: 1',
  );
  expect(await failure(bench.run('DeletePolicy', deletePolicy, { PolicyArn }))).toBe(
    'DeleteConflict: Cannot delete a policy attached to entities.',
  );
  await bench.run('DetachUserPolicy', detachUserPolicy, { ...user, PolicyArn });
  expect(await failure(bench.run('DetachUserPolicy', detachUserPolicy, { ...user, PolicyArn }))).toBe(
    `NoSuchEntity: Policy ${PolicyArn} was not found.`,
  );
  await bench.run('DeletePolicy', deletePolicy, { PolicyArn });
  expect(await failure(bench.run('GetPolicy', getPolicy, { PolicyArn }))).toBe(
    `NoSuchEntity: Policy ${PolicyArn} was not found.`,
  );
});

test('the defaults are 20 policies a user, 25 a role and 10 a group', async () => {
  const { ports } = iamBench();
  expect(ports.quotas).toMatchObject({ policiesPerUser: 20, policiesPerRole: 25, policiesPerGroup: 10 });
});

test('ListEntitiesForPolicy tells users, groups and roles by kind and use', async () => {
  const { bench, PolicyArn } = await withPolicy();
  await bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers', Path: '/shop/' });
  await bench.run('CreateRole', createRole, { RoleName: 'Cleaning', AssumeRolePolicyDocument: trust });
  await bench.run('AttachUserPolicy', attachUserPolicy, { UserName: 'rudy', PolicyArn });
  await bench.run('AttachGroupPolicy', attachGroupPolicy, { GroupName: 'Cashiers', PolicyArn });
  await bench.run('AttachRolePolicy', attachRolePolicy, { RoleName: 'Cleaning', PolicyArn });
  const all = await bench.run('ListEntitiesForPolicy', listEntitiesForPolicy, { PolicyArn });
  expect(all).toMatchObject({
    PolicyUsers: [{ UserName: 'rudy' }],
    PolicyGroups: [{ GroupName: 'Cashiers' }],
    PolicyRoles: [{ RoleName: 'Cleaning' }],
    IsTruncated: false,
  });
  const inShop = await bench.run('ListEntitiesForPolicy', listEntitiesForPolicy, { PolicyArn, PathPrefix: '/shop/' });
  expect([inShop.PolicyUsers?.length, inShop.PolicyGroups?.length, inShop.PolicyRoles?.length]).toEqual([0, 1, 0]);
  const users = await bench.run('ListEntitiesForPolicy', listEntitiesForPolicy, { PolicyArn, EntityFilter: 'User' });
  expect([users.PolicyUsers?.length, users.PolicyGroups?.length]).toEqual([1, 0]);
  const listed = await bench.run('ListAttachedUserPolicies', listAttachedUserPolicies, { UserName: 'rudy' });
  expect(listed.AttachedPolicies).toEqual([{ PolicyName: 'Reports', PolicyArn }]);
});

test('policies are tagged, and their tags reach the checks', async () => {
  const { bench, PolicyArn } = await withPolicy();
  await bench.run('TagPolicy', tagPolicy, { PolicyArn, Tags: [{ Key: 'team', Value: 'till' }] });
  expect((await bench.run('ListPolicyTags', listPolicyTags, { PolicyArn })).Tags).toEqual([
    { Key: 'team', Value: 'till' },
  ]);
  const [check] = await bench.checks('GetPolicy', getPolicy, { PolicyArn });
  expect(check).toMatchObject({
    action: 'iam:GetPolicy',
    resource: { arn: PolicyArn, account, tags: { team: 'till' } },
  });
  await bench.run('UntagPolicy', untagPolicy, { PolicyArn, TagKeys: ['TEAM'] });
  expect((await bench.run('ListPolicyTags', listPolicyTags, { PolicyArn })).Tags).toEqual([]);
});

test('a policy of another account is checked as that account', async () => {
  const { bench } = await withPolicy();
  const PolicyArn = 'arn:aws:iam::444455556666:policy/Theirs';
  const [check] = await bench.checks('GetPolicy', getPolicy, { PolicyArn });
  expect(check?.resource.account).toBe('444455556666');
  const [attach] = await bench.checks('AttachUserPolicy', attachUserPolicy, { UserName: 'rudy', PolicyArn });
  expect(attach).toMatchObject({ resource: { account }, context: { 'iam:PolicyARN': PolicyArn } });
});
