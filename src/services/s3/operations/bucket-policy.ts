/** GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy and GetBucketPolicyStatus. */
import type {
  DeleteBucketPolicyCommandInput,
  DeleteBucketPolicyCommandOutput,
  GetBucketPolicyCommandInput,
  GetBucketPolicyCommandOutput,
  GetBucketPolicyStatusCommandInput,
  GetBucketPolicyStatusCommandOutput,
  PutBucketPolicyCommandInput,
  PutBucketPolicyCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, type Call, type Check, type CheckCall, operation } from '../../service.ts';
import { bucketArn } from '../arns.ts';
import { type BucketInput, bucketResource, openBucket } from '../bucket-access.ts';
import { readBucketPolicy, shownPolicy } from '../bucket-policy.ts';
import { bucketChecks, putSettings } from '../bucket-settings.ts';
import { malformedPolicy } from '../errors.ts';
import { notJson } from '../policy-texts.ts';
import type { S3Ports } from '../ports.ts';
import type { BucketPolicyRow, BucketRow } from '../state.ts';

export const getBucketPolicy = operation<GetBucketPolicyCommandInput, GetBucketPolicyCommandOutput, S3Ports>({
  checks: policyChecks('s3:GetBucketPolicy'),

  async handle(input, call, ports) {
    const bucket = await openOwnBucket(input, call);
    return { Policy: await shownPolicy(requirePolicy(bucket), ports.principals) };
  },
});

export const putBucketPolicy = operation<PutBucketPolicyCommandInput, PutBucketPolicyCommandOutput, S3Ports>({
  checks: policyChecks('s3:PutBucketPolicy'),

  async handle(input, call, ports) {
    const bucket = await openOwnBucket(input, call);
    if (!input.Policy) throw malformedPolicy(notJson);
    const policy = await readBucketPolicy(input.Policy, bucket, ports.principals);
    if (policy.isPublic && bucket.publicAccessBlock?.BlockPublicPolicy) throw publicPolicyBlocked(bucket, call);
    putSettings(call, bucket, { policy });
    return {};
  },
});

export const deleteBucketPolicy = operation<DeleteBucketPolicyCommandInput, DeleteBucketPolicyCommandOutput, S3Ports>({
  checks: policyChecks('s3:DeleteBucketPolicy'),

  async handle(input, call) {
    putSettings(call, await openOwnBucket(input, call), { policy: undefined });
    return {};
  },
});

export const getBucketPolicyStatus = operation<
  GetBucketPolicyStatusCommandInput,
  GetBucketPolicyStatusCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  checks: bucketChecks('s3:GetBucketPolicyStatus'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    return { PolicyStatus: { IsPublic: requirePolicy(bucket).isPublic } };
  },
});

/**
 * The owner's root user can always look at and take away a policy that locks everybody out, itself included
 * ("Bucket policies", S3 User Guide); SCPs, RCPs and endpoint policies still bind it.
 */
function policyChecks(action: string) {
  return async (input: BucketInput, call: CheckCall): Promise<readonly Check[]> => {
    const bucket = await openBucket(input, call);
    const { principal, account } = call.caller;
    const isOwnersRoot = principal.kind === 'root' && account === bucket.account;
    const resource = isOwnersRoot
      ? { arn: bucketArn(bucket.name), account: bucket.account }
      : bucketResource(bucket, call.caller);
    return [{ action, resource }];
  };
}

/** Callers of other accounts never reach the policy, whatever it allows them (S3 API reference, PutBucketPolicy). */
async function openOwnBucket(input: BucketInput, call: Call): Promise<BucketRow> {
  const bucket = await openBucket(input, call);
  if (call.caller.account === bucket.account || call.caller.principal.kind === 'service') return bucket;
  throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    members: { Method: method(call), ResourceType: 'BUCKETPOLICY' },
  });
}

/** @throws AwsError NoSuchBucketPolicy */
function requirePolicy(bucket: BucketRow): BucketPolicyRow {
  if (bucket.policy) return bucket.policy;
  throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', {
    status: 404,
    members: { BucketName: bucket.name },
  });
}

function publicPolicyBlocked(bucket: BucketRow, call: Call): AwsError {
  const { principal } = call.caller;
  const name = 'arn' in principal ? principal.arn : principal.kind;
  return new AwsError(
    'AccessDenied',
    `User: ${name} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket.name)}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    { status: 403 },
  );
}

function method(call: Call): string {
  if (call.operation.startsWith('Put')) return 'PUT';
  return call.operation.startsWith('Delete') ? 'DELETE' : 'GET';
}
