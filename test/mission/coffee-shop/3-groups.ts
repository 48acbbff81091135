/** Chapter 3: cashiers become a group, and Rudy moves from the register to the inventory. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteUserPolicyCommand,
  ListGroupsForUserCommand,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { DeletePublicAccessBlockCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { hire } from './2-rudy.ts';
import { arnOf, inventory, put, read, register, reports } from './buckets.ts';
import { type Chapter, check, denied, equal, fails, policy, type Shop, step } from './lab.ts';

const registerPolicy = policy('Allow', ['s3:GetObject', 's3:PutObject'], arnOf(register, '*'));
const inventoryPolicy = policy('Allow', ['s3:GetObject', 's3:PutObject'], arnOf(inventory, '*'));
const grant = (shop: Shop, group: string, document: string) =>
  shop
    .person('manager')
    .iam.send(new PutGroupPolicyCommand({ GroupName: group, PolicyName: 'work', PolicyDocument: document }));

/** The lab's actions that a simulation allows a user, as `action resource`. */
async function allowedActions(shop: Shop, user: string): Promise<string[]> {
  const { EvaluationResults } = await shop.person('manager').iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: shop.arn(`user/${user}`),
      ActionNames: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'],
      ResourceArns: [arnOf(register, 'today'), arnOf(inventory, 'today'), arnOf(reports)],
    }),
  );
  const found: string[] = [];
  for (const result of EvaluationResults ?? []) {
    for (const specific of result.ResourceSpecificResults ?? []) {
      if (specific.EvalResourceDecision === 'allowed')
        found.push(`${result.EvalActionName} ${specific.EvalResourceName}`);
    }
    if (!result.ResourceSpecificResults?.length && result.EvalDecision === 'allowed') {
      found.push(`${result.EvalActionName} ${result.EvalResourceName}`);
    }
  }
  return found.sort();
}

