import { expect, test } from 'vitest';
import { account } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { awsManagedPolicy } from '../../../models/managed-policies.ts';
import { serviceLinks } from '../service-linked.ts';
import { attachRolePolicy, detachRolePolicy } from './attach-policies.ts';
import { createRole } from './create-role.ts';
import { createUser } from './create-user.ts';
import { deleteRole } from './delete-role.ts';
import { deleteUser } from './delete-user.ts';
import { deleteRolePolicy, putRolePolicy } from './inline-policies.ts';
import { getRole, listRoles } from './read-roles.ts';
import {
  createServiceLinkedRole,
  deleteServiceLinkedRole,
  getServiceLinkedRoleDeletionStatus,
} from './service-linked-roles.ts';
import { updateAssumeRolePolicy, updateRole, updateRoleDescription } from './update-role.ts';
import { updateUser } from './update-user.ts';

const trusting = (principal: object | string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  });
const ec2 = trusting({ Service: 'ec2.amazonaws.com' });
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';

test('a role is made, shown with what GetRole alone shows, and listed', async () => {
  const { bench } = iamBench();
  const made = await bench.run('CreateRole', createRole, {
    RoleName: 'Inventory',
    Path: '/shop/',
    AssumeRolePolicyDocument: ec2,
    Tags: [{ Key: 'test', Value: 'value' }],
  });
  expect(Object.keys(made.Role ?? {}).sort()).toEqual(
    ['Arn', 'AssumeRolePolicyDocument', 'CreateDate', 'Path', 'RoleId', 'RoleName', 'Tags'].sort(),
  );
  const { Role } = await bench.run('GetRole', getRole, { RoleName: 'inventory' });
  expect(Role).toMatchObject({
    Arn: `arn:aws:iam::${account}:role/shop/Inventory`,
    RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    MaxSessionDuration: 3600,
    RoleLastUsed: {},
    Tags: [{ Key: 'test', Value: 'value' }],
  });
  const { Roles } = await bench.run('ListRoles', listRoles, {});
  expect(Roles?.[0]).not.toHaveProperty('Tags');
  expect(Roles?.[0]).not.toHaveProperty('RoleLastUsed');
  expect(
    await failure(bench.run('CreateRole', createRole, { RoleName: 'INVENTORY', AssumeRolePolicyDocument: ec2 })),
  ).toBe('EntityAlreadyExists: Role with name INVENTORY already exists.');
});

test('tagging a new role needs iam:TagRole too', async () => {
  const { bench } = iamBench();
  const input = { RoleName: 'r', AssumeRolePolicyDocument: ec2, Tags: [{ Key: 'team', Value: 'till' }] };
  const checks = await bench.checks('CreateRole', createRole, input);
  expect(checks.map((check) => check.action)).toEqual(['iam:CreateRole', 'iam:TagRole']);
});

test('trust policies need a principal that exists', async () => {
  const { bench } = iamBench();
  const create = (document: string) =>
    failure(bench.run('CreateRole', createRole, { RoleName: 'r', AssumeRolePolicyDocument: document }));
  const ghost = `arn:aws:iam::${account}:user/ghost`;
  expect(await create(trusting({ AWS: ghost }))).toBe(
    `MalformedPolicyDocument: Invalid principal in policy: "AWS":"${ghost}"`,
  );
  expect(await create(trusting({ AWS: 'AIDAGHOSTGHOSTGHOST12' }))).toBe(
    'MalformedPolicyDocument: Invalid principal in policy: "AWS":"AIDAGHOSTGHOSTGHOST12"',
  );
  expect(await create(ec2.replace('"Principal":{"Service":"ec2.amazonaws.com"},', ''))).toMatch(
    /^MalformedPolicyDocument/,
  );
});

