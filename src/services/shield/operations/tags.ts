/** Tags of protections and protection groups. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-shield';
import type { Table } from '../../../store/store.ts';
import { type Call, operation } from '../../service.ts';
import { arnOf, type Kind, on, requestTags } from '../checks.ts';
import { invalid, noResource } from '../errors.ts';
import type { ShieldPorts } from '../ports.ts';
import { groups, protections } from '../state.ts';

const MOST_TAGS = 50;

type Tagged = { readonly id: string; readonly tags: Readonly<Record<string, string>> };

function placeOf(account: string, arn: string): { kind: Kind; id: string } | undefined {
  for (const kind of ['protection-group', 'protection'] as const) {
    const prefix = arnOf(account, kind, '');
    if (arn.startsWith(prefix)) return { kind, id: arn.slice(prefix.length) };
  }
  return undefined;
}

async function find(call: Call, arn: string): Promise<{ row: Tagged; table: Table<Tagged> }> {
  const place = placeOf(call.scope.account, arn);
  const table = (place?.kind === 'protection' ? protections : groups) as Table<Tagged>;
  const row = place && (await call.change.get(table, call.scope.account, place.id));
  if (!row) throw noResource();
  return { row, table };
}

export const TagResource = operation<TagResourceRequest, TagResourceResponse, ShieldPorts>({
  checks: (input, call) => {
    const place = placeOf(call.scope.account, input.ResourceARN);
    return on(call, place?.kind ?? 'protection', place?.id ?? '*', requestTags(input.Tags));
  },
  async handle(input, call) {
    const { row, table } = await find(call, input.ResourceARN);
    const added = Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    const tags = { ...row.tags, ...added };
    if (Object.keys(tags).length > MOST_TAGS) throw invalid(`A resource has at most ${MOST_TAGS} tags.`);
    call.change.put(table, call.scope.account, row.id, { ...row, tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceRequest, UntagResourceResponse, ShieldPorts>({
  checks: (input, call) => {
    const place = placeOf(call.scope.account, input.ResourceARN);
    return on(call, place?.kind ?? 'protection', place?.id ?? '*', { 'aws:TagKeys': input.TagKeys });
  },
  async handle(input, call) {
    const { row, table } = await find(call, input.ResourceARN);
    const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys.includes(key)));
    call.change.put(table, call.scope.account, row.id, { ...row, tags });
    return {};
  },
});

export const ListTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse, ShieldPorts>({
  checks: (input, call) => {
    const place = placeOf(call.scope.account, input.ResourceARN);
    return on(call, place?.kind ?? 'protection', place?.id ?? '*');
  },
  async handle(input, call) {
    const { row } = await find(call, input.ResourceARN);
    return { Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});
