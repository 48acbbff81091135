/** Managed prefix lists: versions of CIDR blocks that rules name. */
import type {
  CreateManagedPrefixListRequest,
  CreateManagedPrefixListResult,
  DeleteManagedPrefixListRequest,
  DeleteManagedPrefixListResult,
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult,
  DescribePrefixListsRequest,
  DescribePrefixListsResult,
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult,
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult,
  ManagedPrefixList,
  ModifyManagedPrefixListRequest,
  ModifyManagedPrefixListResult,
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { ec2Arn } from '../../arns.ts';
import { ruleBlock } from '../../network/blocks.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { dependent, invalidValue, refused } from '../../network/errors.ts';
import { findPrefixList } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { pageOf } from '../../network/pages.ts';
import { readAll } from '../../network/rows.ts';
import { type PrefixListRow, partitionOf, prefixLists, routeTables, securityGroupRules } from '../../network/state.ts';
import { givenTags, putTags, shownTags, type Tags, taggingChecks, tagsOf } from '../../network/tags.ts';

type Entry = PrefixListRow['versions'][number][number];

function entryOf(family: PrefixListRow['family'], cidr: string | undefined, description: string | undefined): Entry {
  const block = ruleBlock(cidr ?? '');
  if (!block || (block.family === 4) !== (family === 'IPv4'))
    throw invalidValue(cidr, 'Cidr', `It is no ${family} block.`);
  return { cidr: block.text, ...(description !== undefined && { description }) };
}

const current = (row: PrefixListRow): readonly Entry[] => row.versions.at(-1) ?? [];

export const CreateManagedPrefixList = changing<CreateManagedPrefixListRequest, CreateManagedPrefixListResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'prefix-list');
    return [await on(call, 'prefix-list', undefined, values), ...checks];
  },
  handle(input, call) {
    const { change, scope, random } = call;
    const { PrefixListName: name = '', MaxEntries: most = 0, AddressFamily: family } = input;
    if (family !== 'IPv4' && family !== 'IPv6') throw invalidValue(family, 'AddressFamily');
    if (name.length < 1 || name.length > 255 || name.startsWith('com.amazonaws'))
      throw invalidValue(name, 'PrefixListName');
    if (most < 1 || most > 1000) throw invalidValue(most, 'MaxEntries', 'Must be 1 to 1000.');
    const entries = (input.Entries ?? []).map((one) => entryOf(family, one.Cidr, one.Description));
    requireFit(entries, most);
    const tags = givenTags(input.TagSpecifications, 'prefix-list');
    const row: PrefixListRow = {
      id: newId(random, 'pl'),
      name,
      family,
      maxEntries: most,
      version: 1,
      versions: [entries],
    };
    change.put(prefixLists, partitionOf(scope), row.id, row);
    putTags(change, scope, 'prefix-list', row.id, tags);
    return { PrefixList: { ...shown(call, row, tags), State: 'create-in-progress' } };
  },
});

function requireFit(entries: readonly Entry[], most: number): void {
  if (new Set(entries.map(({ cidr }) => cidr)).size < entries.length) {
    throw refused('InvalidParameterValue', 'A prefix list holds each block once.');
  }
  if (entries.length > most) {
    throw refused('PrefixListMaxEntriesExceeded', `The prefix list holds at most ${most} entries.`);
  }
}

export const ModifyManagedPrefixList = changing<ModifyManagedPrefixListRequest, ModifyManagedPrefixListResult>({
  checks: async (input, call) => [await on(call, 'prefix-list', input.PrefixListId)],
  async handle(input, call) {
    const row = await findPrefixList(call, input.PrefixListId);
    const changesEntries = (input.AddEntries?.length ?? 0) + (input.RemoveEntries?.length ?? 0) > 0;
    if (changesEntries && input.CurrentVersion !== row.version) {
      throw refused(
        input.CurrentVersion === undefined ? 'MissingParameter' : 'PrefixListVersionMismatch',
        `The current version of the prefix list is ${row.version}, and must be named.`,
      );
    }
    const most = input.MaxEntries ?? row.maxEntries;
    const added = (input.AddEntries ?? []).map((one) => entryOf(row.family, one.Cidr, one.Description));
    const removed = (input.RemoveEntries ?? []).map((one) => entryOf(row.family, one.Cidr, undefined).cidr);
    for (const cidr of removed) {
      if (!current(row).some((entry) => entry.cidr === cidr))
        throw invalidValue(cidr, 'Cidr', 'It is not in the prefix list.');
    }
    const again = new Set(added.map(({ cidr }) => cidr));
    const kept = current(row).filter(({ cidr }) => !removed.includes(cidr) && !again.has(cidr));
    const entries = [...kept, ...added];
    requireFit(entries, most);
    const next: PrefixListRow = {
      ...row,
      name: input.PrefixListName ?? row.name,
      maxEntries: most,
      ...(changesEntries && { version: row.version + 1, versions: [...row.versions, entries] }),
    };
    return put(call, next);
  },
});

