/** Managed and inline policies, boundaries and the simulator over HTTP with the real SDK. */
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupPolicyCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListGroupPoliciesCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, adminKeys, type Keys, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions(adminKeys));
});
afterAll(() => instance.stop());

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const allow = (...Action: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const arnOf = (name: string) => `arn:aws:iam::${accountId}:policy/${name}`;

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata?: { httpStatusCode?: number };
    };
    return `${name} ${$metadata?.httpStatusCode}: ${message}`;
  }
  throw new Error('expected a refusal');
}

async function user(UserName: string): Promise<IAMClient> {
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const keys: Keys = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return new IAMClient(instance.clientOptions(keys));
}

async function role(RoleName: string): Promise<void> {
  const Principal = { Service: 'ec2.amazonaws.com' };
  const statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
}

test('the life of a managed policy: made, versioned, tagged, listed, deleted', async () => {
  const PolicyArn = arnOf('Life');
  const made = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'Life', PolicyDocument: allow('s3:GetObject'), Description: 'life' }),
  );
  expect(made.Policy).toMatchObject({ Arn: PolicyArn, DefaultVersionId: 'v1', AttachmentCount: 0 });
  const again = new CreatePolicyCommand({ PolicyName: 'Life', PolicyDocument: allow('s3:GetObject') });
  expect(await refusal(iam.send(again))).toBe(
    'EntityAlreadyExistsException 409: A policy called Life already exists. Duplicate names are not allowed.',
  );
  const PolicyDocument = allow('s3:PutObject');
  const version = await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
  expect(version.PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true });
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
  expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(PolicyDocument);
  await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
  expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
    DefaultVersionId: 'v1',
    Description: 'life',
  });
  const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  expect(Versions?.map((one) => one.VersionId)).toEqual(['v2', 'v1']);
  expect(await refusal(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' })))).toMatch(
    /^DeleteConflictException 409/,
  );
  await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
  await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'team', Value: 'till' }] }));
  expect((await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags).toEqual([{ Key: 'team', Value: 'till' }]);
  await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ['team'] }));
  const { Policies } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
  expect(Policies?.map((one) => one.Arn)).toContain(PolicyArn);
  await iam.send(new DeletePolicyCommand({ PolicyArn }));
  const gone = `NoSuchEntityException 404: Policy ${PolicyArn} was not found.`;
  expect(await refusal(iam.send(new GetPolicyCommand({ PolicyArn })))).toBe(gone);
  for (const command of [
    new DeletePolicyCommand({ PolicyArn }),
    new ListPolicyVersionsCommand({ PolicyArn }),
    new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }),
    new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument }),
    new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }),
    new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'a', Value: 'b' }] }),
    new UntagPolicyCommand({ PolicyArn, TagKeys: ['a'] }),
    new ListPolicyTagsCommand({ PolicyArn }),
    new ListEntitiesForPolicyCommand({ PolicyArn }),
  ]) {
    expect(await refusal(iam.send(command as GetPolicyCommand))).toBe(gone);
  }
});

test('M-056, M-057: what is no policy is refused, with the place where it is no JSON', async () => {
  const create = (PolicyDocument: string) =>
    refusal(iam.send(new CreatePolicyCommand({ PolicyName: 'Bad', PolicyDocument })));
  expect(await create('{"Version":"2012-10-17",\n"Statement":[}')).toMatch(
    /^MalformedPolicyDocumentException 400: .*line 2, column 14/,
  );
  for (const effect of ['Maybe', 'allow']) {
    expect(await create(allow('s3:*').replace('Allow', effect))).toMatch(/^MalformedPolicyDocumentException 400/);
  }
  expect(await create(allow('GetObject'))).toMatch(/^MalformedPolicyDocumentException 400: .*vendor/);
});

