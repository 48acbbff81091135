/**
 * The origin request policies that AWS manages, by their ids: what origins see beyond what answers are told apart by.
 * @see Amazon CloudFront Developer Guide, "Use managed origin request policies"
 */
import type {
  OriginRequestPolicy,
  OriginRequestPolicyConfig,
  OriginRequestPolicyHeadersConfig,
} from '@aws-sdk/client-cloudfront';
import { names } from './selections.ts';

type HeaderBehavior = OriginRequestPolicyHeadersConfig['HeaderBehavior'];

interface Managed {
  readonly id: string;
  readonly name: string;
  readonly comment: string;
  readonly headers: readonly [behavior: HeaderBehavior, ...names: string[]];
  readonly cookies: 'none' | 'all';
  readonly queryStrings: 'none' | 'all';
}

const crossOrigin = ['Origin', 'Access-Control-Request-Headers', 'Access-Control-Request-Method'] as const;
const everything = { cookies: 'all', queryStrings: 'all' } as const;
const nothing = { cookies: 'none', queryStrings: 'none' } as const;

/** Those that CloudFront itself adds, as of June 2022. */
const added = [
  'Forwarded-Proto',
  'Is-Android-Viewer',
  'Is-Desktop-Viewer',
  'Is-IOS-Viewer',
  'Is-Mobile-Viewer',
  'Is-SmartTV-Viewer',
  'Is-Tablet-Viewer',
  'Viewer-Address',
  'Viewer-ASN',
  'Viewer-City',
  'Viewer-Country',
  'Viewer-Country-Name',
  'Viewer-Country-Region',
  'Viewer-Country-Region-Name',
  'Viewer-Http-Version',
  'Viewer-Latitude',
  'Viewer-Longitude',
  'Viewer-Metro-Code',
  'Viewer-Postal-Code',
  'Viewer-Time-Zone',
  'Viewer-TLS',
].map((name) => `CloudFront-${name}`);

const managed: readonly Managed[] = [
  {
    id: '216adef6-5c7f-47e4-b989-5492eafa07d3',
    name: 'Managed-AllViewer',
    comment: 'All that viewers send.',
    headers: ['allViewer'],
    ...everything,
  },
  {
    id: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
    name: 'Managed-AllViewerExceptHostHeader',
    comment: 'All that viewers send but the host.',
    headers: ['allExcept', 'host'],
    ...everything,
  },
  {
    id: '33f36d7e-f396-46d9-90e0-52428a34d9dc',
    name: 'Managed-AllViewerAndCloudFrontHeaders-2022-06',
    comment: 'All that viewers send, and what CloudFront knows of them.',
    headers: ['allViewerAndWhitelistCloudFront', ...added],
    ...everything,
  },
  {
    id: '59781a5b-3903-41f3-afcb-af62929ccde1',
    name: 'Managed-CORS-CustomOrigin',
    comment: 'For origins that answer across origins.',
    headers: ['whitelist', 'origin'],
    ...nothing,
  },
  {
    id: '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf',
    name: 'Managed-CORS-S3Origin',
    comment: 'For buckets that answer across origins.',
    headers: ['whitelist', ...crossOrigin.map((name) => name.toLowerCase())],
    ...nothing,
  },
  {
    id: '775133bc-15f2-49f9-abea-afb2e0bf67d2',
    name: 'Managed-Elemental-MediaTailor-PersonalizedManifests',
    comment: 'For origins of AWS Elemental MediaTailor.',
    headers: ['whitelist', ...crossOrigin, 'User-Agent', 'X-Forwarded-For'],
    cookies: 'none',
    queryStrings: 'all',
  },
  {
    id: 'bf0718e1-ba1e-49d1-88b1-f726733018ae',
    name: 'Managed-HostHeaderOnly',
    comment: 'The host that viewers ask for.',
    headers: ['whitelist', 'Host'],
    ...nothing,
  },
  {
    id: 'acba4595-bd28-49b8-b9fe-13317c0390fa',
    name: 'Managed-UserAgentRefererHeaders',
    comment: 'What browser asks, and from where.',
    headers: ['whitelist', 'User-Agent', 'Referer'],
    ...nothing,
  },
];

function shown({ name, comment, headers, cookies, queryStrings }: Managed): OriginRequestPolicyConfig {
  const [HeaderBehavior, ...listed] = headers;
  return {
    Name: name,
    Comment: comment,
    HeadersConfig: { HeaderBehavior, ...(listed.length > 0 && { Headers: names(listed) }) },
    CookiesConfig: { CookieBehavior: cookies },
    QueryStringsConfig: { QueryStringBehavior: queryStrings },
  };
}

const LastModifiedTime = new Date('2020-07-22T00:00:00Z');

export const originRequestPolicies: ReadonlyMap<
  string,
  OriginRequestPolicy & { readonly OriginRequestPolicyConfig: OriginRequestPolicyConfig }
> = new Map(managed.map((one) => [one.id, { Id: one.id, LastModifiedTime, OriginRequestPolicyConfig: shown(one) }]));
