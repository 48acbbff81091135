/** CreateMultipartUpload: what the object will be, before its bytes come. */
import type { CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput } from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { withKeyArn } from '../condition-values.ts';
import { writtenMembers } from '../encryption/answers.ts';
import { newEncryption } from '../encryption/object-keys.ts';
import { wantedEncryption } from '../encryption/wanted.ts';
import { requireKey } from '../keys.ts';
import { objectHeaders, requireProtection, storageClass, userMetadata } from '../object-headers.ts';
import { wholeSeconds } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { uploadRowId, uploads } from '../state.ts';
import { tagsFromHeader } from '../tags.ts';
import { chosenChecksum, newUploadId } from '../uploads.ts';
import { writeChecks } from './put-object.ts';

export const createMultipartUpload = operation<
  CreateMultipartUploadCommandInput,
  CreateMultipartUploadCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },

  async checks(input, call, ports) {
    const bucket = await openBucket(input, call);
    return writeChecks(
      await withKeyArn(input, bucket, call, ports.keys),
      bucket,
      call,
      false,
      tagsFromHeader(input.Tagging),
    );
  },

  async handle(input, call, ports) {
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    requireProtection(input, bucket, call.caller.account);
    const checksum = chosenChecksum(input.ChecksumAlgorithm, input.ChecksumType);
    const metadata = userMetadata(input.Metadata);
    const kept = storageClass(input.StorageClass);
    const tags = tagsFromHeader(input.Tagging);
    const { encryption } = await newEncryption(call, ports, bucket, input.Key, wantedEncryption(input, bucket, call));
    const uploadId = newUploadId(call.now, call.random);
    call.change.put(uploads, bucket.id, uploadRowId(input.Key, uploadId), {
      key: input.Key,
      uploadId,
      initiated: wholeSeconds(call.now),
      initiator: initiatorOf(call),
      ...checksum,
      ...(encryption && { encryption }),
      headers: objectHeaders(input),
      ...(metadata && { metadata }),
      ...(kept !== undefined && { storageClass: kept }),
      ...(tags.length > 0 && { tags }),
    });
    return {
      Bucket: bucket.name,
      Key: input.Key,
      UploadId: uploadId,
      ...writtenMembers(encryption, input),
      ...(checksum.checksumAlgorithm && {
        ChecksumAlgorithm: checksum.checksumAlgorithm,
        ChecksumType: checksum.checksumKind,
      }),
    };
  },
});

/** An account's canonical id for its root user; the ARN of anybody else who is somebody. */
function initiatorOf(call: Call): { readonly id: string; readonly displayName: string } {
  const { principal, account } = call.caller;
  if (principal.kind === 'root') return { id: canonicalUserId(account), displayName: account };
  if (principal.kind === 'anonymous') return { id: canonicalUserId('anonymous'), displayName: 'anonymous' };
  if (principal.kind === 'service') return { id: principal.name, displayName: principal.name };
  return { id: principal.arn, displayName: 'name' in principal ? principal.name : principal.arn };
}
