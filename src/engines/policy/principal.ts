/** Principal and NotPrincipal: whether an element names the caller, and how far that carries in the caller's own account. */
import type { PrincipalEntry, Principals } from './document.ts';
import type { RequestPrincipal } from './types.ts';

/** The element does not name the caller. */
export const UNNAMED = 0;
/** It names the caller's account: a delegation, so that the account's own policies decide. */
export const ACCOUNT = 1;
/** It names the role, or the user behind a federated session: boundary and session policy still limit. */
export const ENTITY = 2;
/** It names the user, the session, or everyone: nothing but an explicit Deny limits. */
export const DIRECT = 3;

export type Strength = typeof UNNAMED | typeof ACCOUNT | typeof ENTITY | typeof DIRECT;

/** ARNs of users, roles and sessions (and canonical user ids) → the unique id (account id) that they meant when stored. */
export type PrincipalIds = Readonly<Record<string, string>>;

export interface CompiledPrincipals {
  /** `bounded`: the caller has a permissions boundary. */
  strength(principal: RequestPrincipal, bounded: boolean): Strength;
}

export function compilePrincipals(
  source: Principals,
  deny: boolean,
  ids: PrincipalIds | undefined,
): CompiledPrincipals {
  const { entries } = source;
  if (source.not) {
    return {
      // IAM User Guide, NotPrincipal: with Deny it denies every principal that has a permissions boundary.
      strength: (principal, bounded) => (!bounded && isListed(entries, principal, ids) ? UNNAMED : DIRECT),
    };
  }
  const single = entries.length === 1 ? entries[0] : undefined;
  if (single?.kind === 'everyone') return { strength: () => DIRECT };
  return {
    strength(principal) {
      let best: Strength = UNNAMED;
      for (const entry of entries) {
        const one = strengthOf(entry, principal, ids, deny);
        if (one > best) best = one;
      }
      return best;
    },
  };
}

/**
 * How one entry names a caller. `deny`: an ARN that was bound to no id when the policy was stored still denies by name;
 * it never grants by name, because a principal that was created later is somebody else.
 */
function strengthOf(
  entry: PrincipalEntry,
  principal: RequestPrincipal,
  ids: PrincipalIds | undefined,
  deny: boolean,
): Strength {
  switch (entry.kind) {
    case 'everyone':
      return DIRECT;
    case 'account':
      return 'account' in principal && principal.account === entry.account ? ACCOUNT : UNNAMED;
    case 'user':
      if (principal.kind === 'user')
        return isSame(entry.arn, principal.arn, principal.id, ids, deny) ? DIRECT : UNNAMED;
      if (principal.kind !== 'federated-user' || principal.issuer.kind !== 'user') return UNNAMED;
      return isSame(entry.arn, principal.issuer.arn, principal.issuer.id, ids, deny) ? ENTITY : UNNAMED;
    case 'role':
      if (principal.kind !== 'assumed-role') return UNNAMED;
      return isSame(entry.arn, principal.roleArn, principal.roleId, ids, deny) ? ENTITY : UNNAMED;
    case 'session':
      return principal.kind === 'assumed-role' && isSameSession(entry.arn, principal, ids) ? DIRECT : UNNAMED;
    case 'federated-user':
      return principal.kind === 'federated-user' && principal.arn === entry.arn ? DIRECT : UNNAMED;
    case 'unique-id':
      if (principal.kind === 'user') return principal.id === entry.id ? DIRECT : UNNAMED;
      if (principal.kind === 'assumed-role') return principal.roleId === entry.id ? ENTITY : UNNAMED;
      return principal.kind === 'federated-user' && principal.issuer.id === entry.id ? ENTITY : UNNAMED;
    case 'service':
      return principal.kind === 'service' && principal.name === entry.name ? DIRECT : UNNAMED;
    case 'federated':
      return principal.kind === 'federated' && principal.provider === entry.provider ? DIRECT : UNNAMED;
    case 'canonical-user': {
      const account = boundId(entry.id, ids);
      return account !== undefined && 'account' in principal && principal.account === account ? ACCOUNT : UNNAMED;
    }
  }
}

function boundId(name: string, ids: PrincipalIds | undefined): string | undefined {
  return ids && Object.hasOwn(ids, name) ? ids[name] : undefined;
}

function isSame(wanted: string, arn: string, id: string, ids: PrincipalIds | undefined, deny: boolean): boolean {
  const bound = boundId(wanted, ids);
  if (bound !== undefined) return bound === id;
  return (ids === undefined || deny) && wanted === arn;
}

/** Sessions come and go: their ARN alone names them, unless it was bound to `AROA…:NAME`. */
function isSameSession(
  wanted: string,
  principal: RequestPrincipal & { kind: 'assumed-role' },
  ids: PrincipalIds | undefined,
): boolean {
  if (wanted !== principal.arn) return false;
  const bound = boundId(wanted, ids);
  return bound === undefined || bound === principal.id || bound === principal.roleId;
}

/**
 * Whether NotPrincipal exempts a caller: the account must be listed beside the user, and for a session also its role
 * (IAM User Guide, NotPrincipal).
 */
function isListed(
  entries: readonly PrincipalEntry[],
  principal: RequestPrincipal,
  ids: PrincipalIds | undefined,
): boolean {
  const named = (...kinds: readonly PrincipalEntry['kind'][]): boolean =>
    entries.some((entry) => kinds.includes(entry.kind) && strengthOf(entry, principal, ids, false) !== UNNAMED);
  if (named('everyone')) return true;
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'service':
      return named('service');
    case 'federated':
      return named('federated');
    case 'root':
      return named('account', 'canonical-user');
    case 'user':
      return named('account', 'canonical-user') && named('user', 'unique-id');
    case 'federated-user':
      return named('account', 'canonical-user') && named('federated-user');
    case 'assumed-role':
      return named('account', 'canonical-user') && named('role', 'unique-id') && named('session');
  }
}
