import { expect, test } from 'vitest';
import { account, rootCaller, userCaller } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { groups, roles, users } from '../state.ts';
import { createAccessKey } from './access-keys.ts';
import { createAccountAlias, deleteAccountAlias, listAccountAliases } from './account-alias.ts';
import { getAccountAuthorizationDetails } from './account-authorization-details.ts';
import { getAccountSummary } from './account-summary.ts';
import { createGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import { generateCredentialReport, getCredentialReport } from './credential-report.ts';
import { addUserToGroup } from './group-members.ts';
import { createLoginProfile } from './login-profiles.ts';

const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const trust = '{"Version":"2012-10-17","Statement":[]}';

test('an account has one alias, which no other account can have', async () => {
  const { bench } = iamBench();
  const other = { caller: rootCaller('444455556666') };
  await bench.run('CreateAccountAlias', createAccountAlias, { AccountAlias: 'coffee' });
  expect(await failure(bench.run('CreateAccountAlias', createAccountAlias, { AccountAlias: 'coffee' }, other))).toBe(
    'EntityAlreadyExists: The account alias coffee already exists.',
  );
  await bench.run('CreateAccountAlias', createAccountAlias, { AccountAlias: 'coffee-shop' });
  expect(await bench.run('ListAccountAliases', listAccountAliases, {})).toEqual({
    AccountAliases: ['coffee-shop'],
    IsTruncated: false,
  });
  await bench.run('CreateAccountAlias', createAccountAlias, { AccountAlias: 'coffee' }, other);
  expect(await failure(bench.run('DeleteAccountAlias', deleteAccountAlias, { AccountAlias: 'coffee' }))).toBe(
    'NoSuchEntity: The account alias with name coffee cannot be found.',
  );
  await bench.run('DeleteAccountAlias', deleteAccountAlias, { AccountAlias: 'coffee-shop' });
  expect((await bench.run('ListAccountAliases', listAccountAliases, {})).AccountAliases).toEqual([]);
});

test('GetAccountSummary has every key that the API names', async () => {
  const { bench } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  const { SummaryMap } = await bench.run('GetAccountSummary', getAccountSummary, {});
  expect(Object.keys(SummaryMap ?? {})).toHaveLength(34);
  expect(SummaryMap).toMatchObject({ Users: 1, UsersQuota: 5000, Groups: 0, AccountAccessKeysPresent: 0 });
  await bench.run('CreateAccessKey', createAccessKey, {});
  const after = await bench.run('GetAccountSummary', getAccountSummary, {});
  expect(after.SummaryMap?.AccountAccessKeysPresent).toBe(1);
});

async function populated() {
  const setting = iamBench();
  const { bench, store } = setting;
  await bench.run('CreateUser', createUser, { UserName: 'Rudy', PermissionsBoundary: readOnly });
  await bench.run('CreateUser', createUser, { UserName: 'Blaine' });
  await bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers' });
  await bench.run('AddUserToGroup', addUserToGroup, { UserName: 'Rudy', GroupName: 'Cashiers' });
  const change = store.begin();
  const group = await change.get(groups, account, 'cashiers');
  change.put(groups, account, 'cashiers', { ...group!, inline: { Tills: '{"Version": "2012-10-17"}' } });
  change.put(roles, account, 'cashier', {
    id: 'AROAEXAMPLEEXAMPLE001',
    name: 'Cashier',
    path: '/',
    createdAt: 0,
    inline: {},
    attached: [],
    maxSessionSeconds: 3600,
    trust: { document: trust, principalIds: {} },
    tags: {},
    instanceProfiles: [],
  });
  await store.commit(change);
  return setting;
}

test('GetAccountAuthorizationDetails shows all kinds, with what hangs on them', async () => {
  const { bench } = await populated();
  const all = await bench.run('GetAccountAuthorizationDetails', getAccountAuthorizationDetails, {});
  expect(all.UserDetailList?.map((user) => [user.UserName, user.GroupList])).toEqual([
    ['Blaine', []],
    ['Rudy', ['Cashiers']],
  ]);
  expect(all.GroupDetailList?.[0]?.GroupPolicyList).toEqual([
    { PolicyName: 'Tills', PolicyDocument: '%7B%22Version%22%3A%20%222012-10-17%22%7D' },
  ]);
  expect(all.RoleDetailList?.map((role) => role.RoleName)).toEqual(['Cashier']);
  expect(all.Policies).toMatchObject([{ Arn: readOnly, AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 }]);
  expect(all.IsTruncated).toBe(false);
});

test('GetAccountAuthorizationDetails pages across the kinds without loss or repetition', async () => {
  const { bench } = await populated();
  const seen: (string | undefined)[] = [];
  let Marker: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const page = await bench.run('GetAccountAuthorizationDetails', getAccountAuthorizationDetails, {
      MaxItems: 1,
      ...(Marker !== undefined && { Marker }),
    });
    seen.push(...(page.UserDetailList ?? []).map((user) => user.UserName));
    seen.push(...(page.GroupDetailList ?? []).map((group) => group.GroupName));
    seen.push(...(page.RoleDetailList ?? []).map((role) => role.RoleName));
    seen.push(...(page.Policies ?? []).map((policy) => policy.PolicyName));
    Marker = page.Marker;
    if (Marker === undefined) break;
  }
  expect(seen).toEqual(['Blaine', 'Rudy', 'Cashiers', 'Cashier', 'ReadOnlyAccess']);
});

