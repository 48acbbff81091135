/** Gets the data key of an object: a new one for a write, the stored one for a read. KMS is asked in the caller's name. */
import type { DecryptResponse, GenerateDataKeyResponse } from '@aws-sdk/client-kms';
import type { ActingIdentity, Call } from '../../service.ts';
import { bucketArn, objectArn } from '../arns.ts';
import { accessDenied } from '../errors.ts';
import type { S3Ports } from '../ports.ts';
import type { BucketRow, KmsEncryption, ObjectEncryption } from '../state.ts';
import { nameOf } from './bucket-keys.ts';
import {
  type CustomerKeyInput,
  readCustomerKey,
  refuseCustomerKey,
  rememberCustomerKey,
  requireSameKey,
  requireUploadKey,
} from './customer-key.ts';
import { DataKey } from './data-key.ts';
import { kmsFault } from './kms-faults.ts';
import { requireSignature, type Wanted } from './wanted.ts';

export interface NewEncryption {
  /** Absent for SSE-S3, which is the store's own sealing. */
  readonly encryption?: ObjectEncryption | undefined;
  readonly dataKey?: DataKey;
}

const bySealing: NewEncryption = {};

/**
 * For a write of `key`. Every run of a call that wants a data key has the same one; a bucket whose default encryption
 * changes meanwhile can make a later run want none, so what has been sealed keeps what it was sealed by (receive.ts).
 */
export function newEncryption(
  call: Call,
  ports: S3Ports,
  bucket: BucketRow,
  key: string,
  wanted: Wanted,
): NewEncryption | Promise<NewEncryption> {
  if (wanted.kind === 's3') return bySealing;
  // By each run: what an earlier one has noted is forgotten.
  const SSEApplied = wanted.kind === 'customer' ? 'SSE_C' : wanted.isDual ? 'DSSE_KMS' : 'SSE_KMS';
  call.note({ additionalEventData: { SSEApplied } });
  return call.once('encryption', async () =>
    wanted.kind === 'customer'
      ? { encryption: rememberCustomerKey(wanted.key), dataKey: new DataKey(wanted.key.bytes) }
      : newKmsKey(call, ports, bucket, key, wanted),
  );
}

async function newKmsKey(
  call: Call,
  ports: S3Ports,
  bucket: BucketRow,
  key: string,
  wanted: Extract<Wanted, { kind: 'kms' }>,
): Promise<NewEncryption> {
  const { account } = call.scope;
  // A service that writes for itself has no account whose managed key it could use.
  if (wanted.keyId === undefined && call.caller.account === '') throw accessDenied();
  const named = wanted.keyId ?? (await ports.keys.managedKey(account, bucket.region, call.now).catch(kmsFault));
  const common = {
    kind: 'kms' as const,
    ...(wanted.isDual && { isDual: true as const }),
    ...(wanted.context && { context: wanted.context }),
    ...(wanted.usesBucketKey && { usesBucketKey: true as const }),
  };
  const EncryptionContext = contextOf(bucket, key, common);
  // Two layers have a key each.
  const input = {
    KeyId: named,
    EncryptionContext,
    ...(wanted.isDual ? { NumberOfBytes: 64 } : { KeySpec: 'AES_256' }),
  };
  const arn = wanted.usesBucketKey ? await ports.keys.arnOf(named, account, bucket.region) : undefined;
  const name = arn === undefined ? undefined : nameOf(call.caller, 'new', bucket.id, arn, EncryptionContext);
  const known = name === undefined ? undefined : await ports.bucketKeys.find(name, call.now);
  if (known) {
    await call.actor.authorize(inTheirName(call, bucket), 'kms', 'GenerateDataKey', input).catch(kmsFault);
    const encryption = { ...common, keyArn: known.keyArn, dataKey: known.encrypted };
    return { encryption, dataKey: known.dataKey };
  }
  const made = (await call.actor
    .call(inTheirName(call, bucket), 'kms', 'GenerateDataKey', input)
    .catch(kmsFault)) as GenerateDataKeyResponse;
  const keyArn = made.KeyId ?? named;
  const encrypted = Buffer.from(made.CiphertextBlob ?? []).toString('base64');
  const dataKey = takeKey(made.Plaintext);
  if (name !== undefined) ports.bucketKeys.keep(name, { keyArn, encrypted, dataKey }, call.now);
  return { encryption: { ...common, keyArn, dataKey: encrypted }, dataKey };
}

