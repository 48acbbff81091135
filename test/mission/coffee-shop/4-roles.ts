/** Chapter 4: one person, different work by the day: roles instead of permissions that pile up. */

import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { arnOf, inventory, put, read, register, reports } from './buckets.ts';
import { type Chapter, check, denied, equal, fails, Person, policy, type Shop, step } from './lab.ts';

function trust(principal: object, condition?: object): string {
  const statement = {
    Effect: 'Allow',
    Principal: principal,
    Action: 'sts:AssumeRole',
    ...(condition ? { Condition: condition } : {}),
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

async function makeRole(shop: Shop, name: string, document: string, permissions?: string): Promise<void> {
  const { iam } = shop.person('manager');
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document }));
  if (permissions) {
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'work', PolicyDocument: permissions }));
  }
}

/** The person at work in a role; throws as AssumeRole does. */
async function assume(shop: Shop, person: Person, role: string, more: object = {}): Promise<Person> {
  const { Credentials } = await person.sts.send(
    new AssumeRoleCommand({ RoleArn: shop.arn(`role/${role}`), RoleSessionName: 'shift', ...more }),
  );
  return new Person(shop.endpoint, {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  });
}

const account = (shop: Shop) => ({ AWS: `arn:aws:iam::${shop.accountId}:root` });
const mayAssume = (shop: Shop, ...roles: string[]) =>
  policy(
    'Allow',
    'sts:AssumeRole',
    roles.map((role) => shop.arn(`role/${role}`)),
  );

