import { expect, test } from 'vitest';
import { account } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { type RoleRow, roles } from '../state.ts';
import { addRoleToInstanceProfile, removeRoleFromInstanceProfile } from './instance-profile-role.ts';
import { createInstanceProfile, deleteInstanceProfile } from './instance-profiles.ts';
import { getInstanceProfile, listInstanceProfiles, listInstanceProfilesForRole } from './read-instance-profiles.ts';
import { listInstanceProfileTags, tagInstanceProfile, untagInstanceProfile } from './tag-instance-profile.ts';

const input = { InstanceProfileName: 'Web' };

function role(name: string, more: Partial<RoleRow> = {}): RoleRow {
  return {
    id: `AROA${name.toUpperCase()}`,
    name,
    path: '/',
    createdAt: 0,
    inline: {},
    attached: [],
    maxSessionSeconds: 3600,
    trust: { document: '{}', principalIds: {} },
    tags: {},
    instanceProfiles: [],
    ...more,
  };
}

async function withRole() {
  const setting = iamBench();
  const change = setting.store.begin();
  change.put(roles, account, 'server', role('Server'));
  change.put(roles, account, 'linked', role('Linked', { linkedTo: 'organizations.amazonaws.com' }));
  await setting.store.commit(change);
  await setting.bench.run('CreateInstanceProfile', createInstanceProfile, { ...input, Path: '/shop/' });
  return setting;
}

test('a profile shows its role, and the role its profiles', async () => {
  const { bench } = await withRole();
  await bench.run('AddRoleToInstanceProfile', addRoleToInstanceProfile, { ...input, RoleName: 'Server' });
  const { InstanceProfile } = await bench.run('GetInstanceProfile', getInstanceProfile, input);
  expect(InstanceProfile).toMatchObject({
    Arn: `arn:aws:iam::${account}:instance-profile/shop/Web`,
    InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/),
    Roles: [{ RoleName: 'Server' }],
  });
  const ofRole = await bench.run('ListInstanceProfilesForRole', listInstanceProfilesForRole, { RoleName: 'server' });
  expect(ofRole.InstanceProfiles?.map((profile) => profile.InstanceProfileName)).toEqual(['Web']);
  const all = await bench.run('ListInstanceProfiles', listInstanceProfiles, { PathPrefix: '/shop/' });
  expect(all.InstanceProfiles).toHaveLength(1);
  expect(
    (await bench.run('ListInstanceProfiles', listInstanceProfiles, { PathPrefix: '/x/' })).InstanceProfiles,
  ).toEqual([]);
});

test('giving a machine a role needs iam:PassRole on it', async () => {
  const { bench } = await withRole();
  const checks = await bench.checks('AddRoleToInstanceProfile', addRoleToInstanceProfile, {
    ...input,
    RoleName: 'Server',
  });
  expect(checks.map((check) => [check.action, check.resource.arn])).toEqual([
    ['iam:AddRoleToInstanceProfile', `arn:aws:iam::${account}:instance-profile/shop/Web`],
    ['iam:PassRole', `arn:aws:iam::${account}:role/Server`],
  ]);
  expect(checks[1]?.context).toMatchObject({ 'iam:PassedToService': 'ec2.amazonaws.com' });
});

test('one role at most, none that AWS alone may change, and no deletion while it is held', async () => {
  const { bench } = await withRole();
  const add = (RoleName: string) =>
    bench.run('AddRoleToInstanceProfile', addRoleToInstanceProfile, { ...input, RoleName });
  expect(await failure(add('Linked'))).toMatch(/^UnmodifiableEntity: /);
  await add('Server');
  expect(await failure(add('Server'))).toBe(
    'LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  );
  expect(await failure(bench.run('DeleteInstanceProfile', deleteInstanceProfile, input))).toBe(
    'DeleteConflict: Cannot delete entity, must remove roles from instance profile first.',
  );
  const remove = () =>
    bench.run('RemoveRoleFromInstanceProfile', removeRoleFromInstanceProfile, { ...input, RoleName: 'Server' });
  await remove();
  expect(await failure(remove())).toMatch(/^NoSuchEntity: /);
  await bench.run('DeleteInstanceProfile', deleteInstanceProfile, input);
  expect(await failure(bench.run('GetInstanceProfile', getInstanceProfile, input))).toBe(
    'NoSuchEntity: Instance Profile Web cannot be found.',
  );
});

test('profiles carry tags', async () => {
  const { bench } = await withRole();
  expect(await failure(bench.run('CreateInstanceProfile', createInstanceProfile, { InstanceProfileName: 'WEB' }))).toBe(
    'EntityAlreadyExists: Instance Profile WEB already exists.',
  );
  const Tags = [{ Key: 'team', Value: 'web' }];
  await bench.run('TagInstanceProfile', tagInstanceProfile, { ...input, Tags });
  expect((await bench.run('ListInstanceProfileTags', listInstanceProfileTags, input)).Tags).toEqual(Tags);
  await bench.run('UntagInstanceProfile', untagInstanceProfile, { ...input, TagKeys: ['TEAM'] });
  expect((await bench.run('ListInstanceProfileTags', listInstanceProfileTags, input)).Tags).toEqual([]);
});