test('policy trap 5: empty lists of actions and resources are refused wherever a policy is put', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'trap5' }));
  const empty = [
    { NotAction: [], Resource: '*' },
    { Action: [], Resource: '*' },
    { Action: '*', NotResource: [] },
  ];
  for (const elements of empty) {
    const statement = { Effect: 'Allow', ...elements };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    for (const command of [
      new CreatePolicyCommand({ PolicyName: 'trap5', PolicyDocument }),
      new PutUserPolicyCommand({ UserName: 'trap5', PolicyName: 'p', PolicyDocument }),
    ]) {
      expect(await refusal(iam.send(command as CreatePolicyCommand))).toMatch(/^MalformedPolicyDocumentException 400/);
    }
  }
});

test('policy trap 22: attachments act at once and end at once: users, groups and roles', async () => {
  const rudy = await user('attach-rudy');
  const list = () => rudy.send(new ListUsersCommand({}));
  const UserName = 'attach-rudy';
  expect(await refusal(list())).toBe(
    `AccessDenied 403: User: arn:aws:iam::${accountId}:user/attach-rudy is not authorized to perform: iam:ListUsers on resource: * because no identity-based policy allows the iam:ListUsers action`,
  );
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: administrator }));
  await list();
  expect((await iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies).toEqual([
    { PolicyName: 'AdministratorAccess', PolicyArn: administrator },
  ]);
  await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: administrator }));
  expect(await refusal(list())).toMatch(/^AccessDenied 403/);
  expect(await refusal(iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: administrator })))).toBe(
    `NoSuchEntityException 404: Policy ${administrator} was not found.`,
  );

  const GroupName = 'attach-group';
  await iam.send(new CreateGroupCommand({ GroupName }));
  await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: administrator }));
  await list();
  const inGroup = await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName }));
  expect(inGroup.AttachedPolicies?.length).toBe(1);
  await role('attach-role');
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'attach-role', PolicyArn: administrator }));
  const onRole = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'attach-role' }));
  expect(onRole.AttachedPolicies?.length).toBe(1);
  const entities = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: administrator }));
  expect(entities.PolicyRoles?.map((one) => one.RoleName)).toEqual(['attach-role']);
  expect(entities.PolicyGroups?.map((one) => one.GroupName)).toEqual([GroupName]);
  await iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn: administrator }));
  await iam.send(new DetachRolePolicyCommand({ RoleName: 'attach-role', PolicyArn: administrator }));
  expect(await refusal(list())).toMatch(/^AccessDenied 403/);
  for (const command of [
    new AttachGroupPolicyCommand({ GroupName: 'missing', PolicyArn: administrator }),
    new AttachRolePolicyCommand({ RoleName: 'missing', PolicyArn: administrator }),
    new AttachUserPolicyCommand({ UserName: 'missing', PolicyArn: administrator }),
    new DetachGroupPolicyCommand({ GroupName: 'missing', PolicyArn: administrator }),
    new DetachRolePolicyCommand({ RoleName: 'missing', PolicyArn: administrator }),
    new ListAttachedUserPoliciesCommand({ UserName: 'missing' }),
    new ListAttachedGroupPoliciesCommand({ GroupName: 'missing' }),
    new ListAttachedRolePoliciesCommand({ RoleName: 'missing' }),
  ]) {
    expect(await refusal(iam.send(command as AttachUserPolicyCommand))).toMatch(/^NoSuchEntityException 404/);
  }
});