async function put(call: Call, row: PrefixListRow) {
  call.change.put(prefixLists, partitionOf(call.scope), row.id, row);
  const tags = await tagsOf(call.change, call.scope, row.id);
  return { PrefixList: { ...shown(call, row, tags), State: 'modify-in-progress' as const } };
}

export const RestoreManagedPrefixListVersion = changing<
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult
>({
  checks: async (input, call) => [await on(call, 'prefix-list', input.PrefixListId)],
  async handle(input, call) {
    const row = await findPrefixList(call, input.PrefixListId);
    if (input.CurrentVersion !== row.version) {
      throw refused('PrefixListVersionMismatch', `The current version of the prefix list is ${row.version}.`);
    }
    const before = row.versions[(input.PreviousVersion ?? 0) - 1];
    if (!before) throw refused('PrefixListVersionNotFound', `The prefix list has no version ${input.PreviousVersion}.`);
    return put(call, { ...row, version: row.version + 1, versions: [...row.versions, before] });
  },
});

export const DeleteManagedPrefixList = changing<DeleteManagedPrefixListRequest, DeleteManagedPrefixListResult>({
  checks: async (input, call) => [await on(call, 'prefix-list', input.PrefixListId)],
  async handle(input, call) {
    const { change, scope } = call;
    const row = await findPrefixList(call, input.PrefixListId);
    if ((await users(call, row.id)).length > 0) throw dependent(row.id);
    const tags = await tagsOf(change, scope, row.id);
    change.delete(prefixLists, partitionOf(scope), row.id);
    putTags(change, scope, 'prefix-list', row.id, {});
    return { PrefixList: { ...shown(call, row, tags), State: 'delete-in-progress' } };
  },
});

/** Ids of the groups and route tables that name a list. */
async function users({ change, scope }: Call, id: string): Promise<readonly string[]> {
  const rules = (await readAll(change, securityGroupRules, scope)).filter(({ prefixList }) => prefixList === id);
  const tables = (await readAll(change, routeTables, scope)).filter(({ routes }) =>
    routes.some(({ destination }) => destination === id),
  );
  return [...new Set([...rules.map(({ group }) => group), ...tables.map((table) => table.id)])];
}

export const DescribeManagedPrefixLists = reading<DescribeManagedPrefixListsRequest, DescribeManagedPrefixListsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await listed(call, input.PrefixListIds, input);
    return { PrefixLists: rows.map((row) => shown(call, row, row.tags)), ...next };
  },
});

function listed(
  call: Call,
  ids: readonly string[] | undefined,
  request: {
    Filters?: DescribeManagedPrefixListsRequest['Filters'];
    MaxResults?: number | undefined;
    NextToken?: string | undefined;
  },
) {
  return describe<PrefixListRow>(
    call,
    { ...request, ids },
    {
      table: prefixLists,
      kind: 'prefix-list',
      facts: {
        'prefix-list-id': ({ id }) => id,
        'prefix-list-name': ({ name }) => name,
        'owner-id': () => call.scope.account,
      },
    },
  );
}

export const DescribePrefixLists = reading<DescribePrefixListsRequest, DescribePrefixListsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await listed(call, input.PrefixListIds, input);
    return {
      PrefixLists: rows.map((row) => ({
        PrefixListId: row.id,
        PrefixListName: row.name,
        Cidrs: current(row).map(({ cidr }) => cidr),
      })),
      ...next,
    };
  },
});

export const GetManagedPrefixListEntries = reading<
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult
>({
  checks: async (input, call) => [await on(call, 'prefix-list', input.PrefixListId)],
  async handle(input, call) {
    const row = await findPrefixList(call, input.PrefixListId);
    const version = input.TargetVersion ?? row.version;
    const entries = row.versions[version - 1];
    if (!entries) throw refused('PrefixListVersionNotFound', `The prefix list has no version ${version}.`);
    const { rows, next } = pageOf(
      call,
      { MaxResults: input.MaxResults, NextToken: input.NextToken },
      entries.map((one) => ({ id: one.cidr, ...one })),
    );
    return { Entries: rows.map(({ cidr, description }) => ({ Cidr: cidr, Description: description })), ...next };
  },
});

export const GetManagedPrefixListAssociations = reading<
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult
>({
  checks: async (input, call) => [await on(call, 'prefix-list', input.PrefixListId)],
  async handle(input, call) {
    const { id } = await findPrefixList(call, input.PrefixListId);
    const { rows, next } = pageOf(
      call,
      { MaxResults: input.MaxResults, NextToken: input.NextToken },
      (await users(call, id)).map((one) => ({ id: one })),
    );
    return {
      PrefixListAssociations: rows.map((one) => ({ ResourceId: one.id, ResourceOwner: call.scope.account })),
      ...next,
    };
  },
});

function shown(call: Call, row: PrefixListRow, tags: Tags): ManagedPrefixList {
  return {
    PrefixListId: row.id,
    PrefixListArn: ec2Arn(call, 'prefix-list', row.id),
    PrefixListName: row.name,
    AddressFamily: row.family,
    MaxEntries: row.maxEntries,
    Version: row.version,
    OwnerId: call.scope.account,
    State: row.version === 1 ? 'create-complete' : 'modify-complete',
    Tags: shownTags(tags),
  };
}
