/** Puts an account into the state that its configuration names: adds what is missing, and removes nothing. */
import type { Change } from '../../store/store.ts';
import type { Random } from '../service.ts';
import { recordAttachment } from './attachments.ts';
import { uniqueId } from './ids.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { type AwsManagedPolicies, defaultDocument } from './policy-documents.ts';
import { checkSeedDocument, SeedError, type TrustResolver } from './seed-documents.ts';
import {
  type AccessKeyRow,
  type AccountRow,
  type AttachmentRow,
  accessKeys,
  accountKey,
  accounts,
  type GroupRow,
  groups,
  memberKey,
  members,
  type PolicyHolder,
  type PolicyRow,
  policies,
  type RoleRow,
  roles,
  rowId,
  type UserRow,
  uniqueIds,
  users,
} from './state.ts';

interface KeySeed {
  readonly id: string;
  readonly secret: string;
}

interface DocumentSeed {
  readonly name: string;
  readonly document: string;
}

/** What users, groups and roles have in common; `policies` are ARNs. */
interface HolderSeed {
  readonly name: string;
  readonly path?: string;
  readonly policies?: readonly string[];
  readonly inlinePolicies?: readonly DocumentSeed[];
}

interface UserSeed extends HolderSeed {
  readonly groups?: readonly string[];
  readonly permissionsBoundary?: string;
  readonly accessKeys?: readonly KeySeed[];
  readonly tags?: Readonly<Record<string, string>>;
}

interface RoleSeed extends HolderSeed {
  readonly trustPolicy: string;
  readonly permissionsBoundary?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An account as the configuration file describes it. */
export interface AccountSeed {
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly rootPassword?: string;
  readonly rootAccessKeys?: readonly KeySeed[];
  readonly users?: readonly UserSeed[];
  readonly groups?: readonly HolderSeed[];
  readonly roles?: readonly RoleSeed[];
  readonly policies?: readonly (DocumentSeed & { readonly path?: string })[];
}

export interface SeedEnvironment {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: Random;
  readonly awsManaged: AwsManagedPolicies;
  /** Binds the principals of trust policies; asked once users exist. */
  readonly resolveTrust: TrustResolver;
}

/**
 * Applied twice, the same seed leaves one of each. Names that exist keep their unique ids.
 * @throws SeedError, whose message names what cannot be
 */
export async function seedAccount(change: Change, seed: AccountSeed, environment: SeedEnvironment): Promise<void> {
  if (!/^\d{12}$/.test(seed.id)) throw new SeedError(`account ${seed.id}: an account id has twelve digits`);
  const run = new Seeding(change, seed.id, environment);
  await run.account(seed);
  for (const policy of seed.policies ?? []) await run.policy(policy);
  for (const group of seed.groups ?? []) await run.group(group);
  for (const user of seed.users ?? []) await run.user(user);
  for (const role of seed.roles ?? []) await run.role(role);
}

class Seeding {
  readonly #change: Change;
  readonly #account: string;
  readonly #environment: SeedEnvironment;

  constructor(change: Change, account: string, environment: SeedEnvironment) {
    this.#change = change;
    this.#account = account;
    this.#environment = environment;
  }

