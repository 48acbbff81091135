import { expect, test } from 'vitest';
import { account, rootCaller, userCaller } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { accountOfAccessKeyId } from '../ids.ts';
import { accessKeys } from '../state.ts';
import { createAccessKey, deleteAccessKey, updateAccessKey } from './access-keys.ts';
import { createUser } from './create-user.ts';
import { listServiceSpecificCredentials, listSigningCertificates, listSSHPublicKeys } from './credentials-not-held.ts';
import { listMFADevices } from './mfa-devices.ts';
import { getAccessKeyLastUsed, listAccessKeys } from './read-access-keys.ts';

async function withUser() {
  const setting = iamBench();
  await setting.bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  return setting;
}

const input = { UserName: 'Rudy' };

test('the secret is shown once, and never listed', async () => {
  const { bench } = await withUser();
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, input);
  expect(AccessKey).toMatchObject({ UserName: 'Rudy', Status: 'Active' });
  expect(AccessKey?.SecretAccessKey).toHaveLength(40);
  expect(accountOfAccessKeyId(AccessKey?.AccessKeyId ?? '')).toBe(account);
  const listed = await bench.run('ListAccessKeys', listAccessKeys, input);
  expect(listed.AccessKeyMetadata).toEqual([
    { UserName: 'Rudy', AccessKeyId: AccessKey?.AccessKeyId, Status: 'Active', CreateDate: new Date(bench.now) },
  ]);
  expect(JSON.stringify(listed)).not.toContain(AccessKey?.SecretAccessKey);
});

test('a user has two keys at most', async () => {
  const { bench } = await withUser();
  await bench.run('CreateAccessKey', createAccessKey, input);
  await bench.run('CreateAccessKey', createAccessKey, input);
  expect(await failure(bench.run('CreateAccessKey', createAccessKey, input))).toBe(
    'LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2',
  );
});

test('without a name the caller’s own keys are meant, root’s included', async () => {
  const { bench } = await withUser();
  const own = await bench.run('CreateAccessKey', createAccessKey, {}, { caller: userCaller('Rudy') });
  expect(own.AccessKey?.UserName).toBe('Rudy');
  const roots = await bench.run('CreateAccessKey', createAccessKey, {}, { caller: rootCaller() });
  const listed = await bench.run('ListAccessKeys', listAccessKeys, {}, { caller: rootCaller() });
  expect(listed.AccessKeyMetadata?.map((key) => key.AccessKeyId)).toEqual([roots.AccessKey?.AccessKeyId]);
  const [check] = await bench.checks('CreateAccessKey', createAccessKey, {}, { caller: userCaller('Rudy') });
  expect(check?.resource.arn).toBe(`arn:aws:iam::${account}:user/Rudy`);
});

test('a key is changed and deleted only through its holder', async () => {
  const { bench, store } = await withUser();
  await bench.run('CreateUser', createUser, { UserName: 'Blaine' });
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, input);
  const AccessKeyId = AccessKey?.AccessKeyId ?? '';
  const others = { UserName: 'Blaine', AccessKeyId };
  const missing = `NoSuchEntity: The Access Key with id ${AccessKeyId} cannot be found.`;
  expect(await failure(bench.run('DeleteAccessKey', deleteAccessKey, others))).toBe(missing);
  expect(await failure(bench.run('UpdateAccessKey', updateAccessKey, { ...others, Status: 'Inactive' }))).toBe(missing);

  await bench.run('UpdateAccessKey', updateAccessKey, { ...input, AccessKeyId, Status: 'Inactive' });
  expect((await store.get(accessKeys, '', AccessKeyId))?.status).toBe('Inactive');
  expect(
    await failure(bench.run('UpdateAccessKey', updateAccessKey, { ...input, AccessKeyId, Status: 'Expired' })),
  ).toBe('InvalidInput: The status of an access key can be set to Active or Inactive.');
  await bench.run('DeleteAccessKey', deleteAccessKey, { ...input, AccessKeyId });
  expect(await store.get(accessKeys, '', AccessKeyId)).toBeUndefined();
  expect((await bench.run('ListAccessKeys', listAccessKeys, input)).AccessKeyMetadata).toEqual([]);
});

test('the last use of a key is known at once, and survives a flush', async () => {
  const { bench, directory } = await withUser();
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, input);
  const AccessKeyId = AccessKey?.AccessKeyId ?? '';
  expect(await bench.run('GetAccessKeyLastUsed', getAccessKeyLastUsed, { AccessKeyId })).toMatchObject({
    UserName: 'Rudy',
    AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
  });
  directory.used({ ...userCaller('Rudy'), accessKeyId: AccessKeyId }, 's3', 'eu-central-1', bench.now + 5000);
  const expected = {
    AccessKeyLastUsed: { ServiceName: 's3', Region: 'eu-central-1', LastUsedDate: new Date(bench.now + 5000) },
  };
  expect(await bench.run('GetAccessKeyLastUsed', getAccessKeyLastUsed, { AccessKeyId })).toMatchObject(expected);
  await directory.flushUses();
  expect(await bench.run('GetAccessKeyLastUsed', getAccessKeyLastUsed, { AccessKeyId })).toMatchObject(expected);
});

test('whether another account has a key is not told', async () => {
  const { bench } = await withUser();
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, input);
  const outsider = { caller: rootCaller('444455556666') };
  const ask = (AccessKeyId: string) =>
    failure(bench.run('GetAccessKeyLastUsed', getAccessKeyLastUsed, { AccessKeyId }, outsider));
  const id = AccessKey?.AccessKeyId ?? '';
  const foreign = await ask(id);
  expect(foreign).toMatch(/^AccessDenied: /);
  expect((await ask('AKIAABSENTABSENTABSE')).replace('AKIAABSENTABSENTABSE', id)).toBe(foreign);
});

test('other kinds of credentials are listed, and there are none', async () => {
  const { bench } = await withUser();
  const ask = async (UserName?: string) => {
    const named = UserName === undefined ? {} : { UserName };
    const options = UserName === undefined ? { caller: userCaller('Rudy') } : {};
    return Promise.all([
      bench.run('ListSSHPublicKeys', listSSHPublicKeys, named, options).catch(String),
      bench.run('ListSigningCertificates', listSigningCertificates, named, options).catch(String),
      bench.run('ListMFADevices', listMFADevices, named, options).catch(String),
      bench.run('ListServiceSpecificCredentials', listServiceSpecificCredentials, named, options).catch(String),
    ]);
  };
  const none = [
    { SSHPublicKeys: [], IsTruncated: false },
    { Certificates: [], IsTruncated: false },
    { MFADevices: [], IsTruncated: false },
    { ServiceSpecificCredentials: [] },
  ];
  expect(await ask('Rudy')).toEqual(none);
  expect(await ask()).toEqual(none);
  for (const said of await ask('Ghost')) expect(said).toContain('The user with name Ghost cannot be found.');
  expect(await bench.checks('ListMFADevices', listMFADevices, input)).toMatchObject([
    { action: 'iam:ListMFADevices', resource: { arn: `arn:aws:iam::${account}:user/Rudy` } },
  ]);
});
