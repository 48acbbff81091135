/** Which condition keys a bucket policy may name, and which actions know them: S3 refuses the others. */

const grants = 'BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl';
const listing = 'ListBucket ListBucketVersions';
const lists = 'ListObjectAnnotations ListObjectVersionAnnotations';
const tagging = 'BypassGovernanceRetention PutObject PutObjectTagging PutObjectVersionTagging';
const retention = 'PutObject PutObjectRetention';
const holds = 'PutObject PutObjectRetention ReplicateObject';
const encryption = 'BypassGovernanceRetention PutObject ReplicateObject UpdateObjectEncryption';

/**
 * Keys that tell of the request or the object, with the actions that have them. A name that ends in `/` is followed by
 * a tag key. Source: service authorization reference, "Actions defined by Amazon S3".
 */
export const narrowKeys: Readonly<Record<string, string>> = {
  's3:annotation-prefix': lists,
  's3:delimiter': listing,
  's3:existingobjecttag/':
    'DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation GetObjectVersionAttributes GetObjectVersionTagging ListObjectAnnotations ListObjectVersionAnnotations PutObjectAcl PutObjectAnnotation PutObjectTagging PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging UpdateObjectEncryption',
  's3:if-match': 'DeleteObject PutObject',
  's3:if-none-match': 'PutObject',
  's3:inventoryaccessibleoptionalfields': 'PutInventoryConfiguration',
  's3:isreplicationpauserequest': 'PutReplicationConfiguration',
  's3:max-annotation-results': lists,
  's3:max-keys': listing,
  's3:object-lock-event-hold': holds,
  's3:object-lock-event-hold-duration-days': holds,
  's3:object-lock-legal-hold': 'PutObject PutObjectLegalHold',
  's3:object-lock-mode': retention,
  's3:object-lock-remaining-retention-days': retention,
  's3:object-lock-retain-until-date': retention,
  's3:objectcreationoperation': 'PutObject',
  's3:prefix': listing,
  's3:requestobjecttag/': tagging,
  's3:requestobjecttagkeys': tagging,
  's3:x-amz-acl': `${grants} CreateAccessPoint`,
  's3:x-amz-bucket-namespace': 'CreateBucket',
  's3:x-amz-copy-source': 'BypassGovernanceRetention PutObject',
  's3:x-amz-grant-full-control': grants,
  's3:x-amz-grant-read': grants,
  's3:x-amz-grant-read-acp': grants,
  's3:x-amz-grant-write': grants,
  's3:x-amz-grant-write-acp': grants,
  's3:x-amz-metadata-directive': 'BypassGovernanceRetention PutObject',
  's3:x-amz-object-annotation-directive': 'PutObject',
  's3:x-amz-object-if-match':
    'DeleteObjectAnnotation DeleteObjectVersionAnnotation PutObjectAnnotation PutObjectVersionAnnotation',
  's3:x-amz-object-ownership': 'CreateBucket',
  's3:x-amz-server-side-encryption': encryption,
  's3:x-amz-server-side-encryption-aws-kms-key-id': encryption,
  's3:x-amz-server-side-encryption-customer-algorithm': 'BypassGovernanceRetention PutObject ReplicateObject',
  's3:x-amz-storage-class': 'BypassGovernanceRetention PutObject PutObjectAcl PutObjectVersionAcl',
  's3:x-amz-website-redirect-location': 'BypassGovernanceRetention PutObject',
};

/** Keys of every call, or of ways to S3 that a bucket policy may speak of whatever the action is. */
export const wideKeys: readonly string[] = [
  's3:accessgrantscope',
  's3:accessgrantsinstancearn',
  's3:accessgrantslocationscope',
  's3:accesspointnetworkorigin',
  's3:accesspointtag/',
  's3:authtype',
  's3:buckettag/',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:deliverysourcearn',
  's3:destinationregion',
  's3:existingjoboperation',
  's3:existingjobpriority',
  's3:jobsuspendedcause',
  's3:locationconstraint',
  's3:logtype',
  's3:requestjoboperation',
  's3:requestjobpriority',
  's3:resourceaccount',
  's3:resourcearnbeingauthorized',
  's3:signatureage',
  's3:signatureversion',
  's3:tlsversion',
  's3:versionid',
  's3:x-amz-content-sha256',
];

const known = new Map<string, ReadonlySet<string> | 'any'>(wideKeys.map((key) => [key, 'any']));
for (const [key, actions] of Object.entries(narrowKeys)) known.set(key, new Set(actions.split(' ')));

/** The actions that know a key, `any` for all; undefined for a key that S3 does not have. Keys of others are not its business. */
export function actionsKnowing(conditionKey: string): ReadonlySet<string> | 'any' | undefined {
  const key = conditionKey.toLowerCase();
  if (!key.startsWith('s3:')) return 'any';
  const slash = key.indexOf('/');
  if (slash < 0) return known.get(key);
  // Without a tag key behind it, the name is that of no tag.
  return slash === key.length - 1 ? undefined : known.get(key.slice(0, slash + 1));
}
