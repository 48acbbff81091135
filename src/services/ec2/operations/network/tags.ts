/** CreateTags, DeleteTags, DescribeTags, for every kind of resource of a network. */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
} from '@aws-sdk/client-ec2';
import type { Table } from '../../../../store/store.ts';
import type { Call, CheckCall } from '../../../service.ts';
import type { ResourceType } from '../../arns.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { type Kind, kinds, missingParameter, notFound, refused } from '../../network/errors.ts';
import { filtered } from '../../network/filters.ts';
import { pageOf } from '../../network/pages.ts';
import { read, readAll } from '../../network/rows.ts';
import {
  dhcpOptions,
  flowLogs,
  instances,
  internetGateways,
  networkAcls,
  networkInterfaces,
  partitionOf,
  prefixLists,
  resourceTags,
  routeTables,
  securityGroupRules,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from '../../network/state.ts';
import { mergeTags, putTags, requestTagValues, tagsOf } from '../../network/tags.ts';

const tables: Readonly<Record<Exclude<Kind, 'security-group-rule'>, Table<unknown>>> = {
  vpc: vpcs,
  subnet: subnets,
  'security-group': securityGroups,
  'network-acl': networkAcls,
  'route-table': routeTables,
  'internet-gateway': internetGateways,
  'dhcp-options': dhcpOptions,
  'network-interface': networkInterfaces,
  'prefix-list': prefixLists,
  'vpc-flow-log': flowLogs,
  'vpc-endpoint': vpcEndpoints,
  instance: instances,
};

/** By the prefix of its id. */
function kindOf(id: string): Kind | undefined {
  const prefix = id.slice(0, id.lastIndexOf('-'));
  return (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind].prefix === prefix);
}

async function exists(call: Call, kind: Kind, id: string): Promise<boolean> {
  if (kind !== 'security-group-rule') return (await read(call.change, tables[kind], call.scope, id)) !== undefined;
  return (await readAll(call.change, securityGroupRules, call.scope)).some((rule) => rule.id === id);
}

async function tagChecks(call: CheckCall, ids: readonly string[] | undefined, values: Parameters<typeof on>[3]) {
  const named = (ids ?? []).map((id) => ({ id, kind: kindOf(id) }));
  // What is no resource of EC2 is asked for all the same, under a kind that nothing is named by.
  return Promise.all(
    named.map(({ id, kind }) => on(call, (kind ?? 'instance') as ResourceType, kind ? id : '*', values)),
  );
}

export const CreateTags = changing<CreateTagsRequest, object>({
  checks: (input, call) => tagChecks(call, input.Resources, requestTagValues(input.Tags ?? [])),
  async handle(input, call) {
    const { change, scope } = call;
    const ids = input.Resources ?? [];
    if (ids.length === 0) throw missingParameter('resourceIdSet');
    if ((input.Tags ?? []).length === 0) throw missingParameter('tagSet');
    for (const id of ids) {
      const kind = kindOf(id);
      if (!kind) throw refused('InvalidID', `The ID '${id}' is not valid`);
      if (!(await exists(call, kind, id))) throw notFound(kind, id);
      putTags(change, scope, kind, id, mergeTags(await tagsOf(change, scope, id), input.Tags ?? []));
    }
    return {};
  },
});

export const DeleteTags = changing<DeleteTagsRequest, object>({
  checks: (input, call) => {
    const keys = (input.Tags ?? []).map(({ Key }) => Key ?? '');
    return tagChecks(call, input.Resources, keys.length > 0 ? { 'aws:TagKeys': keys } : {});
  },
  async handle(input, call) {
    const { change, scope } = call;
    for (const id of input.Resources ?? []) {
      const kind = kindOf(id);
      if (!kind) throw refused('InvalidID', `The ID '${id}' is not valid`);
      if (!(await exists(call, kind, id))) throw notFound(kind, id);
      const present = Object.entries(await tagsOf(change, scope, id));
      // Without keys all go; a key with a value goes only with that value.
      const isGone = ([key, value]: [string, string]) =>
        input.Tags === undefined ||
        input.Tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
      putTags(change, scope, kind, id, Object.fromEntries(present.filter((one) => !isGone(one))));
    }
    return {};
  },
});

export const DescribeTags = reading<DescribeTagsRequest, DescribeTagsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const rows = await call.change.list(resourceTags, partitionOf(call.scope));
    const flat = rows.flatMap(({ id, value }) =>
      Object.entries(value.tags).map(([key, text]) => ({
        id: `${id} ${key}`,
        resource: id,
        type: value.type,
        key,
        value: text,
      })),
    );
    const keeps = filtered<(typeof flat)[number]>(input.Filters, {
      key: ({ key }) => key,
      value: ({ value }) => value,
      'resource-id': ({ resource }) => resource,
      'resource-type': ({ type }) => type,
    });
    const { rows: shown, next } = pageOf(
      call,
      input,
      flat.filter((row) => keeps(row, {})),
    );
    return {
      Tags: shown.map(({ resource, type, key, value }) => ({
        ResourceId: resource,
        ResourceType: type as 'vpc',
        Key: key,
        Value: value,
      })),
      ...next,
    };
  },
});
