/** What authorizes calls: protections, groups and attacks by their ARNs, everything else as a whole. */
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { groups, protections } from './state.ts';

export type Kind = 'protection' | 'protection-group' | 'attack';

export const arnOf = (account: string, kind: Kind, id: string): string => `arn:aws:shield::${account}:${kind}/${id}`;

export const onAll = (call: CheckCall, context: ConditionValues = {}): readonly Check[] => [
  { action: `shield:${call.operation}`, resource: { arn: '*', account: call.scope.account }, context },
];

export async function on(
  call: CheckCall,
  kind: Kind,
  id: string,
  context: ConditionValues = {},
): Promise<readonly Check[]> {
  const { account } = call.scope;
  const table = kind === 'protection' ? protections : kind === 'protection-group' ? groups : undefined;
  const tags = table && (await call.change.get<{ tags: Readonly<Record<string, string>> }>(table, account, id))?.tags;
  const resource = { arn: arnOf(account, kind, id), account, ...(tags && { tags }) };
  return [{ action: `shield:${call.operation}`, resource, context }];
}

export function requestTags(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): ConditionValues {
  if (!tags || tags.length === 0) return {};
  const values: Record<string, string | readonly string[]> = { 'aws:TagKeys': tags.map(({ Key }) => Key ?? '') };
  for (const { Key, Value } of tags) values[`aws:RequestTag/${Key ?? ''}`] = Value ?? '';
  return values;
}
