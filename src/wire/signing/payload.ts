/** Checks a body against its signature while it streams by, and takes the aws-chunked framing off. */
import { createHash, hash } from 'node:crypto';
import type { HttpRequest } from '../types.ts';
import { ChunkParser } from './aws-chunked.ts';
import { chunkVerifier } from './chunk-signatures.ts';
import type { PayloadMode, SignatureClaim } from './claim.ts';
import type { SigningSecret } from './keys.ts';
import { payloadMode } from './payload-mode.ts';
import { SignatureRefusal } from './refusal.ts';

const emptyHash = hash('sha256', '');

/** A body that is being checked. Nothing read from it may be kept before it has ended without an error. */
export interface VerifiedBody extends AsyncIterable<Uint8Array> {
  /** Bytes after the framing is off, where the client said it. */
  readonly length: number | undefined;
  /** Trailers by lower-case name (`x-amz-checksum-crc32c`), complete once the body has ended; whoever stores checks them. */
  readonly trailers: ReadonlyMap<string, string>;
}

/**
 * Wraps the bytes of a request to S3.
 * @param claim undefined for anonymous requests, whose bodies may be framed but carry no signatures
 * @param credential of the claim; needed for signed chunks
 * @returns the payload; iterating throws SignatureRefusal at the first wrong chunk, or at the end
 */
export function verifiedBody(
  claim: SignatureClaim | undefined,
  credential: SigningSecret | undefined,
  request: HttpRequest,
  bytes: AsyncIterable<Uint8Array>,
): VerifiedBody {
  const mode = modeOf(claim, request);
  const trailers = new Map<string, string>();
  if (mode.kind === 'streaming') {
    const length = decodedLength(request);
    const verifier = mode.signed === false ? undefined : chunkVerifier(claim, credential);
    const parser = new ChunkParser({ length, verifier, announced: announcedTrailers(request, mode.trailer), trailers });
    return { length, trailers, [Symbol.asyncIterator]: () => unframe(parser, bytes) };
  }
  const length = contentLength(request);
  const iterate = mode.kind === 'literal' ? () => hashed(mode.hash, bytes) : () => bytes[Symbol.asyncIterator]();
  return { length, trailers, [Symbol.asyncIterator]: iterate };
}

const noTrailers: ReadonlyMap<string, string> = new Map();

/** The same for a body that is in memory. */
export function verifyBufferedBody(
  claim: SignatureClaim | undefined,
  credential: SigningSecret | undefined,
  request: HttpRequest,
  body: Uint8Array,
): { readonly body: Uint8Array; readonly trailers: ReadonlyMap<string, string> } {
  const mode = modeOf(claim, request);
  if (mode.kind === 'literal') requireHash(mode.hash, body.length === 0 ? emptyHash : hash('sha256', body));
  if (mode.kind !== 'streaming') return { body, trailers: noTrailers };
  const trailers = new Map<string, string>();
  const verifier = mode.signed === false ? undefined : chunkVerifier(claim, credential);
  const announced = announcedTrailers(request, mode.trailer);
  const parser = new ChunkParser({ length: decodedLength(request), verifier, announced, trailers });
  const parts = [...parser.push(body)];
  parser.end();
  return { body: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts), trailers };
}

function modeOf(claim: SignatureClaim | undefined, request: HttpRequest): PayloadMode {
  if (claim && claim.scheme !== 's3v2-query') return claim.payload;
  const value = request.headers['x-amz-content-sha256'];
  return value === undefined ? { kind: 'unsigned' } : payloadMode(value, false);
}

async function* unframe(parser: ChunkParser, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) yield* parser.push(piece);
  parser.end();
}

async function* hashed(expected: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  for await (const piece of bytes) {
    digest.update(piece);
    yield piece;
  }
  requireHash(expected, digest.digest('hex'));
}

function requireHash(expected: string, actual: string): void {
  if (expected !== actual) throw new SignatureRefusal('payload-mismatch', { expected, actual });
}

function contentLength(request: HttpRequest): number | undefined {
  const text = request.headers['content-length'];
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function decodedLength(request: HttpRequest): number {
  const text = request.headers['x-amz-decoded-content-length'];
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) throw new SignatureRefusal('length-missing');
  return Number(text);
}

/** The names in `x-amz-trailer`: at most a few, only where the payload mode has trailers. */
function announcedTrailers(request: HttpRequest, trailer: boolean): readonly string[] | undefined {
  const text = request.headers['x-amz-trailer'];
  if (!trailer) return undefined;
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim().toLowerCase());
  if (
    names.length > 8 ||
    !names.every((name) => /^x-amz-[a-z0-9-]{1,64}$/.test(name) && name !== 'x-amz-trailer-signature')
  ) {
    throw new SignatureRefusal('trailer-malformed', { detail: 'X-Amz-Trailer does not name trailers.' });
  }
  return names;
}