export const groups: Chapter = {
  title: 'Cashiers, and a transfer',
  steps: [
    step('M-068', 'three cashiers make a group', async (shop) => {
      const { iam } = shop.person('manager');
      await iam.send(new DeleteUserPolicyCommand({ UserName: 'rudy', PolicyName: 'register' }));
      await iam.send(new CreateGroupCommand({ GroupName: 'Cashiers' }));
      await iam.send(new CreateGroupCommand({ GroupName: 'InventorySpecialists' }));
      await hire(shop, 'alma');
      await hire(shop, 'jorge');
      for (const UserName of ['rudy', 'alma', 'jorge']) {
        await iam.send(new AddUserToGroupCommand({ GroupName: 'Cashiers', UserName }));
        const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName }));
        equal(Groups?.map((group) => group.GroupName).join(), 'Cashiers');
      }
    }),
    step('M-067', 'a policy on the group opens the register to all three, and its removal closes it', async (shop) => {
      const cashiers = ['rudy', 'alma', 'jorge'].map((name) => shop.person(name));
      for (const person of cashiers) await denied(put(person, register));
      await grant(shop, 'Cashiers', registerPolicy);
      for (const person of cashiers) await put(person, register);
      await shop
        .person('manager')
        .iam.send(new DeleteGroupPolicyCommand({ GroupName: 'Cashiers', PolicyName: 'work' }));
      for (const person of cashiers) await denied(put(person, register));
      await grant(shop, 'Cashiers', registerPolicy);
      await grant(shop, 'InventorySpecialists', inventoryPolicy);
    }),
    step('M-066', 'a group is no principal, and groups do not nest', async (shop) => {
      const { s3, iam } = shop.person('manager');
      const document = policy('Allow', 's3:GetObject', arnOf(register, '*'), {
        Principal: { AWS: shop.arn('group/Cashiers') },
      });
      await fails(
        s3.send(new PutBucketPolicyCommand({ Bucket: register, Policy: document })),
        'MalformedPolicy',
        'Invalid principal',
      );
      await fails(
        iam.send(new AddUserToGroupCommand({ GroupName: 'Cashiers', UserName: 'InventorySpecialists' })),
        'NoSuchEntity',
      );
    }),
    step('M-072 M-073', 'Rudy at the register, Blaine at the inventory: neither at the other', async (shop) => {
      const { iam } = shop.person('manager');
      await iam.send(new AddUserToGroupCommand({ GroupName: 'InventorySpecialists', UserName: 'blaine' }));
      await put(shop.person('rudy'), register);
      await denied(put(shop.person('rudy'), inventory));
      await put(shop.person('blaine'), inventory);
      await denied(put(shop.person('blaine'), register));
    }),
    step('M-071', 'the same request, three people, three answers', async (shop) => {
      equal(await read(shop.person('rudy'), register), 'one espresso');
      await denied(read(shop.person('blaine'), register));
      await shop.person('owner').s3.send(new DeletePublicAccessBlockCommand({ Bucket: reports }));
      await denied(shop.person('rudy').s3.send(new DeletePublicAccessBlockCommand({ Bucket: reports })));
      await denied(shop.person('blaine').s3.send(new DeletePublicAccessBlockCommand({ Bucket: reports })));
    }),
    step(
      'M-069',
      'Rudy is transferred: the register closes and the inventory opens with the next call',
      async (shop) => {
        const { iam, options } = shop.person('manager');
        const person = shop.person('rudy');
        await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'Cashiers', UserName: 'rudy' }));
        await iam.send(new AddUserToGroupCommand({ GroupName: 'InventorySpecialists', UserName: 'rudy' }));
        await denied(put(person, register));
        await put(person, inventory);
        const trail = new CloudTrailClient(options);
        for (const name of ['RemoveUserFromGroup', 'AddUserToGroup']) {
          const { Events } = await trail.send(
            new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }] }),
          );
          check(
            Events?.some((event) => event.CloudTrailEvent?.includes('"rudy"')) === true,
            `${name} of rudy is not on record`,
          );
        }
      },
    ),
    step('M-070', 'he has what the inventory needs, and nothing more', async (shop) => {
      const expected = [`s3:GetObject ${arnOf(inventory, 'today')}`, `s3:PutObject ${arnOf(inventory, 'today')}`];
      equal((await allowedActions(shop, 'rudy')).join('\n'), expected.join('\n'));
    }),
    step('M-074', 'no employee has the owner’s access', async (shop) => {
      const all = 4 * 3;
      for (const name of ['rudy', 'blaine', 'alma', 'jorge']) {
        check((await allowedActions(shop, name)).length < all, `${name} may do everything`);
      }
    }),
    step('M-075', 'access by key prefix, address, time and tag', async (shop) => {
      const person = shop.person('alma');
      const rule = (resource: string, condition?: object) =>
        shop.person('manager').iam.send(
          new PutUserPolicyCommand({
            UserName: 'alma',
            PolicyName: 'fine',
            PolicyDocument: policy('Allow', 's3:PutObject', resource, condition ? { Condition: condition } : {}),
          }),
        );
      await rule(arnOf(inventory, 'alma/*'));
      await put(person, inventory, 'alma/count');
      await denied(put(person, inventory, 'jorge/count'));
      await rule(arnOf(inventory, '*'), { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } });
      await put(person, inventory);
      await rule(arnOf(inventory, '*'), { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } });
      await denied(put(person, inventory));
      await rule(arnOf(inventory, '*'), { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } });
      await put(person, inventory);
      await rule(arnOf(inventory, '*'), { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } });
      await denied(put(person, inventory));
      await rule(arnOf(inventory, '*'), { StringEquals: { 'aws:PrincipalTag/shift': 'morning' } });
      await denied(put(person, inventory));
      const { TagUserCommand } = await import('@aws-sdk/client-iam');
      await shop
        .person('manager')
        .iam.send(new TagUserCommand({ UserName: 'alma', Tags: [{ Key: 'shift', Value: 'morning' }] }));
      await put(person, inventory);
      await rule(arnOf(inventory, '*'), { Bool: { 'aws:MultiFactorAuthPresent': 'true' } });
      await denied(put(person, inventory));
      await shop.person('manager').iam.send(new DeleteUserPolicyCommand({ UserName: 'alma', PolicyName: 'fine' }));
    }),
  ],
};
