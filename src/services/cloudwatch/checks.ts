/** What authorizes calls: alarms by their ARN, everything else as a whole. */
import type { Check, CheckCall, ConditionValues, Scope } from '../service.ts';
import { alarms, partitionOf } from './state.ts';

export const alarmArn = ({ account, region }: Scope, name: string): string =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

/** The name in the ARN of an alarm of this account and region; undefined for other texts. */
export function alarmOf(scope: Scope, arn: string): string | undefined {
  const prefix = alarmArn(scope, '');
  return arn.startsWith(prefix) ? arn.slice(prefix.length) : undefined;
}

export const onAll = (call: CheckCall, context: ConditionValues = {}): readonly Check[] => [
  { action: `cloudwatch:${call.operation}`, resource: { arn: '*', account: call.scope.account }, context },
];

export async function onAlarm(call: CheckCall, name: string, context: ConditionValues = {}): Promise<Check> {
  const tags = (await call.change.get(alarms, partitionOf(call.scope), name))?.tags;
  return {
    action: `cloudwatch:${call.operation}`,
    resource: { arn: alarmArn(call.scope, name), account: call.scope.account, ...(tags && { tags }) },
    context,
  };
}

export function requestTagValues(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): ConditionValues {
  if (!tags || tags.length === 0) return {};
  const values: Record<string, string | readonly string[]> = { 'aws:TagKeys': tags.map(({ Key }) => Key ?? '') };
  for (const { Key, Value } of tags) values[`aws:RequestTag/${Key ?? ''}`] = Value ?? '';
  return values;
}
