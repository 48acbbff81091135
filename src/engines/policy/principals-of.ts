/** Everyone whom a policy names, so that its service can bind the names to unique ids when it stores the policy. */
import type { PolicyDocument, PrincipalEntry } from './document.ts';

/** Each principal once, of Principal and NotPrincipal elements, in the order of the document. */
export function principalsOf(document: PolicyDocument): readonly PrincipalEntry[] {
  const found = new Map<string, PrincipalEntry>();
  for (const statement of document.statements) {
    for (const entry of statement.principals?.entries ?? []) {
      const key = JSON.stringify(entry);
      if (!found.has(key)) found.set(key, entry);
    }
  }
  return [...found.values()];
}
