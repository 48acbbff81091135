/** Reads the signature of a presigned request from its query (S3 API Reference, "Authenticating Requests: Using Query Parameters"). */
import type { HttpRequest } from '../types.ts';
import type { SignatureClaim } from './claim.ts';
import { payloadMode } from './payload-mode.ts';
import { decodeQuery } from './percent.ts';
import { type QueryPart, splitQuery } from './query.ts';
import { refuseRepeated, tokenLimit } from './read-header.ts';
import { readCredential, readRegionSet, readSignatureText, readSignedHeaders } from './read-parts.ts';
import { type RefusedPart, SignatureRefusal } from './refusal.ts';
import { isAccessKeyId } from './text.ts';
import { parseAmzDate } from './times.ts';

/** A week, in seconds. */
export const longestExpiry = 604_800;

const v4Names = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
  'X-Amz-Security-Token',
  'X-Amz-Region-Set',
  'X-Amz-Content-Sha256',
] as const;
/** Any of these makes a request presigned. */
const v4Marks = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders'] as const;
type V4Name = (typeof v4Names)[number];
const byLowerCase: ReadonlyMap<string, V4Name> = new Map(v4Names.map((name) => [name.toLowerCase(), name]));

/** What a query says about signatures: the values by name, decoded. */
export interface QuerySignature {
  readonly form: 'v4' | 'v2';
  readonly values: ReadonlyMap<string, string>;
}

/** Finds signature parameters; undefined when there are none. Throws if one comes twice or in another spelling. */
export function findQuerySignature(request: HttpRequest): QuerySignature | undefined {
  if (request.query === '') return undefined;
  const parts = splitQuery(request.query);
  if (!parts) throw malformed('too-long', 'The query has too many parameters.');
  const v4 = collect(parts, (name) => byLowerCase.get(name.toLowerCase()));
  if (v4Marks.some((name) => v4.has(name))) return { form: 'v4', values: v4 };
  const v2 = collect(parts, (name) =>
    name === 'AWSAccessKeyId' || name === 'Signature' || name === 'Expires' || name === 'x-amz-security-token'
      ? name
      : undefined,
  );
  return v2.has('AWSAccessKeyId') || (v2.has('Signature') && v2.has('Expires'))
    ? { form: 'v2', values: v2 }
    : undefined;
}

function collect(parts: readonly QueryPart[], known: (name: string) => string | undefined): Map<string, string> {
  const values = new Map<string, string>();
  for (const { rawName, rawValue } of parts) {
    const name = decodeQuery(rawName);
    const official = known(name);
    if (official === undefined) continue;
    if (values.has(official)) throw malformed('repeated', `The query parameter ${official} came more than once.`);
    // Lower-case spellings of the parameters that other headers may be hoisted into are no signature parameters.
    if (name !== official && v4Marks.includes(official as never)) {
      throw malformed('components', `The query parameter ${official} must be spelled so.`);
    }
    values.set(official, decodeQuery(rawValue));
  }
  return values;
}

export function readQuerySignature(request: HttpRequest, found: QuerySignature): SignatureClaim {
  refuseRepeated(request);
  return found.form === 'v4' ? readV4(request, found.values) : readV2(found.values);
}

function readV4(request: HttpRequest, values: ReadonlyMap<string, string>): SignatureClaim {
  const algorithm = need(values, 'X-Amz-Algorithm');
  const asymmetric = algorithm === 'AWS4-ECDSA-P256-SHA256';
  if (!asymmetric && algorithm !== 'AWS4-HMAC-SHA256') {
    throw malformed('algorithm', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"');
  }
  const credential = readCredential(need(values, 'X-Amz-Credential'), asymmetric, 'query');
  const signedHeaders = readSignedHeaders(need(values, 'X-Amz-SignedHeaders'), 'query');
  const signature = readSignatureText(need(values, 'X-Amz-Signature'), asymmetric, 'query');
  const amzDate = need(values, 'X-Amz-Date');
  const time = parseAmzDate(amzDate);
  if (time === undefined) {
    throw malformed('date', "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const expires = readExpires(values.get('X-Amz-Expires'), credential.service === 's3');
  const token = values.get('X-Amz-Security-Token');
  if (token !== undefined && (token.length > tokenLimit || request.headers['x-amz-security-token'] !== undefined)) {
    throw malformed('token', 'X-Amz-Security-Token is too long, or came in a header too.');
  }
  const hash = payloadHashOf(request, values, signedHeaders);
  return {
    scheme: asymmetric ? 'sigv4a-query' : 'sigv4-query',
    ...credential,
    ...(asymmetric ? { regionSet: readRegionSet(values.get('X-Amz-Region-Set'), 'query') } : {}),
    signedHeaders,
    signature,
    ...(token === undefined ? {} : { token }),
    time,
    amzDate,
    ...(expires === undefined ? {} : { expires }),
    ...(credential.service === 's3'
      ? { payloadHash: hash, payload: payloadMode(hash, asymmetric ? 'ecdsa' : 'hmac') }
      : { payload: { kind: 'body' as const } }),
  };
}

/** S3: the signed header, or the parameter that signers make of it, else nothing was known of the body. */
function payloadHashOf(
  request: HttpRequest,
  values: ReadonlyMap<string, string>,
  signedHeaders: readonly string[],
): string {
  const header = signedHeaders.includes('x-amz-content-sha256') ? request.headers['x-amz-content-sha256'] : undefined;
  return header ?? values.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
}

function readExpires(text: string | undefined, required: boolean): number | undefined {
  if (text === undefined && !required) return undefined;
  if (text === undefined || text === '') throw malformed('components', requiredText);
  if (!/^-?[0-9]{1,18}$/.test(text)) throw badExpires('X-Amz-Expires should be a number');
  const expires = Number(text);
  if (expires < 0) throw badExpires('X-Amz-Expires must be non-negative');
  if (expires > longestExpiry) {
    throw badExpires(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  return expires;
}

/** The form that boto3 and the older aws CLI make for S3 on endpoints of one's own. */
function readV2(values: ReadonlyMap<string, string>): SignatureClaim {
  const accessKeyId = values.get('AWSAccessKeyId') ?? '';
  const signature = values.get('Signature') ?? '';
  const expires = values.get('Expires') ?? '';
  if (!isAccessKeyId(accessKeyId) || signature === '' || !/^(0|[1-9][0-9]{0,11})$/.test(expires)) {
    throw new SignatureRefusal('malformed', {
      where: 'query',
      part: 'components',
      detail: 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    });
  }
  const token = values.get('x-amz-security-token');
  if (token !== undefined && token.length > tokenLimit) throw malformed('token', 'The security token is too long.');
  return {
    scheme: 's3v2-query',
    accessKeyId,
    date: '',
    region: '',
    service: 's3',
    scope: '',
    signedHeaders: [],
    signature,
    ...(token === undefined ? {} : { token }),
    time: Number(expires) * 1000,
    amzDate: '',
    payload: { kind: 'unsigned' },
  };
}

const requiredText =
  'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.';

function need(values: ReadonlyMap<string, string>, name: V4Name): string {
  const value = values.get(name);
  if (!value) throw malformed('components', requiredText);
  return value;
}

function malformed(part: RefusedPart, detail: string): SignatureRefusal {
  return new SignatureRefusal('malformed', { where: 'query', part, detail });
}

function badExpires(detail: string): SignatureRefusal {
  return new SignatureRefusal('bad-expires', { where: 'query', detail });
}
