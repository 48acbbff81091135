import { expect, test } from 'vitest';
import { account } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { attachUserPolicy } from './attach-policies.ts';
import { getContextKeysForCustomPolicy, getContextKeysForPrincipalPolicy } from './context-keys.ts';
import { createGroup } from './create-group.ts';
import { createRole } from './create-role.ts';
import { createUser } from './create-user.ts';
import { addUserToGroup } from './group-members.ts';
import { putGroupPolicy, putUserPolicy } from './inline-policies.ts';
import { putUserPermissionsBoundary } from './permissions-boundaries.ts';
import { simulateCustomPolicy, simulatePrincipalPolicy } from './simulate.ts';

const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (action: string, more: object = {}) => ({ Effect: 'Allow', Action: action, Resource: '*', ...more });
const { bench } = iamBench();

async function custom(input: Omit<Parameters<typeof simulateCustomPolicy.handle>[0], 'ActionNames'> & object) {
  const answer = await bench.run('SimulateCustomPolicy', simulateCustomPolicy, {
    ActionNames: ['s3:ListBucket'],
    ...input,
  });
  return answer.EvaluationResults?.[0];
}

test('the three decisions, with the statements that decided and where they stand', async () => {
  const both = policy(allow('s3:*'), { ...allow('s3:ListBucket'), Effect: 'Deny' });
  const denied = await custom({ PolicyInputList: [both] });
  expect(denied).toMatchObject({
    EvalActionName: 's3:ListBucket',
    EvalResourceName: '*',
    EvalDecision: 'explicitDeny',
  });
  const deny = both.lastIndexOf('{"Effect":');
  expect(denied?.MatchedStatements).toEqual([
    {
      SourcePolicyId: 'PolicyInputList.1',
      StartPosition: { Line: 1, Column: deny + 1 },
      EndPosition: { Line: 1, Column: expect.any(Number) },
    },
  ]);
  expect((await custom({ PolicyInputList: [policy(allow('s3:List*'))] }))?.EvalDecision).toBe('allowed');
  const silent = await custom({ PolicyInputList: [policy(allow('s3:GetObject'))] });
  expect(silent).toMatchObject({ EvalDecision: 'implicitDeny', MatchedStatements: [] });
});

