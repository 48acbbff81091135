/** Collects what is wrong with a document, so that the error which IAM would name first is the one that is thrown. */
import type { JsonNode } from './json.ts';
import { positionAt } from './position.ts';
import { PolicySyntaxError, type SyntaxReason } from './syntax-error.ts';

/** IAM checks a document in passes; an earlier pass wins whatever the place. */
export type Pass = 'syntax' | 'legacy' | 'sid' | 'actions' | 'resource-format' | 'action-format' | 'resources' | 'kind';

const order: readonly Pass[] = [
  'syntax',
  'legacy',
  'sid',
  'actions',
  'resource-format',
  'action-format',
  'resources',
  'kind',
];

export class Faults {
  readonly #text: string;
  #first: PolicySyntaxError | undefined;
  #rank = order.length;

  constructor(text: string) {
    this.#text = text;
  }

  /** Syntax errors end the reading at once. */
  syntax(reason: SyntaxReason, node: JsonNode | number, value?: string, message = 'Syntax errors in policy.'): never {
    throw this.error(reason, message, node, value);
  }

  /** Others wait for `finish`, because an earlier pass may still find something. */
  add(pass: Pass, reason: SyntaxReason, message: string, node: JsonNode | number, value?: string): void {
    const rank = order.indexOf(pass);
    if (rank >= this.#rank) return;
    this.#rank = rank;
    this.#first = this.error(reason, message, node, value);
  }

  finish(): void {
    if (this.#first) throw this.#first;
  }

  private error(reason: SyntaxReason, message: string, node: JsonNode | number, value?: string): PolicySyntaxError {
    const offset = typeof node === 'number' ? node : node.start;
    return new PolicySyntaxError(reason, message, positionAt(this.#text, offset), value);
  }
}
