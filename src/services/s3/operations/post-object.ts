/** PostObject: a PutObject that a browser's form made, and the answer that the form wished for. */
import type { PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import type { S3Ports } from '../ports.ts';
import type { PostObjectInput } from '../post-form.ts';
import { putObject } from './put-object.ts';

/** What a PutObject answers in headers, and what the form wished for beside. */
export interface PostObjectOutput extends Omit<PutObjectCommandOutput, '$metadata'> {
  readonly StatusCode: number;
  /** The `Location` header of a redirect. */
  readonly Redirect?: string;
  readonly Location?: string;
  readonly Bucket?: string;
  readonly Key?: string;
  readonly EntityTag?: string | undefined;
}

export const postObject = operation<PostObjectInput, PostObjectOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },
  checks: (input, call, ports) => putObject.checks(input, call, ports),

  async handle(input, call, ports) {
    const { region } = await openBucket(input, call);
    const headers = await putObject.handle(input, call, ports);
    const { ETag } = headers;
    const redirect = redirectTo(input.SuccessActionRedirect, input.Bucket, input.Key, ETag ?? '');
    if (redirect) return { ...headers, StatusCode: 303, Redirect: redirect };
    if (input.SuccessActionStatus === '201') {
      return {
        ...headers,
        StatusCode: 201,
        Location: `http://${input.Bucket}.s3.${region}.amazonaws.com/${encodeURIComponent(input.Key)}`,
        Bucket: input.Bucket,
        Key: input.Key,
        EntityTag: ETag,
      };
    }
    // Anything else means 204 ("POST Object", success_action_status).
    return { ...headers, StatusCode: input.SuccessActionStatus === '200' ? 200 : 204 };
  },
});

/** What cannot be read as a web address is as good as absent. */
function redirectTo(target: string | undefined, bucket: string, key: string, etag: string): string | undefined {
  if (target === undefined || !URL.canParse(target)) return undefined;
  const url = new URL(target);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  url.searchParams.append('bucket', bucket);
  url.searchParams.append('key', key);
  url.searchParams.append('etag', etag);
  return url.href;
}
