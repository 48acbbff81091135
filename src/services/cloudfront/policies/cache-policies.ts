/**
 * The cache policies that AWS manages, by their ids: how long answers are kept, and by what they are told apart.
 * @see Amazon CloudFront Developer Guide, "Use managed cache policies"
 */
import type { CachePolicy, CachePolicyConfig } from '@aws-sdk/client-cloudfront';
import { names, type Selected, shownSelection } from './selections.ts';

interface Managed {
  readonly id: string;
  readonly name: string;
  readonly comment: string;
  readonly ttl: readonly [minimum: number, standard: number, maximum: number];
  readonly gzip: boolean;
  readonly brotli: boolean;
  readonly headers: readonly string[];
  readonly cookies: Selected;
  readonly queryStrings: Selected;
}

const day = 86_400;
const year = 31_536_000;
const nothing = { headers: [], cookies: 'none', queryStrings: 'none' } as const;
const originHeaders = ['host', 'origin', 'x-http-method-override', 'x-http-method', 'x-method-override'];

const managed: readonly Managed[] = [
  {
    id: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    name: 'Managed-CachingOptimized',
    comment: 'Keeps answers well: compressed forms are told apart, and nothing else.',
    ttl: [1, day, year],
    gzip: true,
    brotli: true,
    ...nothing,
  },
  {
    id: 'b2884449-e4de-46a7-ac36-70bc7f1ddd6d',
    name: 'Managed-CachingOptimizedForUncompressedObjects',
    comment: 'Keeps answers well; nothing tells them apart but their path.',
    ttl: [1, day, year],
    gzip: false,
    brotli: false,
    ...nothing,
  },
  {
    id: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
    name: 'Managed-CachingDisabled',
    comment: 'Keeps nothing.',
    ttl: [0, 0, 0],
    gzip: false,
    brotli: false,
    ...nothing,
  },
  {
    id: '08627262-05a9-4f76-9ded-b50ca2e3a84f',
    name: 'Managed-Elemental-MediaPackage',
    comment: 'For origins of AWS Elemental MediaPackage.',
    ttl: [0, day, year],
    gzip: true,
    brotli: false,
    headers: ['origin'],
    cookies: 'none',
    queryStrings: ['aws.manifestfilter', 'start', 'end', 'm'],
  },
  {
    id: '2e54312d-136d-493c-8eb9-b001f22f67d2',
    name: 'Managed-Amplify',
    comment: 'For origins of AWS Amplify.',
    ttl: [2, 2, 600],
    gzip: true,
    brotli: true,
    headers: ['Authorization', 'CloudFront-Viewer-Country', 'Host'],
    cookies: 'all',
    queryStrings: 'all',
  },
  {
    id: '83da9c7e-98b4-4e11-a168-04f0df8e2c65',
    name: 'UseOriginCacheControlHeaders',
    comment: 'Keeps what origins say is to be kept, by host and cookies.',
    ttl: [0, 0, year],
    gzip: true,
    brotli: true,
    headers: originHeaders,
    cookies: 'all',
    queryStrings: 'none',
  },
  {
    id: '4cc15a8a-d715-48a4-82b8-cc0b614638fe',
    name: 'UseOriginCacheControlHeaders-QueryStrings',
    comment: 'Keeps what origins say is to be kept, by host, cookies and query.',
    ttl: [0, 0, year],
    gzip: true,
    brotli: true,
    headers: originHeaders,
    cookies: 'all',
    queryStrings: 'all',
  },
];

const shown = (one: Managed): CachePolicyConfig => ({
  Name: one.name,
  Comment: one.comment,
  MinTTL: one.ttl[0],
  DefaultTTL: one.ttl[1],
  MaxTTL: one.ttl[2],
  ParametersInCacheKeyAndForwardedToOrigin: {
    EnableAcceptEncodingGzip: one.gzip,
    EnableAcceptEncodingBrotli: one.brotli,
    HeadersConfig:
      one.headers.length === 0
        ? { HeaderBehavior: 'none' }
        : { HeaderBehavior: 'whitelist', Headers: names(one.headers) },
    CookiesConfig: shownSelection('CookieBehavior', 'Cookies', one.cookies),
    QueryStringsConfig: shownSelection('QueryStringBehavior', 'QueryStrings', one.queryStrings),
  },
});

/** When AWS published them, for want of anything that changes them here. */
const LastModifiedTime = new Date('2020-07-22T00:00:00Z');

export const cachePolicies: ReadonlyMap<string, CachePolicy & { readonly CachePolicyConfig: CachePolicyConfig }> =
  new Map(managed.map((one) => [one.id, { Id: one.id, LastModifiedTime, CachePolicyConfig: shown(one) }]));
