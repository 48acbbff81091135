/** The policy engine's words: what is asked, what is answered. */

/** Where a policy stands in the evaluation chain. */
export type Layer = 'identity' | 'boundary' | 'session' | 'scp' | 'rcp' | 'resource' | 'trust' | 'key' | 'endpoint';

/** Which grammar a document must follow. */
export type PolicyKind =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'scp'
  | 'rcp'
  | 'resource'
  | 'trust'
  | 'key'
  | 'endpoint';

/** How explanations name a policy. */
export interface PolicyLabel {
  /** An ARN, or a name such as `inline policy ReadReports of user rudy`. */
  readonly id: string;
  /** The account whose callers may learn the id. */
  readonly account?: string;
}

/** Who asks, as the engine needs to know it. */
export type RequestPrincipal =
  | { readonly kind: 'root'; readonly account: string; readonly arn: string; readonly id: string }
  | {
      readonly kind: 'user';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly name: string;
    }
  | {
      readonly kind: 'assumed-role';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly roleArn: string;
      readonly roleId: string;
      readonly roleName: string;
      readonly sessionName: string;
      readonly serviceLinked: boolean;
    }
  | {
      readonly kind: 'federated-user';
      readonly account: string;
      readonly arn: string;
      readonly id: string;
      readonly name: string;
      readonly issuer: { readonly kind: 'user' | 'root'; readonly arn: string; readonly id: string };
    }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'federated'; readonly provider: string }
  | { readonly kind: 'anonymous' };

/** Lazy condition values: the engine asks only for the keys that statements name, in lower case. */
export interface Context {
  /** `undefined` when the key is absent; an array only for multi-valued keys. */
  get(lowerCaseKey: string): string | readonly string[] | undefined;
}

/** A compiled policy document; made once per policy version by `compile`, immutable, safe to share. */
export interface CompiledPolicy {
  readonly label: PolicyLabel;
  readonly kind: PolicyKind;
}

/** Policies that are evaluated as a union, indexed together; made by `combine`. */
export interface PolicySet {
  readonly policies: readonly CompiledPolicy[];
}

/** The policies that bear on one request. An absent layer does not limit; an empty set grants nothing. */
export interface Layers {
  readonly identity: PolicySet;
  readonly boundary?: PolicySet | undefined;
  readonly session?: PolicySet | undefined;
  /** One set per level, organization root first, account last. Absent: not bound (management account, no organization). */
  readonly scps?: readonly PolicySet[] | undefined;
  /** Of the resource's account. */
  readonly rcps?: readonly PolicySet[] | undefined;
  readonly endpoint?: PolicySet | undefined;
}

export interface ResourceSide {
  readonly policy: PolicySet;
  /** `trust` and `key` policies must allow by themselves. */
  readonly kind: 'resource' | 'trust' | 'key';
}

export interface AuthorizationRequest {
  readonly principal: RequestPrincipal;
  /** `iam:CreateUser` */
  readonly action: string;
  readonly resource: {
    readonly arn: string;
    /** Owner. */
    readonly account: string;
  };
  readonly context: Context;
  readonly layers: Layers;
  readonly resourceSide?: ResourceSide | undefined;
}

/** A statement that decided, or nearly did. Lines and columns start at 1. */
export interface StatementRef {
  readonly layer: Layer;
  readonly policy: PolicyLabel;
  readonly sid?: string | undefined;
  readonly index: number;
  readonly effect: 'Allow' | 'Deny';
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** Verdict + why. */
export interface Decision {
  readonly allowed: boolean;
  readonly verdict: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** The layer that denied, or that granted. */
  readonly layer: Layer;
  /** The deciding statement(s): the Deny, or the Allow(s) that granted; empty for an implicit deny. */
  readonly statements: readonly StatementRef[];
}

/** Why a statement that could have granted (or denied) did not apply. */
export interface NearMiss {
  readonly statement: StatementRef;
  /** What failed: `principal`, `action`, `resource` or `condition`. */
  readonly element: 'principal' | 'action' | 'resource' | 'condition';
  /** For conditions: operator, key, wanted values, and the value of the request (absent: undefined). */
  readonly condition?: {
    readonly operator: string;
    readonly key: string;
    readonly wanted: readonly string[];
    readonly actual: string | readonly string[] | undefined;
  };
  /** A sentence for people, such as an unknown action with the nearest known one. */
  readonly hint?: string;
}

/** The verdict of every layer, the near misses, and a text for people. */
export interface Explanation {
  readonly decision: Decision;
  readonly layers: readonly {
    readonly layer: Layer;
    readonly name?: string;
    readonly verdict: 'allows' | 'denies' | 'silent';
  }[];
  readonly nearMisses: readonly NearMiss[];
}
