/** The policy language and the evaluation chain as the documentation tells them, without any preparation or index. */

import type { Layer } from '../../src/engines/policy/types.ts';
import { parseArn } from '../../src/engines/text/arn.ts';
import { conditionHolds } from './conditions.ts';
import { actionMatches, matchSigns, signs } from './wildcard.ts';
import { list, type OneOrMany, type OraclePolicy, type OracleRequest, type OracleStatement } from './words.ts';

export interface OracleDecision {
  readonly verdict: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly layer: Layer;
}

type Names = Readonly<Record<string, string>> | undefined;

/** Rows of "how a principal was named", weakest first. */
const rows = ['no', 'account', 'entity', 'direct'] as const;
type Row = (typeof rows)[number];

export function judge(request: OracleRequest): OracleDecision {
  const { principal } = request;
  const human =
    principal.kind === 'root' ||
    principal.kind === 'user' ||
    principal.kind === 'assumed-role' ||
    principal.kind === 'federated-user';
  const linked = principal.kind === 'assumed-role' && principal.serviceLinked;
  const root = principal.kind === 'root' || (principal.kind === 'federated-user' && principal.issuer.kind === 'root');
  const scps = human && !linked ? request.scps : undefined;
  const rcps = linked || request.action.toLowerCase() === 'kms:retiregrant' ? undefined : request.rcps;
  const boundary = human && !root ? request.boundary : undefined;
  const session = human ? (request.session ?? (principal.kind === 'federated-user' ? [] : undefined)) : undefined;
  const side = request.resourcePolicy?.kind ?? 'resource';
  const own = request.resourcePolicy ? [request.resourcePolicy.policy] : [];
  const ids = request.resourcePolicy?.ids;

  const order: readonly (readonly [Layer, readonly OraclePolicy[]])[] = [
    ['rcp', (rcps ?? []).flat()],
    ['scp', (scps ?? []).flat()],
    [side, own],
    ['identity', human ? request.identity : []],
    ['boundary', boundary ?? []],
    ['session', session ?? []],
    ['endpoint', request.endpoint ?? []],
  ];
  for (const [layer, policies] of order) {
    if (best(policies, 'Deny', request, layer === side ? ids : undefined) !== 'no')
      return { verdict: 'explicitDeny', layer };
  }
  const allows = (policies: readonly OraclePolicy[]): boolean => best(policies, 'Allow', request, undefined) !== 'no';
  const silent = (layer: Layer): OracleDecision => ({ verdict: 'implicitDeny', layer });
  if (rcps && (rcps.length === 0 || !rcps.every(allows))) return silent('rcp');
  if (scps && (scps.length === 0 || !scps.every(allows))) return silent('scp');
  const granted = best(own, 'Allow', request, ids);
  const through = (layer: Layer): OracleDecision =>
    request.endpoint && !allows(request.endpoint) ? silent('endpoint') : { verdict: 'allowed', layer };
  if (!human) return granted === 'no' ? silent(side) : through(side);
  const sameAccount = principal.account === request.resource.account;
  if (sameAccount && granted === 'direct') return through(side);
  if (granted === 'no' && (!sameAccount || side !== 'resource')) return silent(side);
  const identity = root || allows(request.identity);
  const entity = sameAccount && granted === 'entity';
  if (!identity && !entity) return silent('identity');
  if (boundary && !allows(boundary)) return silent('boundary');
  if (session && !allows(session)) return silent('session');
  return through(identity ? 'identity' : side);
}

/** The strongest row of any statement of this effect that applies. */
function best(policies: readonly OraclePolicy[], effect: 'Allow' | 'Deny', request: OracleRequest, ids: Names): Row {
  let found = 0;
  for (const policy of policies) {
    for (const statement of list(policy.Statement)) {
      if (statement.Effect !== effect || !actionApplies(statement, request.action)) continue;
      if (!resourceApplies(statement, policy.Version, request) || !conditionsHold(statement, policy.Version, request))
        continue;
      found = Math.max(found, rows.indexOf(naming(statement, request, ids)));
    }
  }
  return rows[found]!;
}

