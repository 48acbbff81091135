/** Compiled documents, and sets of them indexed by service, then action, then resource. */
import type { PolicyDocument } from './document.ts';
import { type ParseOptions, parsePolicy } from './parse.ts';
import type { PrincipalIds } from './principal.ts';
import { ResourceIndex } from './resource-index.ts';
import { CompiledStatement } from './statement.ts';
import type { CompiledPolicy, PolicyKind, PolicyLabel, PolicySet } from './types.ts';

export interface CompileOptions extends ParseOptions {
  /**
   * What the policy's principals meant when it was stored: ARN of a user or role → `AIDA…`/`AROA…`, canonical user
   * id → account id. With this, users and roles are matched by unique id only.
   */
  readonly principalIds?: PrincipalIds;
}

class CompiledDocument implements CompiledPolicy {
  readonly label: PolicyLabel;
  readonly kind: PolicyKind;
  readonly document: PolicyDocument;
  readonly statements: readonly CompiledStatement[];

  constructor(document: PolicyDocument, label: PolicyLabel, ids: PrincipalIds | undefined) {
    this.label = label;
    this.kind = document.kind;
    this.document = document;
    this.statements = document.statements.map((statement) => new CompiledStatement(statement, document, label, ids));
  }
}

/** Reads and compiles a document once for many decisions. Throws PolicySyntaxError. */
export function compile(text: string, kind: PolicyKind, label: PolicyLabel, options?: CompileOptions): CompiledPolicy {
  return new CompiledDocument(parsePolicy(text, kind, options), label, options?.principalIds);
}

/** Compiles a document that was parsed before. */
export function compileDocument(
  document: PolicyDocument,
  label: PolicyLabel,
  options?: CompileOptions,
): CompiledPolicy {
  return new CompiledDocument(document, label, options?.principalIds);
}

/** The statements that bear on one action. */
export interface ActionSlice {
  readonly denies: ResourceIndex;
  readonly allows: ResourceIndex;
  /** The statements behind `denies` and `allows`, in the order of the policies, for explanations. */
  readonly denying: readonly CompiledStatement[];
  readonly granting: readonly CompiledStatement[];
  /** What an explanation found out about other actions; kept because it depends on nothing else. */
  misspelled?: readonly Misspelling[];
}

/** A statement that grants an action with nearly the same name. */
export interface Misspelling {
  readonly statement: CompiledStatement;
  /** As the policy writes it. */
  readonly action: string;
}

/** How many actions a set remembers; callers of a simulator choose action names, so that there must be an end. */
const MAX_SLICES = 128;

export class StatementIndex implements PolicySet {
  readonly policies: readonly CompiledPolicy[];
  readonly statements: readonly CompiledStatement[];
  /** Without any Deny a set need not be asked for one. */
  readonly hasDeny: boolean;
  /** A statement that allows every action on every resource to everyone, always. */
  readonly open: CompiledStatement | undefined;
  readonly #slices = new Map<string, ActionSlice>();
  /** The slice of the last action: a decision asks twice. */
  #lastAction: string | undefined;
  #lastSlice: ActionSlice | undefined;
  /** By service prefix; made at the first question. */
  #services: Map<string, CompiledStatement[]> | undefined;
  #everyService: CompiledStatement[] = [];

  constructor(policies: readonly CompiledPolicy[]) {
    this.policies = policies;
    this.statements = policies.flatMap((policy) => documentOf(policy).statements);
    this.hasDeny = this.statements.some((statement) => statement.deny);
    this.open = this.statements.find((statement) => statement.isOpen());
  }

  /** `action` in any case. */
  slice(action: string): ActionSlice {
    if (this.#lastSlice !== undefined && action === this.#lastAction) return this.#lastSlice;
    const slice = this.#slices.get(action) ?? this.#cut(action);
    this.#lastAction = action;
    this.#lastSlice = slice;
    return slice;
  }

  /** Statements that name the service of an action, in the order of the policies. */
  candidates(lowerAction: string): readonly CompiledStatement[] {
    this.#services ??= this.#group();
    const colon = lowerAction.indexOf(':');
    const named = this.#services.get(colon < 0 ? lowerAction : lowerAction.slice(0, colon));
    return named ?? this.#everyService;
  }

  #cut(action: string): ActionSlice {
    const lower = action.toLowerCase();
    const found = this.candidates(lower).filter((statement) => statement.matchesAction(lower));
    const denying = found.filter((statement) => statement.deny);
    const granting = found.filter((statement) => !statement.deny);
    const denies = new ResourceIndex(denying);
    const slice: ActionSlice = { denies, allows: new ResourceIndex(granting), denying, granting };
    if (this.#slices.size >= MAX_SLICES) this.#slices.clear();
    this.#slices.set(action, slice);
    return slice;
  }

  /** Every service that is named gets the statements that name it or all services, in order. */
  #group(): Map<string, CompiledStatement[]> {
    const groups = new Map<string, CompiledStatement[]>();
    for (const statement of this.statements) for (const service of statement.services ?? []) groups.set(service, []);
    for (const statement of this.statements) {
      if (statement.services) {
        for (const service of statement.services) groups.get(service)?.push(statement);
        continue;
      }
      this.#everyService.push(statement);
      for (const group of groups.values()) group.push(statement);
    }
    return groups;
  }
}

function documentOf(policy: CompiledPolicy): CompiledDocument {
  if (policy instanceof CompiledDocument) return policy;
  throw new TypeError('a CompiledPolicy is made by compile');
}

/** A union of policies, indexed together. The order of the policies is the order of explanations. */
export function combine(policies: readonly CompiledPolicy[]): PolicySet {
  return new StatementIndex(policies);
}

export function indexOf(set: PolicySet): StatementIndex {
  if (set instanceof StatementIndex) return set;
  throw new TypeError('a PolicySet is made by combine');
}

/** The parsed document behind a compiled policy. */
export function sourceOf(policy: CompiledPolicy): PolicyDocument {
  return documentOf(policy).document;
}
