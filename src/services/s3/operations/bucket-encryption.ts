/** GetBucketEncryption, PutBucketEncryption and DeleteBucketEncryption: what writes get by default, and whether SSE-C is blocked. */
import type {
  DeleteBucketEncryptionCommandInput,
  DeleteBucketEncryptionCommandOutput,
  GetBucketEncryptionCommandInput,
  GetBucketEncryptionCommandOutput,
  PutBucketEncryptionCommandInput,
  PutBucketEncryptionCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { bucketChecks, putSettings } from '../bucket-settings.ts';
import { invalidArgument, malformedXml } from '../errors.ts';
import type { S3Ports } from '../ports.ts';

export const getBucketEncryption = operation<
  GetBucketEncryptionCommandInput,
  GetBucketEncryptionCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:GetEncryptionConfiguration'),

  async handle(input, call) {
    const { encryption } = await openBucket(input, call);
    return {
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: encryption.algorithm ?? ('AES256' as const),
              ...(encryption.keyId !== undefined && { KMSMasterKeyID: encryption.keyId }),
            },
            BucketKeyEnabled: encryption.bucketKeyEnabled,
            ...(encryption.blocksCustomerKeys && { BlockedEncryptionTypes: { EncryptionType: ['SSE-C' as const] } }),
          },
        ],
      },
    };
  },
});

export const putBucketEncryption = operation<
  PutBucketEncryptionCommandInput,
  PutBucketEncryptionCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutEncryptionConfiguration'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
    const [rule] = rules;
    if (rules.length !== 1 || !rule) throw malformedXml();
    const wanted = rule.ApplyServerSideEncryptionByDefault;
    const algorithm = wanted?.SSEAlgorithm;
    const isKms = algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse';
    if (wanted && !isKms && algorithm !== 'AES256') throw malformedXml();
    const keyId = wanted?.KMSMasterKeyID;
    if (keyId !== undefined && (keyId === '' || keyId.length > longestKeyId)) throw malformedXml();
    if (!isKms && keyId !== undefined) {
      throw invalidArgument(
        'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      );
    }
    putSettings(call, bucket, {
      encryption: {
        ...(isKms && { algorithm }),
        ...(keyId !== undefined && { keyId }),
        bucketKeyEnabled: rule.BucketKeyEnabled === true,
        blocksCustomerKeys: blocksCustomerKeys(
          rule.BlockedEncryptionTypes?.EncryptionType,
          bucket.encryption.blocksCustomerKeys,
        ),
      },
    });
    return {};
  },
});

/** Back to what every bucket begins with. */
export const deleteBucketEncryption = operation<
  DeleteBucketEncryptionCommandInput,
  DeleteBucketEncryptionCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutEncryptionConfiguration'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const { blocksCustomerKeys } = bucket.encryption;
    putSettings(call, bucket, { encryption: { bucketKeyEnabled: false, blocksCustomerKeys } });
    return {};
  },
});

/** "KeyId", AWS KMS API reference. */
const longestKeyId = 2048;

/** Left out: as it was ("Blocking or unblocking SSE-C for a general purpose bucket"). */
function blocksCustomerKeys(types: readonly string[] | undefined, before: boolean): boolean {
  if (!types || types.length === 0) return before;
  if (types.length === 1 && types[0] === 'NONE') return false;
  if (types.length === 1 && types[0] === 'SSE-C') return true;
  throw malformedXml();
}