export interface Encrypted {
  readonly encryption?: ObjectEncryption | undefined;
}

/** The data key behind what is stored; undefined for SSE-S3. @throws AwsError where the caller may not have it */
export async function openEncryption(
  call: Call,
  ports: S3Ports,
  bucket: BucketRow,
  key: string,
  { encryption }: Encrypted,
  input: CustomerKeyInput,
): Promise<DataKey | undefined> {
  requireMatchingKey({ encryption }, input);
  if (!encryption) return undefined;
  if (encryption.kind === 'kms') return openKmsKey(call, ports, bucket, key, encryption);
  return new DataKey(requireSameKey(encryption, readCustomerKey(input)).bytes);
}

/** The same for a part of an upload. */
export async function openUpload(
  call: Call,
  ports: S3Ports,
  bucket: BucketRow,
  key: string,
  { encryption }: Encrypted,
  input: CustomerKeyInput,
): Promise<DataKey | undefined> {
  if (encryption?.kind === 'customer') {
    return new DataKey(requireUploadKey(encryption, readCustomerKey(input)).bytes);
  }
  return openEncryption(call, ports, bucket, key, { ...(encryption && { encryption }) }, input);
}

/** Whether a read comes with the customer's key, where one is needed, and with none elsewhere. */
export function requireMatchingKey(
  { encryption }: { encryption?: ObjectEncryption | undefined },
  input: CustomerKeyInput,
): void {
  if (encryption?.kind === 'customer') requireSameKey(encryption, readCustomerKey(input));
  else refuseCustomerKey(input);
}

async function openKmsKey(
  call: Call,
  ports: S3Ports,
  bucket: BucketRow,
  key: string,
  stored: KmsEncryption,
): Promise<DataKey> {
  requireSignature(call);
  const input = {
    CiphertextBlob: Buffer.from(stored.dataKey, 'base64'),
    EncryptionContext: contextOf(bucket, key, stored),
    KeyId: stored.keyArn,
  };
  const name = stored.usesBucketKey && nameOf(call.caller, 'open', stored.keyArn, stored.dataKey);
  const known = name ? await ports.bucketKeys.find(name, call.now) : undefined;
  if (known) {
    await call.actor.authorize(inTheirName(call, bucket), 'kms', 'Decrypt', input).catch(kmsFault);
    return known.dataKey;
  }
  return call.once(`open ${stored.dataKey}`, async () => {
    const opened = (await call.actor
      .call(inTheirName(call, bucket), 'kms', 'Decrypt', input)
      .catch(kmsFault)) as DecryptResponse;
    const dataKey = takeKey(opened.Plaintext);
    if (name) ports.bucketKeys.keep(name, { keyArn: stored.keyArn, encrypted: stored.dataKey, dataKey }, call.now);
    return dataKey;
  });
}

/**
 * `aws:s3:arn` is added to what the writer gave, and stands for what is written: another one there would use a key that is
 * kept for other buckets. A bucket key is bound to the bucket ("Encryption context").
 */
function contextOf(
  bucket: BucketRow,
  key: string,
  { context, usesBucketKey }: Pick<KmsEncryption, 'context' | 'usesBucketKey'>,
): Record<string, string> {
  return { ...context, 'aws:s3:arn': usesBucketKey ? bucketArn(bucket.name) : objectArn(bucket.name, key) };
}

const inTheirName = (call: Call, bucket: BucketRow): ActingIdentity => ({
  as: 'caller',
  call,
  via: 's3.amazonaws.com',
  region: bucket.region,
});

function takeKey(plaintext: Uint8Array | undefined): DataKey {
  if (!plaintext) throw new Error('KMS answered without a data key');
  try {
    return new DataKey(plaintext);
  } finally {
    plaintext.fill(0);
  }
}
