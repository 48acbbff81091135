/** AddTags, RemoveTags and ListTags, on trails. */
import type {
  AddTagsRequest,
  AddTagsResponse,
  ListTagsRequest,
  ListTagsResponse,
  RemoveTagsRequest,
  RemoveTagsResponse,
} from '@aws-sdk/client-cloudtrail';
import { AwsError, type CheckCall, operation } from '../../service.ts';
import { invalidArn, refuseToken } from '../errors.ts';
import { findTrail, trailCheck } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { checkTagCount, tagRecord, tagValues } from '../shapes.ts';
import { type TrailRow, trailId, trails } from '../state.ts';

/** ListTags takes this many resources at most. */
const resourceLimit = 20;

export const AddTags = operation<AddTagsRequest, AddTagsResponse, CloudTrailPorts>({
  checks: (input, call) =>
    trailCheck(call, 'cloudtrail:AddTags', input.ResourceId as string, tagValues(input.TagsList)),
  async handle(input, call) {
    const row = await tagged(call, input.ResourceId as string);
    const tags = { ...row.tags, ...tagRecord(input.TagsList) };
    checkTagCount(tags);
    call.change.put(trails, '', trailId(row.account, row.region, row.name), { ...row, tags });
    return {};
  },
});

export const RemoveTags = operation<RemoveTagsRequest, RemoveTagsResponse, CloudTrailPorts>({
  checks: (input, call) => {
    const keys = (input.TagsList ?? []).flatMap((tag) => (tag.Key === undefined ? [] : [tag.Key]));
    return trailCheck(call, 'cloudtrail:RemoveTags', input.ResourceId as string, { 'aws:TagKeys': keys });
  },
  async handle(input, call) {
    const row = await tagged(call, input.ResourceId as string);
    const gone = new Set((input.TagsList ?? []).map((tag) => tag.Key));
    const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.has(key)));
    call.change.put(trails, '', trailId(row.account, row.region, row.name), { ...row, tags });
    return {};
  },
});

export const ListTags = operation<ListTagsRequest, ListTagsResponse, CloudTrailPorts>({
  async checks(input, call) {
    const ids = (input.ResourceIdList ?? []).slice(0, resourceLimit);
    if (ids.length === 0) {
      return [{ action: 'cloudtrail:ListTags', resource: { arn: '*', account: call.scope.account } }];
    }
    return (await Promise.all(ids.map((id) => trailCheck(call, 'cloudtrail:ListTags', id)))).flat();
  },
  async handle(input, call) {
    refuseToken(input.NextToken);
    const ids = input.ResourceIdList ?? [];
    if (ids.length > resourceLimit) {
      throw new AwsError('InvalidParameterException', `ListTags takes ${resourceLimit} resources at most.`);
    }
    const rows = await Promise.all(ids.map((id) => tagged(call, id)));
    return {
      ResourceTagList: rows.map((row) => ({
        ResourceId: row.arn,
        TagsList: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })),
      })),
    };
  },
});

/** Resources of the tagging operations are named by ARN. */
async function tagged(call: CheckCall, arn: string): Promise<TrailRow> {
  if (!arn.startsWith('arn:')) throw invalidArn(arn);
  try {
    return await findTrail(call, arn);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TrailNotFoundException') {
      throw new AwsError('ResourceNotFoundException', error.message);
    }
    throw error;
  }
}
