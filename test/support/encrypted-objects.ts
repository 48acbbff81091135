/** For tests of encrypted objects: refusals with their status, calls of KMS as the record shows them, customer keys. */
import { createHash } from 'node:crypto';
import type { CloudTrailClient, LookupAttribute } from '@aws-sdk/client-cloudtrail';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { GetObjectCommand, type GetObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';

export interface Refused {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

export const refused = (sent: Promise<unknown>): Promise<Refused> =>
  sent.then(
    () => ({ name: 'succeeded', status: 200, message: '' }),
    (error) => ({ name: error.name, status: error.$metadata?.httpStatusCode, message: error.message }),
  );

export async function textOf(s3: S3Client, input: GetObjectCommandInput): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(input));
  if (!Body) throw new Error('The answer has no body.');
  return Body.transformToString();
}

/** Records of calls of one operation, newest first. */
export async function recordsOf(trail: CloudTrailClient, operation: string): Promise<readonly Record<string, never>[]> {
  const attribute: LookupAttribute = { AttributeKey: 'EventName', AttributeValue: operation };
  const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes: [attribute], MaxResults: 50 }));
  return Events.map((event) => JSON.parse(event.CloudTrailEvent ?? '{}'));
}

/** The three headers of SSE-C. */
export function customerKey(fill: number) {
  const key = Buffer.alloc(32, fill);
  return {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
}
