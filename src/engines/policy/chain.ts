/** The evaluation chain: which policies bear on a request, in which order, and what their answers add up to. */

import { combine, indexOf } from './policy-set.ts';
import { ACCOUNT, DIRECT, ENTITY, type Strength, UNNAMED } from './principal.ts';
import type { CompiledStatement } from './statement.ts';
import type { AuthorizationRequest, Decision, Layer, Layers, PolicySet, RequestPrincipal } from './types.ts';

/** The policies that apply to this caller and this resource; a layer that cannot bind the caller is left out. */
export interface Binding {
  readonly scps: readonly PolicySet[] | undefined;
  readonly rcps: readonly PolicySet[] | undefined;
  /** True for callers with policies of their own: users, sessions, root. */
  readonly signed: boolean;
  readonly boundary: PolicySet | undefined;
  /** Undefined: not limited by session policies. */
  readonly session: PolicySet | undefined;
  /** The root user may do anything in its account that nothing else forbids. */
  readonly root: boolean;
}

const noPolicies: readonly PolicySet[] = [];
const nothing = combine([]);

/**
 * Organizations User Guide, "SCP evaluation" and "Resource control policies": SCPs bind users, roles and root of member
 * accounts; RCPs bind every caller; service-linked roles are free of both, and kms:RetireGrant of RCPs.
 */
export function bind(request: AuthorizationRequest): Binding {
  const { principal, layers } = request;
  const signed = principal.kind !== 'service' && principal.kind !== 'federated' && principal.kind !== 'anonymous';
  const serviceLinked = principal.kind === 'assumed-role' && principal.serviceLinked;
  const root = principal.kind === 'root' || isFederatedRoot(principal);
  return {
    signed,
    root,
    scps: signed && !serviceLinked ? layers.scps : undefined,
    rcps: serviceLinked || isRetireGrant(request.action) ? undefined : layers.rcps,
    boundary: signed && !root ? layers.boundary : undefined,
    session: signed ? sessionOf(principal, layers) : undefined,
  };
}

function isFederatedRoot(principal: RequestPrincipal): boolean {
  return principal.kind === 'federated-user' && principal.issuer.kind === 'root';
}

function isRetireGrant(action: string): boolean {
  return action.length === 15 && action.toLowerCase() === 'kms:retiregrant';
}

/** GetFederationToken: without a session policy the session may do nothing but what resource policies grant to it. */
function sessionOf(principal: RequestPrincipal, layers: Layers): PolicySet | undefined {
  if (layers.session || principal.kind !== 'federated-user') return layers.session;
  return nothing;
}

/** Answers one request. Pure: the same request and policies always give the same decision. */
export function decide(request: AuthorizationRequest): Decision {
  const binding = bind(request);
  const denied = findDeny(request, binding);
  return denied ?? grant(request, binding, findAllow);
}

/** An explicit Deny, wherever it stands, ends the matter. */
function findDeny(request: AuthorizationRequest, binding: Binding): Decision | undefined {
  const { layers, resourceSide } = request;
  return (
    firstDeny(binding.rcps ?? noPolicies, 'rcp', request) ??
    firstDeny(binding.scps ?? noPolicies, 'scp', request) ??
    (resourceSide && denyIn(resourceSide.policy, resourceSide.kind, request)) ??
    (binding.signed ? denyIn(layers.identity, 'identity', request) : undefined) ??
    (binding.boundary && denyIn(binding.boundary, 'boundary', request)) ??
    (binding.session && denyIn(binding.session, 'session', request)) ??
    (layers.endpoint && denyIn(layers.endpoint, 'endpoint', request))
  );
}

function firstDeny(sets: readonly PolicySet[], layer: Layer, request: AuthorizationRequest): Decision | undefined {
  for (const set of sets) {
    const denied = denyIn(set, layer, request);
    if (denied) return denied;
  }
  return undefined;
}

function denyIn(set: PolicySet, layer: Layer, request: AuthorizationRequest): Decision | undefined {
  const statement = denying(set, request);
  return statement && { allowed: false, verdict: 'explicitDeny', layer, statements: [statement.ref(layer)] };
}

/** The first Deny of a set that applies. */
export function denying(set: PolicySet, request: AuthorizationRequest): CompiledStatement | undefined {
  const index = indexOf(set);
  if (!index.hasDeny) return undefined;
  const { denies } = index.slice(request.action);
  if (denies.size === 0) return undefined;
  const search: Search = { request, wanted: ACCOUNT, best: UNNAMED, statement: undefined };
  denies.visit(request.resource.arn, request.context, consider, search);
  return search.statement;
}

interface Search {
  readonly request: AuthorizationRequest;
  /** Stop at the first statement that is this strong. */
  readonly wanted: Strength;
  best: Strength;
  statement: CompiledStatement | undefined;
}

