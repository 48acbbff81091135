/** Finds and reads the one signature of a request. */
import type { HttpRequest } from '../types.ts';
import type { SignatureClaim } from './claim.ts';
import { readHeaderSignature } from './read-header.ts';
import { findQuerySignature, readQuerySignature } from './read-query.ts';
import { SignatureRefusal } from './refusal.ts';

/**
 * Reads the claim in a request; nothing of it is verified yet.
 * @returns undefined for an anonymous request
 * @throws SignatureRefusal for a signature that is malformed, incomplete, doubled or of an unknown kind
 */
export function readSignature(request: HttpRequest): SignatureClaim | undefined {
  const header = request.headers.authorization;
  const query = findQuerySignature(request);
  if (header !== undefined && query) throw new SignatureRefusal('two-signatures');
  if (header !== undefined) return readHeaderSignature(request, header);
  return query ? readQuerySignature(request, query) : undefined;
}

/** The same, with the refusal as a value: the answer can only be worded once the request's protocol is known. */
export function tryReadSignature(request: HttpRequest): SignatureClaim | SignatureRefusal | undefined {
  try {
    return readSignature(request);
  } catch (error) {
    if (error instanceof SignatureRefusal) return error;
    throw error;
  }
}