test('inline policies of users, groups and roles', async () => {
  const rudy = await user('inline-rudy');
  const [UserName, GroupName, RoleName, PolicyName] = ['inline-rudy', 'inline-group', 'inline-role', 'Own'];
  await iam.send(new CreateGroupCommand({ GroupName }));
  await role(RoleName);
  const PolicyDocument = allow('iam:ListUsers');
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
  await rudy.send(new ListUsersCommand({}));
  await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  expect(await iam.send(new GetUserPolicyCommand({ UserName, PolicyName }))).toMatchObject({ UserName, PolicyName });
  expect((await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName }))).GroupName).toBe(GroupName);
  expect((await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).RoleName).toBe(RoleName);
  expect((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames).toEqual([PolicyName]);
  expect((await iam.send(new ListGroupPoliciesCommand({ GroupName }))).PolicyNames).toEqual([PolicyName]);
  expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual([PolicyName]);
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
  await iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName }));
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  expect(await refusal(rudy.send(new ListUsersCommand({})))).toMatch(/^AccessDenied/);
  const kinds = { user: 'UserName', group: 'GroupName', role: 'RoleName' };
  for (const [kind, command] of [
    ['user', new GetUserPolicyCommand({ UserName, PolicyName })],
    ['group', new GetGroupPolicyCommand({ GroupName, PolicyName })],
    ['role', new GetRolePolicyCommand({ RoleName, PolicyName })],
    ['user', new DeleteUserPolicyCommand({ UserName, PolicyName })],
    ['group', new DeleteGroupPolicyCommand({ GroupName, PolicyName })],
    ['role', new DeleteRolePolicyCommand({ RoleName, PolicyName })],
  ] as const) {
    expect(kinds[kind]).toBeDefined();
    expect(await refusal(iam.send(command as GetUserPolicyCommand))).toBe(
      `NoSuchEntityException 404: The ${kind} policy with name Own cannot be found.`,
    );
  }
  for (const command of [
    new PutUserPolicyCommand({ UserName: 'missing', PolicyName, PolicyDocument }),
    new PutGroupPolicyCommand({ GroupName: 'missing', PolicyName, PolicyDocument }),
    new PutRolePolicyCommand({ RoleName: 'missing', PolicyName, PolicyDocument }),
    new ListUserPoliciesCommand({ UserName: 'missing' }),
    new ListGroupPoliciesCommand({ GroupName: 'missing' }),
    new ListRolePoliciesCommand({ RoleName: 'missing' }),
  ]) {
    expect(await refusal(iam.send(command as PutUserPolicyCommand))).toMatch(/^NoSuchEntityException 404/);
  }
});

test('policy trap 22: boundaries of users and roles limit at once', async () => {
  const rudy = await user('bound-rudy');
  const UserName = 'bound-rudy';
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: administrator }));
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
  expect(await refusal(rudy.send(new ListUsersCommand({})))).toMatch(
    /because no permissions boundary allows the iam:ListUsers action$/,
  );
  await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName }));
  await rudy.send(new ListUsersCommand({}));
  expect(await refusal(iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName })))).toMatch(
    /^NoSuchEntity.* 404/,
  );
  await role('bound-role');
  const RoleName = 'bound-role';
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  expect(await refusal(iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })))).toMatch(/^NoSuchEntity/);
  const missing = 'arn:aws:iam::aws:policy/Missing';
  for (const command of [
    new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: missing }),
    new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: missing }),
  ]) {
    expect(await refusal(iam.send(command as PutUserPermissionsBoundaryCommand))).toMatch(/^NoSuchEntityException 404/);
  }
});

test('delegation by boundary: only users within the boundary may be made', async () => {
  const delegate = await user('delegate');
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
  const Condition = { StringEquals: { 'iam:PermissionsBoundary': PermissionsBoundary } };
  const statement = { Effect: 'Allow', Action: ['iam:CreateUser', 'iam:AttachUserPolicy'], Resource: '*', Condition };
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'delegate',
      PolicyName: 'delegation',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  );
  expect(await refusal(delegate.send(new CreateUserCommand({ UserName: 'free' })))).toMatch(/^AccessDenied/);
  await delegate.send(new CreateUserCommand({ UserName: 'bound', PermissionsBoundary }));
  await delegate.send(new AttachUserPolicyCommand({ UserName: 'bound', PolicyArn: administrator }));
  const free = new AttachUserPolicyCommand({ UserName: 'delegate', PolicyArn: administrator });
  expect(await refusal(delegate.send(free))).toMatch(/^AccessDenied/);
});

