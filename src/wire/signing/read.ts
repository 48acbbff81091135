/** Finds and reads the one signature of a request. */
import type { HttpRequest } from '../types.ts';
import type { SignatureClaim } from './claim.ts';
import { decodeQuery } from './percent.ts';
import { splitQuery } from './query.ts';
import { readHeaderSignature } from './read-header.ts';
import { findQuerySignature, readQuerySignature } from './read-query.ts';
import { SignatureRefusal } from './refusal.ts';
import { isScopeName } from './text.ts';

/**
 * Reads the claim in a request; nothing of it is verified yet.
 * @returns undefined for an anonymous request
 * @throws SignatureRefusal for a signature that is malformed, incomplete, doubled or of an unknown kind
 */
export function readSignature(request: HttpRequest): SignatureClaim | undefined {
  const read = tryReadSignature(request);
  if (read instanceof SignatureRefusal) throw read;
  return read;
}

/** The same, with the refusal as a value: the answer can only be worded once the request's protocol is known. */
export function tryReadSignature(request: HttpRequest): SignatureClaim | SignatureRefusal | undefined {
  const header = request.headers.authorization;
  try {
    const query = findQuerySignature(request);
    if (header !== undefined && query) throw new SignatureRefusal('two-signatures');
    if (header !== undefined) return readHeaderSignature(request, header);
    return query ? readQuerySignature(request, query) : undefined;
  } catch (error) {
    if (!(error instanceof SignatureRefusal)) throw error;
    const service = claimedService(request, header);
    return service === undefined ? error : new SignatureRefusal(error.reason, { ...error.facts, service });
  }
}

/** The service that even a broken signature names: it tells in whose words to refuse. */
function claimedService(request: HttpRequest, header = ''): string | undefined {
  const parts = splitQuery(request.query) ?? [];
  const start = header.indexOf('Credential=');
  const credential =
    start < 0
      ? decodeQuery(parts.find(({ rawName }) => rawName === 'X-Amz-Credential')?.rawValue ?? '')
      : header.slice(start + 11, start + 400);
  const service = credential.split(',')[0]?.trim().split('/').at(-2);
  if (service !== undefined && isScopeName(service)) return service;
  return parts.some(({ rawName }) => rawName === 'AWSAccessKeyId') ? 's3' : undefined;
}
