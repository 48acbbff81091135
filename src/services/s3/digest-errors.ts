/** What S3 says when bytes are not those that were announced. */
import { AwsError } from '../service.ts';
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