  async account(seed: AccountSeed): Promise<void> {
    const before = await this.#change.get(accounts, this.#account, accountKey);
    let row: AccountRow = before ?? { createdAt: this.#environment.now, root: { accessKeyIds: [] } };
    if (seed.name !== undefined) row = { ...row, name: seed.name };
    if (seed.email !== undefined) row = { ...row, email: seed.email };
    const { rootPassword } = seed;
    if (rootPassword !== undefined) {
      const kept = row.root.password;
      if (!kept || !(await verifyPassword(rootPassword, kept))) {
        const password = await hashPassword(rootPassword, this.#environment.random);
        row = { ...row, root: { ...row.root, password, passwordChangedAt: this.#environment.now } };
      }
    }
    const keyIds = await this.#keys('the root user', { kind: 'root' }, row.root.accessKeyIds, seed.rootAccessKeys);
    row = { ...row, root: { ...row.root, accessKeyIds: keyIds } };
    this.#change.put(accounts, this.#account, accountKey, row);
  }

  async policy(seed: DocumentSeed & { readonly path?: string }): Promise<void> {
    const what = `policy ${seed.name}`;
    checkNaming(what, seed, 128);
    checkSeedDocument(what, seed.document, 'identity');
    const key = rowId(seed.name);
    const before = await this.#change.get(policies, this.#account, key);
    const { now } = this.#environment;
    if (!before) {
      const row: PolicyRow = {
        id: uniqueId('ANPA', this.#environment.random),
        name: seed.name,
        path: seed.path ?? '/',
        createdAt: now,
        updatedAt: now,
        tags: {},
        versions: [{ id: 'v1', document: seed.document, createdAt: now }],
        defaultVersion: 'v1',
        nextVersion: 2,
      };
      this.#change.put(policies, this.#account, key, row);
      this.#named(row.id, 'policy', row.name);
      return;
    }
    // A changed document takes the place of the default version: a sixth version would not be allowed.
    const versions = before.versions.map((version) =>
      version.id === before.defaultVersion && version.document !== seed.document
        ? { ...version, document: seed.document, createdAt: now }
        : version,
    );
    this.#change.put(policies, this.#account, key, { ...before, versions });
  }

  async group(seed: HolderSeed): Promise<void> {
    checkNaming(`group ${seed.name}`, seed, 128);
    const key = rowId(seed.name);
    const before = await this.#change.get(groups, this.#account, key);
    const fresh: GroupRow = { ...this.#holder('AGPA', seed), ...before };
    const row = await this.#withPolicies('group', fresh, seed);
    this.#change.put(groups, this.#account, key, row);
    this.#named(row.id, 'group', row.name);
  }

  async user(seed: UserSeed): Promise<void> {
    const what = `user ${seed.name}`;
    checkNaming(what, seed, 64);
    const key = rowId(seed.name);
    const before = await this.#change.get(users, this.#account, key);
    const fresh: UserRow = { ...this.#holder('AIDA', seed), tags: {}, groups: [], accessKeyIds: [], ...before };
    let row = await this.#withPolicies('user', fresh, seed);
    row = await this.#withBoundary('user', row, seed.permissionsBoundary);
    const memberships = [...row.groups];
    for (const name of seed.groups ?? []) {
      const group = rowId(name);
      if (!(await this.#change.get(groups, this.#account, group))) throw new SeedError(`${what}: no group ${name}`);
      if (!memberships.includes(group)) memberships.push(group);
      this.#change.put(members, this.#account, memberKey(group, key), { group, user: key });
    }
    const keyIds = await this.#keys(what, { kind: 'user', id: row.id }, row.accessKeyIds, seed.accessKeys);
    row = { ...row, groups: memberships, accessKeyIds: keyIds, tags: { ...row.tags, ...seed.tags } };
    this.#change.put(users, this.#account, key, row);
    this.#named(row.id, 'user', row.name);
  }

  async role(seed: RoleSeed): Promise<void> {
    const what = `role ${seed.name}`;
    checkNaming(what, seed, 64);
    checkSeedDocument(what, seed.trustPolicy, 'trust');
    const key = rowId(seed.name);
    const before = await this.#change.get(roles, this.#account, key);
    const principalIds = await this.#environment.resolveTrust(this.#change, seed.trustPolicy);
    const fresh: RoleRow = {
      ...this.#holder('AROA', seed),
      maxSessionSeconds: 3600,
      tags: {},
      instanceProfiles: [],
      ...before,
      trust: { document: seed.trustPolicy, principalIds },
    };
    let row = await this.#withPolicies('role', fresh, seed);
    row = await this.#withBoundary('role', row, seed.permissionsBoundary);
    row = { ...row, tags: { ...row.tags, ...seed.tags } };
    this.#change.put(roles, this.#account, key, row);
    this.#named(row.id, 'role', row.name);
  }

  #holder(prefix: 'AIDA' | 'AGPA' | 'AROA', seed: HolderSeed): PolicyHolder {
    return {
      id: uniqueId(prefix, this.#environment.random),
      name: seed.name,
      path: seed.path ?? '/',
      createdAt: this.#environment.now,
      inline: {},
      attached: [],
    };
  }

  async #withPolicies<T extends PolicyHolder>(kind: AttachmentRow['kind'], row: T, seed: HolderSeed): Promise<T> {
    const attached = [...row.attached];
    for (const policyArn of seed.policies ?? []) {
      await this.#mustExist(`${kind} ${row.name}`, policyArn);
      if (!attached.includes(policyArn)) attached.push(policyArn);
      this.#attached({ policyArn, use: 'PermissionsPolicy', kind, name: row.name, entityId: row.id });
    }
    const inline = { ...row.inline };
    for (const { name, document } of seed.inlinePolicies ?? []) {
      const what = `inline policy ${name} of ${kind} ${row.name}`;
      checkNaming(what, { name }, 128);
      checkSeedDocument(what, document, 'identity');
      inline[name] = document;
    }
    return { ...row, attached, inline };
  }

  async #withBoundary<T extends UserRow | RoleRow>(
    kind: 'user' | 'role',
    row: T,
    policyArn: string | undefined,
  ): Promise<T> {
    if (policyArn === undefined || policyArn === row.boundary) return row;
    await this.#mustExist(`${kind} ${row.name}`, policyArn);
    if (row.boundary !== undefined) {
      throw new SeedError(`${kind} ${row.name} already has the permissions boundary ${row.boundary}`);
    }
    this.#attached({ policyArn, use: 'PermissionsBoundary', kind, name: row.name, entityId: row.id });
    return { ...row, boundary: policyArn };
  }

  /** Keys keep their ids as given: credentials exist only because the operator wrote them. */
  async #keys(
    what: string,
    owner: AccessKeyRow['owner'],
    present: readonly string[],
    wanted: readonly KeySeed[] | undefined,
  ): Promise<readonly string[]> {
    const ids = [...present];
    for (const { id, secret } of wanted ?? []) {
      if (!/^\w{3,128}$/.test(id)) throw new SeedError(`${what}: an access key id is 3 to 128 letters, digits and _`);
      if (secret === '') throw new SeedError(`${what}: access key ${id} has no secret`);
      const before = await this.#change.get(accessKeys, '', id);
      const isAnothers = before && (before.account !== this.#account || ownerId(before.owner) !== ownerId(owner));
      if (isAnothers) throw new SeedError(`${what}: access key ${id} belongs to somebody else`);
      if (before?.secret !== secret) {
        const kept = before ?? { account: this.#account, owner, status: 'Active', createdAt: this.#environment.now };
        this.#change.put(accessKeys, '', id, { ...kept, secret });
      }
      if (!ids.includes(id)) ids.push(id);
    }
    return ids;
  }

  async #mustExist(what: string, policyArn: string): Promise<void> {
    const document = await defaultDocument(this.#change, this.#account, policyArn, this.#environment.awsManaged);
    if (document === undefined) throw new SeedError(`${what}: there is no policy ${policyArn}`);
  }

  #attached(attachment: AttachmentRow): void {
    recordAttachment(this.#change, this.#account, attachment);
  }

  #named(id: string, kind: 'user' | 'group' | 'role' | 'policy', name: string): void {
    this.#change.put(uniqueIds, '', id, { account: this.#account, kind, name });
  }
}

function ownerId(owner: AccessKeyRow['owner']): string {
  return owner.kind === 'root' ? 'root' : owner.id;
}

/** The patterns of IAM's API model: what else relies on names having no slash and no bar holds for seeds too. */
function checkNaming(what: string, seed: { readonly name: string; readonly path?: string }, longest: number): void {
  if (!/^[\w+=,.@-]+$/.test(seed.name) || seed.name.length > longest) {
    throw new SeedError(`${what}: a name is 1 to ${longest} letters, digits and any of _+=,.@-`);
  }
  const { path } = seed;
  if (path !== undefined && path !== '/' && !/^\/[!-\x7e]+\/$/.test(path)) {
    throw new SeedError(`${what}: a path begins and ends with a slash`);
  }
}
