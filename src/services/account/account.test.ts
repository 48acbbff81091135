/** The account: its name and contacts, and the root user's email, which changes only with the code from the mailbox. */
import { beforeEach, describe, expect, test } from 'vitest';
import { account, Bench, seededRandom } from '../../../test/support/call.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { GetAccountInformation, PutAccountName } from './operations/account-information.ts';
import { DeleteAlternateContact, GetAlternateContact, PutAlternateContact } from './operations/alternate-contacts.ts';
import { GetContactInformation, PutContactInformation } from './operations/contact-information.ts';
import { AcceptPrimaryEmailUpdate, GetPrimaryEmail, StartPrimaryEmailUpdate } from './operations/primary-email.ts';
import type { AccountPorts } from './ports.ts';
import { rootOnly, rootOnlyActions } from './root-only.ts';
import { accounts, createAccount, newAccountId } from './state.ts';

let bench: Bench<AccountPorts>;
let mail: { to: string; subject: string; text: string }[];

beforeEach(async () => {
  const store = openMemoryStore();
  mail = [];
  const mailbox = { send: async (to: string, subject: string, text: string) => void mail.push({ to, subject, text }) };
  bench = new Bench({ mailbox, store }, store);
  const change = store.begin();
  await createAccount(change, { id: account, name: 'coffee-shop', email: 'owner@coffee.example', createdAt: 5 });
  await createAccount(change, { id: '444455556666', name: 'other', email: 'Other@coffee.example', createdAt: 6 });
  await store.commit(change);
});

test('accounts have twelve digits, and ids and emails of their own', async () => {
  const random = seededRandom(3);
  for (let each = 0; each < 200; each++) expect(newAccountId(random)).toMatch(/^[1-9]\d{11}$/);
  const change = bench.store.begin();
  const taken = { id: account, name: 'x', email: 'new@coffee.example', createdAt: 1 };
  await expect(createAccount(change, taken)).rejects.toMatchObject({ code: 'ConflictException' });
  const sameEmail = { ...taken, id: '777788889999', email: 'OTHER@coffee.example' };
  await expect(createAccount(change, sameEmail)).rejects.toMatchObject({ code: 'ConflictException' });
});

test('an account can be renamed', async () => {
  await bench.run('PutAccountName', PutAccountName, { AccountName: 'corner-shop' });
  expect(await bench.run('GetAccountInformation', GetAccountInformation, {})).toEqual({
    AccountId: account,
    AccountName: 'corner-shop',
    AccountCreatedDate: new Date(5),
    AccountState: 'ACTIVE',
  });
});

test('another account is out of reach, and checked on an ARN that no policy of one’s own names', async () => {
  const input = { AccountId: '444455556666' };
  await expect(bench.run('GetAccountInformation', GetAccountInformation, input)).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
  const [check] = await bench.checks('GetAccountInformation', GetAccountInformation, input);
  expect(check?.resource.arn).toBe(`arn:aws:account::${account}:account/o-none/444455556666`);
  const [own] = await bench.checks('GetAccountInformation', GetAccountInformation, {});
  expect(own?.resource.arn).toBe(`arn:aws:account::${account}:account`);
});

test('contact information is kept as given', async () => {
  await expect(bench.run('GetContactInformation', GetContactInformation, {})).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
  const contact = {
    FullName: 'O',
    AddressLine1: 'A',
    City: 'C',
    PostalCode: '1',
    CountryCode: 'NZ',
    PhoneNumber: '+1',
  };
  await bench.run('PutContactInformation', PutContactInformation, { ContactInformation: contact });
  expect(await bench.run('GetContactInformation', GetContactInformation, {})).toEqual({ ContactInformation: contact });
});

