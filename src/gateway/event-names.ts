/** Under which names records show calls: those of the API, but for some of S3's. */

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */
const ofS3: ReadonlyMap<string, string> = new Map([
  ['ListObjectsV2', 'ListObjects'],
  ['GetPublicAccessBlock', 'GetBucketPublicAccessBlock'],
  ['PutPublicAccessBlock', 'PutBucketPublicAccessBlock'],
  ['DeletePublicAccessBlock', 'DeleteBucketPublicAccessBlock'],
  ['GetBucketLifecycleConfiguration', 'GetBucketLifecycle'],
  ['PutBucketLifecycleConfiguration', 'PutBucketLifecycle'],
  ['GetBucketNotificationConfiguration', 'GetBucketNotification'],
  ['PutBucketNotificationConfiguration', 'PutBucketNotification'],
]);

/** @param service by its IAM prefix */
export function eventName(service: string, operation: string): string {
  return (service === 's3' ? ofS3.get(operation) : undefined) ?? operation;
}
