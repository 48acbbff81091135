/** The cache and origin request policies that AWS manages: listed and shown. */
import type {
  GetCachePolicyConfigRequest,
  GetCachePolicyConfigResult,
  GetCachePolicyRequest,
  GetCachePolicyResult,
  GetOriginRequestPolicyConfigRequest,
  GetOriginRequestPolicyConfigResult,
  GetOriginRequestPolicyRequest,
  GetOriginRequestPolicyResult,
  ListCachePoliciesRequest,
  ListCachePoliciesResult,
  ListOriginRequestPoliciesRequest,
  ListOriginRequestPoliciesResult,
} from '@aws-sdk/client-cloudfront';
import { type CheckCall, operation } from '../../service.ts';
import { onAll, onPolicy } from '../checks.ts';
import { noCachePolicy, noOriginRequestPolicy } from '../errors.ts';
import { pageOf } from '../pages.ts';
import { cachePolicies } from '../policies/cache-policies.ts';
import { originRequestPolicies } from '../policies/origin-request-policies.ts';
import type { CloudFrontPorts } from '../ports.ts';

/** What AWS manages never changes, and neither does its version. */
const ETag = 'E23ZP02F085DFQ';

interface Listing {
  readonly Type?: string | undefined;
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** Those of one's own come from operations that are not built: there are none. */
function managedPage<T extends { Id: string | undefined }>(call: CheckCall, input: Listing, all: Iterable<T>) {
  const listed = input.Type === 'custom' ? [] : [...all];
  const { items, head } = pageOf(call, input, listed, ({ Id }) => Id ?? '');
  const { NextMarker, MaxItems, Quantity } = head;
  return { items, head: { MaxItems, Quantity, ...(NextMarker !== undefined && { NextMarker }) } };
}

export const ListCachePolicies = operation<ListCachePoliciesRequest, ListCachePoliciesResult, CloudFrontPorts>({
  checks: (_input, call) => onAll(call),
  handle(input, call) {
    const { items, head } = managedPage(call, input, cachePolicies.values());
    const Items = items.map((CachePolicy) => ({ Type: 'managed' as const, CachePolicy }));
    return { CachePolicyList: { ...head, ...(Items.length > 0 && { Items }) } };
  },
});

function cachePolicy(id: string) {
  const found = cachePolicies.get(id);
  if (!found) throw noCachePolicy();
  return found;
}

export const GetCachePolicy = operation<GetCachePolicyRequest, GetCachePolicyResult, CloudFrontPorts>({
  checks: (input, call) => onPolicy(call, 'cache-policy', input.Id),
  handle: (input) => ({ CachePolicy: cachePolicy(input.Id), ETag }),
});

export const GetCachePolicyConfig = operation<GetCachePolicyConfigRequest, GetCachePolicyConfigResult, CloudFrontPorts>(
  {
    checks: (input, call) => onPolicy(call, 'cache-policy', input.Id),
    handle: (input) => ({ CachePolicyConfig: cachePolicy(input.Id).CachePolicyConfig, ETag }),
  },
);

export const ListOriginRequestPolicies = operation<
  ListOriginRequestPoliciesRequest,
  ListOriginRequestPoliciesResult,
  CloudFrontPorts
>({
  checks: (_input, call) => onAll(call),
  handle(input, call) {
    const { items, head } = managedPage(call, input, originRequestPolicies.values());
    const Items = items.map((OriginRequestPolicy) => ({ Type: 'managed' as const, OriginRequestPolicy }));
    return { OriginRequestPolicyList: { ...head, ...(Items.length > 0 && { Items }) } };
  },
});

function originRequestPolicy(id: string) {
  const found = originRequestPolicies.get(id);
  if (!found) throw noOriginRequestPolicy();
  return found;
}

export const GetOriginRequestPolicy = operation<
  GetOriginRequestPolicyRequest,
  GetOriginRequestPolicyResult,
  CloudFrontPorts
>({
  checks: (input, call) => onPolicy(call, 'origin-request-policy', input.Id),
  handle: (input) => ({ OriginRequestPolicy: originRequestPolicy(input.Id), ETag }),
});

export const GetOriginRequestPolicyConfig = operation<
  GetOriginRequestPolicyConfigRequest,
  GetOriginRequestPolicyConfigResult,
  CloudFrontPorts
>({
  checks: (input, call) => onPolicy(call, 'origin-request-policy', input.Id),
  handle: (input) => ({ OriginRequestPolicyConfig: originRequestPolicy(input.Id).OriginRequestPolicyConfig, ETag }),
});
