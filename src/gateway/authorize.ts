/** The step where a decision is made: every check of a call goes through the one engine, with the whole chain. */
import { combine, compile, decide, explain, PolicySyntaxError } from '../engines/policy/index.ts';
import type {
  AuthorizationRequest,
  CompiledPolicy,
  Decision,
  Explanation,
  PolicySet,
  ResourceSide,
} from '../engines/policy/types.ts';
import type { Caller, Check, ComingBy, ResourceGrant, ResourcePolicy } from '../services/service.ts';
import { isBorrowed } from './client-certificate.ts';
import { endpointOf, lowerCased, RequestContext, type RequestFacts } from './context.ts';
import type { Bearing, Policies } from './ports.ts';
import { byPassword, evenAgainstDeny, unlessDenied } from './unconditional.ts';

/** Rules of AWS that stand outside policies. */
export interface FixedRules {
  /** Sessions that may not make a call whatever their policies say (STS: GetSessionToken, GetFederationToken). */
  sessionForbids(caller: Caller, action: string): boolean;
  /** Actions that only an account's root user may take. */
  readonly rootOnly: ReadonlySet<string>;
}

/** What was decided for one check. */
export interface Ruling {
  readonly check: Check;
  readonly decision: Decision;
  /** Set when a rule outside policies decided. */
  readonly rule?:
    | 'unconditional'
    | 'root-only'
    | 'session-restriction'
    | 'certificate'
    | 'unmapped'
    | 'unreadable-policy';
}

/** Facts about the request that do not depend on the check. */
export type CallFacts = Omit<RequestFacts, 'principalValues'>;

const compiledCacheLimit = 2_000;

const allowedByRule: Decision = { allowed: true, verdict: 'allowed', layer: 'identity', statements: [] };
export const refusedByRule: Decision = { allowed: false, verdict: 'explicitDeny', layer: 'identity', statements: [] };

export class Authorizer {
  readonly #policies: Policies;
  readonly #rules: FixedRules;
  /** Resource policies by document text: the text is the version. */
  readonly #compiled = new Map<string, { readonly source: ResourcePolicy; readonly side: ResourceSide }>();

  /** Key policies together with grants, by all that they say. */
  readonly #granted = new Map<string, ResourceSide>();

  /** Policies of VPC endpoints, by endpoint and text. */
  readonly #endpoints = new Map<string, PolicySet>();

  constructor(policies: Policies, rules: FixedRules) {
    this.#policies = policies;
    this.#rules = rules;
  }

  /** Decides one check. Never throws for a policy that cannot be read: it denies. */
  rule(facts: CallFacts, check: Check): Ruling | Promise<Ruling> {
    const { caller } = facts;
    if (isBorrowed(facts.connection.certificate, caller)) {
      return { check, decision: refusedByRule, rule: 'certificate' };
    }
    if (evenAgainstDeny.has(check.action) && check.unconditional && caller.principal.kind !== 'anonymous') {
      return { check, decision: allowedByRule, rule: 'unconditional' };
    }
    if (byPassword.has(check.action) && check.unconditional) {
      return { check, decision: allowedByRule, rule: 'unconditional' };
    }
    if (this.#rules.sessionForbids(caller, check.action)) {
      return { check, decision: refusedByRule, rule: 'session-restriction' };
    }
    if (this.#rules.rootOnly.has(check.action) && caller.principal.kind !== 'root') {
      return { check, decision: refusedByRule, rule: 'root-only' };
    }
    const bearing = this.#policies.bearingOn(caller, check.resource.account);
    return bearing instanceof Promise
      ? bearing.then((told) => this.#decide(facts, check, told))
      : this.#decide(facts, check, bearing);
  }

  #decide(facts: CallFacts, check: Check, bearing: Bearing): Ruling {
    const request = this.#request(facts, check, bearing);
    if (!request) return { check, decision: refusedByRule, rule: 'unreadable-policy' };
    const decision = decide(request);
    const isNamed = facts.caller.principal.kind !== 'anonymous';
    const anyway = check.unconditional && unlessDenied.has(check.action) && isNamed;
    if (anyway && decision.verdict === 'implicitDeny') return { check, decision: allowedByRule, rule: 'unconditional' };
    return { check, decision };
  }

