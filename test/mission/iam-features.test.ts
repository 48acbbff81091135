import {
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  GetGroupCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListGroupsCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
  UpdateGroupCommand,
  UpdateRoleCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';

const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

describe('M-045 users, groups, roles and policies are made, shown, listed, changed and deleted', () => {
  let instance: TestInstance;
  let iam: IAMClient;
  beforeAll(async () => {
    instance = await startInstance();
    iam = new IAMClient(instance.clientOptions());
  });
  afterAll(() => instance.stop());

  it('users', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'rudy' }));
    await iam.send(new UpdateUserCommand({ UserName: 'rudy', NewUserName: 'rudolph', NewPath: '/staff/' }));
    const { User } = await iam.send(new GetUserCommand({ UserName: 'rudolph' }));
    expect(User?.Arn).toBe(`arn:aws:iam::${accountId}:user/staff/rudolph`);
    expect((await iam.send(new ListUsersCommand({ PathPrefix: '/staff/' }))).Users).toHaveLength(1);
    await iam.send(new DeleteUserCommand({ UserName: 'rudolph' }));
    await expect(iam.send(new GetUserCommand({ UserName: 'rudolph' }))).rejects.toThrow('rudolph cannot be found');
  });

  it('groups', async () => {
    await iam.send(new CreateGroupCommand({ GroupName: 'Cashiers' }));
    await iam.send(new UpdateGroupCommand({ GroupName: 'Cashiers', NewGroupName: 'Tills' }));
    expect((await iam.send(new GetGroupCommand({ GroupName: 'Tills' }))).Users).toEqual([]);
    expect((await iam.send(new ListGroupsCommand({}))).Groups?.map((group) => group.GroupName)).toEqual(['Tills']);
    await iam.send(new DeleteGroupCommand({ GroupName: 'Tills' }));
    expect((await iam.send(new ListGroupsCommand({}))).Groups).toEqual([]);
  });

  it('roles', async () => {
    await iam.send(new CreateRoleCommand({ RoleName: 'Till', AssumeRolePolicyDocument: trust }));
    await iam.send(new UpdateRoleCommand({ RoleName: 'Till', Description: 'At the till', MaxSessionDuration: 7200 }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'Till' }));
    expect(Role).toMatchObject({ Description: 'At the till', MaxSessionDuration: 7200 });
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toEqual(JSON.parse(trust));
    expect((await iam.send(new ListRolesCommand({}))).Roles?.map((role) => role.RoleName)).toContain('Till');
    await iam.send(new DeleteRoleCommand({ RoleName: 'Till' }));
    await expect(iam.send(new GetRoleCommand({ RoleName: 'Till' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });

  it('policies, with versions', async () => {
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'All', PolicyDocument: document }));
    const PolicyArn = Policy?.Arn ?? '';
    expect(Policy?.PolicyId).toMatch(/^ANPA[A-Z0-9]{17}$/);
    const made = await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document, SetAsDefault: true }),
    );
    expect(made.PolicyVersion?.VersionId).toBe('v2');
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId).toBe('v2');
    expect((await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies).toHaveLength(1);
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    expect((await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies).toEqual([]);
  });
});
