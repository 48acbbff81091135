/** What is wrong with a policy document: a stable reason for services, IAM's own text for people, and the place. */
import type { Position } from './position.ts';

/** Stable names; services that word their errors differently (S3) choose their text by these. */
export type SyntaxReason =
  /** Not JSON, or trailing text. */
  | 'json'
  /** The text does not begin with `{`. */
  | 'leading'
  | 'duplicate-key'
  | 'too-deep'
  | 'too-large'
  /** A character outside U+0020–U+00FF, tab, line feed and carriage return. */
  | 'characters'
  /** An element of the wrong JSON type. */
  | 'type'
  | 'unknown-element'
  | 'version'
  | 'statement-missing'
  | 'effect-missing'
  | 'effect'
  | 'effect-forbidden'
  | 'action-missing'
  | 'action-format'
  | 'action-forbidden'
  | 'action-and-not-action'
  | 'resource-missing'
  | 'resource-format'
  | 'resource-forbidden'
  | 'resource-and-not-resource'
  | 'principal-missing'
  | 'principal-forbidden'
  | 'principal-invalid'
  | 'principal-and-not-principal'
  | 'not-principal-with-allow'
  | 'condition-operator'
  | 'condition-key'
  | 'condition-value'
  | 'sid-format'
  | 'sid-duplicate';

/** Thrown by `parsePolicy` and `compile`. `message` is what IAM says with MalformedPolicyDocument. */
export class PolicySyntaxError extends Error {
  override readonly name = 'PolicySyntaxError';
  readonly reason: SyntaxReason;
  readonly line: number;
  readonly column: number;
  /** The offending text, where there is one. */
  readonly value: string | undefined;

  constructor(reason: SyntaxReason, message: string, at: Position, value?: string) {
    super(message);
    this.reason = reason;
    this.line = at.line;
    this.column = at.column;
    this.value = value;
  }
}
