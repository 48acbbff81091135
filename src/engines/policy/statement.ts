/** A statement made ready for requests: matchers for action, resource, principal and conditions. */
import { type Glob, glob, matches } from '../text/glob.ts';
import { type CompiledCondition, compileCondition } from './condition.ts';
import type { PolicyDocument, PolicyVersion, Statement } from './document.ts';
import { type CompiledPrincipals, compilePrincipals, type PrincipalIds } from './principal.ts';
import type { Context, Layer, PolicyLabel, StatementRef } from './types.ts';
import { type Template, template } from './variables.ts';

/** One resource pattern of a statement, or the whole element where it is negated or absent. */
export interface ResourceEntry {
  readonly statement: CompiledStatement;
  /** Undefined: ask the statement. */
  readonly pattern: Template | undefined;
}

export class CompiledStatement {
  readonly source: Statement;
  readonly label: PolicyLabel;
  readonly version: PolicyVersion;
  readonly deny: boolean;
  readonly principals: CompiledPrincipals | undefined;
  readonly conditions: readonly CompiledCondition[];
  /** Service prefixes in lower case under which the statement must be looked up; undefined: under every service. */
  readonly services: readonly string[] | undefined;
  readonly #actions: readonly Glob[];
  readonly #resources: readonly Template[];
  readonly #refs = new Map<Layer, StatementRef>();

  constructor(source: Statement, document: PolicyDocument, label: PolicyLabel, ids: PrincipalIds | undefined) {
    this.source = source;
    this.label = label;
    this.version = document.version;
    this.deny = source.effect === 'Deny';
    this.principals = source.principals && compilePrincipals(source.principals, this.deny, ids);
    this.conditions = source.conditions.map((one) => compileCondition(one, document.version, this.deny));
    this.#actions = source.actions.values.map((action) => glob(action.toLowerCase()));
    this.services = servicesOf(source);
    this.#resources = (source.resources?.values ?? []).map((resource) => template(resource, document.version));
  }

  /** Allows every action on every resource to everyone, whatever the request. */
  isOpen(): boolean {
    const { effect, actions, resources, principals, conditions } = this.source;
    if (effect !== 'Allow' || conditions.length > 0 || actions.not || !actions.values.includes('*')) return false;
    if (resources && (resources.not || !resources.values.includes('*'))) return false;
    return !principals || (!principals.not && principals.entries.some((entry) => entry.kind === 'everyone'));
  }

  /** `action` in lower case: actions are the same whatever their case. */
  matchesAction(action: string): boolean {
    const { not } = this.source.actions;
    // A negation of nothing would be everything.
    if (this.#actions.length === 0) return false;
    for (const one of this.#actions) if (matches(one, action)) return !not;
    return not;
  }

  matchesResource(arn: string, context: Context): boolean {
    const { resources } = this.source;
    if (!resources) return true;
    let unresolved = false;
    for (const one of this.#resources) {
      const pattern = one.glob(context);
      if (!pattern) unresolved = true;
      else if (matches(pattern, arn)) return !resources.not;
    }
    if (!resources.not) return false;
    // A variable that cannot be filled in excludes nothing: that may deny more, but must not grant more.
    return this.deny || !unresolved;
  }

  /** For the index: each pattern apart, so that a long list is not walked again. */
  resourceEntries(): ResourceEntry[] {
    const { resources } = this.source;
    if (!resources || resources.not) return [{ statement: this, pattern: undefined }];
    return this.#resources.map((pattern) => ({ statement: this, pattern }));
  }

  conditionsHold(context: Context): boolean {
    for (const condition of this.conditions) if (!condition.holds(context)) return false;
    return true;
  }

  /** How explanations refer to this statement where it stands in a layer. */
  ref(layer: Layer): StatementRef {
    let ref = this.#refs.get(layer);
    if (!ref) {
      const { sid, index, effect, start, end } = this.source;
      ref = { layer, policy: this.label, sid, index, effect, start, end };
      this.#refs.set(layer, ref);
    }
    return ref;
  }
}

function servicesOf({ actions }: Statement): readonly string[] | undefined {
  if (actions.not) return undefined;
  const services = new Set<string>();
  for (const action of actions.values) {
    const colon = action.indexOf(':');
    const service = colon < 0 ? action : action.slice(0, colon);
    if (service.includes('*') || service.includes('?')) return undefined;
    services.add(service.toLowerCase());
  }
  return [...services];
}
