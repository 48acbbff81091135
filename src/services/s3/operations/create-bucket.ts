/** CreateBucket: names are unique over all accounts; a new bucket is private, ACL-less and encrypted, as AWS's today. */
import type { CreateBucketCommandInput, CreateBucketCommandOutput } from '@aws-sdk/client-s3';
import { AwsError, type Check, operation } from '../../service.ts';
import { bucketArn } from '../arns.ts';
import { requireBucketName } from '../bucket-name.ts';
import { headerValues, namesAcl } from '../condition-values.ts';
import { bucketAlreadyExists, bucketAlreadyOwnedByYou, notBuilt } from '../errors.ts';
import type { S3Ports } from '../ports.ts';
import { type BucketRow, buckets, ownedBuckets } from '../state.ts';
import { bucketTagLimit, requireTags } from '../tags.ts';

export const createBucket = operation<CreateBucketCommandInput, CreateBucketCommandOutput, S3Ports>({
  checks(input, call) {
    const resource = { arn: bucketArn(input.Bucket), account: call.caller.account };
    const tags = input.CreateBucketConfiguration?.Tags ?? [];
    const context = {
      ...headerValues(input),
      's3:LocationConstraint': input.CreateBucketConfiguration?.LocationConstraint,
      's3:x-amz-object-ownership': input.ObjectOwnership,
      ...Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.Key}`, tag.Value])),
      'aws:TagKeys': tags.length > 0 ? tags.map((tag) => tag.Key ?? '') : undefined,
    };
    const actions = ['s3:CreateBucket'];
    if (namesAcl(input)) actions.push('s3:PutBucketAcl');
    if (input.ObjectOwnership !== undefined) actions.push('s3:PutBucketOwnershipControls');
    if (input.ObjectLockEnabledForBucket) actions.push('s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning');
    if (tags.length > 0) actions.push('s3:TagResource');
    return actions.map((action): Check => ({ action, resource, context }));
  },

  async handle(input, call) {
    requireBucketName(input.Bucket);
    const region = bucketRegion(input.CreateBucketConfiguration?.LocationConstraint, call.scope.region);
    requireBuiltOwnership(input);
    const tags = requireTags(input.CreateBucketConfiguration?.Tags, bucketTagLimit);
    const there = await call.change.get(buckets, '', input.Bucket);
    if (there) return answerExisting(there, call.caller.account, region);
    const bucket: BucketRow = {
      name: input.Bucket,
      id: Buffer.from(call.random.bytes(16)).toString('hex'),
      account: call.caller.account,
      region,
      createdAt: call.now,
      ownership: 'BucketOwnerEnforced',
      encryption: { bucketKeyEnabled: false, blocksCustomerKeys: true },
      publicAccessBlock: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
      ...(tags.length > 0 && { tags }),
    };
    call.change.put(buckets, '', bucket.name, bucket);
    call.change.put(ownedBuckets, bucket.account, bucket.name, { createdAt: bucket.createdAt, region });
    return location(bucket);
  },
});

const location = (bucket: BucketRow) => ({
  Location: bucket.region === 'us-east-1' ? `/${bucket.name}` : `http://${bucket.name}.s3.amazonaws.com/`,
  BucketArn: bucketArn(bucket.name),
});

/** In us-east-1 creating a bucket again is no error (S3 API reference, CreateBucket, BucketAlreadyOwnedByYou). */
function answerExisting(there: BucketRow, account: string, region: string) {
  if (there.account !== account) throw bucketAlreadyExists(there.name);
  if (there.region === 'us-east-1' && region === 'us-east-1') return location(there);
  throw bucketAlreadyOwnedByYou(there.name);
}

/** The endpoint's region is the signature's; a LocationConstraint must agree with it. */
function bucketRegion(constraint: string | undefined, region: string): string {
  if (constraint === 'us-east-1' || constraint === '') {
    throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
      status: 400,
      members: { LocationConstraint: constraint },
    });
  }
  const wanted = constraint === 'EU' ? 'eu-west-1' : (constraint ?? 'us-east-1');
  if (wanted === region) return region;
  throw new AwsError(
    'IllegalLocationConstraintException',
    `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    { status: 400 },
  );
}

/** Every bucket is "bucket owner enforced": other kinds of ownership need ACLs. */
function requireBuiltOwnership(input: CreateBucketCommandInput): void {
  if (input.ObjectLockEnabledForBucket) throw notBuilt('Object Lock');
  if (input.Bucket?.endsWith('-an') || input.BucketNamespace === 'account-regional') {
    throw notBuilt('The account-regional namespace of buckets');
  }
  if (input.ObjectOwnership !== undefined && input.ObjectOwnership !== 'BucketOwnerEnforced') {
    throw notBuilt(`Object ownership ${input.ObjectOwnership}, which needs ACLs,`);
  }
  const grants = { ...input, ACL: input.ACL === 'private' ? undefined : input.ACL };
  if (namesAcl(grants)) {
    throw new AwsError(
      'InvalidBucketAclWithObjectOwnership',
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
      { status: 400 },
    );
  }
}
