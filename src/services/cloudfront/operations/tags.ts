/** TagResource, UntagResource, ListTagsForResource: of distributions, by their ARNs. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudfront';
import { type Check, type CheckCall, type ConditionValues, operation } from '../../service.ts';
import { requestTags } from '../checks.ts';
import { invalid, noResource } from '../errors.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { type DistributionRow, distributions } from '../state.ts';
import { withTags } from '../tags.ts';

const parse = (arn: string) => /^arn:aws:cloudfront::(\d{12}):distribution\/([A-Z0-9]{1,32})$/.exec(arn) ?? [];

async function check(call: CheckCall, arn: string, context: ConditionValues = {}): Promise<Check[]> {
  const [, account = call.scope.account, id = ''] = parse(arn);
  const tags = (await call.change.get(distributions, account, id))?.tags;
  return [{ action: `cloudfront:${call.operation}`, resource: { arn, account, ...(tags && { tags }) }, context }];
}

/** @throws AwsError InvalidArgument, NoSuchResource */
async function find({ change, scope }: CheckCall, arn: string): Promise<DistributionRow> {
  const [, account, id] = parse(arn);
  if (account === undefined || id === undefined) throw invalid('The parameter Resource is no ARN of a distribution.');
  const row = account === scope.account ? await change.get(distributions, account, id) : undefined;
  if (!row) throw noResource(arn);
  return row;
}

export const TagResource = operation<TagResourceRequest, object, CloudFrontPorts>({
  checks: (input, call) => check(call, input.Resource, requestTags(input.Tags.Items)),
  async handle(input, call) {
    const row = await find(call, input.Resource);
    const tags = withTags(row.tags, input.Tags.Items ?? []);
    call.change.put(distributions, row.account, row.id, { ...row, tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceRequest, object, CloudFrontPorts>({
  checks: (input, call) => check(call, input.Resource, { 'aws:TagKeys': input.TagKeys.Items ?? [] }),
  async handle(input, call) {
    const row = await find(call, input.Resource);
    const gone = new Set(input.TagKeys.Items);
    const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.has(key)));
    call.change.put(distributions, row.account, row.id, { ...row, tags });
    return {};
  },
});

export const ListTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResult, CloudFrontPorts>({
  checks: (input, call) => check(call, input.Resource),
  async handle(input, call) {
    const { tags } = await find(call, input.Resource);
    return { Tags: { Items: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } };
  },
});
