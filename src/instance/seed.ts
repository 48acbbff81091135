/** Brings a data folder to what the configuration names, or makes the first account of a fresh one. */
import type { AccountConfig, Config } from '../config/config.ts';
import { accounts, createAccount, newAccountId } from '../services/account/state.ts';
import { accessKeyId, secretAccessKey } from '../services/iam/ids.ts';
import { awsManaged } from '../services/iam/managed-policies.ts';
import { seedAccount } from '../services/iam/seed.ts';
import { bindTrustDocument } from '../services/iam/trust-policy.ts';
import type { Random } from '../services/service.ts';
import type { Change, Store } from '../store/store.ts';
import type { KeyPair, RootCredentials } from './credentials-files.ts';

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';

export interface SeedParts {
  readonly store: Store;
  readonly random: Random;
  readonly now: () => number;
}

/** Applies every account of the configuration in one commit: all of it, or nothing. */
export async function seedConfig(parts: SeedParts, config: Config): Promise<void> {
  if (!config.accounts?.length) return;
  const change = parts.store.begin();
  for (const account of config.accounts) await seed(parts, change, account);
  await parts.store.commit(change);
}

async function seed(parts: SeedParts, change: Change, account: AccountConfig): Promise<void> {
  const { random } = parts;
  const now = parts.now();
  const name = account.name ?? account.id;
  const email = account.email ?? `root@${account.id}.invalid`;
  if (!(await change.get(accounts, '', account.id)))
    await createAccount(change, { id: account.id, name, email, createdAt: now });
  await seedAccount(change, { ...account, name, email }, { now, random, awsManaged, resolveTrust: bindTrustDocument });
}

export interface FirstAccount {
  readonly root: RootCredentials;
  /** Of the IAM user `admin`. */
  readonly admin: KeyPair;
}

/**
 * An account with a root user and an `admin` user with AdministratorAccess; all secrets are random.
 * @param keep as that of `makeAccount`
 */
export async function seedFirstAccount(parts: SeedParts, keep: (made: FirstAccount) => Promise<void>): Promise<void> {
  const id = await unusedId(parts);
  const admin = newKey(id, parts.random);
  const accessKeys = [{ id: admin.accessKeyId, secret: admin.secretAccessKey }];
  const account = { id, name: 'first-account', email: 'owner@bailey.invalid' };
  const users = [{ name: 'admin', policies: [administrator], accessKeys }];
  await makeAccount(parts, { ...account, users }, (root) => keep({ root, admin }));
}

export async function unusedId({ store, random }: SeedParts): Promise<string> {
  for (;;) {
    const id = newAccountId(random);
    if (!(await store.get(accounts, '', id))) return id;
  }
}

function newKey(account: string, random: Random): KeyPair {
  return { accessKeyId: accessKeyId('AKIA', account, random), secretAccessKey: secretAccessKey(random) };
}

/**
 * A standalone account with its root user (`bailey account create`).
 * @param keep is given the credentials, which nobody can look up, before the account exists: one without them would be shut
 */
export async function makeAccount(
  parts: SeedParts,
  account: AccountConfig & { readonly email: string },
  keep: (root: RootCredentials) => Promise<void>,
): Promise<void> {
  const change = parts.store.begin();
  const { id, email } = account;
  if (await change.get(accounts, '', id)) throw new Error(`There is an account ${id} already.`);
  const key = newKey(id, parts.random);
  const password = Buffer.from(parts.random.bytes(18)).toString('base64url');
  const rootAccessKeys = [{ id: key.accessKeyId, secret: key.secretAccessKey }];
  await seed(parts, change, { ...account, rootPassword: password, rootAccessKeys });
  await keep({ accountId: id, email, password, ...key });
  await parts.store.commit(change);
}
