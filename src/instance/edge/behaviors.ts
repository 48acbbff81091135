/** Cache behaviors as the edge takes them, from what CloudFront keeps and the policies that it manages. */
import type { CacheBehavior, DefaultCacheBehavior, ForwardedValues } from '@aws-sdk/client-cloudfront';
import type { BehaviorSettings, Selection } from '../../edge/snapshot.ts';
import { cachePolicies } from '../../services/cloudfront/policies/cache-policies.ts';
import { originRequestPolicies } from '../../services/cloudfront/policies/origin-request-policies.ts';

type Behavior = CacheBehavior | DefaultCacheBehavior;
type Choices = Pick<BehaviorSettings, 'queryStrings' | 'cookies' | 'headerNames'>;

interface Listed {
  readonly Items?: readonly string[] | undefined;
}

const none: Selection = { kind: 'none' };
const all: Selection = { kind: 'all' };

/** @param secureOriginId for origins that are spoken to as viewers speak */
export function behaviorSettings(behavior: Behavior, secureOriginId: string | undefined): BehaviorSettings {
  const methods = behavior.AllowedMethods?.Items ?? ['GET', 'HEAD'];
  // Of the methods that may be kept, answers to OPTIONS never are: each is asked for anew.
  const kept = (behavior.AllowedMethods?.CachedMethods?.Items ?? ['GET', 'HEAD']).filter((one) => one !== 'OPTIONS');
  return {
    pathPattern: 'PathPattern' in behavior ? (behavior.PathPattern ?? '*') : '*',
    originId: behavior.TargetOriginId ?? '',
    ...(secureOriginId !== undefined && { secureOriginId }),
    viewerProtocol: behavior.ViewerProtocolPolicy ?? 'https-only',
    methods: [...methods],
    cachedMethods: kept,
    ...(behavior.CachePolicyId ? byPolicies(behavior) : byValues(behavior)),
  };
}

type Kept = Omit<BehaviorSettings, 'pathPattern' | 'originId' | 'viewerProtocol' | 'methods' | 'cachedMethods'>;

function byPolicies({ CachePolicyId = '', OriginRequestPolicyId, Compress }: Behavior): Kept {
  const policy = cachePolicies.get(CachePolicyId)?.CachePolicyConfig;
  // What is not known is not kept.
  if (!policy) return { ...never, queryStrings: none, cookies: none, headerNames: none, compress: false };
  const key = policy.ParametersInCacheKeyAndForwardedToOrigin;
  const compress = key?.EnableAcceptEncodingGzip === true || key?.EnableAcceptEncodingBrotli === true;
  const beyond = originRequestPolicies.get(OriginRequestPolicyId ?? '')?.OriginRequestPolicyConfig;
  return {
    minimumSeconds: policy.MinTTL ?? 0,
    defaultSeconds: policy.DefaultTTL ?? 0,
    maximumSeconds: policy.MaxTTL ?? 0,
    queryStrings: chosen(key?.QueryStringsConfig?.QueryStringBehavior, key?.QueryStringsConfig?.QueryStrings),
    cookies: chosen(key?.CookiesConfig?.CookieBehavior, key?.CookiesConfig?.Cookies),
    headerNames: lowered(chosen(key?.HeadersConfig?.HeaderBehavior, key?.HeadersConfig?.Headers)),
    ...(beyond && {
      forwarded: {
        queryStrings: chosen(beyond.QueryStringsConfig?.QueryStringBehavior, beyond.QueryStringsConfig?.QueryStrings),
        cookies: chosen(beyond.CookiesConfig?.CookieBehavior, beyond.CookiesConfig?.Cookies),
        headerNames: lowered(chosen(beyond.HeadersConfig?.HeaderBehavior, beyond.HeadersConfig?.Headers)),
      },
    }),
    compress,
    compresses: compress && Compress === true,
  };
}

const never = { minimumSeconds: 0, defaultSeconds: 0, maximumSeconds: 0 };

function byValues({ ForwardedValues: values, MinTTL, DefaultTTL, MaxTTL, Compress }: Behavior): Kept {
  const headers = lowered(headersOf(values));
  const keys = values?.QueryStringCacheKeys;
  const queries: Pick<Choices, 'queryStrings'> & Partial<Pick<Kept, 'forwarded'>> = !values?.QueryString
    ? { queryStrings: none }
    : keys?.Items && keys.Items.length > 0
      ? {
          queryStrings: { kind: 'only', names: [...keys.Items] },
          // All of them reach the origin.
          forwarded: { queryStrings: all, cookies: none, headerNames: none },
        }
      : { queryStrings: all };
  // "All headers": then nothing is kept.
  const times =
    headers.kind === 'all'
      ? never
      : { minimumSeconds: MinTTL ?? 0, defaultSeconds: DefaultTTL ?? 0, maximumSeconds: MaxTTL ?? 0 };
  return {
    ...times,
    ...queries,
    cookies: chosen(values?.Cookies?.Forward, values?.Cookies?.WhitelistedNames),
    headerNames: headers,
    compress: headers.kind !== 'all',
    compresses: headers.kind !== 'all' && Compress === true,
  };
}

function headersOf(values: ForwardedValues | undefined): Selection {
  const names = values?.Headers?.Items ?? [];
  if (names.includes('*')) return all;
  return names.length === 0 ? none : { kind: 'only', names };
}

/** In the words of the API: none, all, whitelist, allExcept, and allViewer. */
function chosen(behavior: string | undefined, listed: Listed | undefined): Selection {
  const names = [...(listed?.Items ?? [])];
  switch (behavior) {
    case 'all':
    case 'allViewer':
      return all;
    case 'whitelist':
      return { kind: 'only', names };
    case 'allExcept':
      return { kind: 'except', names };
    default:
      return none;
  }
}

/** The names of headers have no case. */
function lowered(selection: Selection): Selection {
  return 'names' in selection ? { ...selection, names: selection.names.map((name) => name.toLowerCase()) } : selection;
}
