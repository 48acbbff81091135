/** TagResource, UntagResource, ListTagsForResource. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-wafv2';
import { type CheckCall, operation } from '../../service.ts';
import { parseArn } from '../arns.ts';
import { arnCheck, tableOf } from '../checks.ts';
import { findByArn, store } from '../entity.ts';
import { invalidParameter, reasons, tagOperation } from '../errors.ts';
import { page, slice } from '../pages.ts';
import type { WafPorts } from '../ports.ts';
import { mergeTags, tagContext, tagList } from '../tags.ts';

/** Vendors' rule sets have no tags. */
async function taggable(call: Pick<CheckCall, 'change' | 'scope'>, arn: string) {
  const kind = parseArn(arn)?.kind;
  if (kind === undefined || kind === 'managedruleset') throw invalidParameter('RESOURCE_ARN', arn, reasons.arn);
  const table = tableOf(kind);
  return { table, row: await findByArn(call, table, kind, arn) };
}

export const TagResource = operation<TagResourceRequest, object, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'TagResource', input.ResourceARN, tagContext(input.Tags))],
  async handle(input, call) {
    const { table, row } = await taggable(call, input.ResourceARN);
    store(call, table, { ...row, tags: mergeTags(row.tags, input.Tags) });
    return {};
  },
});

export const UntagResource = operation<UntagResourceRequest, object, WafPorts>({
  checks: async (input, call) => [
    await arnCheck(call, 'UntagResource', input.ResourceARN, { 'aws:TagKeys': input.TagKeys }),
  ],
  async handle(input, call) {
    const { table, row } = await taggable(call, input.ResourceARN);
    const gone = new Set(input.TagKeys);
    for (const key of gone) {
      if (key.toLowerCase().startsWith('aws:')) throw tagOperation('Tag keys that begin with aws: are reserved.');
    }
    const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.has(key)));
    store(call, table, { ...row, tags });
    return {};
  },
});

export const ListTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'ListTagsForResource', input.ResourceARN)],
  async handle(input, call) {
    const { row } = await taggable(call, input.ResourceARN);
    const all = tagList(row.tags).map((value) => ({ id: value.Key, value }));
    const { rows, rest } = await page(call, input, input.ResourceARN, slice(all));
    return { TagInfoForResource: { ResourceARN: input.ResourceARN, TagList: rows.map(({ value }) => value) }, ...rest };
  },
});
