/** Lints a policy text against the known actions, with positions for people. */
import { lint, type PolicyKind, PolicySyntaxError, parsePolicy } from '../engines/policy/index.ts';
import { knownActions } from '../models/actions.ts';

export interface LintLine {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export function lintPolicy(text: string, kind: PolicyKind): LintLine[] {
  try {
    const document = parsePolicy(text, kind);
    return lint(document, knownActions).map((finding) => {
      const start = document.statements[finding.statement]?.start ?? { line: 1, column: 1 };
      return { ...start, message: `${finding.value}: ${finding.message}` };
    });
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    return [{ line: error.line, column: error.column, message: error.message }];
  }
}