test('policy trap 16: a trust policy is bound to unique ids, follows a renamed user, and shows the id of a deleted one', async () => {
  const { bench } = iamBench();
  const { User } = await bench.run('CreateUser', createUser, { UserName: 'blaine' });
  const arn = `arn:aws:iam::${account}:user/blaine`;
  await bench.run('CreateRole', createRole, { RoleName: 'r', AssumeRolePolicyDocument: trusting({ AWS: [arn] }) });
  const shown = async () => {
    const { Role } = await bench.run('GetRole', getRole, { RoleName: 'r' });
    return JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).Statement[0].Principal.AWS;
  };
  expect(await shown()).toEqual([arn]);
  await bench.run('UpdateUser', updateUser, { UserName: 'blaine', NewUserName: 'blaine2' });
  expect(await shown()).toEqual([`${arn}2`]);
  await bench.run('DeleteUser', deleteUser, { UserName: 'blaine2' });
  expect(await shown()).toEqual([User?.UserId]);
  await bench.run('CreateUser', createUser, { UserName: 'blaine' });
  expect(await shown()).toEqual([User?.UserId]);
  await bench.run('UpdateAssumeRolePolicy', updateAssumeRolePolicy, {
    RoleName: 'r',
    PolicyDocument: trusting({ AWS: arn }),
  });
  expect(await shown()).toBe(arn);
});

test('trust in a session is bound to its role, and services are called as AWS calls them', async () => {
  const { bench } = iamBench();
  const create = (RoleName: string, principal: object) =>
    bench.run('CreateRole', createRole, { RoleName, AssumeRolePolicyDocument: trusting(principal) });
  const session = `arn:aws:sts::${account}:assumed-role/first/morning`;
  expect(await failure(create('second', { AWS: session }))).toBe(
    `MalformedPolicyDocument: Invalid principal in policy: "AWS":"${session}"`,
  );
  const { Role } = await create('first', { Service: 'ec2.amazonaws.com' });
  await create('second', { AWS: session });
  const shown = async () => {
    const found = await bench.run('GetRole', getRole, { RoleName: 'second' });
    return JSON.parse(decodeURIComponent(found.Role?.AssumeRolePolicyDocument ?? '')).Statement[0].Principal.AWS;
  };
  expect(await shown()).toBe(session);
  await bench.run('DeleteRole', deleteRole, { RoleName: 'first' });
  expect(await shown()).toBe(Role?.RoleId);
  expect(await failure(create('third', { Service: 'ec2.example.com' }))).toBe(
    'MalformedPolicyDocument: Invalid principal in policy: "SERVICE":"ec2.example.com"',
  );
});

test('updates: description, session length and trust policy', async () => {
  const { bench } = iamBench();
  const role = { RoleName: 'r' };
  await bench.run('CreateRole', createRole, { ...role, AssumeRolePolicyDocument: ec2, MaxSessionDuration: 7200 });
  const described = await bench.run('UpdateRoleDescription', updateRoleDescription, { ...role, Description: 'new' });
  expect(described.Role).toMatchObject({ Description: 'new', MaxSessionDuration: 7200 });
  await bench.run('UpdateRole', updateRole, { ...role, MaxSessionDuration: 43200 });
  expect((await bench.run('GetRole', getRole, role)).Role).toMatchObject({
    Description: 'new',
    MaxSessionDuration: 43200,
  });
  await bench.run('UpdateRole', updateRole, role);
  expect((await bench.run('GetRole', getRole, role)).Role?.MaxSessionDuration).toBe(3600);
  expect(await failure(bench.run('UpdateRole', updateRole, { RoleName: 'missing' }))).toBe(
    'NoSuchEntity: The role with name missing cannot be found.',
  );
});

