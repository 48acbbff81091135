/** Tags of zones and health checks. */
import type {
  ChangeTagsForResourceRequest,
  ChangeTagsForResourceResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsForResourcesRequest,
  ListTagsForResourcesResponse,
  ResourceTagSet,
} from '@aws-sdk/client-route-53';
import { type Call, operation } from '../../service.ts';
import { on } from '../checks.ts';
import { invalid, noHealthCheck, noZone } from '../errors.ts';
import { bareId } from '../names.ts';
import type { Route53Ports } from '../ports.ts';
import { healthChecks, tags, zones } from '../state.ts';

const MOST_TAGS = 50;
type Kind = 'hostedzone' | 'healthcheck';

async function requireResource(call: Call, kind: Kind, id: string): Promise<void> {
  const { change, scope } = call;
  if (kind === 'hostedzone' && !(await change.get(zones, scope.account, id))) throw noZone(id);
  if (kind === 'healthcheck' && !(await change.get(healthChecks, scope.account, id))) throw noHealthCheck(id);
}

async function shown(call: Call, kind: Kind, id: string): Promise<ResourceTagSet> {
  const held = (await call.change.get(tags, call.scope.account, `${kind}/${id}`)) ?? {};
  return { ResourceType: kind, ResourceId: id, Tags: Object.entries(held).map(([Key, Value]) => ({ Key, Value })) };
}

export const ChangeTagsForResource = operation<
  ChangeTagsForResourceRequest,
  ChangeTagsForResourceResponse,
  Route53Ports
>({
  checks: (input, call) => on(call, input.ResourceType as Kind, bareId(input.ResourceId)),
  async handle(input, call) {
    const { change, scope } = call;
    const [kind, id] = [input.ResourceType as Kind, bareId(input.ResourceId)];
    await requireResource(call, kind, id);
    const held = (await change.get(tags, scope.account, `${kind}/${id}`)) ?? {};
    const kept = Object.entries(held).filter(([key]) => !input.RemoveTagKeys?.includes(key));
    const added = (input.AddTags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''] as const);
    const next = Object.fromEntries([...kept, ...added]);
    if (Object.keys(next).length > MOST_TAGS) throw invalid(`A resource has at most ${MOST_TAGS} tags.`);
    change.put(tags, scope.account, `${kind}/${id}`, next);
    return {};
  },
});

export const ListTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse, Route53Ports>({
  checks: (input, call) => on(call, input.ResourceType as Kind, bareId(input.ResourceId)),
  async handle(input, call) {
    const [kind, id] = [input.ResourceType as Kind, bareId(input.ResourceId)];
    await requireResource(call, kind, id);
    return { ResourceTagSet: await shown(call, kind, id) };
  },
});

export const ListTagsForResources = operation<ListTagsForResourcesRequest, ListTagsForResourcesResponse, Route53Ports>({
  checks: async (input, call) => {
    const all = await Promise.all(input.ResourceIds.map((id) => on(call, input.ResourceType as Kind, bareId(id))));
    return all.flat();
  },
  async handle(input, call) {
    const kind = input.ResourceType as Kind;
    const ids = input.ResourceIds.map(bareId);
    for (const id of ids) await requireResource(call, kind, id);
    return { ResourceTagSets: await Promise.all(ids.map((id) => shown(call, kind, id))) };
  },
});
