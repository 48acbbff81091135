/** The decision with its whole story: what each layer said, every statement that decided, and what nearly did. */
import { type Binding, bind, type Grant, grant } from './chain.ts';
import { findNearMisses } from './near-miss.ts';
import { indexOf } from './policy-set.ts';
import { DIRECT, type Strength, UNNAMED } from './principal.ts';
import type { CompiledStatement } from './statement.ts';
import type { AuthorizationRequest, Decision, Explanation, Layer, PolicySet } from './types.ts';

/** A policy set in its layer with all statements of it that apply to the request. */
interface Stage {
  readonly layer: Layer;
  readonly set: PolicySet;
  readonly name: string | undefined;
  readonly denies: CompiledStatement[];
  readonly allows: CompiledStatement[];
  strength: Strength;
  strongest: CompiledStatement | undefined;
}

/** Decides exactly as `decide` does, and tells why; nothing is left out, so it costs more. */
export function explain(request: AuthorizationRequest): Explanation {
  const binding = bind(request);
  const stages = stagesOf(request, binding);
  for (const stage of stages) survey(stage, request);
  const decision = denial(stages) ?? withAllStatements(grantOf(request, binding, stages), stages);
  return {
    decision,
    layers: stages.map(({ layer, name, denies, strength }) => {
      const verdict = denies.length > 0 ? 'denies' : strength > UNNAMED ? 'allows' : 'silent';
      return name === undefined ? { layer, verdict } : { layer, name, verdict };
    }),
    nearMisses:
      decision.verdict === 'implicitDeny' ? findNearMisses(silentSets(decision, request, stages), request) : [],
  };
}

function stagesOf(request: AuthorizationRequest, binding: Binding): Stage[] {
  const stages: Stage[] = [];
  const add = (layer: Layer, set: PolicySet | undefined, name?: string): void => {
    if (!set) return;
    stages.push({ layer, set, name, denies: [], allows: [], strength: UNNAMED, strongest: undefined });
  };
  const levels = (layer: Layer, sets: readonly PolicySet[] | undefined): void => {
    for (const [index, set] of (sets ?? []).entries()) add(layer, set, `level ${index + 1} of ${sets?.length}`);
  };
  levels('rcp', binding.rcps);
  levels('scp', binding.scps);
  if (request.resourceSide) add(request.resourceSide.kind, request.resourceSide.policy);
  if (binding.signed) add('identity', request.layers.identity, binding.root ? 'root user' : undefined);
  add('boundary', binding.boundary);
  add('session', binding.session);
  add('endpoint', request.layers.endpoint);
  return stages;
}

/** Finds every statement that applies, each once. */
function survey(stage: Stage, request: AuthorizationRequest): void {
  const { denies, allows } = indexOf(stage.set).slice(request.action);
  const { arn } = request.resource;
  const visit = (statement: CompiledStatement): boolean => {
    const list = statement.deny ? stage.denies : stage.allows;
    if (list.includes(statement)) return false;
    const bounded = request.layers.boundary !== undefined;
    const strength = statement.principals ? statement.principals.strength(request.principal, bounded) : DIRECT;
    if (strength === UNNAMED || !statement.conditionsHold(request.context)) return false;
    list.push(statement);
    if (!statement.deny && strength > stage.strength) {
      stage.strength = strength;
      stage.strongest = statement;
    }
    return false;
  };
  denies.visit(arn, request.context, visit, undefined);
  allows.visit(arn, request.context, visit, undefined);
}

function denial(stages: readonly Stage[]): Decision | undefined {
  const layer = stages.find((stage) => stage.denies.length > 0)?.layer;
  if (!layer) return undefined;
  const found = stages.filter((stage) => stage.layer === layer);
  const statements = found.flatMap((stage) => stage.denies.map((statement) => statement.ref(layer)));
  return { allowed: false, verdict: 'explicitDeny', layer, statements };
}

function grantOf(request: AuthorizationRequest, binding: Binding, stages: readonly Stage[]): Decision {
  return grant(request, binding, (set, _, layer): Grant => {
    const stage = stages.find((one) => one.set === set && one.layer === layer);
    return { strength: stage?.strength ?? UNNAMED, statement: stage?.strongest };
  });
}

/** `decide` stops at the first statement that grants; here are all of the layers that did. */
function withAllStatements(decision: Decision, stages: readonly Stage[]): Decision {
  if (!decision.allowed) return decision;
  const layers = new Set(decision.statements.map((statement) => statement.layer));
  const granting = stages.filter((stage) => layers.has(stage.layer));
  return { ...decision, statements: granting.flatMap((stage) => stage.allows.map((one) => one.ref(stage.layer))) };
}

/** Where an Allow was looked for in vain. */
function silentSets(decision: Decision, request: AuthorizationRequest, stages: readonly Stage[]): readonly Stage[] {
  const sameAccount = 'account' in request.principal && request.principal.account === request.resource.account;
  return stages.filter((stage) => {
    if (stage.strength > UNNAMED) return false;
    if (stage.layer === decision.layer) return true;
    // In one account either side would do.
    return sameAccount && decision.layer === 'identity' && stage.layer === request.resourceSide?.kind;
  });
}