test('alternate contacts come and go by their type', async () => {
  const type = { AlternateContactType: 'SECURITY' } as const;
  const contact = { ...type, Name: 'Rudy', Title: 'Cashier', EmailAddress: 'r@coffee.example', PhoneNumber: '+1' };
  await bench.run('PutAlternateContact', PutAlternateContact, contact);
  expect(await bench.run('GetAlternateContact', GetAlternateContact, type)).toEqual({ AlternateContact: contact });
  await expect(
    bench.run('GetAlternateContact', GetAlternateContact, { AlternateContactType: 'BILLING' }),
  ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  await bench.run('DeleteAlternateContact', DeleteAlternateContact, type);
  await expect(bench.run('DeleteAlternateContact', DeleteAlternateContact, type)).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

describe('the email of the root user', () => {
  const email = { AccountId: account, PrimaryEmail: 'owner@beans.example' };
  const begin = () => bench.run('StartPrimaryEmailUpdate', StartPrimaryEmailUpdate, email);
  const accept = (Otp: string, more: object = {}, options?: object) =>
    bench.run('AcceptPrimaryEmailUpdate', AcceptPrimaryEmailUpdate, { ...email, Otp, ...more }, options);
  const code = () => /account \d+ is (\w{6})\./.exec(mail[0]?.text ?? '')?.[1] ?? '';
  const current = async () =>
    (await bench.run('GetPrimaryEmail', GetPrimaryEmail, { AccountId: account })).PrimaryEmail;

  test('changes with the code that was sent to the new address; the old one is told', async () => {
    expect(await begin()).toEqual({ Status: 'PENDING' });
    expect(mail.map((message) => message.to)).toEqual(['owner@beans.example', 'owner@coffee.example']);
    expect(mail[1]?.text).not.toContain(code());
    expect(JSON.stringify(await bench.store.get(accounts, '', account))).not.toContain(code());
    expect(await current()).toBe('owner@coffee.example');
    expect(await accept(code())).toEqual({ Status: 'ACCEPTED' });
    expect(await current()).toBe('owner@beans.example');
    await expect(accept(code())).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    // The old address is free again.
    const change = bench.store.begin();
    await createAccount(change, { id: '777788889999', name: 'x', email: 'owner@coffee.example', createdAt: 1 });
  });

  test('takes five wrong codes and then no code at all', async () => {
    await begin();
    const right = code();
    const wrong = right === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA';
    for (let each = 0; each < 5; each++) {
      await expect(accept(wrong)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    }
    await expect(accept(right)).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    expect(await current()).toBe('owner@coffee.example');
  });

  test('keeps the code for a day, and for the address that it was made for', async () => {
    await begin();
    const code_ = 'ResourceNotFoundException';
    await expect(accept(code(), { PrimaryEmail: 'x@beans.example' })).rejects.toMatchObject({ code: code_ });
    await expect(accept(code(), {}, { now: bench.now + 86_400_000 })).rejects.toMatchObject({ code: code_ });
  });

  test.each(['nobody', 'a@b', 'a b@c.example', 'a@c.example\r\nBcc: x@y.example', '<a@c.example>', '@c.example'])(
    'is not %j',
    async (PrimaryEmail) => {
      await expect(
        bench.run('StartPrimaryEmailUpdate', StartPrimaryEmailUpdate, { AccountId: account, PrimaryEmail }),
      ).rejects.toMatchObject({ code: 'ValidationException' });
      expect(mail).toEqual([]);
    },
  );

  test('is no other account’s', async () => {
    const PrimaryEmail = 'other@COFFEE.example';
    await expect(
      bench.run('StartPrimaryEmailUpdate', StartPrimaryEmailUpdate, { AccountId: account, PrimaryEmail }),
    ).rejects.toMatchObject({ code: 'ConflictException' });
  });

  test('is the root user’s to change, and so is the support plan unless the operator opens it', () => {
    expect(rootOnly.has('account:StartPrimaryEmailUpdate')).toBe(true);
    expect(rootOnly.has('supportplans:StartSupportPlanUpdate')).toBe(true);
    const opened = rootOnlyActions({ supportPlansByPolicy: true });
    expect(opened.has('supportplans:StartSupportPlanUpdate')).toBe(false);
    expect(opened.has('account:AcceptPrimaryEmailUpdate')).toBe(true);
  });
});