test('context entries of every type, what is missing, and what is malformed', async () => {
  const conditions = {
    NumericLessThan: { 's3:max-keys': '10' },
    Bool: { 'aws:SecureTransport': 'true' },
    IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
    DateGreaterThan: { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost'] },
    BinaryEquals: { 'key:Blob': 'QmFpbGV5' },
  };
  const PolicyInputList = [policy(allow('s3:ListBucket', { Condition: conditions }))];
  const entry = (ContextKeyName: string, ContextKeyType: 'string', ...ContextKeyValues: string[]) => ({
    ContextKeyName,
    ContextKeyType,
    ContextKeyValues,
  });
  const typed = (name: string, type: string, ...values: string[]) => entry(name, type as 'string', ...values);
  const entries = [
    typed('S3:Max-Keys', 'numeric', '5'),
    typed('aws:SecureTransport', 'boolean', 'true'),
    typed('aws:SourceIp', 'ip', '192.0.2.9'),
    typed('aws:TokenIssueTime', 'date', '2026-05-01T00:00:00Z'),
    typed('aws:TagKeys', 'stringList', 'team'),
    typed('key:Blob', 'binary', 'QmFpbGV5'),
  ];
  expect((await custom({ PolicyInputList, ContextEntries: entries }))?.EvalDecision).toBe('allowed');
  const missing = await custom({ PolicyInputList, ContextEntries: entries.slice(1) });
  expect(missing).toMatchObject({ EvalDecision: 'implicitDeny', MissingContextValues: ['s3:max-keys'] });
  for (const bad of [
    typed('k', 'numeric', 'many'),
    typed('k', 'boolean', 'maybe'),
    typed('k', 'ip', 'here'),
    typed('k', 'date', 'soon'),
    typed('k', 'binary', '***'),
    typed('k', 'string', 'a', 'b'),
    typed('k', 'float', '1'),
  ]) {
    expect(await failure(custom({ PolicyInputList, ContextEntries: [bad] }))).toMatch(/^InvalidInput: /);
  }
});

test('boundaries and service control policies take part, level by level', async () => {
  const PolicyInputList = [policy(allow('*'))];
  const bounded = await custom({ PolicyInputList, PermissionsBoundaryPolicyInputList: [policy(allow('ec2:*'))] });
  expect(bounded).toMatchObject({
    EvalDecision: 'implicitDeny',
    PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
  });
  const level = (...documents: string[]) => ({ ServiceControlPolicyInputList: documents });
  const full = policy(allow('*'));
  const permitted = await custom({ PolicyInputList, OrderedOrganizationPolicyInputList: [level(full), level(full)] });
  expect(permitted).toMatchObject({
    EvalDecision: 'allowed',
    OrganizationsDecisionDetail: { AllowedByOrganizations: true },
  });
  const stopped = await custom({
    PolicyInputList,
    OrderedOrganizationPolicyInputList: [level(full), level(policy(allow('ec2:*')))],
  });
  expect(stopped).toMatchObject({
    EvalDecision: 'implicitDeny',
    OrganizationsDecisionDetail: { AllowedByOrganizations: false },
  });
});

test('a resource policy counts, needs a caller, and across accounts needs the other side too', async () => {
  const CallerArn = `arn:aws:iam::${account}:user/visitor`;
  const ResourcePolicy = policy({
    Effect: 'Allow',
    Principal: { AWS: CallerArn },
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::shop',
  });
  const question = { PolicyInputList: [policy(allow('ec2:*'))], ResourceArns: ['arn:aws:s3:::shop'], ResourcePolicy };
  expect(await failure(custom(question))).toMatch(/^InvalidInput: CallerArn/);
  const granted = await custom({ ...question, CallerArn });
  expect(granted).toMatchObject({
    EvalDecision: 'allowed',
    MatchedStatements: [{ SourcePolicyId: 'ResourcePolicy', SourcePolicyType: 'resource' }],
    ResourceSpecificResults: [{ EvalResourceName: 'arn:aws:s3:::shop', EvalResourceDecision: 'allowed' }],
  });
  const elsewhere = await custom({ ...question, CallerArn, ResourceOwner: 'arn:aws:iam::444455556666:root' });
  expect(elsewhere?.EvalDecision).toBe('implicitDeny');
});

test('a trust policy is judged as one: being in the account is not enough', async () => {
  const CallerArn = `arn:aws:iam::${account}:user/visitor`;
  const role = `arn:aws:iam::${account}:role/Inventory`;
  const trust = (principal: string) =>
    policy({ Effect: 'Allow', Principal: { AWS: principal }, Action: 'sts:AssumeRole' });
  const ask = async (ResourcePolicy: string) => {
    const answer = await bench.run('SimulateCustomPolicy', simulateCustomPolicy, {
      PolicyInputList: [policy(allow('sts:AssumeRole'))],
      ActionNames: ['sts:AssumeRole'],
      ResourceArns: [role],
      CallerArn,
      ResourcePolicy,
    });
    return answer.EvaluationResults?.[0]?.EvalDecision;
  };
  expect(await ask(trust(CallerArn))).toBe('allowed');
  expect(await ask(trust('444455556666'))).toBe('implicitDeny');
});

test('every pair of action and resource is answered, in pages', async () => {
  const question = {
    PolicyInputList: [policy(allow('s3:*'))],
    ActionNames: ['s3:GetObject', 'ec2:RunInstances'],
    ResourceArns: ['arn:aws:s3:::a/b', 'arn:aws:s3:::c/d'],
  };
  const first = await bench.run('SimulateCustomPolicy', simulateCustomPolicy, { ...question, MaxItems: 3 });
  const second = await bench.run('SimulateCustomPolicy', simulateCustomPolicy, {
    ...question,
    MaxItems: 3,
    Marker: first.Marker as string,
  });
  const all = [...(first.EvaluationResults ?? []), ...(second.EvaluationResults ?? [])];
  expect(all.map((one) => [one.EvalActionName, one.EvalResourceName, one.EvalDecision])).toEqual([
    ['s3:GetObject', 'arn:aws:s3:::a/b', 'allowed'],
    ['s3:GetObject', 'arn:aws:s3:::c/d', 'allowed'],
    ['ec2:RunInstances', 'arn:aws:s3:::a/b', 'implicitDeny'],
    ['ec2:RunInstances', 'arn:aws:s3:::c/d', 'implicitDeny'],
  ]);
  expect(second.IsTruncated).toBe(false);
});

test('malformed questions are InvalidInput', async () => {
  const PolicyInputList = [policy(allow('s3:*'))];
  expect(await failure(custom({ PolicyInputList: ['{'] }))).toMatch(
    /^InvalidInput: Invalid policy PolicyInputList\.1: /,
  );
  const wildcard = { PolicyInputList, ActionNames: ['s3:*'] };
  expect(await failure(bench.run('SimulateCustomPolicy', simulateCustomPolicy, wildcard))).toMatch(/^InvalidInput/);
  expect(await failure(custom({ PolicyInputList, CallerArn: 'arn:aws:s3:::bucket' }))).toMatch(/^InvalidInput/);
  const { bench: fresh } = iamBench();
  const nobody = { PolicySourceArn: `arn:aws:iam::${account}:user/ghost`, ActionNames: ['s3:ListBucket'] };
  expect(await failure(fresh.run('SimulatePrincipalPolicy', simulatePrincipalPolicy, nobody))).toBe(
    'NoSuchEntity: The user with name ghost cannot be found.',
  );
});

test('a principal brings its own policies, its groups, its boundary and its tags', async () => {
  const { bench } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'rudy', Tags: [{ Key: 'team', Value: 'till' }] });
  await bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers' });
  await bench.run('AddUserToGroup', addUserToGroup, { UserName: 'rudy', GroupName: 'Cashiers' });
  const tagged = { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'till' } } };
  await bench.run('PutGroupPolicy', putGroupPolicy, {
    GroupName: 'Cashiers',
    PolicyName: 'Register',
    PolicyDocument: policy(allow('s3:ListBucket', tagged)),
  });
  await bench.run('PutUserPolicy', putUserPolicy, {
    UserName: 'rudy',
    PolicyName: 'Own',
    PolicyDocument: policy(allow('s3:GetObject')),
  });
  await bench.run('AttachUserPolicy', attachUserPolicy, {
    UserName: 'rudy',
    PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess',
  });
  const PolicySourceArn = `arn:aws:iam::${account}:user/rudy`;
  const ask = async (action: string, more: object = {}) => {
    const answer = await bench.run('SimulatePrincipalPolicy', simulatePrincipalPolicy, {
      PolicySourceArn,
      ActionNames: [action],
      ...more,
    });
    const [result] = answer.EvaluationResults ?? [];
    const [statement] = result?.MatchedStatements ?? [];
    return [result?.EvalDecision, statement?.SourcePolicyId, statement?.SourcePolicyType];
  };
  expect(await ask('s3:ListBucket')).toEqual(['allowed', 'group_Cashiers_Register', 'group']);
  expect(await ask('s3:GetObject')).toEqual(['allowed', 'user_rudy_Own', 'user']);
  expect(await ask('ec2:DescribeInstances')).toEqual(['allowed', 'AmazonEC2ReadOnlyAccess', 'aws-managed']);
  expect(await ask('iam:CreateUser')).toEqual(['implicitDeny', undefined, undefined]);
  expect(await ask('iam:CreateUser', { PolicyInputList: [policy(allow('iam:*'))] })).toEqual([
    'allowed',
    'PolicyInputList.1',
    undefined,
  ]);
  await bench.run('PutUserPermissionsBoundary', putUserPermissionsBoundary, {
    UserName: 'rudy',
    PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonEC2FullAccess',
  });
  expect(await ask('s3:GetObject')).toEqual(['implicitDeny', undefined, undefined]);
});

