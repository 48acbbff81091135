/** IAM's account settings, reports and instance profiles over the real SDK: for each operation a success and an error. */
import {
  AddRoleToInstanceProfileCommand,
  CreateAccountAliasCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CredentialReportNotPresentException,
  DeleteAccountAliasCommand,
  DeleteAccountPasswordPolicyCommand,
  DeleteConflictException,
  DeleteInstanceProfileCommand,
  EntityAlreadyExistsException,
  GenerateCredentialReportCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountPasswordPolicyCommand,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  GetInstanceProfileCommand,
  IAMClient,
  LimitExceededException,
  ListAccountAliasesCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  NoSuchEntityException,
  PutUserPolicyCommand,
  paginateGetAccountAuthorizationDetails,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
  UpdateAccountPasswordPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
let other: IAMClient;
let nobody: IAMClient;

beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  other = new IAMClient(instance.clientOptions(otherAdminKeys));
  nobody = new IAMClient(instance.clientOptions(nobodyKeys));
});
afterAll(async () => {
  for (const client of [iam, other, nobody]) client?.destroy();
  await instance?.stop();
});

const denied = { name: 'AccessDenied', $metadata: expect.objectContaining({ httpStatusCode: 403 }) };

test('the account alias', async () => {
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'coffee-shop' }));
  expect((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual(['coffee-shop']);
  await expect(other.send(new CreateAccountAliasCommand({ AccountAlias: 'coffee-shop' }))).rejects.toThrow(
    EntityAlreadyExistsException,
  );
  await expect(other.send(new DeleteAccountAliasCommand({ AccountAlias: 'coffee-shop' }))).rejects.toThrow(
    NoSuchEntityException,
  );
  await iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'coffee-shop' }));
  expect((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual([]);
  await expect(nobody.send(new ListAccountAliasesCommand({}))).rejects.toMatchObject(denied);
});

test('the password policy', async () => {
  await expect(iam.send(new GetAccountPasswordPolicyCommand({}))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new DeleteAccountPasswordPolicyCommand({}))).rejects.toThrow(NoSuchEntityException);
  await iam.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 14, MaxPasswordAge: 90 }));
  expect((await iam.send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy).toMatchObject({
    MinimumPasswordLength: 14,
    MaxPasswordAge: 90,
    ExpirePasswords: true,
    RequireSymbols: false,
  });
  await expect(iam.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 5 }))).rejects.toMatchObject({
    name: 'ValidationError',
  });
  await iam.send(new DeleteAccountPasswordPolicyCommand({}));
  await expect(nobody.send(new GetAccountPasswordPolicyCommand({}))).rejects.toMatchObject(denied);
});

test('the summary counts', async () => {
  const before = (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap;
  await iam.send(new CreateUserCommand({ UserName: 'Counted' }));
  const after = (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap;
  expect(after?.Users).toBe((before?.Users ?? 0) + 1);
  expect(after).toMatchObject({ AccountAccessKeysPresent: 1, AccountPasswordPresent: 1, AccountMFAEnabled: 0 });
  await expect(nobody.send(new GetAccountSummaryCommand({}))).rejects.toMatchObject(denied);
});

test('the authorization details show documents as they were given, and page', async () => {
  const PolicyDocument =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shop/(a)*"}]}';
  await iam.send(new CreateUserCommand({ UserName: 'Detailed', Tags: [{ Key: 'team', Value: 'till' }] }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'Detailed', PolicyName: 'Read', PolicyDocument }));
  const seen: (string | undefined)[] = [];
  let shown: string | undefined;
  for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1 }, {})) {
    for (const user of page.UserDetailList ?? []) {
      seen.push(user.UserName);
      if (user.UserName === 'Detailed') shown = user.UserPolicyList?.[0]?.PolicyDocument;
    }
    seen.push(...(page.Policies ?? []).map((policy) => policy.PolicyName));
  }
  expect(seen).toEqual(expect.arrayContaining(['admin', 'Detailed', 'nobody', 'AdministratorAccess']));
  expect(new Set(seen).size).toBe(seen.length);
  expect(shown).toContain('%28a%29%2A');
  expect(decodeURIComponent(shown ?? '')).toBe(PolicyDocument);
  const filtered = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['AWSManagedPolicy'] }));
  expect(filtered.Policies).toMatchObject([{ PolicyName: 'AdministratorAccess', AttachmentCount: 1 }]);
  expect(filtered.UserDetailList).toEqual([]);
  await expect(iam.send(new GetAccountAuthorizationDetailsCommand({ Marker: 'x' }))).rejects.toMatchObject({
    name: 'ValidationError',
  });
});

