/** Labels: how they are written in full, and how a rule asks for them. */
import type { LabelMatchStatement } from './types.ts';

/** `awswaf:111122223333:webacl:NAME:`; the account comes from the ARN. */
export function labelNamespace(arn: string, kind: 'webacl' | 'rulegroup', name: string): string {
  return `awswaf:${arn.split(':')[4] ?? ''}:${kind}:${name}:`;
}

/**
 * Keys that begin with `awswaf:` are complete; others are looked for among the labels of the context (web ACL or rule
 * group) in which the rule that asks stands.
 */
export function labelMatcher(statement: LabelMatchStatement, context: string): (label: string) => boolean {
  const { Key, Scope } = statement;
  if (Scope === 'LABEL') {
    if (Key.startsWith('awswaf:')) return (label) => label === Key;
    return (label) => label.startsWith(context) && `:${label.slice(context.length)}`.endsWith(`:${Key}`);
  }
  const namespace = Key.endsWith(':') ? Key : `${Key}:`;
  if (namespace.startsWith('awswaf:')) return (label) => label.startsWith(namespace) && label !== namespace;
  return (label) => label.startsWith(context) && `:${label.slice(context.length)}`.includes(`:${namespace}`);
}
