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

/** An account with a root user and an `admin` user with AdministratorAccess; all secrets are random. */
export async function seedFirstAccount(parts: SeedParts): Promise<FirstAccount> {
  const { random } = parts;
  let admin: KeyPair | undefined;
  const root = await makeAccount(parts, 'first-account', 'owner@bailey.invalid', (account) => {
    admin = { accessKeyId: accessKeyId('AKIA', account, random), secretAccessKey: secretAccessKey(random) };
    const key = { id: admin.accessKeyId, secret: admin.secretAccessKey };
    return [{ name: 'admin', policies: [administrator], accessKeys: [key] }];
  });
  return { root, admin: admin as KeyPair };
}

/** A standalone account with its root user (`bailey account create`). */
export async function makeAccount(
  parts: SeedParts,
  name: string,
  email: string,
  users?: (account: string) => NonNullable<AccountConfig['users']>,
): Promise<RootCredentials> {
  const { random } = parts;
  const change = parts.store.begin();
  let id = newAccountId(random);
  while (await change.get(accounts, '', id)) id = newAccountId(random);
  const key: KeyPair = { accessKeyId: accessKeyId('AKIA', id, random), secretAccessKey: secretAccessKey(random) };
  const password = Buffer.from(random.bytes(18)).toString('base64url');
  await seed(parts, change, {
    id,
    name,
    email,
    rootPassword: password,
    rootAccessKeys: [{ id: key.accessKeyId, secret: key.secretAccessKey }],
    ...(users ? { users: users(id) } : {}),
  });
  await parts.store.commit(change);
  return { accountId: id, email, password, ...key };
}
