/** Statements that could have granted a request and did not: which element failed, and on what value. */
import { distance } from '../text/nearest.ts';
import type { CompiledCondition } from './condition.ts';
import { conditionHint, principalHint, resourceHint } from './hint.ts';
import { actionMeant } from './operation-names.ts';
import { type ActionSlice, indexOf, type Misspelling, type StatementIndex } from './policy-set.ts';
import { UNNAMED } from './principal.ts';
import type { CompiledStatement } from './statement.ts';
import type { AuthorizationRequest, Layer, NearMiss, PolicySet } from './types.ts';

/** More would bury the answer. */
const MAX_NEAR_MISSES = 8;
/** Bound on the work, so that an explanation stays cheap whatever the policies. */
const MAX_STATEMENTS = 64;

/** How near: a failed condition is nearer than a wrong principal, that nearer than another resource. */
const nearness: Readonly<Record<NearMiss['element'], number>> = { condition: 0, principal: 1, resource: 2, action: 3 };

export function findNearMisses(
  silent: readonly { readonly layer: Layer; readonly set: PolicySet }[],
  request: AuthorizationRequest,
): NearMiss[] {
  const found: NearMiss[] = [];
  for (const { layer, set } of silent) {
    const index = indexOf(set);
    const slice = index.slice(request.action);
    for (const statement of slice.granting.slice(0, MAX_STATEMENTS)) found.push(...missesOf(statement, layer, request));
    for (const { statement, action } of misspellings(index, slice, request.action)) {
      if (!statement.matchesResource(request.resource.arn, request.context)) continue;
      found.push({ statement: statement.ref(layer), element: 'action', hint: actionHint(action, request.action) });
    }
  }
  return found.sort((a, b) => nearness[a.element] - nearness[b.element]).slice(0, MAX_NEAR_MISSES);
}

function missesOf(statement: CompiledStatement, layer: Layer, request: AuthorizationRequest): NearMiss[] {
  const { context, principal, resource } = request;
  const ref = statement.ref(layer);
  if (!statement.matchesResource(resource.arn, context)) {
    return [
      withHint(
        { statement: ref, element: 'resource' },
        resourceHint(statement.source, statement.version, resource.arn, context),
      ),
    ];
  }
  const { principals } = statement;
  if (principals && principals.strength(principal, request.layers.boundary !== undefined) === UNNAMED) {
    return [withHint({ statement: ref, element: 'principal' }, principalHint(statement.source, principal))];
  }
  return statement.conditions
    .filter((condition) => !condition.holds(context))
    .map((condition) => conditionMiss(condition, ref, request));
}

function conditionMiss(
  condition: CompiledCondition,
  statement: NearMiss['statement'],
  request: AuthorizationRequest,
): NearMiss {
  const { name, key, values } = condition.source;
  const actual = request.context.get(condition.key);
  const miss = { statement, element: 'condition' as const, condition: { operator: name, key, wanted: values, actual } };
  return withHint(miss, conditionHint(condition.source, actual));
}

function withHint(miss: NearMiss, hint: string | undefined): NearMiss {
  return hint === undefined ? miss : { ...miss, hint };
}

/** Looked for once per action and set. */
function misspellings(index: StatementIndex, slice: ActionSlice, action: string): readonly Misspelling[] {
  slice.misspelled ??= findMisspellings(index, action.toLowerCase());
  return slice.misspelled;
}

function findMisspellings(index: StatementIndex, wanted: string): Misspelling[] {
  const found: Misspelling[] = [];
  const colon = wanted.indexOf(':');
  for (const statement of index.candidates(wanted).slice(0, MAX_STATEMENTS)) {
    if (statement.deny || statement.source.actions.not || statement.matchesAction(wanted)) continue;
    for (const action of statement.source.actions.values.slice(0, MAX_STATEMENTS)) {
      const lower = action.toLowerCase();
      if (lower.slice(0, colon + 1) !== wanted.slice(0, colon + 1)) continue;
      const meant = actionMeant(lower)?.toLowerCase() === wanted;
      if (!meant && !isNear(lower.slice(colon + 1), wanted.slice(colon + 1))) continue;
      found.push({ statement, action });
      break;
    }
    if (found.length === MAX_NEAR_MISSES) break;
  }
  return found;
}

function actionHint(written: string, requested: string): string {
  return actionMeant(written)
    ? `${written}: unknown action, did you mean ${requested}`
    : `the statement says ${written}, the request is ${requested}`;
}

/** The same name but for case, blanks, an ending or a few letters. */
function isNear(written: string, wanted: string): boolean {
  const name = written.trim();
  if (name.length < 4 || name.includes('*')) return false;
  if (wanted.startsWith(name) || name.startsWith(wanted)) return true;
  return distance(name, wanted, 2) <= 2;
}
