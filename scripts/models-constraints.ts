/** Distils an API model into a table of the constraints on request members. */
import type { ConstraintEntry, ConstraintFile } from '../src/wire/constraint.ts';
import { isOneClass, javaPattern } from '../src/wire/pattern.ts';

/** A shape of a service-2.json, as far as it is read here. */
export interface ApiShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

export interface ApiModel {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, ApiShape>>;
}

/** Shapes whose values AWS leaves out of its error texts although the model does not call them sensitive (recorded answers). */
const QUIET: ReadonlySet<string> = new Set(['serviceSpecificCredentialId']);

/** Which constraints of a model are wanted. */
export interface Selection {
  /** Operations; all by default. */
  readonly operations?: readonly string[];
  /** Operations that the SDK has dropped. */
  readonly without?: readonly string[];
  /**
   * Only which numbers are whole, and the enums of structures inside a request, for S3: there they decide whether XML is
   * well-formed, while headers have errors of their own.
   */
  readonly onlyShape?: true;
  /** `Structure.member` that the SDK does not know yet. */
  readonly beyond?: readonly string[];
  /** Shapes whose values the service checks itself. */
  readonly except?: readonly string[];
}

export function constraintFile(model: ApiModel, source: string, selection: Selection = {}): ConstraintFile {
  const { operations, without, onlyShape, beyond, except } = selection;
  const entries: ConstraintEntry[] = [];
  const known = new Map<string, number>();
  const members: Record<string, Record<string, number>> = {};

  const intern = (entry: ConstraintEntry | undefined): number | undefined => {
    if (!entry) return undefined;
    const text = JSON.stringify(entry);
    const index = known.get(text) ?? entries.push(entry) - 1;
    known.set(text, index);
    return index;
  };
  const entryOf = (name: string, nested: boolean): ConstraintEntry | undefined => {
    const shape = model.shapes[name]!;
    const entry: Record<string, unknown> = {};
    if (except?.includes(name)) return undefined;
    if (onlyShape) {
      if (shape.type === 'integer' || shape.type === 'long') return { integer: true };
      return nested && shape.enum ? { enum: shape.enum } : undefined;
    }
    if (shape.min !== undefined && !(shape.min === 0 && shape.type !== 'integer' && shape.type !== 'long'))
      entry.min = shape.min;
    if (shape.max !== undefined) entry.max = shape.max;
    if (shape.pattern !== undefined && !isEverything(shape.pattern)) {
      assertBounded(shape, name);
      javaPattern(shape.pattern);
      entry.pattern = shape.pattern;
    }
    if (shape.enum) entry.enum = shape.enum;
    if (shape.type === 'integer' || shape.type === 'long') entry.integer = true;
    if (QUIET.has(name)) entry.quiet = true;
    // Structures below a collection carry their own members' constraints; only simple elements are told here.
    for (const [part, reference] of [
      ['element', shape.member],
      ['key', shape.key],
      ['value', shape.value],
    ] as const) {
      if (!reference || model.shapes[reference.shape]!.type === 'structure') continue;
      const index = intern(entryOf(reference.shape, nested));
      if (index !== undefined) entry[part] = index;
    }
    return Object.keys(entry).length > 0 ? (entry as ConstraintEntry) : undefined;
  };
  const visited = new Set<string>();
  const visit = (name: string, nested: boolean): void => {
    if (visited.has(name)) return;
    visited.add(name);
    const shape = model.shapes[name]!;
    for (const [member, { shape: held }] of Object.entries(shape.members ?? {})) {
      if (beyond?.includes(`${name}.${member}`)) continue;
      const index = intern(entryOf(held, nested));
      if (index !== undefined) {
        members[name] ??= {};
        members[name][member] = index;
      }
      visit(held, true);
    }
    for (const reference of [shape.member, shape.key, shape.value]) if (reference) visit(reference.shape, true);
  };
  for (const operation of Object.keys(model.operations).sort()) {
    const input = model.operations[operation]!.input;
    if (!input || without?.includes(operation)) continue;
    if (!operations || operations.includes(operation)) visit(input.shape, false);
  }
  return { source, entries, members };
}

function isEverything(pattern: string): boolean {
  return ['.*', '(?s).*', '[\\s\\S]*'].includes(pattern);
}

/** A repeated group whose every round begins with a literal that its class does not hold, or whose rounds are counted. */
const KNOWN_LINEAR: ReadonlySet<string> = new Set([
  '((/[A-Za-z0-9\\.,\\+@=_-]+)*)/',
  '^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$',
  '^([a-z]+-){2,3}\\d+$',
  '^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$',
  '^(com|eu)\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$',
  'arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*',
  'arn:[\\w+=/,.@-]+:acm-pca:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*',
  '[0-9a-f]{2}(:[0-9a-f]{2}){1,19}',
  '^([a-zA-Z0-9]+-)*[a-zA-Z0-9]+$',
  '(\\^?[\\.\\-_\\/#A-Za-z0-9]{3,24})(\\|\\^?[\\.\\-_\\/#A-Za-z0-9]{3,24}){0,4}',
  '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}',
  '(^((([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\\.){3}([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))$|^(([0-9a-fA-F]{1,4}:){7,7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:)|fe80:(:[0-9a-fA-F]{0,4}){0,4}%[0-9a-zA-Z]{1,}|::(ffff(:0{1,4}){0,1}:){0,1}((25[0-5]|(2[0-4]|1{0,1}[0-9]){0,1}[0-9])\\.){3,3}(25[0-5]|(2[0-4]|1{0,1}[0-9]){0,1}[0-9])|([0-9a-fA-F]{1,4}:){1,4}:((25[0-5]|(2[0-4]|1{0,1}[0-9]){0,1}[0-9])\\.){3,3}(25[0-5]|(2[0-4]|1{0,1}[0-9]){0,1}[0-9]))$)',
  '^arn:aws(-[a-z]+)*:payments::[0-9]{12}:connectedaccount/[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}-[A-Za-z0-9]{6}$',
  '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$',
  '^(o-[a-z0-9]{10,32}\\/r-[0-9a-z]{4,32}(\\/ou\\-[0-9a-z]{4,32}-[a-z0-9]{8,32})*(\\/\\d{12})*)\\/',
]);

/**
 * A backtracking engine takes exponential time only on nested repetition; without it, time is polynomial in a length that
 * the reader bounds before it tries the pattern. New nested patterns stop the generator until someone has looked at them.
 */
function assertBounded({ pattern = '' }: ApiShape, name: string): void {
  if (isOneClass(pattern) || KNOWN_LINEAR.has(pattern)) return;
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/\([^()]*[*+}][^()]*\)[*+{]/.test(bare))
    throw new Error(`nested repetition in the pattern of ${name}: ${pattern}`);
}
