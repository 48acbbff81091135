/** What S3 says when bytes are not those that were announced. */
import { AwsError } from '../service.ts';
import { checksumAlgorithms, foreignChecksum, isChecksumAlgorithm } from './checksums/digest.ts';
import { invalidRequest } from './errors.ts';
import type { ChecksumAlgorithmName } from './state.ts';

export const invalidMd5 = (given: string): AwsError =>
  new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
    status: 400,
    members: { 'Content-MD5': given },
  });

export const badMd5 = (expected: Buffer, actual: Buffer): AwsError =>
  new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    status: 400,
    members: { ExpectedDigest: expected.toString('base64'), CalculatedDigest: actual.toString('base64') },
  });

export const badChecksum = (algorithm: ChecksumAlgorithmName): AwsError =>
  new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, { status: 400 });

export const unsupportedAlgorithm = (): AwsError =>
  invalidRequest(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${checksumAlgorithms.join(', ')}]`,
  );

/** @param name in any case. @throws AwsError for an algorithm that is not computed here */
export function readAlgorithm(name: string): ChecksumAlgorithmName {
  const upper = name.toUpperCase();
  if (isChecksumAlgorithm(upper)) return upper;
  throw unsupportedAlgorithm();
}

/** @param from an input, headers or trailers, by name. @throws AwsError for a checksum that would not be compared */
export function requireKnownChecksums(from: object): void {
  for (const name in from) {
    if (foreignChecksum(name) && (from as Record<string, unknown>)[name] !== undefined) throw unsupportedAlgorithm();
  }
}
