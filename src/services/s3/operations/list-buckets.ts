/** ListBuckets: the caller's own account's buckets, in pages. */
import type { ListBucketsCommandInput, ListBucketsCommandOutput } from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { bucketArn, everyBucketArn } from '../arns.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { invalidArgument } from '../errors.ts';
import { wholeSeconds } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { ownedBuckets } from '../state.ts';

const pageLimit = 10_000;
const purpose = 's3.list-buckets';

export const listBuckets = operation<ListBucketsCommandInput, ListBucketsCommandOutput, S3Ports>({
  checks(_input, call) {
    const { account } = call.caller;
    return [{ action: 's3:ListAllMyBuckets', resource: { arn: everyBucketArn, account } }];
  },

  async handle(input, call) {
    const { account } = call.caller;
    const limit = input.MaxBuckets ?? pageLimit;
    if (limit < 1 || limit > pageLimit) {
      throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${pageLimit}`, 'max-buckets', limit);
    }
    const after = openToken(input.ContinuationToken, account, (token) => call.sealer.open(purpose, token));
    const rows = await call.change.list(ownedBuckets, account, {
      ...(input.Prefix !== undefined && { prefix: input.Prefix }),
      ...(after !== undefined && { after }),
    });
    const found = input.BucketRegion ? rows.filter((row) => row.value.region === input.BucketRegion) : rows;
    const page = found.slice(0, limit);
    const isPaged = input.MaxBuckets !== undefined || input.BucketRegion !== undefined || input.Prefix !== undefined;
    return {
      Buckets: page.map((row) => ({
        Name: row.id,
        CreationDate: new Date(wholeSeconds(row.value.createdAt)),
        BucketArn: bucketArn(row.id),
        // Only paginated answers name the region (S3 API reference, ListBuckets).
        ...(isPaged && { BucketRegion: row.value.region }),
      })),
      Owner: { ID: canonicalUserId(account) },
      ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
      ...(found.length > limit && {
        ContinuationToken: call.sealer.seal(purpose, JSON.stringify([account, page.at(-1)!.id])),
      }),
    };
  },
});

function openToken(
  token: string | undefined,
  account: string,
  open: (token: string) => Uint8Array | undefined,
): string | undefined {
  if (token === undefined) return undefined;
  const opened = open(token);
  const [owner, after] = opened ? (JSON.parse(new TextDecoder().decode(opened)) as string[]) : [];
  if (owner !== account || after === undefined) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return after;
}
