/** Signs requests as clients do: for the command line, and for tests of the verifier. */
import { createHmac, hash, sign as signEcdsa } from 'node:crypto';
import type { HttpRequest } from '../types.ts';
import { asymmetricPrivateKey } from './asymmetric.ts';
import { canonicalRequest, stringToSign } from './canonical.ts';
import { algorithmOf, type SignatureClaim } from './claim.ts';
import { signingKey } from './keys.ts';
import { encodeText } from './percent.ts';
import { formatAmzDate } from './times.ts';

export interface ClientCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token?: string;
}

export interface SignOptions {
  readonly region: string;
  /** Signing name: `iam`, `s3`. */
  readonly service: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly body?: Uint8Array | string;
  /** S3: `UNSIGNED-PAYLOAD` or a streaming mode instead of the body's hash. */
  readonly payload?: string;
  /** SigV4A; `region` is then the region set. */
  readonly asymmetric?: boolean;
  /** Signs the `date` header that is there, in place of `x-amz-date`. */
  readonly dateHeader?: boolean;
  /** Header names that are left out of the signature. */
  readonly unsigned?: readonly string[];
}

export interface PresignOptions extends SignOptions {
  /** Seconds. */
  readonly expires: number;
}

/** Returns the request with `x-amz-date`, `authorization` and, where needed, token and payload headers. */
export function sign(request: HttpRequest, credentials: ClientCredentials, options: SignOptions): HttpRequest {
  const headers: Record<string, string | undefined> = Object.assign(Object.create(null), request.headers);
  if (!options.dateHeader) headers['x-amz-date'] = formatAmzDate(options.time);
  if (credentials.token !== undefined) headers['x-amz-security-token'] = credentials.token;
  if (options.asymmetric) headers['x-amz-region-set'] = options.region;
  const payload = options.payload ?? hash('sha256', options.body ?? '');
  if (options.service === 's3') headers['x-amz-content-sha256'] = payload;
  const claim = draft(
    options,
    credentials,
    signedNames(headers, options),
    options.asymmetric ? 'sigv4a-header' : 'sigv4-header',
  );
  const signature = signClaim(claim, { ...request, headers }, payload, credentials);
  headers.authorization = `${algorithmOf(claim)} Credential=${claim.accessKeyId}/${claim.scope}, SignedHeaders=${claim.signedHeaders.join(';')}, Signature=${signature}`;
  return { ...request, headers };
}

/** Returns the request with the signature in its query; headers that are there are signed, so they must be sent. */
export function presign(request: HttpRequest, credentials: ClientCredentials, options: PresignOptions): HttpRequest {
  const names = signedNames(request.headers, options);
  const claim = draft(options, credentials, names, options.asymmetric ? 'sigv4a-query' : 'sigv4-query');
  const parameters: [string, string][] = [
    ['X-Amz-Algorithm', algorithmOf(claim)],
    ['X-Amz-Credential', `${claim.accessKeyId}/${claim.scope}`],
    ['X-Amz-Date', claim.amzDate],
    ['X-Amz-Expires', String(options.expires)],
    ['X-Amz-SignedHeaders', names.join(';')],
  ];
  if (credentials.token !== undefined) parameters.push(['X-Amz-Security-Token', credentials.token]);
  if (options.asymmetric) parameters.push(['X-Amz-Region-Set', options.region]);
  const added = parameters.map(([name, value]) => `${name}=${encodeText(value)}`).join('&');
  const query = request.query === '' ? added : `${request.query}&${added}`;
  const payload =
    options.payload ?? (options.service === 's3' ? 'UNSIGNED-PAYLOAD' : hash('sha256', options.body ?? ''));
  const signature = signClaim(claim, { ...request, query }, payload, credentials);
  return { ...request, query: `${query}&X-Amz-Signature=${signature}` };
}

function signedNames(headers: HttpRequest['headers'], options: SignOptions): string[] {
  const left = new Set([
    'authorization',
    'connection',
    'user-agent',
    'transfer-encoding',
    'expect',
    ...(options.unsigned ?? []),
  ]);
  return Object.keys(headers)
    .filter((name) => headers[name] !== undefined && !left.has(name))
    .sort();
}

function draft(
  options: SignOptions,
  credentials: ClientCredentials,
  signedHeaders: string[],
  scheme: SignatureClaim['scheme'],
): SignatureClaim {
  const amzDate = formatAmzDate(options.time);
  const date = amzDate.slice(0, 8);
  const region = options.asymmetric ? '' : options.region;
  const scope = [date, ...(options.asymmetric ? [] : [region]), options.service, 'aws4_request'].join('/');
  return {
    scheme,
    accessKeyId: credentials.accessKeyId,
    date,
    region,
    service: options.service,
    scope,
    signedHeaders,
    signature: '',
    time: options.time,
    amzDate,
    payload: { kind: 'body' },
  };
}

function signClaim(
  claim: SignatureClaim,
  request: HttpRequest,
  payload: string,
  credentials: ClientCredentials,
): string {
  return signText(claim, stringToSign(claim, canonicalRequest(request, claim, payload)), credentials);
}

/** Signs any string with the key of a claim's scope: chunks, trailers, policies. Returns hexadecimal. */
export function signText(claim: SignatureClaim, text: string, credentials: ClientCredentials): string {
  if (claim.scheme.startsWith('sigv4a')) {
    const key = asymmetricPrivateKey(credentials, claim.accessKeyId);
    return signEcdsa('sha256', Buffer.from(text, 'latin1'), key).toString('hex');
  }
  const key = signingKey(credentials, claim.scope);
  return createHmac('sha256', key).update(text, 'latin1').digest('hex');
}