export const roles: Chapter = {
  title: 'Blaine, by the day',
  steps: [
    step('M-079', 'a role has neither a password nor a key', async (shop) => {
      await makeRole(
        shop,
        'Cashier',
        trust(account(shop)),
        policy('Allow', ['s3:GetObject', 's3:PutObject'], arnOf(register, '*')),
      );
      await makeRole(
        shop,
        'Inventory',
        trust(account(shop)),
        policy('Allow', ['s3:GetObject', 's3:PutObject'], arnOf(inventory, '*')),
      );
      await makeRole(shop, 'Cleaning', trust(account(shop)));
      await makeRole(shop, 'Office', trust(account(shop)), policy('Allow', 's3:*', '*'));
      const { iam } = shop.person('manager');
      await fails(
        iam.send(new CreateLoginProfileCommand({ UserName: 'Cashier', Password: 'correct-horse-9' })),
        'NoSuchEntity',
      );
      await fails(iam.send(new CreateAccessKeyCommand({ UserName: 'Cashier' })), 'NoSuchEntity');
    }),
    step('M-080', 'nobody switches to a role without permission, whatever it trusts', async (shop) => {
      await denied(assume(shop, shop.person('blaine'), 'Cashier'), 'sts:AssumeRole');
      await makeRole(
        shop,
        'Rudys',
        trust({ AWS: shop.arn('user/rudy') }),
        policy('Allow', 's3:ListBucket', arnOf(reports)),
      );
      await assume(shop, shop.person('rudy'), 'Rudys');
      await denied(assume(shop, shop.person('blaine'), 'Rudys'));
    }),
    step('M-080', 'across accounts both sides must agree', async (shop) => {
      const supplier = shop.person('supplier');
      await denied(assume(shop, supplier, 'Cashier'));
      const { iam } = shop.person('manager');
      const document = trust({ AWS: shop.note('supplier') });
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Office', PolicyDocument: document }));
      await assume(shop, supplier, 'Office');
      await denied(assume(shop, shop.person('supplier without permissions'), 'Office'));
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Office', PolicyDocument: trust(account(shop)) }));
      await denied(assume(shop, supplier, 'Office'));
    }),
    step('M-085', 'the owner lets Blaine switch to two roles, and to no third', async (shop) => {
      const { iam } = shop.person('owner');
      await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'InventorySpecialists', UserName: 'blaine' }));
      const document = mayAssume(shop, 'Cashier', 'Inventory');
      await iam.send(new PutUserPolicyCommand({ UserName: 'blaine', PolicyName: 'shifts', PolicyDocument: document }));
      await denied(assume(shop, shop.person('blaine'), 'Office'));
    }),
    step('M-086 M-078', 'in the morning Blaine is a cashier: temporary keys, and the register opens', async (shop) => {
      const session = await assume(shop, shop.person('blaine'), 'Cashier');
      shop.people.set('blaine the cashier', session);
      check(session.keys.accessKeyId.startsWith('ASIA'), 'the key is not temporary');
      check((session.keys.sessionToken ?? '').length > 100, 'no session token');
      const { Arn } = await session.sts.send(new GetCallerIdentityCommand({}));
      equal(Arn, `arn:aws:sts::${shop.accountId}:assumed-role/Cashier/shift`);
      await put(session, register);
    }),
    step(
      'M-082',
      'in the role, what Blaine may do otherwise is gone; outside of it, it is still there',
      async (shop) => {
        const blaine = shop.person('blaine');
        const document = policy('Allow', 's3:ListAllMyBuckets', '*');
        await shop
          .person('manager')
          .iam.send(new PutUserPolicyCommand({ UserName: 'blaine', PolicyName: 'own', PolicyDocument: document }));
        await blaine.s3.send(new ListBucketsCommand({}));
        await denied(shop.person('blaine the cashier').s3.send(new ListBucketsCommand({})));
        await denied(put(blaine, register));
        await put(shop.person('blaine the cashier'), register);
      },
    ),
    step('M-087', 'later Blaine does inventory, and the register is closed in that role', async (shop) => {
      const session = await assume(shop, shop.person('blaine'), 'Inventory');
      await put(session, inventory);
      await denied(put(session, register));
    }),
    step(
      'M-083',
      'from one role into the next: the first one’s rights are gone, and an hour is the most',
      async (shop) => {
        const { iam } = shop.person('manager');
        await iam.send(
          new PutRolePolicyCommand({
            RoleName: 'Cashier',
            PolicyName: 'switch',
            PolicyDocument: mayAssume(shop, 'Inventory'),
          }),
        );
        await iam.send(new UpdateRoleCommand({ RoleName: 'Inventory', MaxSessionDuration: 7200 }));
        const cashier = shop.person('blaine the cashier');
        const chained = await assume(shop, cashier, 'Inventory');
        await put(chained, inventory);
        await denied(put(chained, register));
        await fails(assume(shop, cashier, 'Inventory', { DurationSeconds: 7200 }), 'ValidationError', 'role chaining');
        await assume(shop, shop.person('blaine'), 'Inventory', { DurationSeconds: 7200 });
        await iam.send(new DeleteRolePolicyCommand({ RoleName: 'Cashier', PolicyName: 'switch' }));
      },
    ),
    step('M-091', 'a Deny in the role beats its Allow', async (shop) => {
      const { iam } = shop.person('manager');
      const cashier = shop.person('blaine the cashier');
      await read(cashier, register);
      const document = policy('Deny', 's3:GetObject', arnOf(register, '*'));
      await iam.send(new PutRolePolicyCommand({ RoleName: 'Cashier', PolicyName: 'no', PolicyDocument: document }));
      await denied(read(cashier, register), 'with an explicit deny in an identity-based policy');
      await put(cashier, register);
      await iam.send(new DeleteRolePolicyCommand({ RoleName: 'Cashier', PolicyName: 'no' }));
    }),
    step('M-092', 'on cleaning day there are no systems: everything is denied', async (shop) => {
      const document = mayAssume(shop, 'Cashier', 'Inventory', 'Cleaning');
      await shop
        .person('manager')
        .iam.send(new PutUserPolicyCommand({ UserName: 'blaine', PolicyName: 'shifts', PolicyDocument: document }));
      const session = await assume(shop, shop.person('blaine'), 'Cleaning');
      for (const bucket of [register, inventory, reports]) {
        await denied(put(session, bucket));
        await denied(read(session, bucket));
      }
      await denied(session.s3.send(new ListBucketsCommand({})));
      await session.sts.send(new GetCallerIdentityCommand({}));
    }),
    step('M-090', 'an outsider needs the external id that both agreed on', async (shop) => {
      const condition = { StringEquals: { 'sts:ExternalId': 'beans-2026' } };
      await makeRole(
        shop,
        'Delivery',
        trust({ AWS: shop.note('supplier') }, condition),
        policy('Allow', 's3:ListBucket', arnOf(inventory)),
      );
      const supplier = shop.person('supplier');
      await denied(assume(shop, supplier, 'Delivery'));
      await denied(assume(shop, supplier, 'Delivery', { ExternalId: 'beans-2025' }));
      await assume(shop, supplier, 'Delivery', { ExternalId: 'beans-2026' });
    }),
    step(
      'M-088',
      'the session lasts as long as was asked, between 15 minutes and the role’s limit; then it is over',
      async (shop) => {
        const blaine = shop.person('blaine');
        await fails(assume(shop, blaine, 'Cashier', { DurationSeconds: 899 }), 'ValidationError');
        await fails(assume(shop, blaine, 'Cashier', { DurationSeconds: 3601 }), 'ValidationError');
        const session = await assume(shop, blaine, 'Cashier', { DurationSeconds: 900 });
        shop.people.set('yesterday’s blaine', session);
        await put(session, register);
        await shop.advance(901);
        await fails(put(session, register), 'ExpiredToken');
        await fails(session.sts.send(new GetCallerIdentityCommand({})), 'ExpiredToken');
        await fails(new CloudTrailClient(session.options).send(new LookupEventsCommand({})), 'ExpiredTokenException');
        await fails(new EC2Client(session.options).send(new DescribeInstancesCommand({})), 'RequestExpired');
      },
    ),
    step('M-093', 'that he did inventory yesterday is no reason today: old sessions can be revoked', async (shop) => {
      const { iam } = shop.person('manager');
      const yesterday = await assume(shop, shop.person('blaine'), 'Inventory');
      await put(yesterday, inventory);
      await shop.advance(60);
      const now = new Date(Number(shop.note('started')) + Number(shop.notes.get('advanced') ?? 0) * 1000);
      const document = policy('Deny', '*', '*', {
        Condition: { DateLessThan: { 'aws:TokenIssueTime': now.toISOString() } },
      });
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: 'Inventory',
          PolicyName: 'AWSRevokeOlderSessions',
          PolicyDocument: document,
        }),
      );
      await denied(put(yesterday, inventory), 'with an explicit deny');
      await shop.advance(60);
      const today = await assume(shop, shop.person('blaine'), 'Inventory');
      await put(today, inventory);
      await fails(put(shop.person('yesterday’s blaine'), register), 'ExpiredToken');
    }),
    step('M-065', 'a role takes managed policies like users and groups', async (shop) => {
      const { iam } = shop.person('manager');
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'Cleaning', PolicyArn: shop.note('ReadReports') }));
      const session = await assume(shop, shop.person('blaine'), 'Cleaning');
      const { list } = await import('./buckets.ts');
      await list(session, reports);
      await denied(list(session, register));
    }),
  ],
};
