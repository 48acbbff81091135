/** The shop's systems are buckets: what the register and the inventory take and give. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Person } from './lab.ts';

export const register = 'coffee-shop-register';
export const inventory = 'coffee-shop-inventory';
export const reports = 'coffee-shop-reports';
/** The name that AWS's examples use, in the lower case that S3 demands today. */
export const example = 'awsdoc-example-bucket';

export const arnOf = (bucket: string, key?: string): string =>
  `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;

/** Rings up a sale, or counts a sack of beans. */
export function put(person: Person, bucket: string, key = 'today', text = 'one espresso') {
  return person.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
}

export async function read(person: Person, bucket: string, key = 'today'): Promise<string> {
  const { Body } = await person.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
}

export function list(person: Person, bucket: string) {
  return person.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
}
