/** Origins: what they may be, and what is filled in where they say nothing. */

import type { CustomOriginConfig, Origin, OriginCustomHeader } from '@aws-sdk/client-cloudfront';
import { parseAddress } from '../../../engines/text/address.ts';
import type { Reader } from '../../../store/store.ts';
import { invalid, invalidOrigin, tooMany, unserved } from '../errors.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { quotas } from '../quotas.ts';
import { itemsOf, listOf } from './lists.ts';

/** `BUCKET.s3.amazonaws.com`, `BUCKET.s3.REGION.amazonaws.com`: the bucket. */
export function bucketOf(domainName: string): string | undefined {
  return /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/.exec(
    domainName.toLowerCase(),
  )?.[1];
}

/** @throws AwsError InvalidOrigin, InvalidArgument, TooManyOrigins … */
export async function acceptOrigins(
  given: readonly Origin[],
  reader: Reader,
  ports: Pick<CloudFrontPorts, 'bucketExists'>,
): Promise<Origin[]> {
  if (given.length === 0) throw invalid('A distribution needs at least one origin.');
  if (given.length > quotas.origins)
    throw tooMany('TooManyOrigins', 'You cannot create more origins for the distribution.');
  if (new Set(given.map(({ Id }) => Id)).size < given.length) throw invalid('The ids of origins must differ.');
  return Promise.all(given.map((origin) => acceptOrigin(origin, reader, ports)));
}

async function acceptOrigin(
  origin: Origin,
  reader: Reader,
  ports: Pick<CloudFrontPorts, 'bucketExists'>,
): Promise<Origin> {
  refuseUnservedOrigin(origin);
  const domainName = origin.DomainName ?? '';
  checkDomain(domainName);
  const path = origin.OriginPath ?? '';
  if (path !== '' && !/^\/[\x21-\x7e]{0,253}[^/\s?#]$/.test(path)) {
    throw invalid('The parameter OriginPath must begin with a slash and must not end with one.');
  }
  const { S3OriginConfig: bucket, CustomOriginConfig: custom } = origin;
  if ((bucket === undefined) === (custom === undefined)) {
    throw invalidOrigin('An origin has either a S3OriginConfig or a CustomOriginConfig.');
  }
  if (bucket) {
    const name = bucketOf(domainName);
    if (name === undefined || !(await ports.bucketExists(reader, name))) {
      throw invalidOrigin('The Amazon S3 origin server specified does not refer to a valid Amazon S3 bucket.');
    }
  }
  return {
    ...origin,
    OriginPath: path,
    CustomHeaders: listOf(acceptHeaders(itemsOf(origin.CustomHeaders))),
    ...(bucket && { S3OriginConfig: { OriginReadTimeout: 30, ...bucket } }),
    ...(custom && { CustomOriginConfig: acceptCustom(custom) }),
    ConnectionAttempts: 3,
    ConnectionTimeout: 10,
    OriginShield: { Enabled: false },
    OriginAccessControlId: '',
  };
}

function refuseUnservedOrigin(origin: Origin): void {
  const opened = 'Let the policy of the bucket allow what is to be read, and leave it empty.';
  if (origin.OriginAccessControlId) throw unserved('OriginAccessControlId', opened);
  if (origin.S3OriginConfig?.OriginAccessIdentity) throw unserved('OriginAccessIdentity', opened);
  if (origin.VpcOriginConfig) throw unserved('VpcOriginConfig');
  if (origin.OriginShield?.Enabled) throw unserved('OriginShield');
  if (origin.ResponseCompletionTimeout) throw unserved('ResponseCompletionTimeout');
  if ((origin.ConnectionAttempts ?? 3) !== 3) throw unserved('Another number of ConnectionAttempts than 3');
  if ((origin.ConnectionTimeout ?? 10) !== 10) throw unserved('Another ConnectionTimeout than 10');
  if (origin.CustomOriginConfig?.OriginMtlsConfig) throw unserved('OriginMtlsConfig');
  const family = origin.CustomOriginConfig?.IpAddressType;
  if (family !== undefined && family !== 'dualstack') throw unserved(`IpAddressType ${family}`);
}

function checkDomain(name: string): void {
  if (parseAddress(name.replace(/^\[|\]$/g, '')) || /^[\d.]+$/.test(name)) {
    throw invalid('The parameter Origin DomainName must be a name, not an IP address.');
  }
  const labels = name.split('.');
  const isName = labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
  if (name.length > 253 || !isName) throw invalidOrigin('The specified origin server does not exist or is not valid.');
  if (/\.cloudfront\.net$/i.test(name)) throw invalidOrigin('A distribution cannot be the origin of another one here.');
}

function acceptCustom(custom: CustomOriginConfig): CustomOriginConfig {
  for (const [name, port] of [
    ['HTTPPort', custom.HTTPPort],
    ['HTTPSPort', custom.HTTPSPort],
  ] as const) {
    if (port === undefined || !(port === 80 || port === 443 || (port >= 1024 && port <= 65_535))) {
      throw invalid(`The parameter ${name} must be 80, 443 or from 1024 to 65535.`);
    }
  }
  for (const [name, seconds] of [
    ['OriginReadTimeout', custom.OriginReadTimeout ?? 30],
    ['OriginKeepaliveTimeout', custom.OriginKeepaliveTimeout ?? 5],
  ] as const) {
    if (seconds < 1 || seconds > 120) throw invalid(`The parameter ${name} must be from 1 to 120 seconds.`);
  }
  const versions = itemsOf(custom.OriginSslProtocols);
  if (custom.OriginSslProtocols && !versions.includes('TLSv1.2')) {
    throw unserved('OriginSslProtocols without TLSv1.2', 'Nothing older is spoken to origins.');
  }
  return {
    ...custom,
    OriginSslProtocols: {
      Quantity: Math.max(1, versions.length),
      Items: versions.length > 0 ? [...versions] : ['TLSv1.2'],
    },
    OriginReadTimeout: custom.OriginReadTimeout ?? 30,
    OriginKeepaliveTimeout: custom.OriginKeepaliveTimeout ?? 5,
  };
}

/** Of the connection, of the request itself, or CloudFront's own. @see "Custom headers that CloudFront can't add" */
const reserved = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-encoding',
  'content-type',
  'cookie',
  'expect',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'request-range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
]);

function acceptHeaders(headers: readonly OriginCustomHeader[]): readonly OriginCustomHeader[] {
  if (headers.length > quotas.customHeaders) {
    throw tooMany('TooManyOriginCustomHeaders', 'Your request contains too many origin custom headers.');
  }
  const text = headers.reduce((sum, one) => sum + (one.HeaderName ?? '').length + (one.HeaderValue ?? '').length, 0);
  if (text > quotas.customHeaderText) {
    throw tooMany('TooManyOriginCustomHeaders', 'The names and values of origin custom headers are too long together.');
  }
  const seen = new Set<string>();
  for (const { HeaderName: name = '', HeaderValue: value = '' } of headers) {
    const lower = name.toLowerCase();
    const isOwn = reserved.has(lower) || lower.startsWith('x-amz-') || lower.startsWith('x-edge-');
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(name) || isOwn || seen.has(lower)) {
      throw invalid(`The parameter HeaderName ${JSON.stringify(name)} is not allowed.`);
    }
    if (value.length > 1_783 || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw invalid(`The parameter HeaderValue of ${name} is not valid.`);
    }
    seen.add(lower);
  }
  return headers;
}
