/** The policy simulator: asks the engine that enforces, so that both always agree. */
import type { EvaluationResult, PolicySourceType, Statement } from '@aws-sdk/client-iam';
import {
  combine,
  compileDocument,
  contextKeys,
  explain,
  PolicySyntaxError,
  parsePolicy,
  sourceOf,
} from '../../engines/policy/index.ts';
import type {
  CompiledPolicy,
  Explanation,
  Layer,
  Layers,
  PolicyKind,
  PolicySet,
  RequestPrincipal,
  ResourceSide,
  StatementRef,
} from '../../engines/policy/types.ts';
import { parseArn } from './arns.ts';
import { invalidInput } from './errors.ts';
import { SimulatedContext } from './simulation-context.ts';

/** Everything about a simulation but the action and the resource. */
export interface Simulation {
  readonly principal: RequestPrincipal;
  readonly layers: Pick<Layers, 'identity' | 'boundary' | 'scps'>;
  readonly resourcePolicy: string | undefined;
  /** Owner of resources whose ARN names no account. */
  readonly resourceOwner: string;
  readonly values: ReadonlyMap<string, string | readonly string[]>;
}

/**
 * Compiles documents of a call's input list, named as AWS names them: `PolicyInputList.1`.
 * @throws InvalidInput
 */
export function compiledInputs(member: string, kind: PolicyKind, documents: readonly string[] = []): CompiledPolicy[] {
  return documents.map((document, at) => compiledInput(`${member}.${at + 1}`, kind, document));
}

function compiledInput(id: string, kind: PolicyKind, document: string): CompiledPolicy {
  try {
    return compileDocument(parsePolicy(document, kind), { id });
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    throw invalidInput(`Invalid policy ${id}: ${error.message} (line ${error.line}, column ${error.column})`);
  }
}

/** The keys that a simulation of these policies asks for, by lower-case key in the spelling of the policies. */
export function askedKeys(sets: readonly (PolicySet | undefined)[]): ReadonlyMap<string, string> {
  const keys = sets.flatMap((set) => set?.policies.flatMap((policy) => contextKeys(sourceOf(policy))) ?? []);
  return new Map(keys.reverse().map((key) => [key.toLowerCase(), key]));
}

/** Simulates actions on resources; reuse one for all pairs of a call. */
export class Simulator {
  readonly #simulation: Simulation;
  /** The resource policy under the grammar that each action calls for. */
  readonly #sides = new Map<ResourceSide['kind'], ResourceSide>();

  readonly #spellings = new Map<ResourceSide | undefined, ReadonlyMap<string, string>>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** @param resource an ARN or `*` */
  evaluate(action: string, resource: string): EvaluationResult {
    const { principal, layers, values } = this.#simulation;
    const context = new SimulatedContext(values);
    const resourceSide = this.#side(action);
    const explanation = explain({
      principal,
      action,
      resource: { arn: resource, account: this.#ownerOf(resource) },
      context,
      layers,
      resourceSide,
    });
    const { decision } = explanation;
    const spelling = this.#spellingWith(resourceSide);
    const missing = context.missing.flatMap((key) => spelling.get(key) ?? []);
    const matched = decision.statements.map(shownStatement);
    const details = {
      MatchedStatements: matched,
      MissingContextValues: missing,
      ...(layers.boundary && {
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: allows(explanation, 'boundary') },
      }),
    };
    return {
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: decision.verdict,
      ...details,
      ...(layers.scps && { OrganizationsDecisionDetail: { AllowedByOrganizations: allows(explanation, 'scp') } }),
      ...(resource !== '*' && {
        ResourceSpecificResults: [{ EvalResourceName: resource, EvalResourceDecision: decision.verdict, ...details }],
      }),
    };
  }

  #spellingWith(side: ResourceSide | undefined): ReadonlyMap<string, string> {
    let spelling = this.#spellings.get(side);
    if (!spelling) {
      const { identity, boundary, scps } = this.#simulation.layers;
      spelling = askedKeys([identity, boundary, ...(scps ?? []), side?.policy]);
      this.#spellings.set(side, spelling);
    }
    return spelling;
  }

  /** Trust and key policies are judged as such: they must allow by themselves. */
  #side(action: string): ResourceSide | undefined {
    const { resourcePolicy } = this.#simulation;
    if (resourcePolicy === undefined) return undefined;
    const name = action.toLowerCase();
    const kind = name.startsWith('sts:') ? 'trust' : name.startsWith('kms:') ? 'key' : 'resource';
    let side = this.#sides.get(kind);
    if (!side) {
      side = { kind, policy: combine([compiledInput('ResourcePolicy', kind, resourcePolicy)]) };
      this.#sides.set(kind, side);
    }
    return side;
  }

  #ownerOf(resource: string): string {
    const account = resource.split(':')[4];
    return account && account.length === 12 ? account : this.#simulation.resourceOwner;
  }
}

function allows(explanation: Explanation, layer: Layer): boolean {
  const verdicts = explanation.layers.filter((entry) => entry.layer === layer);
  return verdicts.length > 0 && verdicts.every((entry) => entry.verdict === 'allows');
}

function shownStatement(statement: StatementRef): Statement {
  const { id, type } = policySourceOf(statement);
  return {
    SourcePolicyId: id,
    ...(type && { SourcePolicyType: type }),
    StartPosition: { Line: statement.start.line, Column: statement.start.column },
    EndPosition: { Line: statement.end.line, Column: statement.end.column },
  };
}

/** Inline policies are labelled `inline policy NAME of KIND HOLDER`; none of these names can hold a space. */
function policySourceOf({ policy, layer }: StatementRef): { readonly id: string; readonly type?: PolicySourceType } {
  const arn = parseArn(policy.id);
  if (arn) return { id: arn.name, type: arn.account === 'aws' ? 'aws-managed' : 'user-managed' };
  const [first, , name, , kind, holder] = policy.id.split(' ');
  if (first === 'inline' && holder !== undefined && (kind === 'user' || kind === 'group' || kind === 'role')) {
    return { id: `${kind}_${holder}_${name}`, type: kind };
  }
  if (layer === 'resource' || layer === 'trust' || layer === 'key') return { id: policy.id, type: 'resource' };
  return { id: policy.id };
}
