/** PutObject: the body is durable before the row that shows it, so a torn write is never seen. */
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { type Check, type CheckCall, operation } from '../../service.ts';
import { objectResource, openBucket } from '../bucket-access.ts';
import { type ConditionedHeaders, headerValues, namesAcl, requestTagValues, withKeyArn } from '../condition-values.ts';
import { writtenMembers } from '../encryption/answers.ts';
import { newEncryption } from '../encryption/object-keys.ts';
import { wantedEncryption } from '../encryption/wanted.ts';
import { headerNotImplemented } from '../errors.ts';
import { requireKey } from '../keys.ts';
import { checksumMembers, quoted, versionMember } from '../object-answers.ts';
import { adoptPiece, contentOf } from '../object-content.ts';
import { objectHeaders, requireProtection, storageClass, userMetadata } from '../object-headers.ts';
import { currentObject, putVersion, wholeSeconds } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { checkWrite } from '../preconditions.ts';
import type { Body, Received } from '../receive.ts';
import { receiving } from '../receiving.ts';
import type { BucketRow, Checksum, Tag } from '../state.ts';
import { tagsFromHeader } from '../tags.ts';

export type PutObjectInput = Omit<PutObjectCommandInput, 'Body'> & { Body?: Body };

export const putObject = operation<PutObjectInput, PutObjectCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },

  async checks(input, call, ports) {
    const bucket = await openBucket(input, call);
    const asked = await withKeyArn(input, bucket, call, ports.keys);
    return writeChecks(asked, bucket, call, true, tagsFromHeader(input.Tagging));
  },

  async handle(input, call, ports) {
    const { change } = call;
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    requireProtection(input, bucket, call.caller.account);
    const wanted = wantedEncryption(input, bucket, call);
    if (input.WriteOffsetBytes !== undefined) throw headerNotImplemented('x-amz-write-offset-bytes');
    const described = {
      headers: objectHeaders(input),
      metadata: userMetadata(input.Metadata),
      storageClass: storageClass(input.StorageClass),
      tags: tagsFromHeader(input.Tagging),
    };
    checkWrite(input.Key, await currentObject(change, bucket, input.Key), input);
    const sealed = await newEncryption(call, ports, bucket, input.Key, wanted);
    const keep = async (received: Received) => {
      const { encryption } = received;
      const checksum: Checksum = {
        algorithm: received.checksum.algorithm,
        kind: 'FULL_OBJECT',
        value: received.checksum.value.toString('base64'),
      };
      adoptPiece(change, received.piece);
      const row = await putVersion(
        change,
        bucket,
        input.Key,
        {
          lastModified: wholeSeconds(call.now),
          size: received.size,
          etag: received.etag,
          ...contentOf(received.piece),
          checksum,
          encryption,
          headers: described.headers,
          metadata: described.metadata,
          storageClass: described.storageClass,
          tags: described.tags.length > 0 ? described.tags : undefined,
        },
        call,
      );
      return {
        ETag: quoted(row.etag),
        ...writtenMembers(encryption, input),
        ...checksumMembers(checksum),
        ...versionMember(bucket, row),
      };
    };
    return receiving(call, ports, input.Body, input, keep, sealed);
  },
});

/** s3:PutObject, and what the request's headers ask for beside. */
export function writeChecks(
  input: ConditionedHeaders & { readonly Key: string },
  bucket: BucketRow,
  call: CheckCall,
  createsObject: boolean,
  tags: readonly Tag[],
): Check[] {
  const resource = objectResource(bucket, input.Key, call.caller);
  const context = {
    ...headerValues(input),
    ...requestTagValues(tags),
    's3:ObjectCreationOperation': String(createsObject),
  };
  const checks: Check[] = [{ action: 's3:PutObject', resource, context }];
  if (tags.length > 0) checks.push({ action: 's3:PutObjectTagging', resource, context });
  // Services deliver under policies that grant s3:PutObject alone, on condition of the canned ACL that they send
  // (CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail").
  const delivers = call.caller.principal.kind === 'service' && input.ACL === 'bucket-owner-full-control';
  if (namesAcl(input) && !delivers) checks.push({ action: 's3:PutObjectAcl', resource, context });
  // Overwriting only a known version tells what it is ("Add preconditions to S3 operations", permissions).
  if (input.IfMatch !== undefined) checks.push({ action: 's3:GetObject', resource });
  return checks;
}