test('the path is part of the ARN that names the principal', async () => {
  const { bench } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'rudy', Path: '/shop/' });
  const ask = (PolicySourceArn: string) =>
    bench.run('SimulatePrincipalPolicy', simulatePrincipalPolicy, { PolicySourceArn, ActionNames: ['s3:ListBucket'] });
  await ask(`arn:aws:iam::${account}:user/shop/rudy`);
  expect(await failure(ask(`arn:aws:iam::${account}:user/rudy`))).toMatch(/^NoSuchEntity/);
});

test('the context keys of given policies, and of a principal', async () => {
  const { bench } = iamBench();
  const document = policy(
    allow('s3:*', {
      Resource: [`arn:aws:s3:::home/\${aws:username}/*`],
      Condition: { StringLike: { 's3:prefix': 'a' } },
    }),
  );
  const given = await bench.run('GetContextKeysForCustomPolicy', getContextKeysForCustomPolicy, {
    PolicyInputList: [document],
  });
  expect(given.ContextKeyNames).toEqual(['aws:username', 's3:prefix']);
  const trust = policy({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await bench.run('CreateRole', createRole, { RoleName: 'r', AssumeRolePolicyDocument: trust });
  const own = await bench.run('GetContextKeysForPrincipalPolicy', getContextKeysForPrincipalPolicy, {
    PolicySourceArn: `arn:aws:iam::${account}:role/r`,
    PolicyInputList: [document],
  });
  expect(own.ContextKeyNames).toEqual(['aws:username', 's3:prefix']);
});
