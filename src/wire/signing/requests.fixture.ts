/** Requests to sign and to spoil, for the tests of this folder. */
import type { HttpRequest } from '../types.ts';
import { readSignature } from './read.ts';
import { type RefusalReason, SignatureRefusal } from './refusal.ts';
import type { ClientCredentials } from './sign.ts';
import { type VerifyOptions, verify } from './verify.ts';

export const credentials: ClientCredentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
export const time = Date.UTC(2026, 10, 20, 9, 30, 5);

/** A request as the listener makes it: null-prototype headers in lower case. */
export function httpRequest(parts: {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly repeated?: readonly string[];
}): HttpRequest {
  const headers = Object.assign(Object.create(null), { host: 'localhost:4566' }, parts.headers);
  return {
    method: parts.method ?? 'GET',
    path: parts.path ?? '/',
    query: parts.query ?? '',
    headers,
    repeated: parts.repeated ?? [],
  };
}

/** Copies with other headers; undefined removes one. */
export function withHeaders(request: HttpRequest, changes: Readonly<Record<string, string | undefined>>): HttpRequest {
  const headers: Record<string, string | undefined> = Object.assign(Object.create(null), request.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
  }
  return { ...request, headers };
}

/** `verified`, `anonymous`, or the reason of the refusal. */
export function outcome(
  request: HttpRequest,
  options: Partial<VerifyOptions> & { readonly secret?: string } = {},
): RefusalReason | 'verified' {
  try {
    const claim = readSignature(request);
    if (!claim) return 'anonymous';
    const known = claim.accessKeyId === credentials.accessKeyId;
    const secret = { secret: options.secret ?? (known ? credentials.secret : 'the secret of another key') };
    verify(claim, request, secret, { service: claim.service, now: time, ...options });
    return 'verified';
  } catch (error) {
    if (error instanceof SignatureRefusal) return error.reason;
    throw error;
  }
}
