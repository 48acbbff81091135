/** Protection groups: protected resources that are looked at together. */
import type {
  CreateProtectionGroupRequest,
  CreateProtectionGroupResponse,
  DeleteProtectionGroupRequest,
  DeleteProtectionGroupResponse,
  DescribeProtectionGroupRequest,
  DescribeProtectionGroupResponse,
  ListProtectionGroupsRequest,
  ListProtectionGroupsResponse,
  ListResourcesInProtectionGroupRequest,
  ListResourcesInProtectionGroupResponse,
  ProtectionGroup,
  UpdateProtectionGroupRequest,
  UpdateProtectionGroupResponse,
} from '@aws-sdk/client-shield';
import { type Call, type CheckCall, operation } from '../../service.ts';
import { arnOf, on, onAll, requestTags } from '../checks.ts';
import { exists, invalid, limits, noGroup } from '../errors.ts';
import { pageOf } from '../pages.ts';
import type { ShieldPorts } from '../ports.ts';
import { type GroupRow, groups, protections } from '../state.ts';
import { protectionOf } from './protections.ts';
import { MOST_GROUPS, MOST_MEMBERS, requireSubscription } from './subscriptions.ts';

async function find(call: Pick<CheckCall, 'change' | 'scope'>, id: string): Promise<GroupRow> {
  const row = await call.change.get(groups, call.scope.account, id);
  if (!row) throw noGroup();
  return row;
}

type Given = Pick<CreateProtectionGroupRequest, 'Aggregation' | 'Pattern' | 'ResourceType' | 'Members'>;

async function settingsOf(
  call: Call,
  given: Given,
): Promise<Pick<GroupRow, 'aggregation' | 'pattern' | 'resourceType' | 'members'>> {
  const {
    Aggregation: aggregation = 'SUM',
    Pattern: pattern = 'ALL',
    ResourceType: type,
    Members: members = [],
  } = given;
  if ((pattern === 'BY_RESOURCE_TYPE') !== (type !== undefined))
    throw invalid('ResourceType goes with the pattern BY_RESOURCE_TYPE.');
  if (pattern !== 'ARBITRARY' && members.length > 0) throw invalid('Members go with the pattern ARBITRARY.');
  if (pattern === 'ARBITRARY' && members.length === 0) throw invalid('The pattern ARBITRARY needs members.');
  if (members.length > MOST_MEMBERS) throw limits('Members', MOST_MEMBERS);
  for (const arn of members) await protectionOf(call, arn);
  return { aggregation, pattern, members, ...(type !== undefined && { resourceType: type }) };
}

export const CreateProtectionGroup = operation<
  CreateProtectionGroupRequest,
  CreateProtectionGroupResponse,
  ShieldPorts
>({
  checks: (input, call) => onAll(call, requestTags(input.Tags)),
  async handle(input, call) {
    const { change, scope } = call;
    await requireSubscription(call);
    if (await change.get(groups, scope.account, input.ProtectionGroupId)) {
      throw exists('The referenced protection group already exists.', 'PROTECTION_GROUP');
    }
    if ((await change.list(groups, scope.account)).length >= MOST_GROUPS) throw limits('ProtectionGroups', MOST_GROUPS);
    const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    const row: GroupRow = {
      id: input.ProtectionGroupId,
      account: scope.account,
      tags,
      ...(await settingsOf(call, input)),
    };
    change.put(groups, scope.account, row.id, row);
    return {};
  },
});

export const UpdateProtectionGroup = operation<
  UpdateProtectionGroupRequest,
  UpdateProtectionGroupResponse,
  ShieldPorts
>({
  checks: (input, call) => on(call, 'protection-group', input.ProtectionGroupId),
  async handle(input, call) {
    const { id, account, tags } = await find(call, input.ProtectionGroupId);
    call.change.put(groups, account, id, { id, account, tags, ...(await settingsOf(call, input)) });
    return {};
  },
});

export const DescribeProtectionGroup = operation<
  DescribeProtectionGroupRequest,
  DescribeProtectionGroupResponse,
  ShieldPorts
>({
  checks: (input, call) => on(call, 'protection-group', input.ProtectionGroupId),
  handle: async (input, call) => ({ ProtectionGroup: shown(await find(call, input.ProtectionGroupId)) }),
});

export const DeleteProtectionGroup = operation<
  DeleteProtectionGroupRequest,
  DeleteProtectionGroupResponse,
  ShieldPorts
>({
  checks: (input, call) => on(call, 'protection-group', input.ProtectionGroupId),
  async handle(input, call) {
    const { id } = await find(call, input.ProtectionGroupId);
    call.change.delete(groups, call.scope.account, id);
    return {};
  },
});

export const ListProtectionGroups = operation<ListProtectionGroupsRequest, ListProtectionGroupsResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const {
      ProtectionGroupIds: ids,
      Patterns: patterns,
      Aggregations: aggregations,
      ResourceTypes: types,
    } = input.InclusionFilters ?? {};
    const wanted = (await call.change.list(groups, call.scope.account))
      .map(({ value }) => value)
      .filter(({ id }) => ids === undefined || ids.includes(id))
      .filter(({ pattern }) => patterns === undefined || patterns.includes(pattern))
      .filter(({ aggregation }) => aggregations === undefined || aggregations.includes(aggregation))
      .filter(({ resourceType }) => types === undefined || (types as (string | undefined)[]).includes(resourceType));
    const { items, next } = pageOf(call, input, wanted, ({ id }) => id);
    return { ProtectionGroups: items.map(shown), ...next };
  },
});

export const ListResourcesInProtectionGroup = operation<
  ListResourcesInProtectionGroupRequest,
  ListResourcesInProtectionGroupResponse,
  ShieldPorts
>({
  checks: (input, call) => on(call, 'protection-group', input.ProtectionGroupId),
  async handle(input, call, ports) {
    const group = await find(call, input.ProtectionGroupId);
    const arns: string[] = [];
    for (const { value } of await call.change.list(protections, call.scope.account)) {
      const type = (await ports.resource(call.change, value.resource))?.type;
      const isIn =
        group.pattern === 'ALL' ||
        (group.pattern === 'ARBITRARY' && group.members.includes(value.resource)) ||
        (group.pattern === 'BY_RESOURCE_TYPE' && group.resourceType === type);
      if (isIn) arns.push(value.resource);
    }
    const { items, next } = pageOf(call, input, arns.sort(), (arn) => arn);
    return { ResourceArns: [...items], ...next };
  },
});

function shown(row: GroupRow): ProtectionGroup {
  return {
    ProtectionGroupId: row.id,
    Aggregation: row.aggregation,
    Pattern: row.pattern,
    ...(row.resourceType !== undefined && { ResourceType: row.resourceType as 'APPLICATION_LOAD_BALANCER' }),
    Members: [...row.members],
    ProtectionGroupArn: arnOf(row.account, 'protection-group', row.id),
  };
}
