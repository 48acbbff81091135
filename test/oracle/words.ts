/** What the oracle is asked: policies as plain JSON, so that nothing of the engine is between the test and the text. */
import type { RequestPrincipal } from '../../src/engines/policy/types.ts';

export type OneOrMany = string | readonly string[];

export interface OracleStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
}

export interface OraclePolicy {
  readonly Version?: string;
  readonly Statement: OracleStatement | readonly OracleStatement[];
}

export type OracleContext = Readonly<Record<string, OneOrMany | undefined>>;

export interface OracleRequest {
  readonly principal: RequestPrincipal;
  readonly action: string;
  readonly resource: { readonly arn: string; readonly account: string };
  /** Keys in lower case. */
  readonly context: OracleContext;
  readonly identity: readonly OraclePolicy[];
  readonly boundary?: readonly OraclePolicy[];
  readonly session?: readonly OraclePolicy[];
  readonly scps?: readonly (readonly OraclePolicy[])[];
  readonly rcps?: readonly (readonly OraclePolicy[])[];
  readonly endpoint?: readonly OraclePolicy[];
  readonly resourcePolicy?: {
    readonly kind: 'resource' | 'trust' | 'key';
    readonly policy: OraclePolicy;
    readonly ids?: Readonly<Record<string, string>>;
  };
}

export function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