function consider(statement: CompiledStatement, search: Search): boolean {
  const { request } = search;
  const strength = statement.principals
    ? statement.principals.strength(request.principal, request.layers.boundary !== undefined)
    : DIRECT;
  if (strength <= search.best || !statement.conditionsHold(request.context)) return false;
  search.best = strength;
  search.statement = statement;
  return strength >= search.wanted;
}

/** What a set grants: the strongest way in which an Allow names the caller, and that statement. */
export interface Grant {
  readonly strength: Strength;
  readonly statement: CompiledStatement | undefined;
}

export const nowhere: Grant = { strength: UNNAMED, statement: undefined };

/** The strongest Allow of a set that applies. */
export function findAllow(set: PolicySet, request: AuthorizationRequest): Grant {
  const index = indexOf(set);
  if (index.open) return { strength: DIRECT, statement: index.open };
  const { allows } = index.slice(request.action);
  if (allows.size === 0) return nowhere;
  const search: Search = { request, wanted: DIRECT, best: UNNAMED, statement: undefined };
  allows.visit(request.resource.arn, request.context, consider, search);
  return { strength: search.best, statement: search.statement };
}

/** Looks for an Allow in one set. */
type Ask = (set: PolicySet, request: AuthorizationRequest, layer: Layer) => Grant;

/** Adds up what the layers grant, given that nothing denies. */
export function grant(request: AuthorizationRequest, binding: Binding, ask: Ask): Decision {
  const { layers, resourceSide } = request;
  if (binding.rcps && !everyLevelAllows(binding.rcps, 'rcp', request, ask)) return implicit.rcp;
  if (binding.scps && !everyLevelAllows(binding.scps, 'scp', request, ask)) return implicit.scp;
  const side: Layer = resourceSide?.kind ?? 'resource';
  const resource = resourceSide ? ask(resourceSide.policy, request, side) : nowhere;
  const decision = binding.signed ? bothSides(request, binding, side, resource, ask) : oneSide(side, resource);
  if (!decision.allowed || !layers.endpoint) return decision;
  return ask(layers.endpoint, request, 'endpoint').strength > UNNAMED ? decision : implicit.endpoint;
}

/** An enabled policy type without any policy allows nothing. */
function everyLevelAllows(
  levels: readonly PolicySet[],
  layer: Layer,
  request: AuthorizationRequest,
  ask: Ask,
): boolean {
  for (const level of levels) if (ask(level, request, layer).strength === UNNAMED) return false;
  return levels.length > 0;
}

/** Callers without policies of their own. */
function oneSide(side: Layer, resource: Grant): Decision {
  return resource.strength > UNNAMED ? allowedBy(resource, side) : implicit[side];
}

/** Identity side and resource side, in one account or two. */
function bothSides(request: AuthorizationRequest, binding: Binding, side: Layer, resource: Grant, ask: Ask): Decision {
  const { layers, principal } = request;
  const sameAccount = 'account' in principal && principal.account === request.resource.account;
  if (!sameAccount && resource.strength === UNNAMED) return implicit[side];
  if (sameAccount && resource.strength === DIRECT) return allowedBy(resource, side);
  // Trust and key policies must allow by themselves, also in their own account.
  if (side !== 'resource' && resource.strength === UNNAMED) return implicit[side];
  const identity = binding.root ? nowhere : ask(layers.identity, request, 'identity');
  const identityAllows = binding.root || identity.strength > UNNAMED;
  if (!identityAllows && !(sameAccount && resource.strength === ENTITY)) return implicit.identity;
  if (binding.boundary && ask(binding.boundary, request, 'boundary').strength === UNNAMED) return implicit.boundary;
  if (binding.session && ask(binding.session, request, 'session').strength === UNNAMED) return implicit.session;
  if (!identityAllows) return allowedBy(resource, side);
  const grants = allowedBy(identity, 'identity');
  if (sameAccount || !resource.statement) return grants;
  return { ...grants, statements: [...grants.statements, resource.statement.ref(side)] };
}

function allowedBy(by: Grant, layer: Layer): Decision {
  const statements = by.statement ? [by.statement.ref(layer)] : [];
  return { allowed: true, verdict: 'allowed', layer, statements };
}

/** The implicit denials, one for each layer that kept silent. */
const implicit: Readonly<Record<Layer, Decision>> = {
  identity: silence('identity'),
  boundary: silence('boundary'),
  session: silence('session'),
  scp: silence('scp'),
  rcp: silence('rcp'),
  resource: silence('resource'),
  trust: silence('trust'),
  key: silence('key'),
  endpoint: silence('endpoint'),
};

function silence(layer: Layer): Decision {
  return Object.freeze({ allowed: false, verdict: 'implicitDeny', layer, statements: Object.freeze([]) });
}