test('the credential report', async () => {
  await expect(iam.send(new GetCredentialReportCommand({}))).rejects.toThrow(CredentialReportNotPresentException);
  await iam.send(new GenerateCredentialReportCommand({}));
  const { Content, ReportFormat } = await iam.send(new GetCredentialReportCommand({}));
  expect(ReportFormat).toBe('text/csv');
  const lines = new TextDecoder().decode(Content).split('\n');
  expect(lines[1]).toMatch(/^<root_account>,/);
  expect(lines.some((line) => line.startsWith('admin,'))).toBe(true);
  await expect(nobody.send(new GenerateCredentialReportCommand({}))).rejects.toMatchObject(denied);
});

test('instance profiles', async () => {
  const InstanceProfileName = 'Web';
  const RoleName = 'Server';
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const made = await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Path: '/shop/' }));
  expect(made.InstanceProfile).toMatchObject({ Roles: [], InstanceProfileId: expect.stringMatching(/^AIPA/) });
  await expect(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }))).rejects.toThrow(
    EntityAlreadyExistsException,
  );
  const both = { InstanceProfileName, RoleName };
  await iam.send(new AddRoleToInstanceProfileCommand(both));
  await expect(iam.send(new AddRoleToInstanceProfileCommand(both))).rejects.toThrow(LimitExceededException);
  const shown = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  expect(shown.InstanceProfile?.Roles).toMatchObject([{ RoleName }]);
  const ofRole = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  expect(ofRole.InstanceProfiles?.map((profile) => profile.InstanceProfileName)).toEqual([InstanceProfileName]);
  await expect(iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'absent' }))).rejects.toThrow(
    NoSuchEntityException,
  );
  expect((await iam.send(new ListInstanceProfilesCommand({ PathPrefix: '/shop/' }))).InstanceProfiles).toHaveLength(1);
  await expect(nobody.send(new ListInstanceProfilesCommand({}))).rejects.toMatchObject(denied);

  await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: [{ Key: 'team', Value: 'web' }] }));
  const tags = await iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName }));
  expect(tags.Tags).toEqual([{ Key: 'team', Value: 'web' }]);
  await iam.send(new UntagInstanceProfileCommand({ InstanceProfileName, TagKeys: ['team'] }));
  const absent = { InstanceProfileName: 'absent' };
  await expect(iam.send(new TagInstanceProfileCommand({ ...absent, Tags: [] }))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new UntagInstanceProfileCommand({ ...absent, TagKeys: [] }))).rejects.toThrow(
    NoSuchEntityException,
  );
  await expect(iam.send(new ListInstanceProfileTagsCommand(absent))).rejects.toThrow(NoSuchEntityException);

  await expect(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }))).rejects.toThrow(
    DeleteConflictException,
  );
  await iam.send(new RemoveRoleFromInstanceProfileCommand(both));
  await expect(iam.send(new RemoveRoleFromInstanceProfileCommand(both))).rejects.toThrow(NoSuchEntityException);
  await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
  await expect(iam.send(new GetInstanceProfileCommand({ InstanceProfileName }))).rejects.toThrow(NoSuchEntityException);
});
