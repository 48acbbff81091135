/** What rules refer to: IP sets, pattern sets, rule groups, managed rule groups. */
import type { Rule } from '@aws-sdk/client-wafv2';
import type { Call, CheckCall } from '../service.ts';
import { parseArn } from './arns.ts';
import { invalidParameter, reasons, unavailableEntity } from './errors.ts';
import { entityPartition, ipSets, type Kind, references, regexPatternSets, ruleGroups, type Scope } from './state.ts';
import { statementsOf } from './stored-rules.ts';

interface Reference {
  readonly arn: string;
  readonly kind: Kind;
}

function* referencesOf(rules: readonly Rule[] | undefined): Generator<Reference> {
  for (const rule of rules ?? []) {
    for (const statement of statementsOf(rule.Statement)) {
      const { IPSetReferenceStatement, RegexPatternSetReferenceStatement, RuleGroupReferenceStatement } = statement;
      if (IPSetReferenceStatement) yield { arn: IPSetReferenceStatement.ARN ?? '', kind: 'ipset' };
      if (RegexPatternSetReferenceStatement) {
        yield { arn: RegexPatternSetReferenceStatement.ARN ?? '', kind: 'regexpatternset' };
      }
      if (RuleGroupReferenceStatement) yield { arn: RuleGroupReferenceStatement.ARN ?? '', kind: 'rulegroup' };
    }
  }
}

/** Each once, in the order of their first use. */
export function referredArns(rules: readonly Rule[] | undefined): readonly string[] {
  return [...new Set([...referencesOf(rules)].map(({ arn }) => arn))];
}

/** Of statements, each time that one stands there. */
export function referenceCount(rules: readonly Rule[]): number {
  return [...referencesOf(rules)].length;
}

export function usesManagedGroups(rules: readonly Rule[] | undefined): boolean {
  return (rules ?? []).some(({ Statement }) => Statement?.ManagedRuleGroupStatement !== undefined);
}

/**
 * Everything that rules refer to must be there, in the same region and scope, and of the right kind.
 * @throws AwsError WAFInvalidParameterException, WAFUnavailableEntityException
 */
export async function requireReferences(
  call: CheckCall,
  scope: Scope,
  rules: readonly Rule[] | undefined,
): Promise<void> {
  const tables = { ipset: ipSets, regexpatternset: regexPatternSets, rulegroup: ruleGroups };
  for (const { arn, kind } of referencesOf(rules)) {
    const parts = parseArn(arn);
    const fits = parts?.kind === kind && parts.scope === scope && parts.region === call.scope.region;
    if (!parts || !fits || kind === 'webacl' || kind === 'managedruleset') {
      throw invalidParameter('RULE', 'Statement', reasons.reference);
    }
    const row = await call.change.get<{ readonly id: string }>(
      tables[kind],
      entityPartition(parts.account, parts.region, parts.scope),
      parts.name,
    );
    if (row?.id !== parts.id) throw unavailableEntity();
  }
}

/** Notes who refers to what, so that nothing goes while it is used. */
export function noteReferences(
  call: Call,
  from: string,
  before: readonly Rule[] | undefined,
  after: readonly Rule[] | undefined,
): void {
  const now = new Set(referredArns(after));
  for (const arn of referredArns(before)) if (!now.has(arn)) call.change.delete(references, arn, from);
  for (const arn of now) call.change.put(references, arn, from, {});
}
