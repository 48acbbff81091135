/** ListObjectsV2 and ListObjects: current objects in key order, with common prefixes rolled up. */
import type {
  ListObjectsCommandInput,
  ListObjectsCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  _Object as ObjectSummary,
} from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { canonicalUserId } from '../canonical-user.ts';
import {
  type Encoder,
  listChecks,
  openPosition,
  requireEncoder,
  requireLimit,
  sealPosition,
} from '../list-parameters.ts';
import { type Entry, type Listed, type Page, type PageQuery, page, type Source } from '../listing.ts';
import { quoted } from '../object-answers.ts';
import type { S3Ports } from '../ports.ts';
import { type BucketRow, type ObjectRow, objects } from '../state.ts';

export const listObjectsV2 = operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },
  checks: (input, call) => listChecks(input, call, 's3:ListBucket'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const encode = requireEncoder(input.EncodingType);
    const limit = requireLimit(input.MaxKeys);
    const token = input.ContinuationToken;
    const start =
      token !== undefined ? openPosition(call, bucket, token) : input.StartAfter ? { after: input.StartAfter } : {};
    const found = await pageOfObjects(call, bucket, { ...query(input), start, limit });
    const shown = contents(found, bucket, encode, input.FetchOwner === true);
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      MaxKeys: limit,
      KeyCount: found.entries.length,
      IsTruncated: found.next !== undefined,
      ...shown,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.StartAfter !== undefined && { StartAfter: encode(input.StartAfter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...(token !== undefined && { ContinuationToken: token }),
      ...(found.next && { NextContinuationToken: sealPosition(call, bucket, found.next) }),
    };
  },
});

export const listObjects = operation<ListObjectsCommandInput, ListObjectsCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },
  checks: (input, call) => listChecks(input, call, 's3:ListBucket'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const encode = requireEncoder(input.EncodingType);
    const limit = requireLimit(input.MaxKeys);
    const start = input.Marker ? { after: input.Marker } : {};
    const found = await pageOfObjects(call, bucket, {
      ...query(input),
      start,
      limit,
      marker: input.Marker || undefined,
    });
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      MaxKeys: limit,
      IsTruncated: found.next !== undefined,
      ...contents(found, bucket, encode, true),
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      // Without a delimiter clients go on from the last key (S3 API reference, ListObjects, NextMarker).
      ...(found.next && input.Delimiter && { NextMarker: encode(nameOf(found.entries.at(-1)!)) }),
    };
  },
});

function query(input: {
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
}): Pick<PageQuery, 'prefix' | 'delimiter'> {
  return { prefix: input.Prefix ?? '', delimiter: input.Delimiter || undefined };
}

async function pageOfObjects(call: Call, bucket: BucketRow, wanted: PageQuery): Promise<Page<ObjectRow>> {
  const source: Source<ObjectRow> = async (position, limit) => {
    const rows = await call.change.list(objects, bucket.id, { prefix: wanted.prefix, ...position, limit });
    return rows.map((row): Listed<ObjectRow> => ({ id: row.id, key: row.id, value: row.value }));
  };
  return page(source, wanted);
}

function nameOf(entry: Entry<ObjectRow>): string {
  return 'row' in entry ? entry.row.key : entry.commonPrefix;
}

function contents(found: Page<ObjectRow>, bucket: BucketRow, encode: Encoder, withOwner: boolean) {
  const Contents: ObjectSummary[] = [];
  const CommonPrefixes: { Prefix: string }[] = [];
  for (const entry of found.entries) {
    if ('row' in entry) Contents.push(summary(entry.row, bucket, encode, withOwner));
    else CommonPrefixes.push({ Prefix: encode(entry.commonPrefix) });
  }
  return { ...(Contents.length > 0 && { Contents }), ...(CommonPrefixes.length > 0 && { CommonPrefixes }) };
}

function summary(
  { key, value }: Listed<ObjectRow>,
  bucket: BucketRow,
  encode: Encoder,
  withOwner: boolean,
): ObjectSummary {
  return {
    Key: encode(key),
    LastModified: new Date(value.lastModified),
    ETag: quoted(value.etag),
    Size: value.size,
    StorageClass: (value.storageClass ?? 'STANDARD') as 'STANDARD',
    ...(value.checksum && { ChecksumAlgorithm: [value.checksum.algorithm], ChecksumType: value.checksum.kind }),
    ...(withOwner && { Owner: { ID: canonicalUserId(bucket.account) } }),
  };
}
