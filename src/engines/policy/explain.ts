/** The decision with its whole story: what each layer said, every statement that decided, and what nearly did. */
import { type Binding, bind, denying, findAllow, type Grant, grant, nowhere } from './chain.ts';
import { findNearMisses } from './near-miss.ts';
import { indexOf } from './policy-set.ts';
import { DIRECT, UNNAMED } from './principal.ts';
import type { CompiledStatement } from './statement.ts';
import type { AuthorizationRequest, Decision, Explanation, Layer, NearMiss, PolicySet, StatementRef } from './types.ts';

/** A policy set in its layer, and what it says to the request. */
interface Stage {
  readonly layer: Layer;
  readonly set: PolicySet;
  readonly name: string | undefined;
  readonly denies: boolean;
  readonly grant: Grant;
}

/** Decides exactly as `decide` does, and tells why: all statements that decided, and what was missing. */
export function explain(request: AuthorizationRequest): Explanation {
  const binding = bind(request);
  const stages = stagesOf(request, binding);
  const decision = withAllStatements(denial(stages) ?? grantOf(request, binding, stages), stages, request);
  return { decision, layers: stages.map(wordOf), nearMisses: nearMissesOf(decision, stages, request) };
}

function stagesOf(request: AuthorizationRequest, binding: Binding): Stage[] {
  const stages: Stage[] = [];
  const { resourceSide, layers } = request;
  addLevels(stages, 'rcp', binding.rcps, request);
  addLevels(stages, 'scp', binding.scps, request);
  if (resourceSide) stages.push(stageOf(resourceSide.kind, resourceSide.policy, request));
  if (binding.signed)
    stages.push(stageOf('identity', layers.identity, request, binding.root ? 'root user' : undefined));
  if (binding.boundary) stages.push(stageOf('boundary', binding.boundary, request));
  if (binding.session) stages.push(stageOf('session', binding.session, request));
  if (layers.endpoint) stages.push(stageOf('endpoint', layers.endpoint, request));
  return stages;
}

function addLevels(
  stages: Stage[],
  layer: Layer,
  sets: readonly PolicySet[] | undefined,
  request: AuthorizationRequest,
): void {
  if (!sets) return;
  for (let level = 0; level < sets.length; level++) {
    stages.push(stageOf(layer, sets[level]!, request, levelName(level + 1, sets.length)));
  }
}

/** Organizations are at most a handful of levels deep: their names are made once. */
const levelNames: string[][] = [];

function levelName(level: number, of: number): string {
  levelNames[of] ??= Array.from({ length: of }, (_, index) => `level ${index + 1} of ${of}`);
  return levelNames[of][level - 1] ?? '';
}

function stageOf(layer: Layer, set: PolicySet, request: AuthorizationRequest, name?: string): Stage {
  const denies = denying(set, request) !== undefined;
  return { layer, set, name, denies, grant: findAllow(set, request) };
}

function wordOf({ layer, name, denies, grant: { strength } }: Stage): Explanation['layers'][number] {
  const verdict = denies ? 'denies' : strength > UNNAMED ? 'allows' : 'silent';
  return name === undefined ? { layer, verdict } : { layer, name, verdict };
}

/** Its statements are filled in afterwards. */
function denial(stages: readonly Stage[]): Decision | undefined {
  for (const { layer, denies } of stages) {
    if (denies) return { allowed: false, verdict: 'explicitDeny', layer, statements: [] };
  }
  return undefined;
}

function grantOf(request: AuthorizationRequest, binding: Binding, stages: readonly Stage[]): Decision {
  return grant(request, binding, (set, _, layer) => {
    for (const stage of stages) if (stage.set === set && stage.layer === layer) return stage.grant;
    return nowhere;
  });
}

/** `decide` stops at the first statement of a kind; here are all of the layers that decided. */
function withAllStatements(decision: Decision, stages: readonly Stage[], request: AuthorizationRequest): Decision {
  const { verdict, statements } = decision;
  if (verdict === 'implicitDeny') return decision;
  const found: StatementRef[] = [];
  for (const stage of stages) {
    const decided =
      verdict === 'allowed' ? statements.some(({ layer }) => layer === stage.layer) : stage.layer === decision.layer;
    if (decided) collect(stage, verdict === 'explicitDeny', request, found);
  }
  return { ...decision, statements: found };
}

/** Adds every statement of a stage that applies, each once, in the order of the policies. */
function collect({ layer, set }: Stage, deny: boolean, request: AuthorizationRequest, found: StatementRef[]): void {
  const slice = indexOf(set).slice(request.action);
  const { principal, context } = request;
  const bounded = request.layers.boundary !== undefined;
  const statements: CompiledStatement[] = [];
  const visit = (statement: CompiledStatement): boolean => {
    const strength = statement.principals ? statement.principals.strength(principal, bounded) : DIRECT;
    if (strength > UNNAMED && statement.conditionsHold(context)) statements.push(statement);
    return false;
  };
  (deny ? slice.denies : slice.allows).visit(request.resource.arn, context, visit, undefined);
  const [only] = statements;
  if (!only) return;
  if (statements.length === 1) {
    found.push(only.ref(layer));
    return;
  }
  // A statement was met once for each of its resources that fits.
  const applies = new Set(statements);
  for (const statement of deny ? slice.denying : slice.granting) {
    if (applies.has(statement)) found.push(statement.ref(layer));
  }
}

/** Where an Allow was looked for in vain. */
function nearMissesOf(
  decision: Decision,
  stages: readonly Stage[],
  request: AuthorizationRequest,
): readonly NearMiss[] {
  if (decision.verdict !== 'implicitDeny') return [];
  const { principal, resource, resourceSide } = request;
  // In one account either side would do.
  const eitherSide = decision.layer === 'identity' && 'account' in principal && principal.account === resource.account;
  const silent = stages.filter(
    ({ layer, grant: { strength } }) =>
      strength === UNNAMED && (layer === decision.layer || (eitherSide && layer === resourceSide?.kind)),
  );
  return findNearMisses(silent, request);
}
