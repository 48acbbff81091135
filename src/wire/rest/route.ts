/** REST routes: which operation a method, a path and a query mean, for every API that has URI templates. */
import type { OperationModel, ServiceModel } from '../model.ts';
import type { HttpRequest } from '../types.ts';
import type { Query } from './query-string.ts';

type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean };

/** A URI template, taken apart. */
export interface Route {
  readonly operation: OperationModel;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** `?tagging`, `?list-type=2`; without the `x-id` that only some SDKs send. */
  readonly fixed: readonly { readonly key: string; readonly value: string | undefined }[];
  /** Query parameters and headers that the operation cannot do without. */
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
}

/** A route found, with the values of its labels still percent-encoded. */
export interface Match {
  readonly operation: OperationModel;
  readonly labels: ReadonlyMap<string, string>;
}

export function compileRoute(operation: OperationModel): Route {
  const mark = operation.uri.indexOf('?');
  const path = mark === -1 ? operation.uri : operation.uri.slice(0, mark);
  const query = mark === -1 ? '' : operation.uri.slice(mark + 1);
  const fixed = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [key = '', value] = pair.split('=');
      return { key, value };
    })
    .filter(({ key }) => key !== 'x-id');
  const { query: queryMembers, headers } = operation.inputBinding;
  return {
    operation,
    method: operation.method,
    segments: path
      .split('/')
      .slice(1)
      .filter((segment, index, all) => segment !== '' || index < all.length - 1)
      .map((segment) => {
        if (!segment.startsWith('{')) return { literal: segment };
        const greedy = segment.endsWith('+}');
        return { label: segment.slice(1, greedy ? -2 : -1), greedy };
      }),
    fixed,
    requiredQuery: queryMembers.filter((member) => member.required).map((member) => member.traits.httpQuery!),
    requiredHeaders: headers.filter(({ member }) => member.required).map(({ name }) => name),
  };
}

/** Whether a request brings everything that a route must have; and how much that is, to rank routes that all match. */
export function suits(route: Route, request: HttpRequest, query: Query): boolean {
  return (
    route.requiredQuery.every((key) => query.has(key)) &&
    route.requiredHeaders.every((name) => request.headers[name] !== undefined)
  );
}

export function weight(route: Route): number {
  return route.requiredQuery.length + route.requiredHeaders.length;
}

export function fixedHold(route: Route, query: Query): boolean {
  return route.fixed.every(({ key, value }) => {
    const values = query.get(key);
    return values !== undefined && (value === undefined || values.includes(value));
  });
}

const tables = new WeakMap<ServiceModel, ReadonlyMap<string, readonly Route[]>>();

function routesOf(model: ServiceModel): ReadonlyMap<string, readonly Route[]> {
  let table = tables.get(model);
  if (!table) {
    const made = new Map<string, Route[]>();
    for (const operation of model.operations.values()) {
      const route = compileRoute(operation);
      const same = made.get(route.method);
      if (same) same.push(route);
      else made.set(route.method, [route]);
    }
    for (const routes of made.values()) routes.sort(moreSpecific);
    table = made;
    tables.set(model, table);
  }
  return table;
}

/** Literal before label, segment by segment; then more fixed query keys; then more that is required. */
function moreSpecific(a: Route, b: Route): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(b.segments[index]) - rank(a.segments[index]);
    if (difference !== 0) return difference;
  }
  return b.fixed.length - a.fixed.length || weight(b) - weight(a);
}

function rank(segment: Segment | undefined): number {
  if (!segment) return 0;
  if ('literal' in segment) return 3;
  return segment.greedy ? 1 : 2;
}

/** The operation of a REST API that a request means; undefined if it has none such. */
export function matchRoute(model: ServiceModel, request: HttpRequest, query: Query): Match | undefined {
  const parts = request.path.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  let spare: Match | undefined;
  for (const route of routesOf(model).get(request.method) ?? []) {
    if (!fixedHold(route, query)) continue;
    const labels = labelsOf(route.segments, parts);
    if (!labels) continue;
    if (suits(route, request, query)) return { operation: route.operation, labels };
    spare ??= { operation: route.operation, labels };
  }
  return spare;
}

function labelsOf(segments: readonly Segment[], parts: readonly string[]): ReadonlyMap<string, string> | undefined {
  const labels = new Map<string, string>();
  let at = 0;
  for (const [index, segment] of segments.entries()) {
    if ('literal' in segment) {
      if (parts[at] !== segment.literal) return undefined;
      at++;
    } else if (segment.greedy) {
      const after = segments.length - index - 1;
      const end = parts.length - after;
      if (end <= at) return undefined;
      labels.set(segment.label, parts.slice(at, end).join('/'));
      at = end;
    } else {
      const part = parts[at];
      if (part === undefined || part === '') return undefined;
      labels.set(segment.label, part);
      at++;
    }
  }
  return at === parts.length ? labels : undefined;
}
