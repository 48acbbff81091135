/** The parts that header and query signatures share, each under a limit. */
import { type RefusedPart, SignatureRefusal } from './refusal.ts';
import { isAccessKeyId, isHeaderName, isLowerHex, isScopeName, isSha256Hex } from './text.ts';

type Where = 'header' | 'query' | 'form';

export interface Scope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly scope: string;
}

const signedHeaderLimit = 100;
/** Credentials and lists of headers that are remembered, each. */
const knownLimit = 500;
/** DER of two 256-bit integers: at least 8, at most 72 bytes. */
const derHexLimits = { least: 16, most: 144 };

/** Credentials that were read before: a client sends the same one all day. */
const knownCredentials = new Map<string, Scope>();

/** `AKID/20150830/us-east-1/iam/aws4_request`; SigV4A has no region. */
export function readCredential(text: string, asymmetric: boolean, where: Where): Scope {
  if (asymmetric) return parseCredential(text, true, where);
  const known = knownCredentials.get(text);
  if (known) return known;
  const scope = parseCredential(text, false, where);
  if (knownCredentials.size >= knownLimit) knownCredentials.clear();
  knownCredentials.set(text, scope);
  return scope;
}

function parseCredential(text: string, asymmetric: boolean, where: Where): Scope {
  const parts = text.length <= 400 ? text.split('/') : [];
  if (parts.length !== (asymmetric ? 4 : 5)) {
    throw malformed(
      where,
      'credential',
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.',
    );
  }
  const [accessKeyId = '', date = ''] = parts;
  const [region = '', service = '', terminator = ''] = asymmetric ? ['', ...parts.slice(2)] : parts.slice(2);
  if (!isAccessKeyId(accessKeyId)) throw malformed(where, 'credential', 'Credential holds no valid access key ID.');
  if (date.length !== 8 || !/^[0-9]{8}$/.test(date)) {
    throw malformed(where, 'credential', 'Credential should be scoped with a date of the form YYYYMMDD.');
  }
  if (terminator !== 'aws4_request') {
    throw new SignatureRefusal('scope-terminator', { where, accessKeyId });
  }
  if (!(asymmetric || isScopeName(region))) {
    throw malformed(where, 'credential', 'Credential should be scoped to a valid region.');
  }
  if (!isScopeName(service)) throw malformed(where, 'credential', 'Credential should be scoped to a valid service.');
  return { accessKeyId, date, region, service, scope: text.slice(accessKeyId.length + 1) };
}

/** Lists that were read before: clients send the same few again and again. */
const knownLists = new Map<string, readonly string[]>();

/** Lower-case names in strictly ascending order, with the host among them. */
export function readSignedHeaders(text: string, where: Where): readonly string[] {
  const known = knownLists.get(text);
  if (known) return known;
  const names = parseSignedHeaders(text, where);
  if (knownLists.size >= knownLimit) knownLists.clear();
  if (text.length <= 1024) knownLists.set(text, names);
  return names;
}

function parseSignedHeaders(text: string, where: Where): readonly string[] {
  const names = text.length <= 8192 ? text.split(';') : [];
  if (names.length === 0 || names.length > signedHeaderLimit) {
    throw malformed(where, 'signed-headers', 'SignedHeaders names too many headers.');
  }
  let previous = '';
  for (const name of names) {
    if (!isHeaderName(name) || name <= previous) {
      throw malformed(where, 'signed-headers', 'SignedHeaders must be lower-case header names, sorted, each once.');
    }
    previous = name;
  }
  if (!(names.includes('host') || names.includes(':authority'))) {
    throw new SignatureRefusal('unsigned-headers', { where, headers: ['host'] });
  }
  return names;
}

export function readSignatureText(text: string, asymmetric: boolean, where: Where): string {
  const right = asymmetric
    ? text.length >= derHexLimits.least && text.length <= derHexLimits.most && text.length % 2 === 0 && isLowerHex(text)
    : isSha256Hex(text);
  if (right) return text;
  // A text of the wrong form can never match: the same answer as for any other wrong signature.
  throw new SignatureRefusal('mismatch', { where, signature: text.slice(0, 160) });
}

/** `us-east-1,eu-*` */
export function readRegionSet(text: string | undefined, where: Where): readonly string[] {
  const names = text === undefined || text.length > 1024 ? [] : text.split(',').map((name) => name.trim());
  if (names.length === 0 || names.length > 32 || !names.every((name) => /^[a-z0-9*-]{1,64}$/.test(name))) {
    throw malformed(where, 'region-set', 'X-Amz-Region-Set must name the regions that the signature is good for.');
  }
  return names;
}

function malformed(where: Where, part: RefusedPart, detail: string): SignatureRefusal {
  return new SignatureRefusal('malformed', { where, part, detail });
}
