/** GetBucketCors, PutBucketCors and DeleteBucketCors. */
import type {
  CORSRule,
  DeleteBucketCorsCommandInput,
  DeleteBucketCorsCommandOutput,
  GetBucketCorsCommandInput,
  GetBucketCorsCommandOutput,
  PutBucketCorsCommandInput,
  PutBucketCorsCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { bucketChecks, putSettings } from '../bucket-settings.ts';
import { invalidRequest, malformedXml } from '../errors.ts';
import type { S3Ports } from '../ports.ts';
import type { CorsRule } from '../state.ts';

const ruleLimit = 100;
const methods: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD']);

export const getBucketCors = operation<GetBucketCorsCommandInput, GetBucketCorsCommandOutput, S3Ports>({
  allowsAnonymous: true,
  checks: bucketChecks('s3:GetBucketCORS'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    if (!bucket.cors) {
      throw new AwsError('NoSuchCORSConfiguration', 'The CORS configuration does not exist', {
        status: 404,
        members: { BucketName: bucket.name },
      });
    }
    return { CORSRules: bucket.cors.map(shown) };
  },
});

export const putBucketCors = operation<PutBucketCorsCommandInput, PutBucketCorsCommandOutput, S3Ports>({
  checks: bucketChecks('s3:PutBucketCORS'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const rules = input.CORSConfiguration?.CORSRules ?? [];
    if (rules.length === 0 || rules.length > ruleLimit) throw malformedXml();
    putSettings(call, bucket, { cors: rules.map(kept) });
    return {};
  },
});

export const deleteBucketCors = operation<DeleteBucketCorsCommandInput, DeleteBucketCorsCommandOutput, S3Ports>({
  checks: bucketChecks('s3:PutBucketCORS'),

  async handle(input, call) {
    putSettings(call, await openBucket(input, call), { cors: undefined });
    return {};
  },
});

/** @throws AwsError MalformedXML, InvalidRequest */
function kept(rule: CORSRule): CorsRule {
  const { AllowedMethods: allowedMethods = [], AllowedOrigins: allowedOrigins = [] } = rule;
  const allowedHeaders = rule.AllowedHeaders ?? [];
  if (allowedMethods.length === 0 || allowedOrigins.length === 0) throw malformedXml();
  const unknown = allowedMethods.find((method) => !methods.has(method));
  if (unknown !== undefined) {
    throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`);
  }
  requireOneWildcard(allowedOrigins, 'AllowedOrigin');
  requireOneWildcard(allowedHeaders, 'AllowedHeader');
  return {
    allowedMethods,
    allowedOrigins,
    allowedHeaders,
    exposeHeaders: rule.ExposeHeaders ?? [],
    ...(rule.ID !== undefined && { id: rule.ID }),
    ...(rule.MaxAgeSeconds !== undefined && { maxAgeSeconds: rule.MaxAgeSeconds }),
  };
}

function requireOneWildcard(patterns: readonly string[], element: string): void {
  const bad = patterns.find((pattern) => pattern.indexOf('*') !== pattern.lastIndexOf('*'));
  if (bad !== undefined) throw invalidRequest(`${element} "${bad}" can not have more than one wildcard.`);
}

function shown(rule: CorsRule): CORSRule {
  return {
    AllowedMethods: [...rule.allowedMethods],
    AllowedOrigins: [...rule.allowedOrigins],
    ...(rule.allowedHeaders.length > 0 && { AllowedHeaders: [...rule.allowedHeaders] }),
    ...(rule.exposeHeaders.length > 0 && { ExposeHeaders: [...rule.exposeHeaders] }),
    ...(rule.id !== undefined && { ID: rule.id }),
    ...(rule.maxAgeSeconds !== undefined && { MaxAgeSeconds: rule.maxAgeSeconds }),
  };
}
