/** Cache behaviors: which paths, which methods, what is kept and what origins see. */
import type {
  AllowedMethods,
  CacheBehavior,
  DefaultCacheBehavior,
  ForwardedValues,
  Method,
} from '@aws-sdk/client-cloudfront';
import { AwsError } from '../../service.ts';
import { invalid, noCachePolicy, noOrigin, noOriginRequestPolicy, tooMany, unserved } from '../errors.ts';
import { cachePolicies } from '../policies/cache-policies.ts';
import { originRequestPolicies } from '../policies/origin-request-policies.ts';
import { quotas } from '../quotas.ts';
import { itemsOf, listOf } from './lists.ts';
import { refuseUnservedBehavior } from './unserved.ts';

type Behavior = CacheBehavior | DefaultCacheBehavior;

const day = 86_400;
const year = 31_536_000;

/** @throws AwsError InvalidArgument, TooManyCacheBehaviors … */
export function acceptBehaviors(given: readonly CacheBehavior[], origins: ReadonlySet<string>): CacheBehavior[] {
  if (given.length > quotas.behaviors) {
    throw tooMany('TooManyCacheBehaviors', 'You cannot create more cache behaviors for the distribution.');
  }
  const seen = new Set<string>();
  return given.map((behavior) => {
    const pattern = behavior.PathPattern ?? '';
    // "Path pattern": letters, digits, and these; two that are the same could never both act.
    if (!/^[A-Za-z0-9_.*$/~"'@:+&?-]{1,255}$/.test(pattern)) throw invalid(`The path pattern ${pattern} is not valid.`);
    if (seen.has(pattern)) throw invalid(`The path pattern ${pattern} is there twice.`);
    seen.add(pattern);
    return { ...acceptBehavior(behavior, origins), PathPattern: pattern };
  });
}

/** @throws AwsError InvalidArgument, NoSuchOrigin, NoSuchCachePolicy … */
export function acceptBehavior<T extends Behavior>(behavior: T, origins: ReadonlySet<string>): T {
  refuseUnservedBehavior(behavior);
  if (!origins.has(behavior.TargetOriginId ?? '')) throw noOrigin(behavior.TargetOriginId ?? '');
  return {
    ...behavior,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    AllowedMethods: acceptMethods(behavior.AllowedMethods),
    SmoothStreaming: false,
    Compress: behavior.Compress ?? false,
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: { Quantity: 0 },
    FieldLevelEncryptionId: '',
    GrpcConfig: { Enabled: false },
    ...(behavior.CachePolicyId ? acceptPolicies(behavior) : acceptForwarded(behavior)),
  };
}

function acceptPolicies(behavior: Behavior): Partial<Behavior> {
  const { CachePolicyId = '', OriginRequestPolicyId: other } = behavior;
  if (behavior.ForwardedValues) {
    throw invalid(
      'The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior.',
    );
  }
  for (const name of ['MinTTL', 'DefaultTTL', 'MaxTTL'] as const) {
    if (behavior[name] !== undefined) {
      throw invalid(`The parameter ${name} cannot be used when a cache policy is associated to the cache behavior.`);
    }
  }
  const policy = cachePolicies.get(CachePolicyId);
  if (!policy) throw noCachePolicy();
  refuseMade(policy.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin?.HeadersConfig?.Headers?.Items);
  if (!other) return {};
  const beyond = originRequestPolicies.get(other);
  if (!beyond) throw noOriginRequestPolicy();
  refuseMade(beyond.OriginRequestPolicyConfig.HeadersConfig?.Headers?.Items);
  return {};
}

/** Headers that CloudFront makes of what it knows of viewers. */
function refuseMade(headers: readonly string[] = []): void {
  const made = headers.find((name) => /^cloudfront-/i.test(name));
  if (made !== undefined) throw unserved(`The header ${made}`);
}

function acceptForwarded(behavior: Behavior): Partial<Behavior> {
  const { ForwardedValues: values, OriginRequestPolicyId } = behavior;
  if (!values) throw invalid('A cache behavior needs a CachePolicyId or ForwardedValues.');
  if (OriginRequestPolicyId) throw invalid('An origin request policy needs a cache policy beside it.');
  const MinTTL = behavior.MinTTL ?? 0;
  const DefaultTTL = behavior.DefaultTTL ?? Math.max(day, MinTTL);
  const MaxTTL = behavior.MaxTTL ?? Math.max(year, DefaultTTL);
  if (MinTTL < 0 || MinTTL > DefaultTTL || DefaultTTL > MaxTTL) {
    throw new AwsError('InvalidTTLOrder', 'MinTTL must not be greater than DefaultTTL, nor DefaultTTL than MaxTTL.');
  }
  return { ForwardedValues: acceptValues(values, MinTTL), MinTTL, DefaultTTL, MaxTTL };
}

function acceptValues(values: ForwardedValues, minimum: number): ForwardedValues {
  const headers = itemsOf(values.Headers);
  const keys = itemsOf(values.QueryStringCacheKeys);
  const cookies = itemsOf(values.Cookies?.WhitelistedNames);
  refuseMade(headers);
  if (headers.length > quotas.forwardedHeaders) {
    throw tooMany('TooManyHeadersInForwardedValues', 'Your request contains too many headers in forwarded values.');
  }
  if (headers.includes('*') && (headers.length > 1 || minimum > 0)) {
    throw invalid('All headers: nothing is kept then, so that MinTTL must be 0 and no other header can be named.');
  }
  if (headers.some((name) => name !== '*' && !/^[!#$%&'+.^_`|~0-9A-Za-z-]{1,256}$/.test(name))) {
    throw invalid('The parameter Headers holds what is no name of a header.');
  }
  if (cookies.length > quotas.forwardedCookies) {
    throw tooMany(
      'TooManyCookieNamesInWhiteList',
      'Your request contains more cookie names in the whitelist than allowed.',
    );
  }
  const forward = values.Cookies?.Forward ?? 'none';
  if ((forward === 'whitelist') !== cookies.length > 0) {
    throw new AwsError(
      'InvalidForwardCookies',
      'Cookie names are given if, and only if, those that are named are to be forwarded.',
    );
  }
  if (cookies.some((name) => /[*?]/.test(name))) throw unserved('A cookie name with a wildcard');
  if (keys.length > quotas.forwardedQueryStrings) {
    throw tooMany('TooManyQueryStringParameters', 'Your request contains too many query string parameters.');
  }
  if (keys.length > 0 && !values.QueryString) {
    throw new AwsError('InvalidQueryStringParameters', 'Query strings that tell answers apart must be forwarded.');
  }
  return {
    ...values,
    Cookies: {
      Forward: forward,
      ...(cookies.length > 0 && { WhitelistedNames: { Quantity: cookies.length, Items: [...cookies] } }),
    },
    Headers: listOf(headers),
    QueryStringCacheKeys: listOf(keys),
  };
}

const reading: readonly Method[] = ['HEAD', 'GET'];
const every: readonly Method[] = ['HEAD', 'DELETE', 'POST', 'GET', 'OPTIONS', 'PUT', 'PATCH'];

/** Three sets are allowed: reading, reading with OPTIONS, and all seven. */
function acceptMethods(given: AllowedMethods | undefined): AllowedMethods {
  const allowed = given ? itemsOf(given) : reading;
  const kept = given?.CachedMethods ? itemsOf(given.CachedMethods) : reading;
  const isAllowed = [reading, [...reading, 'OPTIONS'], every].some((set) => isSame(set, allowed));
  if (!isAllowed) throw invalid('The parameter AllowedMethods is not valid.');
  const isKept = [reading, [...reading, 'OPTIONS']].some((set) => isSame(set, kept));
  if (!isKept || kept.some((method) => !allowed.includes(method))) {
    throw invalid('The parameter CachedMethods is not valid.');
  }
  return {
    Quantity: allowed.length,
    Items: [...allowed],
    CachedMethods: { Quantity: kept.length, Items: [...kept] },
  };
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));
