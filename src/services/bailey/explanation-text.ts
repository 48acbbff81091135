/** An explanation for people: one line for the call, one for the verdict, then where to look. */
import type { Explanation, NearMiss, StatementRef } from '../../engines/policy/types.ts';
import type { CloudTrailRecord } from '../../events/api-call.ts';

/** A reason as the gateway stores it beside the record. */
export interface StoredReason {
  readonly action: string;
  readonly resource: string;
  readonly account: string;
  readonly verdict: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly layer: string;
  readonly rule?: string;
  readonly statements?: readonly StatementRef[];
  readonly layers?: Explanation['layers'];
  readonly nearMisses?: Explanation['nearMisses'];
}

const layerNames: Readonly<Record<string, string>> = {
  identity: 'identity-based policies',
  boundary: 'permissions boundary',
  session: 'session policies',
  scp: 'service control policies',
  rcp: 'resource control policies',
  resource: 'resource-based policy',
  trust: 'trust policy',
  key: 'key policy',
  endpoint: 'VPC endpoint policy',
};

const rules: Readonly<Record<string, string>> = {
  unconditional: 'this call needs no permission',
  'root-only': 'only the root user of the account may do this; no policy can open it',
  'session-restriction': 'sessions of this kind may not do this, whatever their policies say',
  certificate:
    'the client certificate of the connection stands for another principal, whose calls alone it lets through',
  unmapped: 'the operation maps to no action, so nobody may do it',
  'unreadable-policy': 'a policy of the resource cannot be read, so nothing is allowed by it',
};

const nearMissLimit = 8;

export function explanationText(record: CloudTrailRecord, reasons: readonly StoredReason[]): string {
  const who = record.userIdentity.arn ?? record.userIdentity.invokedBy ?? record.userIdentity.type;
  const lines = [`${record.eventTime}  ${who}  called  ${record.eventSource.split('.')[0]}:${record.eventName}`];
  if (reasons.length === 0) {
    lines.push(
      record.errorCode ? `It failed before any policy was asked: ${record.errorCode}.` : 'No policy was asked.',
    );
  }
  for (const reason of reasons) lines.push(...reasonLines(reason));
  if (record.errorCode) lines.push(`answer: ${record.errorCode}: ${record.errorMessage ?? ''}`);
  return lines.join('\n');
}

function reasonLines(reason: StoredReason): string[] {
  const lines = [`${verdict(reason)}  ${reason.action}  on  ${reason.resource}`];
  if (reason.rule) lines.push(`  because ${rules[reason.rule] ?? reason.rule}`);
  for (const statement of reason.statements ?? []) lines.push(`  by ${statementText(statement)}`);
  for (const layer of reason.layers ?? []) {
    const name = layer.name ? ` (${layer.name})` : '';
    lines.push(
      `  ${(layerNames[layer.layer] ?? layer.layer) + name}: ${layer.verdict === 'silent' ? 'no statement applies' : layer.verdict}`,
    );
  }
  const misses = reason.nearMisses ?? [];
  for (const miss of misses.slice(0, nearMissLimit)) lines.push(`  near miss: ${missText(miss)}`);
  if (misses.length > nearMissLimit) lines.push(`  and ${misses.length - nearMissLimit} more near misses`);
  return lines;
}

function verdict(reason: StoredReason): string {
  if (reason.verdict === 'allowed') return 'ALLOWED';
  return reason.verdict === 'explicitDeny' && !reason.rule ? 'DENIED (explicitly)' : 'DENIED';
}

function statementText(statement: StatementRef): string {
  const sid = statement.sid ? ` "${statement.sid}"` : '';
  return `${statement.effect} statement ${statement.index + 1}${sid} of ${statement.policy.id}, line ${statement.start.line}, column ${statement.start.column}`;
}

function missText(miss: NearMiss): string {
  const where = statementText(miss.statement);
  const { condition } = miss;
  const hint = miss.hint ? ` (${miss.hint})` : '';
  if (!condition) return `${where}: its ${miss.element} does not match${hint}`;
  const actual = condition.actual === undefined ? 'absent' : JSON.stringify(condition.actual);
  return `${where}: ${condition.operator} wants ${condition.key} ${JSON.stringify(condition.wanted)}, the request has ${actual}${hint}`;
}
