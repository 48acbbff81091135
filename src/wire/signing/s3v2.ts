/**
 * The old presigned form of S3 that boto still makes for custom endpoints: HMAC-SHA1 over method, some headers and
 * the resource (S3 Developer Guide, "Signing and authenticating REST requests", signature version 2).
 * It does not cover other query parameters, so here there may be none: the real service lets them through.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../types.ts';
import type { SignatureClaim } from './claim.ts';
import { type SigningSecret, secretKey } from './keys.ts';
import { decodeQuery } from './percent.ts';
import { splitQuery } from './query.ts';
import { SignatureRefusal } from './refusal.ts';
import { collapse } from './text.ts';

/** Query parameters that are part of the resource. */
const subresources: ReadonlySet<string> = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'defaultObjectAcl',
  'delete',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'restore',
  'select',
  'select-type',
  'storageClass',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
]);
const own: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'Signature', 'Expires', 'content-type', 'content-md5']);
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT']);

/** @param bucket that the host names: it is part of the resource */
export function verifyV2(
  claim: SignatureClaim,
  request: HttpRequest,
  credential: SigningSecret,
  bucket?: string,
): void {
  const facts = { where: 'query' as const, accessKeyId: claim.accessKeyId };
  if (!methods.has(request.method)) {
    throw new SignatureRefusal('unsupported', { ...facts, actual: `AWS ${request.method}` });
  }
  const given = Buffer.from(claim.signature, 'latin1');
  const isSigned = signedPaths(request.path, bucket).some((path) => {
    const toSign = stringToSignV2(claim, request, path);
    const expected = createHmac('sha1', secretKey(credential)).update(toSign, 'latin1').digest('base64');
    return given.length === expected.length && timingSafeEqual(Buffer.from(expected), given);
  });
  if (!isSigned) {
    throw new SignatureRefusal('mismatch', { ...facts, signature: claim.signature.slice(0, 160) });
  }
}

function stringToSignV2(claim: SignatureClaim, request: HttpRequest, path: string): string {
  const amz = new Map<string, string>();
  for (const name in request.headers) {
    if (name.startsWith('x-amz-')) amz.set(name, collapse(request.headers[name] ?? ''));
  }
  const resource: [string, string][] = [];
  for (const { rawName, rawValue } of splitQuery(request.query) ?? []) {
    const name = decodeQuery(rawName);
    if (subresources.has(name)) resource.push([name, rawValue]);
    else if (name.startsWith('x-amz-')) {
      const value = decodeQuery(rawValue);
      if (amz.has(name) && amz.get(name) !== value) throw unsigned(claim, name);
      amz.set(name, value);
    } else if (!own.has(name)) throw unsigned(claim, name);
  }
  resource.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const { headers } = request;
  let text = `${request.method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${claim.time / 1000}\n`;
  for (const name of [...amz.keys()].sort()) text += `${name}:${amz.get(name)}\n`;
  text += path;
  // Values are signed decoded, names without value alone.
  const query = resource.map(([name, value]) => (value === '' ? name : `${name}=${decodeQuery(value)}`));
  return query.length === 0 ? text : `${text}?${query.join('&')}`;
}

/** A bucket by itself is signed as its path stands (S3's documentation), or by botocore (`authPath`) with a slash. */
function signedPaths(path: string, bucket: string | undefined): readonly string[] {
  if (bucket !== undefined) return [`/${bucket}${path}`];
  return path.includes('/', 1) || path === '/' ? [path] : [path, `${path}/`];
}

function unsigned(claim: SignatureClaim, name: string): SignatureRefusal {
  return new SignatureRefusal('mismatch', {
    where: 'query',
    accessKeyId: claim.accessKeyId,
    detail: `The query parameter ${name.slice(0, 64)} is not covered by this kind of signature.`,
  });
}
