/** A policy document after parsing: what was written, normalized to lists, with the place of every statement. */
import type { Position } from './position.ts';
import type { PolicyKind } from './types.ts';

/** Without a Version element a document is read as 2008-10-17, in which `${…}` is plain text. */
export type PolicyVersion = '2008-10-17' | '2012-10-17';

export interface PolicyDocument {
  readonly kind: PolicyKind;
  readonly version: PolicyVersion;
  /** False when the Version element was absent. */
  readonly versionGiven: boolean;
  readonly id?: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  /** From 0, in the order of the document. */
  readonly index: number;
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  /** Absent in trust policies, and in resource policies that leave it out: the resource they are attached to. */
  readonly resources?: Patterns;
  /** Absent where the grammar has no Principal. */
  readonly principals?: Principals;
  readonly conditions: readonly Condition[];
  readonly start: Position;
  /** The place of the closing brace. */
  readonly end: Position;
}

/** `Action`, or with `not` `NotAction`; likewise for resources. */
export interface Patterns {
  readonly not: boolean;
  readonly values: readonly string[];
}

export interface Principals {
  readonly not: boolean;
  readonly entries: readonly PrincipalEntry[];
}

export type PrincipalEntry =
  /** `"*"` and `{"AWS": "*"}`, which AWS documents as the same. */
  | { readonly kind: 'everyone' }
  /** A 12-digit id, or the `:root` ARN. */
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'user' | 'role' | 'session' | 'federated-user'; readonly arn: string; readonly account: string }
  /** `AIDA…`, `AROA…`: what is left of a principal that was deleted. */
  | { readonly kind: 'unique-id'; readonly id: string }
  | { readonly kind: 'service'; readonly name: string }
  /** A SAML or OIDC provider's ARN, or a public provider's domain. */
  | { readonly kind: 'federated'; readonly provider: string }
  | { readonly kind: 'canonical-user'; readonly id: string };

/** One key under one operator; all of a statement's conditions must hold, one of the values suffices. */
export interface Condition {
  /** As written: `ForAnyValue:StringLikeIfExists`. */
  readonly name: string;
  readonly quantifier?: 'all' | 'any';
  /** Without qualifier and suffix: `StringLike`. */
  readonly operator: string;
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}
