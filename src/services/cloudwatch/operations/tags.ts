/** Tags of alarms. */
import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, type Call, operation } from '../../service.ts';
import { alarmOf, onAlarm, requestTagValues } from '../checks.ts';
import type { CloudWatchPorts } from '../ports.ts';
import { type AlarmRow, alarms, partitionOf } from '../state.ts';

const MOST_TAGS = 50;

async function find(call: Call, arn: string): Promise<AlarmRow> {
  const name = alarmOf(call.scope, arn);
  const row = name === undefined ? undefined : await call.change.get(alarms, partitionOf(call.scope), name);
  if (!row) throw new AwsError('ResourceNotFoundException', `${arn} does not exist`, { status: 404 });
  return row;
}

function put(call: Call, row: AlarmRow, tags: Readonly<Record<string, string>>): object {
  if (Object.keys(tags).length > MOST_TAGS) {
    throw new AwsError('InvalidParameterValue', `An alarm has at most ${MOST_TAGS} tags.`);
  }
  call.change.put(alarms, partitionOf(call.scope), row.name, { ...row, tags });
  return {};
}

export const TagResource = operation<TagResourceInput, object, CloudWatchPorts>({
  checks: async (input, call) => [
    await onAlarm(call, alarmOf(call.scope, input.ResourceARN ?? '') ?? '*', requestTagValues(input.Tags)),
  ],
  async handle(input, call) {
    const row = await find(call, input.ResourceARN ?? '');
    const added = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    return put(call, row, { ...row.tags, ...added });
  },
});

export const UntagResource = operation<UntagResourceInput, object, CloudWatchPorts>({
  checks: async (input, call) => [
    await onAlarm(call, alarmOf(call.scope, input.ResourceARN ?? '') ?? '*', { 'aws:TagKeys': input.TagKeys }),
  ],
  async handle(input, call) {
    const row = await find(call, input.ResourceARN ?? '');
    return put(
      call,
      row,
      Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys?.includes(key))),
    );
  },
});

export const ListTagsForResource = operation<ListTagsForResourceInput, ListTagsForResourceOutput, CloudWatchPorts>({
  checks: async (input, call) => [await onAlarm(call, alarmOf(call.scope, input.ResourceARN ?? '') ?? '*')],
  async handle(input, call) {
    const { tags } = await find(call, input.ResourceARN ?? '');
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});
