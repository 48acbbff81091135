/** Reads a signature from the Authorization header (IAM User Guide, "Elements of an AWS API request signature"). */
import type { HttpRequest } from '../types.ts';
import type { PayloadMode, SignatureClaim } from './claim.ts';
import { payloadMode } from './payload-mode.ts';
import { readCredential, readRegionSet, readSignatureText, readSignedHeaders, type Scope } from './read-parts.ts';
import { type RefusedPart, SignatureRefusal } from './refusal.ts';
import { formatAmzDate, parseAmzDate, parseDateHeader } from './times.ts';

const headerLimit = 16 * 1024;
export const tokenLimit = 16 * 1024;

const algorithms: Readonly<Record<string, 'sigv4-header' | 'sigv4a-header'>> = {
  'AWS4-HMAC-SHA256': 'sigv4-header',
  'AWS4-ECDSA-P256-SHA256': 'sigv4a-header',
};

/** Headers that must not come twice in a signed request. */
const single = [
  'authorization',
  'host',
  'date',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
  'x-amz-region-set',
  'x-amz-target',
];

/** Throws for repeated headers that say who asks and what. */
export function refuseRepeated(request: HttpRequest): void {
  for (const name of request.repeated) {
    if (single.includes(name)) throw malformed('repeated', `The ${name} header came more than once.`);
  }
}

export function readHeaderSignature(request: HttpRequest, header: string): SignatureClaim {
  refuseRepeated(request);
  if (header.length > headerLimit) throw malformed('too-long', 'The Authorization header is too long.');
  const space = header.indexOf(' ');
  const name = space < 0 ? header : header.slice(0, space);
  const scheme = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (!scheme) throw new SignatureRefusal('unsupported', { where: 'header', actual: name.slice(0, 64) });
  const parts = components(space < 0 ? '' : header.slice(space + 1));
  const credential = readCredential(parts.Credential, scheme === 'sigv4a-header', 'header');
  const signedHeaders = readSignedHeaders(parts.SignedHeaders, 'header');
  const signature = readSignatureText(parts.Signature, scheme === 'sigv4a-header', 'header');
  const { time, amzDate } = dateOf(request, signedHeaders);
  const token = request.headers['x-amz-security-token'];
  if (token !== undefined && token.length > tokenLimit) throw malformed('token', 'The security token is too long.');
  const { payloadHash, payload } = payloadOf(request, credential, scheme === 'sigv4a-header');
  const { accessKeyId, date, region, service, scope } = credential;
  // One shape for all, spelled out: every call has such an object.
  return {
    scheme,
    accessKeyId,
    date,
    region,
    service,
    scope,
    regionSet: scheme === 'sigv4a-header' ? readRegionSet(request.headers['x-amz-region-set'], 'header') : undefined,
    signedHeaders,
    signature,
    token,
    time,
    amzDate,
    payloadHash,
    payload,
  };
}

/** `Credential=…, SignedHeaders=…, Signature=…`, in any order, each exactly once. */
function components(text: string): { Credential: string; SignedHeaders: string; Signature: string } {
  const found: { Credential?: string; SignedHeaders?: string; Signature?: string } = {};
  for (const piece of text.split(',')) {
    const part = piece.trim();
    const equals = part.indexOf('=');
    if (equals < 0) {
      throw malformed(
        'components',
        `'${mask(part)}' not a valid key=value pair (missing equal-sign) in Authorization header.`,
      );
    }
    const key = part.slice(0, equals);
    if (key !== 'Credential' && key !== 'SignedHeaders' && key !== 'Signature') {
      throw malformed('components', `Authorization header holds the unknown parameter '${mask(key)}'.`);
    }
    if (found[key] !== undefined) throw malformed('repeated', `Authorization header holds '${key}' more than once.`);
    found[key] = part.slice(equals + 1);
  }
  const { Credential, SignedHeaders, Signature } = found;
  if (!Credential || !SignedHeaders || !Signature) {
    const missing = (['Credential', 'Signature', 'SignedHeaders'] as const).filter((key) => !found[key]);
    throw malformed('components', missing.map((key) => `Authorization header requires '${key}' parameter.`).join(' '));
  }
  return { Credential, SignedHeaders, Signature };
}

function dateOf(request: HttpRequest, signedHeaders: readonly string[]): { time: number; amzDate: string } {
  const amz = request.headers['x-amz-date'];
  const text = amz ?? request.headers.date;
  if (text === undefined) {
    throw malformed('date', "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  const time = amz === undefined ? parseDateHeader(text) : parseAmzDate(text);
  if (time === undefined) {
    throw malformed(
      'date',
      "Date must be in ISO-8601 'basic format'. Got something else. See http://en.wikipedia.org/wiki/ISO_8601",
    );
  }
  if (amz === undefined && !signedHeaders.includes('date')) {
    throw new SignatureRefusal('unsigned-headers', { headers: ['date'] });
  }
  return { time, amzDate: amz ?? formatAmzDate(time) };
}

const wholeBody: PayloadMode = { kind: 'body' };

function payloadOf(
  request: HttpRequest,
  credential: Scope,
  asymmetric: boolean,
): { payloadHash: string | undefined; payload: PayloadMode } {
  if (credential.service !== 's3') return { payloadHash: undefined, payload: wholeBody };
  const value = request.headers['x-amz-content-sha256'];
  if (value === undefined) throw new SignatureRefusal('payload-missing');
  return { payloadHash: value, payload: payloadMode(value, asymmetric ? 'ecdsa' : 'hmac') };
}

function malformed(part: RefusedPart, detail: string): SignatureRefusal {
  return new SignatureRefusal('malformed', { where: 'header', part, detail });
}

/** Enough of a text to find it, not enough to be a secret pasted into the wrong place. */
function mask(text: string): string {
  return text.length > 12 ? `${text.slice(0, 8)}…` : text;
}
