/** What managed rule groups there are, their versions, and what is in them. */
import type {
  DescribeAllManagedProductsRequest,
  DescribeAllManagedProductsResponse,
  DescribeManagedProductsByVendorRequest,
  DescribeManagedProductsByVendorResponse,
  DescribeManagedRuleGroupRequest,
  DescribeManagedRuleGroupResponse,
  ListAvailableManagedRuleGroupsRequest,
  ListAvailableManagedRuleGroupsResponse,
  ListAvailableManagedRuleGroupVersionsRequest,
  ListAvailableManagedRuleGroupVersionsResponse,
  ManagedProductDescriptor,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { requireScope } from '../entity.ts';
import { nonexistentItem } from '../errors.ts';
import { findGroup, groupsOf, type OfferedGroup, productsOf, requireVersion } from '../managed-groups.ts';
import { page, slice } from '../pages.ts';
import type { WafPorts } from '../ports.ts';

export const ListAvailableManagedRuleGroups = operation<
  ListAvailableManagedRuleGroupsRequest,
  ListAvailableManagedRuleGroupsResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'ListAvailableManagedRuleGroups')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const all = (await groupsOf(call, input.Scope)).map((value) => ({ id: idOf(value), value }));
    all.sort((a, b) => (a.id < b.id ? -1 : 1));
    const { rows, rest } = await page(call, input, input.Scope, slice(all));
    return {
      ManagedRuleGroups: rows.map(({ value: { vendor, name, versions, description } }) => ({
        VendorName: vendor,
        Name: name,
        VersioningSupported: versions.length > 0,
        Description: description,
      })),
      ...rest,
    };
  },
});

const idOf = ({ vendor, name }: OfferedGroup): string => `${vendor === 'AWS' ? '0' : '1'}/${vendor}/${name}`;

export const ListAvailableManagedRuleGroupVersions = operation<
  ListAvailableManagedRuleGroupVersionsRequest,
  ListAvailableManagedRuleGroupVersionsResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'ListAvailableManagedRuleGroupVersions')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const group = await findGroup(call, input.Scope, input.VendorName, input.Name);
    const live = group.versions.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > call.now);
    const all = live.map((value, index) => ({ id: String(index).padStart(6, '0'), value }));
    const { rows, rest } = await page(call, input, `${input.Scope} ${idOf(group)}`, slice(all));
    return {
      Versions: rows.map(({ value: { name, updatedAt } }) => ({
        Name: name,
        ...(updatedAt !== undefined && { LastUpdateTimestamp: new Date(updatedAt) }),
      })),
      ...(group.defaultVersion !== undefined && { CurrentDefaultVersion: group.defaultVersion }),
      ...rest,
    };
  },
});

export const DescribeManagedRuleGroup = operation<
  DescribeManagedRuleGroupRequest,
  DescribeManagedRuleGroupResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'DescribeManagedRuleGroup')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const group = await findGroup(call, input.Scope, input.VendorName, input.Name);
    const version = requireVersion(group, input.VersionName, call.now);
    const name = input.VersionName ?? group.defaultVersion;
    return {
      ...(name !== undefined && { VersionName: name }),
      Capacity: version.capacity,
      Rules: version.rules.map((rule) => ({ Name: rule.name, Action: rule.action })),
      LabelNamespace: version.labelNamespace,
      AvailableLabels: version.available.map((Name) => ({ Name })),
      ...(version.consumed.length > 0 && { ConsumedLabels: version.consumed.map((Name) => ({ Name })) }),
    };
  },
});

export const DescribeAllManagedProducts = operation<
  DescribeAllManagedProductsRequest,
  DescribeAllManagedProductsResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'DescribeAllManagedProducts')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    return { ManagedProducts: (await productsOf(call, input.Scope)).map(product) };
  },
});

export const DescribeManagedProductsByVendor = operation<
  DescribeManagedProductsByVendorRequest,
  DescribeManagedProductsByVendorResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'DescribeManagedProductsByVendor')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const found = (await productsOf(call, input.Scope)).filter(({ vendor }) => vendor === input.VendorName);
    if (found.length === 0) throw nonexistentItem();
    return { ManagedProducts: found.map(product) };
  },
});

function product(group: OfferedGroup): ManagedProductDescriptor {
  return {
    VendorName: group.vendor,
    ManagedRuleSetName: group.name,
    ProductId: `${group.vendor}#${group.name}`,
    ProductTitle: group.title,
    ProductDescription: group.description,
    IsVersioningSupported: group.versions.length > 0,
    IsAdvancedManagedRuleSet: group.isAdvanced,
  };
}
