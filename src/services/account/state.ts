/** What the instance knows of each account: its name, its root user's email, its contacts. */
import type { Change } from '../../store/store.ts';
import { table } from '../../store/store.ts';
import { AwsError, type Random } from '../service.ts';

export interface Contact {
  readonly FullName?: string;
  readonly AddressLine1?: string;
  readonly AddressLine2?: string;
  readonly AddressLine3?: string;
  readonly City?: string;
  readonly StateOrRegion?: string;
  readonly DistrictOrCounty?: string;
  readonly PostalCode?: string;
  readonly CountryCode?: string;
  readonly PhoneNumber?: string;
  readonly CompanyName?: string;
  readonly WebsiteUrl?: string;
}

/** A change of the root user's email that waits for its code. */
interface PendingEmail {
  readonly email: string;
  /** SHA-256 of the code, hex: the code itself is kept nowhere. */
  readonly codeHash: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly failures: number;
}

export interface AccountRow {
  /** Twelve digits. */
  readonly id: string;
  readonly name: string;
  /** The root user's email: unique on the instance, without regard to case. */
  readonly email: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly state: 'ACTIVE' | 'SUSPENDED';
  readonly contact?: Contact;
  readonly pendingEmail?: PendingEmail;
}

export interface AlternateContactRow {
  readonly name: string;
  readonly title: string;
  readonly email: string;
  readonly phone: string;
}

/** Partition '', id = account id. */
export const accounts = table<AccountRow>('account.account');
/** Partition '', id = email in lower case; value: the account that has it. */
export const emails = table<{ readonly account: string }>('account.email');
/** Partition = account id, id = BILLING, OPERATIONS or SECURITY. */
export const alternateContacts = table<AlternateContactRow>('account.alternate-contact');

/** Twelve random digits, the first not zero. */
export function newAccountId(random: Random): string {
  const bytes = random.bytes(12);
  let id = '';
  // Bytes from 250 up would favour low digits; a fold of two bytes makes the bias smaller than one in 25,000.
  for (let index = 0; index < 12; index++) {
    const wide = (bytes[index] ?? 0) * 256 + (bytes[(index + 5) % 12] ?? 0);
    id += index === 0 ? String(1 + (wide % 9)) : String(wide % 10);
  }
  return id;
}

/**
 * Makes an account; its root user comes from IAM.
 * @throws AwsError ConflictException when the id or the email is taken
 */
export async function createAccount(
  change: Change,
  account: Pick<AccountRow, 'id' | 'name' | 'email' | 'createdAt'>,
): Promise<AccountRow> {
  if (await change.get(accounts, '', account.id)) {
    throw new AwsError('ConflictException', `There is an account ${account.id} already.`);
  }
  await claimEmail(change, account.email, account.id);
  const row: AccountRow = { ...account, state: 'ACTIVE' };
  change.put(accounts, '', account.id, row);
  return row;
}

/** Takes an email for an account. @throws AwsError ConflictException when another account has it */
export async function claimEmail(change: Change, email: string, account: string): Promise<void> {
  const key = email.trim().toLowerCase();
  const holder = await change.get(emails, '', key);
  if (holder && holder.account !== account) {
    throw new AwsError('ConflictException', 'The email address is already associated with another account.');
  }
  change.put(emails, '', key, { account });
}

export function releaseEmail(change: Change, email: string): void {
  change.delete(emails, '', email.trim().toLowerCase());
}