  /** The same question, with the verdict of every layer and the near misses. */
  async explain(facts: CallFacts, check: Check): Promise<Explanation | undefined> {
    const bearing = await this.#policies.bearingOn(facts.caller, check.resource.account);
    const request = this.#request(facts, check, bearing);
    return request && explain(request);
  }

  /** Undefined when the policy of the resource cannot be read. */
  #request(facts: CallFacts, check: Check, { layers, values, rcps }: Bearing): AuthorizationRequest | undefined {
    const { policy, grants } = check.resource;
    let resourceSide: ResourceSide | undefined;
    try {
      if (grants && grants.length > 0) resourceSide = this.#withGrants(policy, grants, check.action);
      else resourceSide = policy && this.#side(policy);
    } catch (error) {
      if (error instanceof PolicySyntaxError) return undefined;
      throw error;
    }
    const context = new RequestContext({ ...facts, principalValues: lowerCased(values) }, check);
    const within = rcps && !check.resource.isBeyondRcps ? { ...layers, rcps } : layers;
    const cameBy = endpointOf(facts);
    const endpoint = cameBy && this.#endpoint(cameBy);
    return {
      principal: facts.caller.principal,
      action: check.action,
      resource: check.resource,
      context,
      layers: endpoint ? { ...within, endpoint } : within,
      resourceSide,
    };
  }

  #endpoint({ id, policy }: ComingBy): PolicySet {
    const name = `${id} ${policy}`;
    const known = this.#endpoints.get(name);
    if (known) return known;
    const set = combine([compile(policy, 'endpoint', { id })]);
    if (this.#endpoints.size >= compiledCacheLimit) this.#endpoints.clear();
    this.#endpoints.set(name, set);
    return set;
  }

  /** Grants allow beside the key policy; what denies is the policy's alone. */
  #withGrants(policy: ResourcePolicy | undefined, grants: readonly ResourceGrant[], action: string): ResourceSide {
    const name = JSON.stringify([policy?.document, policy?.principalIds, grants, action]);
    const known = this.#granted.get(name);
    if (known) return known;
    const compiled = grants.map((grant) => grantPolicy(grant, action));
    const side: ResourceSide = {
      policy: combine([...(policy ? this.#side(policy).policy.policies : []), ...compiled]),
      kind: 'key',
    };
    if (this.#granted.size >= compiledCacheLimit) this.#granted.clear();
    this.#granted.set(name, side);
    return side;
  }

  #side(policy: ResourcePolicy): ResourceSide {
    const known = this.#compiled.get(policy.document);
    if (known && known.source.id === policy.id && sameBindings(known.source, policy)) return known.side;
    const compiled = compile(
      policy.document,
      policy.kind,
      { id: policy.id },
      policy.principalIds ? { principalIds: policy.principalIds } : undefined,
    );
    const side: ResourceSide = { policy: combine([compiled]), kind: policy.kind };
    if (this.#compiled.size >= compiledCacheLimit) {
      const oldest = this.#compiled.keys().next().value;
      if (oldest !== undefined) this.#compiled.delete(oldest);
    }
    this.#compiled.set(policy.document, { source: policy, side });
    return side;
  }
}

/** A grant in the form of the key policy statement that it amounts to. */
function grantPolicy({ id, grantee, granteeId }: ResourceGrant, action: string): CompiledPolicy {
  const isService = !grantee.startsWith('arn:');
  const document = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { [isService ? 'Service' : 'AWS']: grantee },
      Action: action,
      Resource: '*',
    },
  };
  // Bound to nobody, an ARN of a user or role names nobody: whoever had it when the grant was made is gone.
  const principalIds = granteeId === undefined ? {} : { [grantee]: granteeId };
  return compile(JSON.stringify(document), 'key', { id: `grant ${id}` }, { principalIds });
}

/** Two policies with one text can still bind their principals to different unique ids. */
function sameBindings(a: ResourcePolicy, b: ResourcePolicy): boolean {
  if (a.kind !== b.kind) return false;
  if (a.principalIds === b.principalIds) return true;
  return JSON.stringify(a.principalIds ?? {}) === JSON.stringify(b.principalIds ?? {});
}
