/** AddTags, RemoveTags, DescribeTags: of up to twenty resources at once. */
import type {
  AddTagsInput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CheckCall, operation } from '../../service.ts';
import { parseArn } from '../arns.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { validation } from '../errors.ts';
import { findListener, findLoadBalancer, findRule, findTargetGroup, findTrustStore } from '../find.ts';
import type { ElbPorts } from '../ports.ts';
import { listeners, loadBalancers, regional, rules, type Tags, targetGroups, trustStores } from '../state.ts';
import { mergeTags, requestTags, tagList, withoutTags } from '../tags.ts';

interface Tagged {
  readonly tags: Tags;
  put(tags: Tags): void;
}

/** @throws AwsError LoadBalancerNotFound, ListenerNotFound, RuleNotFound, TargetGroupNotFound, TrustStoreNotFound */
async function find(call: Pick<CheckCall, 'change' | 'scope'>, arn: string): Promise<Tagged> {
  const { change } = call;
  const parsed = parseArn(arn);
  switch (parsed?.kind) {
    case undefined:
      throw validation(`'${arn}' is not a valid resource ARN`);
    case 'loadbalancer': {
      const row = await findLoadBalancer(call, arn);
      return { tags: row.tags, put: (tags) => change.put(loadBalancers, regional(row), row.name, { ...row, tags }) };
    }
    case 'listener': {
      const row = await findListener(call, arn);
      return { tags: row.tags, put: (tags) => change.put(listeners, regional(row), row.path, { ...row, tags }) };
    }
    case 'listener-rule': {
      const row = await findRule(call, arn);
      return { tags: row.tags, put: (tags) => change.put(rules, regional(row), row.path, { ...row, tags }) };
    }
    case 'targetgroup': {
      const row = await findTargetGroup(call, arn);
      return { tags: row.tags, put: (tags) => change.put(targetGroups, regional(row), row.name, { ...row, tags }) };
    }
    case 'truststore': {
      const row = await findTrustStore(call, arn);
      return { tags: row.tags, put: (tags) => change.put(trustStores, regional(row), row.name, { ...row, tags }) };
    }
  }
}

function requireFew(arns: readonly string[]): readonly string[] {
  if (arns.length === 0) throw validation('A resource ARN must be specified');
  if (arns.length > 20) throw validation('You can specify up to 20 resources');
  return [...new Set(arns)];
}

export const AddTags = operation<AddTagsInput, object, ElbPorts>({
  checks: (input, call) =>
    Promise.all(requireFew(input.ResourceArns).map((arn) => arnCheck(call, 'AddTags', arn, requestTags(input.Tags)))),
  async handle(input, call) {
    for (const arn of requireFew(input.ResourceArns)) {
      const found = await find(call, arn);
      found.put(mergeTags(found.tags, input.Tags));
    }
    return {};
  },
});

export const RemoveTags = operation<RemoveTagsInput, object, ElbPorts>({
  checks: (input, call) =>
    Promise.all(
      requireFew(input.ResourceArns).map((arn) =>
        arnCheck(call, 'RemoveTags', arn, { 'aws:TagKeys': input.TagKeys.length > 0 ? input.TagKeys : undefined }),
      ),
    ),
  async handle(input, call) {
    for (const arn of requireFew(input.ResourceArns)) {
      const found = await find(call, arn);
      found.put(withoutTags(found.tags, input.TagKeys));
    }
    return {};
  },
});

export const DescribeTags = operation<DescribeTagsInput, DescribeTagsOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTags')],
  async handle(input, call) {
    const shown = requireFew(input.ResourceArns).map(async (arn) => ({
      ResourceArn: arn,
      Tags: tagList((await find(call, arn)).tags),
    }));
    return { TagDescriptions: await Promise.all(shown) };
  },
});
