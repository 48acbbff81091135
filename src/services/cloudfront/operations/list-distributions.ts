/** ListDistributions, and those by web ACL, cache policy and origin request policy. */
import type {
  CacheBehavior,
  DefaultCacheBehavior,
  ListDistributionsByCachePolicyIdRequest,
  ListDistributionsByCachePolicyIdResult,
  ListDistributionsByOriginRequestPolicyIdRequest,
  ListDistributionsByOriginRequestPolicyIdResult,
  ListDistributionsByWebACLIdRequest,
  ListDistributionsByWebACLIdResult,
  ListDistributionsRequest,
  ListDistributionsResult,
} from '@aws-sdk/client-cloudfront';
import { type CheckCall, operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { noCachePolicy, noOriginRequestPolicy } from '../errors.ts';
import { pageOf } from '../pages.ts';
import { cachePolicies } from '../policies/cache-policies.ts';
import { originRequestPolicies } from '../policies/origin-request-policies.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { shownSummary } from '../shapes.ts';
import { type DistributionRow, distributions } from '../state.ts';

async function own({ change, scope }: CheckCall): Promise<DistributionRow[]> {
  return (await change.list(distributions, scope.account)).map(({ value }) => value);
}

function shown(
  call: CheckCall,
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
  rows: DistributionRow[],
) {
  const { items, head } = pageOf(call, input, rows, ({ id }) => id);
  return { DistributionList: { ...head, ...(items.length > 0 && { Items: items.map(shownSummary) }) } };
}

export const ListDistributions = operation<ListDistributionsRequest, ListDistributionsResult, CloudFrontPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    const rows = await own(call);
    await ports.deployed();
    return shown(call, input, rows);
  },
});

export const ListDistributionsByWebACLId = operation<
  ListDistributionsByWebACLIdRequest,
  ListDistributionsByWebACLIdResult,
  CloudFrontPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    // "If you specify null": those that no web ACL protects.
    const wanted = input.WebACLId === 'null' ? '' : input.WebACLId;
    const rows = (await own(call)).filter(({ config }) => config.WebACLId === wanted);
    await ports.deployed();
    return shown(call, input, rows);
  },
});

function named(
  call: CheckCall,
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
  rows: readonly DistributionRow[],
  isNamed: (behavior: CacheBehavior | DefaultCacheBehavior) => boolean,
) {
  const using = rows.filter(({ config }) =>
    [config.DefaultCacheBehavior, ...(config.CacheBehaviors?.Items ?? [])].some((one) => one && isNamed(one)),
  );
  const { items, head } = pageOf(call, input, using, ({ id }) => id);
  return { DistributionIdList: { ...head, ...(items.length > 0 && { Items: items.map(({ id }) => id) }) } };
}

export const ListDistributionsByCachePolicyId = operation<
  ListDistributionsByCachePolicyIdRequest,
  ListDistributionsByCachePolicyIdResult,
  CloudFrontPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    if (!cachePolicies.has(input.CachePolicyId)) throw noCachePolicy();
    return named(call, input, await own(call), (one) => one.CachePolicyId === input.CachePolicyId);
  },
});

export const ListDistributionsByOriginRequestPolicyId = operation<
  ListDistributionsByOriginRequestPolicyIdRequest,
  ListDistributionsByOriginRequestPolicyIdResult,
  CloudFrontPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    if (!originRequestPolicies.has(input.OriginRequestPolicyId)) throw noOriginRequestPolicy();
    return named(call, input, await own(call), (one) => one.OriginRequestPolicyId === input.OriginRequestPolicyId);
  },
});
