/** The account with the SDK: contacts for those whom policies allow, the root user's email for the root user alone. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AcceptPrimaryEmailUpdateCommand,
  AccountClient,
  DeleteAlternateContactCommand,
  GetAccountInformationCommand,
  GetAlternateContactCommand,
  GetContactInformationCommand,
  GetPrimaryEmailCommand,
  PutAccountNameCommand,
  PutAlternateContactCommand,
  PutContactInformationCommand,
  StartPrimaryEmailUpdateCommand,
} from '@aws-sdk/client-account';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accountId,
  nobodyKeys,
  otherAccountId,
  rootKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';

let instance: TestInstance;
let admin: AccountClient;
let root: AccountClient;
let nobody: AccountClient;

beforeAll(async () => {
  instance = await startInstance();
  admin = new AccountClient(instance.clientOptions());
  root = new AccountClient(instance.clientOptions(rootKeys));
  nobody = new AccountClient(instance.clientOptions(nobodyKeys));
});

afterAll(async () => {
  for (const client of [admin, root, nobody]) client.destroy();
  await instance.stop();
});

test('name and information', async () => {
  await admin.send(new PutAccountNameCommand({ AccountName: 'corner-shop' }));
  const information = await admin.send(new GetAccountInformationCommand({}));
  expect(information).toMatchObject({ AccountId: accountId, AccountName: 'corner-shop', AccountState: 'ACTIVE' });
  expect(information.AccountCreatedDate).toBeInstanceOf(Date);
  await expect(nobody.send(new GetAccountInformationCommand({}))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 403 },
  });
  await expect(nobody.send(new PutAccountNameCommand({ AccountName: 'mine' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  await expect(admin.send(new GetAccountInformationCommand({ AccountId: otherAccountId }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});

test('contact information', async () => {
  await expect(admin.send(new GetContactInformationCommand({}))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  const ContactInformation = {
    FullName: 'The Owner',
    AddressLine1: '1 Bean Street',
    City: 'Wellington',
    PostalCode: '6011',
    CountryCode: 'NZ',
    PhoneNumber: '+64 4 000 0000',
  };
  await admin.send(new PutContactInformationCommand({ ContactInformation }));
  const got = await admin.send(new GetContactInformationCommand({}));
  expect(got.ContactInformation).toEqual(ContactInformation);
  const bad = { ...ContactInformation, PhoneNumber: 'call me' };
  await expect(admin.send(new PutContactInformationCommand({ ContactInformation: bad }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('alternate contacts', async () => {
  const AlternateContactType = 'SECURITY';
  const contact = {
    AlternateContactType,
    Name: 'Rudy',
    Title: 'Guard',
    EmailAddress: 'r@b.example',
    PhoneNumber: '1',
  } as const;
  await admin.send(new PutAlternateContactCommand(contact));
  const got = await admin.send(new GetAlternateContactCommand({ AlternateContactType }));
  expect(got.AlternateContact).toEqual(contact);
  await admin.send(new DeleteAlternateContactCommand({ AlternateContactType }));
  const missing = { name: 'ResourceNotFoundException' };
  await expect(admin.send(new GetAlternateContactCommand({ AlternateContactType }))).rejects.toMatchObject(missing);
  await expect(admin.send(new DeleteAlternateContactCommand({ AlternateContactType }))).rejects.toMatchObject(missing);
  await expect(
    admin.send(new PutAlternateContactCommand({ ...contact, AlternateContactType: 'FUN' as 'SECURITY' })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

describe('M-040 the email of the root user', () => {
  const change = { AccountId: accountId, PrimaryEmail: 'owner@beans.example' };

  async function code(): Promise<string> {
    const dir = join(instance.dataDir, 'mail');
    for (const name of await readdir(dir)) {
      const text = await readFile(join(dir, name), 'utf8');
      const found = text.startsWith('To: owner@beans.example') && / is (\w{6})\./.exec(text)?.[1];
      if (found) return found;
    }
    throw new Error('no mail with a code');
  }

  test('is denied to an administrator', async () => {
    await expect(admin.send(new StartPrimaryEmailUpdateCommand(change))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(admin.send(new AcceptPrimaryEmailUpdateCommand({ ...change, Otp: 'AAAAAA' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('is changed by the root user, with the code from the mailbox', async () => {
    await expect(root.send(new AcceptPrimaryEmailUpdateCommand({ ...change, Otp: 'AAAAAA' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(await root.send(new StartPrimaryEmailUpdateCommand(change))).toMatchObject({ Status: 'PENDING' });
    const Otp = await code();
    expect(await root.send(new AcceptPrimaryEmailUpdateCommand({ ...change, Otp }))).toMatchObject({
      Status: 'ACCEPTED',
    });
    const { PrimaryEmail } = await root.send(new GetPrimaryEmailCommand({ AccountId: accountId }));
    expect(PrimaryEmail).toBe('owner@beans.example');
    const trail = new CloudTrailClient(instance.clientOptions());
    const { Events: events = [] } = await trail.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AcceptPrimaryEmailUpdate' }],
      }),
    );
    trail.destroy();
    expect(events).toHaveLength(3);
    expect(JSON.stringify(events)).not.toContain(Otp);
  });

  test('is not the email of another account, nor another account’s to ask for', async () => {
    await expect(
      root.send(new StartPrimaryEmailUpdateCommand({ ...change, PrimaryEmail: 'other@coffee.example' })),
    ).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(root.send(new GetPrimaryEmailCommand({ AccountId: otherAccountId }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
