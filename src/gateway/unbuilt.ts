/** Which action stands for an operation that Bailey has not built: the one of the same name, or none. */
import { knownActions } from '../models/actions.ts';
import { AwsError } from '../services/service.ts';

/** Operations whose action has another name (service authorization reference, "Actions defined by …"). */
const otherNames: Readonly<Record<string, string>> = {
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:SelectObjectContent': 's3:GetObject',
  's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3:PutBucketLifecycleConfiguration': 's3:PutLifecycleConfiguration',
  's3:DeleteBucketLifecycle': 's3:PutLifecycleConfiguration',
  's3:GetBucketReplication': 's3:GetReplicationConfiguration',
  's3:PutBucketReplication': 's3:PutReplicationConfiguration',
  's3:DeleteBucketReplication': 's3:PutReplicationConfiguration',
  's3:GetBucketAccelerateConfiguration': 's3:GetAccelerateConfiguration',
  's3:PutBucketAccelerateConfiguration': 's3:PutAccelerateConfiguration',
  's3:GetBucketNotificationConfiguration': 's3:GetBucketNotification',
  's3:PutBucketNotificationConfiguration': 's3:PutBucketNotification',
  's3:GetObjectLockConfiguration': 's3:GetBucketObjectLockConfiguration',
  's3:PutObjectLockConfiguration': 's3:PutBucketObjectLockConfiguration',
  's3:GetBucketAnalyticsConfiguration': 's3:GetAnalyticsConfiguration',
  's3:ListBucketAnalyticsConfigurations': 's3:GetAnalyticsConfiguration',
  's3:PutBucketAnalyticsConfiguration': 's3:PutAnalyticsConfiguration',
  's3:DeleteBucketAnalyticsConfiguration': 's3:PutAnalyticsConfiguration',
  's3:GetBucketIntelligentTieringConfiguration': 's3:GetIntelligentTieringConfiguration',
  's3:ListBucketIntelligentTieringConfigurations': 's3:GetIntelligentTieringConfiguration',
  's3:PutBucketIntelligentTieringConfiguration': 's3:PutIntelligentTieringConfiguration',
  's3:DeleteBucketIntelligentTieringConfiguration': 's3:PutIntelligentTieringConfiguration',
  's3:GetBucketInventoryConfiguration': 's3:GetInventoryConfiguration',
  's3:ListBucketInventoryConfigurations': 's3:GetInventoryConfiguration',
  's3:PutBucketInventoryConfiguration': 's3:PutInventoryConfiguration',
  's3:DeleteBucketInventoryConfiguration': 's3:PutInventoryConfiguration',
  's3:GetBucketMetricsConfiguration': 's3:GetMetricsConfiguration',
  's3:ListBucketMetricsConfigurations': 's3:GetMetricsConfiguration',
  's3:PutBucketMetricsConfiguration': 's3:PutMetricsConfiguration',
  's3:DeleteBucketMetricsConfiguration': 's3:PutMetricsConfiguration',
  's3:CreateBucketMetadataConfiguration': 's3:CreateBucketMetadataTableConfiguration',
  's3:GetBucketMetadataConfiguration': 's3:GetBucketMetadataTableConfiguration',
  's3:DeleteBucketMetadataConfiguration': 's3:DeleteBucketMetadataTableConfiguration',
  's3:CreateSession': 's3express:CreateSession',
  's3:ListDirectoryBuckets': 's3express:ListAllMyDirectoryBuckets',
  's3:WriteGetObjectResponse': 's3-object-lambda:WriteGetObjectResponse',
  'cloudfront:CreateDistributionWithTags': 'cloudfront:CreateDistribution',
};

/** Undefined: the operation is mapped to nothing, so it is denied to everybody. */
export function unbuiltAction(service: string, operation: string): string | undefined {
  const other = otherNames[`${service}:${operation}`];
  if (other) return other;
  const name = knownActions(service)?.get(operation.toLowerCase());
  return name && `${service}:${name}`;
}

/** What callers are told who may call it. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError(
    'NotImplemented',
    `${operation} is not implemented by Bailey. 'bailey coverage ${service}' lists what is.`,
    { status: 501 },
  );
}