function actionApplies(statement: OracleStatement, action: string): boolean {
  if (statement.Action !== undefined) return list(statement.Action).some((one) => actionMatches(one, action));
  return list(statement.NotAction).length > 0 && !list(statement.NotAction).some((one) => actionMatches(one, action));
}

function resourceApplies(statement: OracleStatement, version: string | undefined, request: OracleRequest): boolean {
  const answers = (patterns: OneOrMany): (boolean | undefined)[] =>
    list(patterns).map((one) => {
      const pattern = signs(one, version, request.context);
      return pattern && matchSigns(pattern, request.resource.arn);
    });
  if (statement.Resource !== undefined) return answers(statement.Resource).includes(true);
  if (statement.NotResource === undefined) return true;
  const found = answers(statement.NotResource);
  if (found.includes(true)) return false;
  return statement.Effect === 'Deny' || !found.includes(undefined);
}

function conditionsHold(statement: OracleStatement, version: string | undefined, request: OracleRequest): boolean {
  return Object.entries(statement.Condition ?? {}).every(([name, block]) =>
    Object.entries(block).every(([key, values]) =>
      conditionHolds(name, key, values, statement.Effect === 'Deny', version, request.context),
    ),
  );
}

function naming(statement: OracleStatement, request: OracleRequest, ids: Names): Row {
  if (statement.NotPrincipal !== undefined) return exempt(statement.NotPrincipal, request, ids) ? 'no' : 'direct';
  if (statement.Principal === undefined) return 'direct';
  const found = entries(statement.Principal).map((entry) => row(entry, request, ids, statement.Effect === 'Deny'));
  return rows[Math.max(...found.map((one) => rows.indexOf(one)))]!;
}

type Entry = readonly [string, string];

function entries(element: NonNullable<OracleStatement['Principal']>): Entry[] {
  if (element === '*') return [['AWS', '*']];
  return Object.entries(element).flatMap(([type, names]) => list(names).map((name): Entry => [type, name]));
}

function row([type, name]: Entry, request: OracleRequest, ids: Names, byName: boolean): Row {
  const { principal } = request;
  if (type === 'Service') return principal.kind === 'service' && principal.name === name ? 'direct' : 'no';
  if (type === 'Federated') return principal.kind === 'federated' && principal.provider === name ? 'direct' : 'no';
  if (type === 'CanonicalUser') return 'account' in principal && ids?.[name] === principal.account ? 'account' : 'no';
  if (name === '*') return 'direct';
  if (!('account' in principal)) return 'no';
  const who = parseArn(name);
  const account = who ? who.account : name;
  if (/^\d{12}$/.test(name) || who?.resource === 'root') return account === principal.account ? 'account' : 'no';
  /** Whether the name means this ARN and id. */
  const means = (arn: string, id: string): boolean => {
    if (!who) return name === id;
    if (ids?.[name] !== undefined) return ids[name] === id;
    return (byName || !ids) && name === arn;
  };
  if (principal.kind === 'user') return means(principal.arn, principal.id) ? 'direct' : 'no';
  if (principal.kind === 'assumed-role') {
    if (name === principal.arn) {
      const bound = ids?.[name];
      return bound === undefined || bound === principal.id || bound === principal.roleId ? 'direct' : 'no';
    }
    return means(principal.roleArn, principal.roleId) ? 'entity' : 'no';
  }
  if (principal.kind !== 'federated-user') return 'no';
  if (name === principal.arn) return 'direct';
  return principal.issuer.kind === 'user' && means(principal.issuer.arn, principal.issuer.id) ? 'entity' : 'no';
}

/** Who is left out of a Deny with NotPrincipal. */
function exempt(element: NonNullable<OracleStatement['NotPrincipal']>, request: OracleRequest, ids: Names): boolean {
  const { principal } = request;
  if (request.boundary !== undefined) return false;
  const all = entries(element).map((entry) => row(entry, request, ids, false));
  if (entries(element).some(([type, name]) => type === 'AWS' && name === '*')) return true;
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'service':
    case 'federated':
      return all.includes('direct');
    case 'root':
      return all.includes('account');
    case 'user':
    case 'federated-user':
      return all.includes('account') && all.includes('direct');
    case 'assumed-role':
      return all.includes('account') && all.includes('entity') && all.includes('direct');
  }
}
