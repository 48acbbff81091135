/** Who an access key stands for, and what bears on them: IAM's answers to the gateway, cached until something changes. */
import type { Layers } from '../../engines/policy/types.ts';
import type { ChangedRow, Reader, Store } from '../../store/store.ts';
import type { Caller, ConditionValues, Principal, Session } from '../service.ts';
import { entityArn, rootArn } from './arns.ts';
import { type OwnLayers, ownLayers, userWithId } from './caller-layers.ts';
import { CompiledPolicies } from './compiled-policies.ts';
import { KeyUse } from './key-use.ts';
import type { AwsManagedPolicies } from './policy-documents.ts';
import { describePrincipal, resolvePrincipal } from './principals.ts';
import { accessKeys, keyUses, roles, rowId, type Tags } from './state.ts';

/** A key that is known, with its secret; the same object until something changes. */
export interface KnownCredential {
  readonly secret: string;
  readonly caller: Caller;
}

export type CredentialFault = 'unknown' | 'inactive' | 'invalid-token' | 'missing-token' | 'expired';

/** Opens the token of a temporary key; the same object for the same token. */
type SessionOpener = (token: string, accessKeyId: string, now: number) => KnownCredential | 'invalid-token' | 'expired';

/** What Organizations says of an account. Each answer is the same object until it changes. */
interface OrganizationView {
  /** Undefined: not bound. */
  scpsFor(account: string): Promise<Layers['scps']>;
  rcpsFor(account: string): Promise<Layers['rcps']>;
  /** `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`; undefined without an organization. */
  valuesFor(account: string): Promise<ConditionValues | undefined>;
}

export interface DirectoryOptions {
  readonly awsManaged: AwsManagedPolicies;
  readonly openSession: SessionOpener;
  readonly organization?: OrganizationView;
}

export type Directory = ReturnType<typeof createDirectory>;

interface Bearing {
  readonly layers: Layers;
  readonly rcps: Layers['rcps'];
  readonly values: ConditionValues;
}

/** What is remembered of one account until any row of it changes. */
interface AccountMemory {
  readonly own: Map<string, Promise<OwnLayers>>;
  readonly ownOfSession: WeakMap<Session, Promise<OwnLayers>>;
  readonly layers: WeakMap<OwnLayers, Layers>;
  readonly tags: Map<string, Promise<ConditionValues>>;
  readonly values: WeakMap<ConditionValues, { from: ConditionValues | undefined; values: ConditionValues }>;
  /** Only without an organization, which can change beside the account. */
  readonly bearings: WeakMap<Caller, Bearing>;
  /** What opened sessions stand for now: their user may have another name. */
  readonly sessions: WeakMap<KnownCredential, Promise<KnownCredential | undefined>>;
}

/** @param store read directly; its commits clear what is remembered of the accounts they touch */
export function createDirectory(store: Store, options: DirectoryOptions) {
  const compiled = new CompiledPolicies(store, options.awsManaged);
  const use = new KeyUse(store);
  const accounts = new Map<string, AccountMemory>();
  const keys = new Map<string, { readonly memory: AccountMemory; readonly credential: KnownCredential }>();
  let keyChanges = 0;

  function memoryOf(account: string): AccountMemory {
    let memory = accounts.get(account);
    if (!memory) {
      memory = {
        own: new Map(),
        ownOfSession: new WeakMap(),
        layers: new WeakMap(),
        tags: new Map(),
        values: new WeakMap(),
        bearings: new WeakMap(),
        sessions: new WeakMap(),
      };
      accounts.set(account, memory);
    }
    return memory;
  }

  function forget(): void {
    keyChanges++;
    accounts.clear();
    keys.clear();
    use.forget();
  }

  const stop = store.onCommit((changed: readonly ChangedRow[]) => {
    for (const { table, partition, id } of changed) {
      if (!table.startsWith('iam.') || table === keyUses.name) continue;
      if (table === accessKeys.name) {
        keyChanges++;
        keys.delete(id);
      } else if (partition !== '') accounts.delete(partition);
    }
  });

  function knownKey(accessKeyId: string): KnownCredential | undefined {
    const known = keys.get(accessKeyId);
    return known && accounts.get(known.credential.caller.account) === known.memory ? known.credential : undefined;
  }

  async function readKey(accessKeyId: string): Promise<KnownCredential | CredentialFault> {
    const unknown = accessKeyId.startsWith('ASIA') ? 'missing-token' : 'unknown';
    const changesBefore = keyChanges;
    const row = await store.get(accessKeys, '', accessKeyId);
    if (!row) return unknown;
    if (row.status !== 'Active') return 'inactive';
    const memory = memoryOf(row.account);
    const principal = await keyOwner(store, row.account, row.owner);
    if (!principal) return unknown;
    const credential = { secret: row.secret, caller: { principal, account: row.account, accessKeyId } };
    if (keyChanges === changesBefore) keys.set(accessKeyId, { memory, credential });
    return credential;
  }

  async function openSession(
    accessKeyId: string,
    token: string,
    now: number,
  ): Promise<KnownCredential | CredentialFault> {
    const opened = options.openSession(token, accessKeyId, now);
    if (typeof opened === 'string') return opened;
    const { sessions } = memoryOf(opened.caller.account);
    let standing = sessions.get(opened);
    if (!standing) {
      standing = presentStanding(store, opened);
      sessions.set(opened, standing);
      standing.catch(() => sessions.delete(opened));
    }
    return (await standing) ?? 'invalid-token';
  }

  async function layersFor(caller: Caller): Promise<Layers> {
    const memory = memoryOf(caller.account);
    const own = await remembered(memory, caller, () => ownLayers(store, compiled, caller));
    const scps = caller.account === '' ? undefined : await options.organization?.scpsFor(caller.account);
    const before = memory.layers.get(own);
    if (before && before.scps === scps) return before;
    const layers: Layers = scps ? { ...own, scps } : own;
    memory.layers.set(own, layers);
    return layers;
  }

  async function principalValues(caller: Caller): Promise<ConditionValues> {
    const memory = memoryOf(caller.account);
    const tags = await rememberedTags(memory, store, caller.principal);
    const from = caller.account === '' ? undefined : await options.organization?.valuesFor(caller.account);
    const before = memory.values.get(tags);
    if (before && before.from === from) return before.values;
    const values = { ...tags, ...from };
    memory.values.set(tags, { from, values });
    return values;
  }

  async function readBearing(caller: Caller, owner: string): Promise<Bearing> {
    const { bearings } = memoryOf(caller.account);
    // One after the other: they are in memory, and together they would cost more than each of them.
    const layers = await layersFor(caller);
    const values = await principalValues(caller);
    const rcps = await options.organization?.rcpsFor(owner);
    const bearing = { layers, values, rcps };
    if (!options.organization) bearings.set(caller, bearing);
    return bearing;
  }

  return {
    /** As the gateway's port `Credentials.find` says. */
    find(
      accessKeyId: string,
      token: string | undefined,
      now: number,
    ): KnownCredential | Promise<KnownCredential | CredentialFault> {
      if (token !== undefined) return openSession(accessKeyId, token, now);
      return knownKey(accessKeyId) ?? readKey(accessKeyId);
    },

    used(caller: Caller, service: string, region: string, now: number): void {
      use.remember(caller, service, region, now);
    },

    /** As the gateway's port `Policies.bearingOn` says; session tags and connection keys are the gateway's. */
    bearingOn(caller: Caller, owner: string): Bearing | Promise<Bearing> {
      return accounts.get(caller.account)?.bearings.get(caller) ?? readBearing(caller, owner);
    },

    resolvePrincipal: (arn: string) => resolvePrincipal(store, arn),
    describePrincipal: (uniqueId: string) => describePrincipal(store, uniqueId),
    /** For IamPorts. */
    lastUse: (id: string) => use.last(id),
    flushUses: () => use.flush(),
    /** After the store was cleared. */
    forget,
    /** Stops listening to the store. */
    stop,
  };
}

