/** Which keys of the request's context a policy asks for (GetContextKeysForCustomPolicy). */
import type { PolicyDocument } from './document.ts';
import { operators } from './operators/table.ts';
import { tokens } from './variables.ts';

/** As written, in the order of the document; a key that appears in several spellings is listed once. */
export function contextKeys(document: PolicyDocument): string[] {
  const found = new Map<string, string>();
  const add = (name: string): void => {
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
  };
  const variables = (pattern: string): void => {
    for (const token of tokens(pattern, document.version)) if (token.kind === 'variable') add(token.name);
  };
  for (const statement of document.statements) {
    statement.resources?.values.forEach(variables);
    for (const condition of statement.conditions) {
      add(condition.key);
      if (takesVariables(condition.operator)) condition.values.forEach(variables);
    }
  }
  return [...found.values()];
}

/** Variables stand only where strings and ARNs are compared. */
function takesVariables(operator: string): boolean {
  return operators.has(operator) && (operator.startsWith('String') || operator.startsWith('Arn'));
}
