/** Digests of requests whose bodies are read whole (policies, tags, lists of keys): the same rules as for objects. */
import { createHash } from 'node:crypto';
import {
  checksumAlgorithms,
  checksumHeader,
  decodeBase64,
  decodeChecksum,
  foreignChecksum,
  newDigest,
} from './checksums/digest.ts';
import { badChecksum, badMd5, invalidMd5, requireKnownChecksums, unsupportedAlgorithm } from './digest-errors.ts';
import { invalidRequest } from './errors.ts';

/** What their checksum headers speak of is the object that comes of them: the handler compares it. */
const aboutTheObject: ReadonlySet<string> = new Set(['CompleteMultipartUpload']);

/**
 * @param operation the name of the call
 * @param headers by lower-case name
 * @param trailers verified, by lower-case name
 * @throws AwsError BadDigest, InvalidDigest, InvalidRequest
 */
export function requireBodyDigests(
  operation: string,
  headers: Readonly<Record<string, string | undefined>>,
  trailers: ReadonlyMap<string, string>,
  body: Uint8Array,
): void {
  const md5 = headers['content-md5'];
  if (md5 !== undefined) {
    const expected = decodeBase64(md5, 16);
    if (!expected) throw invalidMd5(md5);
    const actual = createHash('md5').update(body).digest();
    if (!expected.equals(actual)) throw badMd5(expected, actual);
  }
  requireKnownChecksums(headers);
  if ([...trailers.keys()].some(foreignChecksum)) throw unsupportedAlgorithm();
  for (const algorithm of checksumAlgorithms) {
    const name = checksumHeader(algorithm);
    const value = (aboutTheObject.has(operation) ? undefined : headers[name]) ?? trailers.get(name);
    if (value === undefined) continue;
    const expected = decodeChecksum(algorithm, value);
    if (!expected) throw invalidRequest(`Value for ${name} header is invalid.`);
    const digest = newDigest(algorithm);
    digest.update(body);
    if (!expected.equals(digest.digest())) throw badChecksum(algorithm);
  }
}