function remembered(memory: AccountMemory, caller: Caller, read: () => Promise<OwnLayers>): Promise<OwnLayers> {
  const { session } = caller;
  // Sessions with policies of their own are known by the object that the session opener keeps for their token.
  const bySession = session !== undefined && (session.policies !== undefined || session.kind === 'federated-user');
  const key = principalKey(caller.principal);
  const known = bySession ? memory.ownOfSession.get(session) : memory.own.get(key);
  if (known) return known;
  const reading = read();
  if (bySession) memory.ownOfSession.set(session, reading);
  else memory.own.set(key, reading);
  reading.catch(() => (bySession ? memory.ownOfSession.delete(session) : memory.own.delete(key)));
  return reading;
}

/** Federated users have the tags of their session only. */
const untagged: ConditionValues = {};

function rememberedTags(memory: AccountMemory, reader: Reader, principal: Principal): Promise<ConditionValues> {
  if (principal.kind !== 'user' && principal.kind !== 'assumed-role') return Promise.resolve(untagged);
  const key = principalKey(principal);
  const known = memory.tags.get(key);
  if (known) return known;
  const reading = principalTags(reader, principal).then(tagValues);
  memory.tags.set(key, reading);
  reading.catch(() => memory.tags.delete(key));
  return reading;
}

function principalKey(principal: Principal): string {
  switch (principal.kind) {
    case 'assumed-role':
      return principal.roleId;
    case 'federated-user':
      return `federated ${principal.id} ${principal.issuer.id}`;
    case 'user':
    case 'root':
      return principal.id;
    case 'service':
    case 'anonymous':
      return principal.kind;
  }
}

async function keyOwner(
  reader: Reader,
  account: string,
  owner: { readonly kind: 'root' } | { readonly kind: 'user'; readonly id: string },
): Promise<Principal | undefined> {
  if (owner.kind === 'root') return { kind: 'root', account, arn: rootArn(account), id: account };
  const row = await userWithId(reader, account, owner.id);
  if (!row) return undefined;
  return { kind: 'user', account, arn: entityArn('user', account, row.path, row.name), id: row.id, name: row.name };
}

/** A session ends with its user or role, and follows a user's new name. */
async function presentStanding(reader: Reader, opened: KnownCredential): Promise<KnownCredential | undefined> {
  const { principal } = opened.caller;
  switch (principal.kind) {
    case 'user': {
      const present = await keyOwner(reader, principal.account, { kind: 'user', id: principal.id });
      if (present?.kind !== 'user') return undefined;
      if (present.arn === principal.arn) return opened;
      return { ...opened, caller: { ...opened.caller, principal: present } };
    }
    case 'assumed-role': {
      const row = await reader.get(roles, principal.account, rowId(principal.roleName));
      return row?.id === principal.roleId ? opened : undefined;
    }
    case 'federated-user':
      if (principal.issuer.kind === 'root') return opened;
      return (await userWithId(reader, principal.account, principal.issuer.id)) ? opened : undefined;
    case 'root':
      return opened;
    case 'service':
    case 'anonymous':
      return undefined;
  }
}

async function principalTags(reader: Reader, principal: Principal): Promise<Tags> {
  if (principal.kind === 'user') return (await userWithId(reader, principal.account, principal.id))?.tags ?? {};
  if (principal.kind !== 'assumed-role') return {};
  const row = await reader.get(roles, principal.account, rowId(principal.roleName));
  return row?.id === principal.roleId ? row.tags : {};
}

function tagValues(tags: Tags): ConditionValues {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]));
}