test('policy trap 19: the simulator answers as the calls themselves do', async () => {
  const rudy = await user('sim-rudy');
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'sim-rudy', PolicyName: 'p', PolicyDocument: allow('iam:ListU*') }),
  );
  const PolicySourceArn = `arn:aws:iam::${accountId}:user/sim-rudy`;
  const { EvaluationResults } = await iam.send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['iam:ListUsers', 'iam:CreateUser'] }),
  );
  expect(EvaluationResults?.map((one) => [one.EvalActionName, one.EvalDecision])).toEqual([
    ['iam:ListUsers', 'allowed'],
    ['iam:CreateUser', 'implicitDeny'],
  ]);
  await rudy.send(new ListUsersCommand({}));
  expect(await refusal(rudy.send(new CreateUserCommand({ UserName: 'x' })))).toMatch(/^AccessDenied/);
  const custom = await iam.send(
    new SimulateCustomPolicyCommand({
      PolicyInputList: [allow('s3:*')],
      ActionNames: ['s3:GetObject'],
      ResourceArns: ['arn:aws:s3:::shop/report'],
      ContextEntries: [{ ContextKeyName: 'aws:SourceIp', ContextKeyType: 'ip', ContextKeyValues: ['192.0.2.1'] }],
    }),
  );
  expect(custom.EvaluationResults?.[0]).toMatchObject({
    EvalDecision: 'allowed',
    EvalResourceName: 'arn:aws:s3:::shop/report',
    MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1', StartPosition: { Line: 1 } }],
  });
  const keys = await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [allow('s3:*')] }));
  expect(keys.ContextKeyNames).toEqual([]);
  await iam.send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn }));
  const ghost = `arn:aws:iam::${accountId}:user/ghost`;
  const ActionNames = ['iam:ListUsers'];
  expect(await refusal(iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: ghost, ActionNames })))).toMatch(
    /^NoSuchEntityException 404/,
  );
  expect(await refusal(iam.send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: ghost })))).toMatch(
    /^NoSuchEntityException 404/,
  );
  expect(await refusal(iam.send(new SimulateCustomPolicyCommand({ PolicyInputList: ['{'], ActionNames })))).toMatch(
    /^InvalidInputException 400/,
  );
  expect(await refusal(iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: ['{'] })))).toMatch(
    /^InvalidInputException 400/,
  );
});

test('AWS managed policies of every path are there', async () => {
  for (const path of ['', 'service-role/', 'job-function/', 'aws-service-role/']) {
    const { Policies, IsTruncated } = await iam.send(
      new ListPoliciesCommand({ Scope: 'AWS', PathPrefix: `/${path}`, MaxItems: 5 }),
    );
    expect(Policies?.length).toBe(5);
    expect(IsTruncated).toBe(true);
  }
  const bad = new ListPoliciesCommand({ Marker: 'made-up' });
  expect(await refusal(iam.send(bad))).toMatch(/^(ValidationError|InvalidInput\w*) 400/);
});

test('policy trap 2: nobody may do any of it without permission', async () => {
  const nobody = new IAMClient(instance.clientOptions(nobodyKeys));
  const PolicyArn = administrator;
  for (const command of [
    new CreatePolicyCommand({ PolicyName: 'x', PolicyDocument: allow('*') }),
    new GetPolicyCommand({ PolicyArn }),
    new AttachUserPolicyCommand({ UserName: 'nobody', PolicyArn }),
    new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'x', PolicyDocument: allow('*') }),
    new SimulateCustomPolicyCommand({ PolicyInputList: [allow('*')], ActionNames: ['s3:GetObject'] }),
    new ListPoliciesCommand({}),
  ]) {
    expect(await refusal(nobody.send(command as GetPolicyCommand))).toMatch(/^AccessDenied 403/);
  }
});