test('a filter leaves the other kinds out', async () => {
  const { bench } = await populated();
  const page = await bench.run('GetAccountAuthorizationDetails', getAccountAuthorizationDetails, {
    Filter: ['Group', 'Role'],
  });
  expect([page.UserDetailList, page.Policies]).toEqual([[], []]);
  expect([page.GroupDetailList?.length, page.RoleDetailList?.length]).toEqual([1, 1]);
});

test('the credential report has a line for root and one for each user', async () => {
  const { bench, directory } = iamBench();
  expect(await failure(bench.run('GetCredentialReport', getCredentialReport, {}))).toMatch(/^ReportNotPresent: /);
  await bench.run('CreateUser', createUser, { UserName: 'Rudy,Jr' });
  await bench.run('CreateLoginProfile', createLoginProfile, { UserName: 'Rudy,Jr', Password: 'Espresso-2026' });
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, { UserName: 'Rudy,Jr' });
  const caller = { ...userCaller('Rudy,Jr'), accessKeyId: AccessKey?.AccessKeyId ?? '' };
  directory.used(caller, 's3', 'us-east-1', bench.now);
  const made = await bench.run('GenerateCredentialReport', generateCredentialReport, {});
  expect(made.State).toBe('STARTED');
  expect((await bench.run('GenerateCredentialReport', generateCredentialReport, {})).State).toBe('COMPLETE');
  const report = await bench.run('GetCredentialReport', getCredentialReport, {});
  const lines = new TextDecoder().decode(report.Content).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^<root_account>,arn:aws:iam::111122223333:root,/);
  expect(lines[2]).toBe(
    `"Rudy,Jr","arn:aws:iam::${account}:user/Rudy,Jr",2026-11-01T00:00:00+00:00,true,no_information,` +
      '2026-11-01T00:00:00+00:00,N/A,false,true,2026-11-01T00:00:00+00:00,2026-11-01T00:00:00+00:00,us-east-1,s3,' +
      'false,N/A,N/A,N/A,N/A,false,N/A,false,N/A',
  );
  const later = { now: bench.now + 4 * 3_600_000 };
  expect(await failure(bench.run('GetCredentialReport', getCredentialReport, {}, later))).toMatch(/^ReportExpired: /);
});

test('an account sees nothing of another', async () => {
  const { bench, store } = await populated();
  const other = { caller: rootCaller('444455556666') };
  const details = await bench.run('GetAccountAuthorizationDetails', getAccountAuthorizationDetails, {}, other);
  expect([details.UserDetailList, details.GroupDetailList, details.RoleDetailList, details.Policies]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect(await store.list(users, '444455556666')).toEqual([]);
});