test('a role is deleted only when nothing hangs on it', async () => {
  const { bench } = iamBench();
  const role = { RoleName: 'r' };
  await bench.run('CreateRole', createRole, { ...role, AssumeRolePolicyDocument: ec2 });
  await bench.run('AttachRolePolicy', attachRolePolicy, { ...role, PolicyArn: administrator });
  const inline = { ...role, PolicyName: 'p' };
  await bench.run('PutRolePolicy', putRolePolicy, {
    ...inline,
    PolicyDocument: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}',
  });
  expect(await failure(bench.run('DeleteRole', deleteRole, role))).toBe(
    'DeleteConflict: Cannot delete entity, must detach all policies first.',
  );
  await bench.run('DetachRolePolicy', detachRolePolicy, { ...role, PolicyArn: administrator });
  expect(await failure(bench.run('DeleteRole', deleteRole, role))).toBe(
    'DeleteConflict: Cannot delete entity, must delete policies first.',
  );
  await bench.run('DeleteRolePolicy', deleteRolePolicy, inline);
  await bench.run('DeleteRole', deleteRole, role);
  expect(await failure(bench.run('GetRole', getRole, role))).toMatch(/^NoSuchEntity/);
});

test('service-linked roles: name, path, policy, and only AWS changes them', async () => {
  const { bench } = iamBench();
  const service = { AWSServiceName: 'autoscaling.amazonaws.com' };
  const made = await bench.run('CreateServiceLinkedRole', createServiceLinkedRole, { ...service, CustomSuffix: 'x' });
  const RoleName = 'AWSServiceRoleForAutoScaling_x';
  expect(made.Role).toMatchObject({
    RoleName,
    Arn: `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/${RoleName}`,
  });
  expect(
    await failure(bench.run('CreateServiceLinkedRole', createServiceLinkedRole, { ...service, CustomSuffix: 'x' })),
  ).toBe(`InvalidInput: Service role name ${RoleName} has been taken in this account, please try a different suffix.`);
  const fixed = `UnmodifiableEntity: Cannot perform the operation on the protected role '${RoleName}' - this role is only modifiable by AWS`;
  expect(await failure(bench.run('DeleteRole', deleteRole, { RoleName }))).toBe(fixed);
  expect(await failure(bench.run('AttachRolePolicy', attachRolePolicy, { RoleName, PolicyArn: administrator }))).toBe(
    fixed,
  );
  expect(
    await failure(bench.run('UpdateAssumeRolePolicy', updateAssumeRolePolicy, { RoleName, PolicyDocument: ec2 })),
  ).toBe(fixed);
  const { DeletionTaskId } = await bench.run('DeleteServiceLinkedRole', deleteServiceLinkedRole, { RoleName });
  expect(DeletionTaskId).toMatch(
    /^task\/aws-service-role\/autoscaling\.amazonaws\.com\/AWSServiceRoleForAutoScaling_x\/[0-9a-f-]{36}$/,
  );
  expect(
    await bench.run('GetServiceLinkedRoleDeletionStatus', getServiceLinkedRoleDeletionStatus, {
      DeletionTaskId: DeletionTaskId as string,
    }),
  ).toEqual({ Status: 'SUCCEEDED' });
  expect(
    await failure(
      bench.run('GetServiceLinkedRoleDeletionStatus', getServiceLinkedRoleDeletionStatus, {
        DeletionTaskId: 'task/aws-service-role/ec2.amazonaws.com/None/0',
      }),
    ),
  ).toMatch(/^NoSuchEntity/);
});

test('a custom suffix is refused by all services but the three that take one', async () => {
  for (const [AWSServiceName, link] of serviceLinks) {
    if (link.suffixAllowed) continue;
    const { bench } = iamBench();
    expect(
      await failure(
        bench.run('CreateServiceLinkedRole', createServiceLinkedRole, { AWSServiceName, CustomSuffix: 'x' }),
      ),
    ).toBe(`InvalidInput: Custom suffix is not allowed for ${AWSServiceName}`);
  }
  expect([...serviceLinks].filter(([, link]) => link.suffixAllowed).map(([name]) => name)).toEqual([
    'autoscaling.amazonaws.com',
    'connect.amazonaws.com',
    'lexv2.amazonaws.com',
  ]);
});

test('the policy of every service-linked role is one that AWS manages', () => {
  expect(serviceLinks.size).toBeGreaterThan(90);
  for (const [service, link] of serviceLinks) expect(awsManagedPolicy(link.policyArn), service).toBeDefined();
});
