/** API operations whose IAM action has another name, for hints (Service Authorization Reference). */

import { distance } from '../text/nearest.ts';

/** Lower-case `service:operation` → the action in AWS's spelling. */
const actionOfOperation: ReadonlyMap<string, string> = new Map([
  ['s3:abortmultipartuploads', 's3:AbortMultipartUpload'],
  ['s3:completemultipartupload', 's3:PutObject'],
  ['s3:copyobject', 's3:PutObject'],
  ['s3:createmultipartupload', 's3:PutObject'],
  ['s3:deletebucketcors', 's3:PutBucketCORS'],
  ['s3:deleteobjects', 's3:DeleteObject'],
  ['s3:getbucketencryption', 's3:GetEncryptionConfiguration'],
  ['s3:getbucketlifecycleconfiguration', 's3:GetLifecycleConfiguration'],
  ['s3:getpublicaccessblock', 's3:GetBucketPublicAccessBlock'],
  ['s3:headbucket', 's3:ListBucket'],
  ['s3:headobject', 's3:GetObject'],
  ['s3:listbuckets', 's3:ListAllMyBuckets'],
  ['s3:listmultipartuploads', 's3:ListBucketMultipartUploads'],
  ['s3:listobjects', 's3:ListBucket'],
  ['s3:listobjectsv2', 's3:ListBucket'],
  ['s3:listobjectversions', 's3:ListBucketVersions'],
  ['s3:listparts', 's3:ListMultipartUploadParts'],
  ['s3:postobject', 's3:PutObject'],
  ['s3:putbucketencryption', 's3:PutEncryptionConfiguration'],
  ['s3:putbucketlifecycleconfiguration', 's3:PutLifecycleConfiguration'],
  ['s3:putpublicaccessblock', 's3:PutBucketPublicAccessBlock'],
  ['s3:uploadpart', 's3:PutObject'],
  ['lambda:invoke', 'lambda:InvokeFunction'],
]);

const actions: ReadonlySet<string> = new Set([...actionOfOperation.values()].map((name) => name.toLowerCase()));

/** The action of the operation that a name means, give or take a letter; undefined when it names none of these. */
export function actionMeant(name: string): string | undefined {
  const lower = name.toLowerCase();
  // ListBucket is an action, however near the operation ListBuckets is.
  if (actions.has(lower)) return undefined;
  for (const [operation, action] of actionOfOperation) if (distance(lower, operation, 1) <= 1) return action;
  return undefined;
}
